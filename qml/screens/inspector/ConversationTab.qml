// SPDX-License-Identifier: GPL-3.0-or-later
// What was said, turn by turn, read from the kept bodies in whatever dialect they are. Plain text only.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Item {
    id: tab

    required property var inspector
    readonly property var bodies: inspector.full.bodies
    property var turns: []
    property string trouble: ""

    Component.onCompleted: read()
    function read() {
        if (!bodies.kept)
            return;
        const id = inspector.requestId;
        Backend.call("log body", { id: id, which: "client_request", limit: 1048576 }, (asked, error) => {
            if (error || id !== inspector.requestId) {
                trouble = error ? error.message : "";
                return;
            }
            let list = [];
            try {
                list = Talk.asked(JSON.parse(asked.text ?? ""));
            } catch (wrong) {
                trouble = asked.truncated ? qsTr("The request is too long to be shown as a conversation.") : qsTr("The request is no JSON.");
            }
            Backend.call("log body", { id: id, which: "client_answer", limit: 1048576 }, (answered, failed) => {
                if (!failed && answered.text !== undefined)
                    list = list.concat(Talk.answered(answered.text));
                turns = list;
            });
        });
    }
    NotKept { anchors.fill: parent; visible: !tab.bodies.kept; bodies: tab.bodies }
    ListView {
        anchors.fill: parent
        anchors.margins: Theme.s4
        visible: tab.bodies.kept
        model: tab.turns
        spacing: Theme.s3
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        activeFocusOnTab: true
        T.ScrollBar.vertical: ScrollBar { }
        header: InlineMessage { width: ListView.view ? ListView.view.width : 0; text: tab.trouble; tone: "info" }
        delegate: Rectangle {
            id: turn
            required property var modelData
            property bool open: modelData.role !== "system" && modelData.role !== "reasoning" && modelData.text.length < 4000
            readonly property int most: 40000
            width: ListView.view.width
            implicitHeight: inner.implicitHeight + 2 * Theme.s3
            radius: Theme.radiusCard
            color: modelData.role === "user" ? Theme.selected : Theme.sunken
            ColumnLayout {
                id: inner
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.top: parent.top
                anchors.margins: Theme.s3
                spacing: 4
                RowLayout {
                    Layout.fillWidth: true
                    Label { role: "caption"; font.weight: Font.DemiBold; text: Talk.roleName(turn.modelData.role) }
                    Label { role: "caption"; color: Theme.text3; text: Format.line(turn.modelData.name ?? "", 60); Layout.fillWidth: true }
                    Label { role: "caption"; color: Theme.text3; text: qsTr("%1 characters").arg(Format.count(turn.modelData.text.length)) }
                    IconButton {
                        implicitHeight: Theme.px(22)
                        symbol: turn.open ? "chevron-up" : "chevron-down"
                        hint: turn.open ? qsTr("Fold") : qsTr("Unfold")
                        onClicked: turn.open = !turn.open
                    }
                }
                TextEdit {
                    Layout.fillWidth: true
                    text: turn.open ? turn.modelData.text.slice(0, turn.most) : turn.modelData.text.slice(0, 160).replace(/\s+/g, " ") + (turn.modelData.text.length > 160 ? "…" : "")
                    textFormat: TextEdit.PlainText
                    readOnly: true
                    selectByMouse: true
                    wrapMode: TextEdit.Wrap
                    color: turn.modelData.role === "reasoning" ? Theme.text2 : Theme.text
                    selectionColor: Theme.accent
                    selectedTextColor: Theme.accentText
                    font.family: turn.modelData.code ? Theme.mono : Theme.sans
                    font.pixelSize: Theme.sizeBody
                }
                Label {
                    visible: turn.open && turn.modelData.text.length > turn.most
                    role: "caption"
                    text: qsTr("The rest is in “Request & answer”.")
                }
            }
        }
    }
}
