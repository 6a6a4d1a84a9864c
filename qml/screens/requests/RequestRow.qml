// SPDX-License-Identifier: GPL-3.0-or-later
// One request in the list: a cell a column, everything plain text.
import QtQuick
import Tollgate
import Tollgate.App

Rectangle {
    id: row

    required property var entry
    required property bool running
    required property int index
    property var columns: []
    property bool current: false
    property bool focused: false
    property bool relative: false
    property double now: 0
    signal picked(int button)
    signal opened()

    implicitHeight: Theme.row
    color: current ? Theme.selected : area.containsMouse ? Theme.hover : "transparent"
    Accessible.role: Accessible.Row
    Accessible.name: [entry.time, state.word, entry.client, entry.model, entry.channel, entry.cost, entry.errorText].filter(part => part !== "" && part !== "–").join(", ")

    readonly property var markColors: ["transparent"].concat(Theme.series)
    Rectangle { // a mark of one's own
        visible: row.entry.mark > 0
        width: 3
        height: parent.height
        color: row.markColors[row.entry.mark] ?? "transparent"
    }
    Rectangle { anchors.bottom: parent.bottom; width: parent.width; height: 1; color: Theme.border; opacity: 0.6 }
    Rectangle {
        anchors.fill: parent
        visible: row.current && row.focused
        color: "transparent"
        border.width: 2
        border.color: Theme.focus
        radius: 2
    }
    MouseArea {
        id: area
        anchors.fill: parent
        hoverEnabled: true
        acceptedButtons: Qt.LeftButton | Qt.RightButton
        onClicked: mouse => row.picked(mouse.button)
        onDoubleClicked: row.opened()
    }
    function cell(id: string): string {
        const e = row.entry;
        switch (id) {
        case "time": return row.relative ? Format.ago(e.timeUs) : e.time;
        case "total": return row.running ? Format.duration(Math.max(0, row.now * 1000 - e.timeUs)) : e.total;
        case "attempts": return e.attempts > 1 ? "×" + e.attempts : e.attempts === 0 ? "–" : "";
        case "stream": return e.stream ? qsTr("stream") : "";
        case "tags": return (e.tags ?? []).join(", ");
        case "cost": return e.unpriced ? qsTr("unpriced") : e.cost;
        default: return String(e[id] ?? "");
        }
    }
    RequestState {
        id: state
        x: Theme.s4
        height: row.height
        state_: row.entry.state
        phase: row.entry.phase
        status: row.entry.status
    }
    Repeater {
        model: row.columns
        Item {
            id: cell
            required property var modelData
            readonly property bool isModel: modelData.id === "model"
            x: modelData.x
            width: modelData.w
            height: row.height
            visible: modelData.id !== "state"
            Label {
                id: words
                anchors.verticalCenter: parent.verticalCenter
                width: cell.isModel && served.visible ? Math.min(implicitWidth, parent.width * 0.6) : parent.width
                text: cell.visible ? row.cell(cell.modelData.id) : ""
                horizontalAlignment: cell.modelData.right ? Text.AlignRight : Text.AlignLeft
                role: cell.modelData.mono ? "mono" : "body"
                color: cell.modelData.id === "cost" && row.entry.unpriced ? Theme.warn
                    : cell.modelData.id === "attempts" ? Theme.info
                    : text === "–" ? Theme.text3
                    : cell.modelData.strong ? Theme.text : Theme.text2
            }
            Label {
                id: served
                visible: cell.isModel && row.entry.served !== ""
                anchors.verticalCenter: parent.verticalCenter
                x: words.width + 6
                width: Math.max(0, parent.width - x)
                text: "→ " + row.entry.served
                color: Theme.text3
            }
        }
    }
}
