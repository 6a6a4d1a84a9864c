// SPDX-License-Identifier: GPL-3.0-or-later
// Models & prices: what a million tokens of each model cost, where that price comes from, and prices of
// one's own over it.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Item {
    id: page

    property string source: "all" // all mine
    readonly property string wanted: filter.text.trim().toLowerCase()
    readonly property var all: prices.answer.prices ?? []
    readonly property var shown: all.filter(price =>
        (source === "all" || price.source === "user")
        && (wanted === "" || (price.model + " " + price.provider).toLowerCase().includes(wanted)))
    readonly property int mine: all.filter(price => price.source === "user").length

    Query { id: prices; command: "price list"; follows: ["price"]; active: page.visible }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.s5
        spacing: Theme.s4

        PageHeader {
            Layout.fillWidth: true
            title: qsTr("Models & prices")
            count: !prices.ready ? "" : page.shown.length === page.all.length ? Format.count(page.all.length)
                : qsTr("%1 of %2").arg(Format.count(page.shown.length)).arg(Format.count(page.all.length))
            Button {
                kind: "primary"
                symbol: "add"
                text: qsTr("Set a price")
                hint: "Ctrl+N"
                onClicked: edit.add()
            }
        }
        RowLayout {
            spacing: Theme.s3
            Field {
                id: filter
                Layout.preferredWidth: Theme.px(320)
                symbol: "search"
                clearable: true
                placeholderText: qsTr("Find a model or provider")
                Accessible.name: placeholderText
            }
            Segments {
                hint: qsTr("Prices shown")
                options: [{ value: "all", text: qsTr("All") }, { value: "mine", text: page.mine > 0 ? qsTr("Your own (%1)").arg(page.mine) : qsTr("Your own") }]
                value: page.source
                onChosen: picked => page.source = picked
            }
            Item { Layout.fillWidth: true }
            Label { role: "caption"; color: Theme.text3; text: qsTr("US dollars a million tokens") }
        }
        InlineMessage { Layout.fillWidth: true; text: prices.error ? prices.error.message : "" }

        Rectangle {
            Layout.fillWidth: true
            Layout.fillHeight: true
            color: Theme.surface
            radius: Theme.radiusCard
            border.width: 1
            border.color: Theme.border
            clip: true

            ColumnLayout {
                anchors.fill: parent
                anchors.margins: 1
                spacing: 0
                PriceRow { header: true; Layout.fillWidth: true; visible: page.shown.length > 0 }
                ListView {
                    id: list
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    clip: true
                    model: page.shown
                    reuseItems: true
                    boundsBehavior: Flickable.StopAtBounds
                    activeFocusOnTab: true
                    T.ScrollBar.vertical: ScrollBar { }
                    Accessible.role: Accessible.Table
                    Accessible.name: qsTr("Prices")
                    delegate: PriceRow {
                        required property var modelData
                        required property int index
                        width: ListView.view.width
                        price: modelData
                        current: ListView.isCurrentItem && list.activeFocus
                        onPicked: list.currentIndex = index
                        onEditWanted: edit.change(modelData)
                    }
                    Keys.onReturnPressed: if (currentIndex >= 0) edit.change(page.shown[currentIndex])
                    Keys.onPressed: event => {
                        if (event.key === Qt.Key_F2 && currentIndex >= 0) {
                            edit.change(page.shown[currentIndex]);
                            event.accepted = true;
                        }
                    }
                }
            }
            Skeleton { anchors.fill: parent; anchors.topMargin: Theme.row; loading: prices.loading && !prices.ready; rows: 14 }
            Placeholder {
                anchors.centerIn: parent
                visible: prices.ready && page.shown.length === 0
                symbol: "models"
                title: page.source === "mine" && page.mine === 0 ? qsTr("No price of your own") : qsTr("No model matches")
                text: page.source === "mine" && page.mine === 0
                    ? qsTr("Set one where a provider gives you a discount, or where a model is unknown and would count as unpriced.")
                    : qsTr("The name may be spelled as the provider spells it.")
                action: qsTr("Show all prices")
                onActed: {
                    filter.clear();
                    page.source = "all";
                }
            }
        }
    }
    EditPrice { id: edit }
    Shortcut { sequence: "Ctrl+N"; enabled: page.visible; onActivated: edit.add() }
    Shortcut { sequence: "Ctrl+F"; enabled: page.visible; onActivated: filter.forceActiveFocus() }
}
