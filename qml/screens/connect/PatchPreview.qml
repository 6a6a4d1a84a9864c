// SPDX-License-Identifier: GPL-3.0-or-later
// What will be written into a client's own files: each path, the lines that change, what stands in the
// way; and only then the writing.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Sheet {
    id: sheet

    property var client: ({})
    property string token: ""
    property string model: ""
    property var plan: ({})
    property string problem: ""
    property bool done: false
    readonly property var files: plan.files ?? []

    wide: 720
    title: done ? qsTr("%1 is set up").arg(client.name ?? "") : qsTr("Set up %1").arg(client.name ?? "")
    note: done ? qsTr("A backup stands beside each file. Take it back here at any time.")
               : qsTr("Only these lines change. Everything else in the files, comments and order included, stays as it is.")

    function wishes(): var {
        return { client: client.id, token: token, model: model, base_url: Snapshot.baseUrl };
    }
    function look() {
        done = false;
        problem = "";
        plan = ({});
        open();
        Backend.call("client preview", wishes(), (answer, error) => {
            problem = error ? error.message : "";
            plan = answer ?? ({});
        });
    }
    function apply() {
        const asked = wishes();
        asked.seen = files.map(file => file.before);
        Backend.call("client apply", asked, (answer, error) => {
            problem = error ? error.message : "";
            done = !error;
        });
    }

    Repeater {
        model: sheet.plan.conflicts ?? []
        InlineMessage {
            required property var modelData
            Layout.fillWidth: true
            tone: "warn"
            text: modelData.sentence
            detail: modelData.where
        }
    }
    Repeater {
        model: sheet.files
        ColumnLayout {
            id: file
            required property var modelData
            Layout.fillWidth: true
            spacing: Theme.s3
            RowLayout {
                spacing: Theme.s3
                Icon { name: "folder" }
                Label { Layout.fillWidth: true; role: "mono"; elide: Text.ElideMiddle; text: file.modelData.path }
                Badge { visible: !file.modelData.exists; text: qsTr("new file"); tone: "info" }
                Badge { visible: file.modelData.exists && !file.modelData.changes; text: qsTr("already so"); tone: "ok" }
            }
            Rectangle {
                Layout.fillWidth: true
                implicitHeight: lines.implicitHeight + 16
                visible: file.modelData.diff !== ""
                color: Theme.sunken
                radius: Theme.radius
                border.width: 1
                border.color: Theme.border
                Column {
                    id: lines
                    x: 8
                    y: 8
                    width: parent.width - 16
                    Repeater {
                        model: file.modelData.diff.split("\n").filter(line => line !== "")
                        Rectangle {
                            id: line
                            required property string modelData
                            readonly property bool added: modelData.startsWith("+")
                            readonly property bool removed: modelData.startsWith("-")
                            width: lines.width
                            height: words.implicitHeight + 2
                            color: added ? Theme.okSoft : removed ? Theme.errSoft : "transparent"
                            Label {
                                id: words
                                width: parent.width
                                role: "mono"
                                text: Format.line(line.modelData, 400)
                                color: line.added ? Theme.ok : line.removed ? Theme.err : Theme.text2
                            }
                        }
                    }
                }
            }
        }
    }
    InlineMessage { Layout.fillWidth: true; text: sheet.problem }
    foot: [
        Item { Layout.fillWidth: true },
        Button { visible: !sheet.done; text: qsTr("Cancel"); onClicked: sheet.close() },
        Button {
            visible: !sheet.done
            kind: "primary"
            text: qsTr("Write these lines")
            enabled: sheet.files.some(file => file.changes)
            onClicked: sheet.apply()
        },
        Button { visible: sheet.done; kind: "primary"; text: qsTr("Done"); onClicked: sheet.close() }
    ]
}
