// SPDX-License-Identifier: GPL-3.0-or-later
// Settings: the window's own and the engine's, found by typing, applied at once, each with what it
// does and what it was at first.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Item {
    id: page

    property string section: "general"
    readonly property string wanted: search.text.trim().toLowerCase()
    readonly property var all: settings.answer.settings ?? []
    readonly property var sections: [{ id: "general", title: qsTr("General") }].concat(
        [...new Set(all.map(setting => sectionOf(setting)))].map(id => ({ id: id, title: titleOf(id) })),
        [{ id: "about", title: qsTr("About") }])
    readonly property var shown: wanted !== ""
        ? all.filter(setting => (setting.name + " " + (setting.title ?? "") + " " + setting.what).toLowerCase().includes(wanted))
        : all.filter(setting => sectionOf(setting) === section)

    function sectionOf(setting: var): string {
        return setting.section ?? setting.name.split(".")[0];
    }
    function titleOf(id: string): string {
        const titles = { listen: qsTr("Server"), http: qsTr("Server limits"), gateway: qsTr("Gateway"),
            upstream: qsTr("Providers"), routing: qsTr("Routing"), store: qsTr("Data"), log: qsTr("Logging & privacy"),
            bodies: qsTr("Logging & privacy"), budget: qsTr("Budgets"), ledger: qsTr("Budgets"),
            access: qsTr("Access"), media: qsTr("Media"), prices: qsTr("Prices"), retention: qsTr("Data") };
        return titles[id] ?? id.charAt(0).toUpperCase() + id.slice(1);
    }

    Query { id: settings; command: "settings list"; follows: ["settings"]; active: page.visible }

    RowLayout {
        anchors.fill: parent
        spacing: 0

        ColumnLayout {
            Layout.fillHeight: true
            Layout.preferredWidth: Math.round(220 * Theme.scale)
            Layout.maximumWidth: Math.round(220 * Theme.scale)
            Layout.margins: Theme.s5
            spacing: 2
            Label { role: "title"; text: qsTr("Settings"); Layout.preferredHeight: 40 }
            Field {
                id: search
                Layout.fillWidth: true
                Layout.bottomMargin: Theme.s3
                symbol: "search"
                clearable: true
                placeholderText: qsTr("Search settings")
                Accessible.name: placeholderText
            }
            Repeater {
                model: page.sections
                T.AbstractButton {
                    id: entry
                    required property var modelData
                    readonly property bool here: page.wanted === "" && page.section === modelData.id
                    Layout.fillWidth: true
                    implicitHeight: Theme.controlSmall + 2
                    focusPolicy: Qt.StrongFocus
                    text: modelData.title
                    Accessible.name: text
                    onClicked: {
                        search.clear();
                        page.section = modelData.id;
                    }
                    contentItem: Label { leftPadding: 10; text: entry.text; font.weight: entry.here ? Font.DemiBold : Font.Normal }
                    background: Rectangle {
                        radius: Theme.radius
                        color: entry.here ? Theme.selected : entry.hovered ? Theme.hover : "transparent"
                        FocusRing { target: entry }
                    }
                }
            }
            Item { Layout.fillHeight: true }
        }
        Rectangle { Layout.fillHeight: true; implicitWidth: 1; color: Theme.border }
        Flickable {
            id: flick
            Layout.fillWidth: true
            Layout.fillHeight: true
            contentHeight: column.implicitHeight + 2 * Theme.s6
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar { }

            ColumnLayout {
                id: column
                x: Theme.s6
                y: Theme.s6
                width: Math.min(680, flick.width - 2 * Theme.s6)
                spacing: Theme.s4

                Label {
                    role: "section"
                    text: page.wanted !== "" ? qsTr("Settings about “%1”").arg(search.text)
                        : (page.sections.find(one => one.id === page.section) ?? { title: "" }).title
                }
                InlineMessage { Layout.fillWidth: true; text: settings.error ? settings.error.message : "" }
                GeneralSettings {
                    Layout.fillWidth: true
                    visible: page.wanted === "" && page.section === "general"
                }
                AboutTollgate {
                    Layout.fillWidth: true
                    visible: page.wanted === "" && page.section === "about"
                }
                Repeater {
                    model: page.wanted !== "" || (page.section !== "general" && page.section !== "about") ? page.shown : []
                    SettingRow { }
                }
                Label {
                    visible: page.wanted !== "" && page.shown.length === 0
                    color: Theme.text2
                    text: qsTr("No setting is about that.")
                }
            }
        }
    }
    Shortcut { sequence: "Ctrl+F"; enabled: page.visible; onActivated: search.forceActiveFocus() }
}
