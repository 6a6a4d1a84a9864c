// SPDX-License-Identifier: GPL-3.0-or-later
// The list of requests with its head: which columns stand there is the reader's choice, and where there
// is no room the least important ones give way.
import QtQuick
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

FocusScope {
    id: table

    required property RequestsModel requests
    property string selected: "" // id
    property bool relative: false
    readonly property alias list: list
    signal opened()
    signal menuWanted(var entry)
    signal markWanted(string id, int mark)

    // `keep`: the higher, the later it gives way. `grow`: takes what is left.
    readonly property var known: [
        { id: "state", title: qsTr("State"), width: 118, keep: 100 },
        { id: "time", title: qsTr("Time"), width: 64, keep: 95, mono: true },
        { id: "token", title: qsTr("Token"), width: 100, keep: 60, grow: 1 },
        { id: "client", title: qsTr("Client"), width: 92, keep: 55 },
        { id: "model", title: qsTr("Model"), width: 150, keep: 90, grow: 3, strong: true },
        { id: "channel", title: qsTr("Channel"), width: 92, keep: 70, grow: 1 },
        { id: "attempts", title: qsTr("Tries"), width: 36, keep: 40, right: true, mono: true },
        { id: "input", title: qsTr("In"), width: 58, keep: 50, right: true, mono: true },
        { id: "cached", title: qsTr("Cached"), width: 60, keep: 35, right: true, mono: true },
        { id: "output", title: qsTr("Out"), width: 56, keep: 52, right: true, mono: true },
        { id: "cost", title: qsTr("Cost"), width: 78, keep: 85, right: true, mono: true, strong: true },
        { id: "ttft", title: qsTr("TTFT"), width: 62, keep: 45, right: true, mono: true },
        { id: "total", title: qsTr("Total"), width: 66, keep: 75, right: true, mono: true },
        { id: "speed", title: qsTr("Tokens/s"), width: 70, keep: 20, right: true, mono: true },
        { id: "status", title: qsTr("HTTP"), width: 48, keep: 25, right: true, mono: true },
        { id: "stream", title: qsTr("Stream"), width: 60, keep: 10 },
        { id: "dialect", title: qsTr("Protocol"), width: 90, keep: 15 },
        { id: "session", title: qsTr("Session"), width: 110, keep: 14, mono: true },
        { id: "ip", title: qsTr("IP"), width: 110, keep: 12, mono: true },
        { id: "finish", title: qsTr("Finish"), width: 80, keep: 11 },
        { id: "errorText", title: qsTr("Error"), width: 200, keep: 30, grow: 2 },
        { id: "tags", title: qsTr("Tags"), width: 100, keep: 13 }
    ]
    readonly property var usual: ["state", "time", "token", "client", "model", "channel", "attempts", "input", "cached", "output", "cost", "ttft", "total"]
    property var chosen: Prefs.value("requests/columns", usual)
    readonly property real gap: Theme.px(12)
    readonly property var columns: arrange(known.filter(column => chosen.includes(column.id)), width, Theme.scale)

    function arrange(wanted: var, room: real, scale: real): var {
        let list = wanted.slice();
        const need = columns => columns.reduce((sum, column) => sum + column.width * scale + gap, gap);
        while (list.length > 3 && need(list) > room) {
            const least = list.reduce((low, column) => column.keep < low.keep ? column : low);
            list = list.filter(column => column !== least);
        }
        const spare = Math.max(0, room - need(list));
        const shares = list.reduce((sum, column) => sum + (column.grow ?? 0), 0);
        let x = gap;
        return list.map(column => {
            const w = column.width * scale + (shares > 0 ? spare * (column.grow ?? 0) / shares : 0);
            const placed = Object.assign({}, column, { x: x, w: w });
            x += w + gap;
            return placed;
        });
    }
    function show(id: string, visible: bool) {
        chosen = visible ? chosen.concat([id]) : chosen.filter(one => one !== id);
        Prefs.setValue("requests/columns", chosen);
    }
    function reset() {
        chosen = usual;
        Prefs.setValue("requests/columns", chosen);
    }
    function move(to: int) {
        if (requests.count === 0)
            return;
        const at = Math.max(0, Math.min(requests.count - 1, to));
        list.currentIndex = at;
        list.positionViewAtIndex(at, ListView.Contain);
        selected = requests.rowAt(at).id ?? "";
    }
    // The selection is a request, not a place.
    function findAgain() {
        const at = requests.indexOf(selected);
        if (at >= 0)
            list.currentIndex = at;
    }
    onSelectedChanged: findAgain()

    Rectangle {
        id: head
        width: parent.width
        height: Theme.px(30)
        color: Theme.sunken
        Accessible.role: Accessible.Row
        Accessible.name: qsTr("Column names")
        Repeater {
            model: table.columns
            Label {
                required property var modelData
                x: modelData.x + (modelData.id === "state" ? Theme.px(16) : 0)
                width: modelData.w
                height: head.height
                text: modelData.title
                role: "caption"
                font.weight: Font.Medium
                horizontalAlignment: modelData.right ? Text.AlignRight : Text.AlignLeft
            }
        }
        Rectangle { anchors.bottom: parent.bottom; width: parent.width; height: 1; color: Theme.border }
        TapHandler {
            acceptedButtons: Qt.RightButton
            onTapped: columnMenu.popup()
        }
    }
    ListView {
        id: list
        anchors.top: head.bottom
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        clip: true
        focus: true
        activeFocusOnTab: true
        model: table.requests
        reuseItems: true
        cacheBuffer: Theme.row * 10
        boundsBehavior: Flickable.StopAtBounds
        currentIndex: -1
        highlightFollowsCurrentItem: false
        Accessible.role: Accessible.Table
        Accessible.name: qsTr("Requests")
        T.ScrollBar.vertical: ScrollBar { }

        readonly property bool atTop: contentY <= originY + 4
        onAtTopChanged: table.requests.atTop = atTop
        onCountChanged: {
            if (atTop || table.requests.atTop)
                positionViewAtBeginning();
            table.findAgain();
        }
        Timer {
            id: clock
            property double now: Date.now()
            interval: 250
            repeat: true
            running: list.visible
            onTriggered: now = Date.now()
        }
        delegate: RequestRow {
            width: ListView.view.width
            columns: table.columns
            current: entry.id === table.selected
            focused: list.activeFocus
            relative: table.relative
            now: running ? clock.now : 0
            onPicked: button => {
                list.forceActiveFocus();
                table.selected = entry.id;
                if (button === Qt.RightButton)
                    table.menuWanted(entry);
            }
            onOpened: table.opened()
        }
        Keys.onPressed: event => {
            const here = table.requests.indexOf(table.selected);
            const page = Math.max(1, Math.floor(height / Theme.row) - 1);
            switch (event.key) {
            case Qt.Key_Down: case Qt.Key_J: table.move(here + 1); break;
            case Qt.Key_Up: case Qt.Key_K: table.move(here < 0 ? 0 : here - 1); break;
            case Qt.Key_PageDown: table.move(here + page); break;
            case Qt.Key_PageUp: table.move(here - page); break;
            case Qt.Key_Home: table.move(0); break;
            case Qt.Key_End: table.move(table.requests.count - 1); break;
            case Qt.Key_Return: case Qt.Key_Enter: table.opened(); break;
            case Qt.Key_Space: table.requests.live = !table.requests.live; break;
            case Qt.Key_Menu: if (here >= 0) table.menuWanted(table.requests.rowAt(here)); break;
            default:
                if (event.key >= Qt.Key_0 && event.key <= Qt.Key_5 && here >= 0 && event.modifiers === Qt.NoModifier)
                    table.markWanted(table.selected, event.key - Qt.Key_0);
                else
                    return;
            }
            event.accepted = true;
        }
    }
    T.Button { // what came while one looked elsewhere
        id: news
        visible: table.requests.waiting > 0
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.top: head.bottom
        anchors.topMargin: Theme.s3
        implicitHeight: Theme.controlSmall
        implicitWidth: newsText.implicitWidth + 28
        text: qsTr("%n new ↑", "", table.requests.waiting)
        Accessible.name: qsTr("Show %n new requests", "", table.requests.waiting)
        onClicked: {
            table.requests.live = true;
            list.positionViewAtBeginning();
            table.requests.atTop = true;
            table.requests.catchUp();
        }
        background: Rectangle {
            radius: height / 2
            color: news.hovered ? Theme.accentHover : Theme.accent
            FocusRing { target: news }
        }
        contentItem: Label {
            id: newsText
            text: news.text
            color: Theme.accentText
            font.weight: Font.Medium
            horizontalAlignment: Text.AlignHCenter
        }
    }
    Menu {
        id: columnMenu
        MenuEntry { text: qsTr("Reset columns"); symbol: "undo"; onTriggered: table.reset() }
        MenuLine { }
        Repeater {
            model: table.known
            MenuEntry {
                required property var modelData
                text: modelData.title
                checkable: true
                checked: table.chosen.includes(modelData.id)
                onTriggered: table.show(modelData.id, !table.chosen.includes(modelData.id))
            }
        }
    }
    function chooseColumns() {
        columnMenu.popup();
    }
}
