// SPDX-License-Identifier: GPL-3.0-or-later
// Accounts out of text that is at hand: an environment file, a curl command, another gateway's export.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Sheet {
    id: sheet

    property var drafts: []
    property bool looked: false
    signal picked(var draft)

    title: qsTr("Import")
    note: qsTr("Paste an .env file, a curl command, JSON, a LiteLLM configuration, a One API or New API export, or a cc-switch link. It is read here, on this computer.")
    wide: 620
    onAboutToShow: {
        text.text = "";
        drafts = [];
        looked = false;
    }
    onOpened: text.area.forceActiveFocus()
    function read() {
        Backend.call("channel paste", { text: text.text }, (answer, error) => {
            looked = true;
            drafts = error ? [] : answer.drafts;
        });
    }
    TextBlock {
        id: text
        Layout.fillWidth: true
        implicitHeight: Theme.px(140)
        placeholderText: "ANTHROPIC_API_KEY=sk-ant-…"
        area.Accessible.name: qsTr("Text to import from")
        onTextChanged: wait.restart()
        Timer { id: wait; interval: 250; onTriggered: if (text.text.trim() !== "") sheet.read() }
    }
    Label {
        visible: sheet.looked && sheet.drafts.length === 0 && text.text.trim() !== ""
        color: Theme.text2
        text: qsTr("No key and no address was recognised in this text.")
    }
    Repeater {
        model: sheet.drafts
        Rectangle {
            id: found
            required property var modelData
            Layout.fillWidth: true
            implicitHeight: Theme.rowTall
            radius: Theme.radiusCard
            color: Theme.surface
            border.width: 1
            border.color: Theme.border
            RowLayout {
                anchors.fill: parent
                anchors.margins: Theme.s3
                spacing: Theme.s4
                ProviderTile { initials: found.modelData.tile.initials; colour: found.modelData.tile.colour }
                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: 0
                    Label { role: "strong"; Layout.fillWidth: true; text: Format.line(found.modelData.name, 60) }
                    Label {
                        Layout.fillWidth: true
                        role: "caption"
                        color: Theme.text3
                        text: [found.modelData.base_url, found.modelData.keys.map(key => key.hint).join(", ")].filter(part => part !== "").join(" · ")
                    }
                }
                Badge { visible: !found.modelData.sure; tone: "warn"; text: qsTr("kind guessed") }
                Button {
                    small: true
                    text: qsTr("Continue…")
                    onClicked: {
                        sheet.close();
                        sheet.picked(found.modelData);
                    }
                }
            }
        }
    }
    foot: [ Item { Layout.fillWidth: true }, Button { text: qsTr("Close"); onClicked: sheet.close() } ]
}
