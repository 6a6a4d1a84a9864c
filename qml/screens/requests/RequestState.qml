// SPDX-License-Identifier: GPL-3.0-or-later
// What became of a request, as a word and, where it needs to be seen, a shape. What simply went well is
// quiet.
import QtQuick
import Tollgate

Row {
    id: view

    property string state_: "" // running ok retried failed error_in_200 left blocked replay
    property string phase: ""
    property string status: ""
    property bool full: false // with the HTTP status

    readonly property var words: ({
        "running": [phase === "streaming" ? qsTr("Streaming") : phase === "settling" ? qsTr("Settling") : phase === "routing" ? qsTr("Routing") : qsTr("Waiting"), "spinner", "live"],
        "ok": [qsTr("OK"), "", ""],
        "retried": [qsTr("OK, retried"), "retry", "info"],
        "failed": [status !== "" && status !== "0" ? qsTr("Failed %1").arg(status) : qsTr("Failed"), "cross", "err"],
        "error_in_200": [qsTr("Error in 200"), "cross", "err"],
        "left": [qsTr("Client left"), "square", ""],
        "blocked": [status !== "" && status !== "0" ? qsTr("Blocked %1").arg(status) : qsTr("Blocked"), "blocked", "warn"],
        "replay": [qsTr("Replay"), "replay", "info"]
    })
    readonly property var shown: words[state_] ?? ["", "", ""]
    readonly property string word: shown[0]

    spacing: 6
    Item {
        anchors.verticalCenter: parent.verticalCenter
        width: Theme.px(10)
        height: Theme.px(10)
        StatusShape {
            visible: view.shown[1] !== ""
            shape: view.shown[1] === "" ? "disc" : view.shown[1]
            color: Theme.tone(view.shown[2])
        }
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        text: view.word
        color: view.shown[2] === "" ? Theme.text2 : Theme.tone(view.shown[2])
        font.weight: view.shown[2] === "err" || view.shown[2] === "warn" ? Font.Medium : Font.Normal
    }
}
