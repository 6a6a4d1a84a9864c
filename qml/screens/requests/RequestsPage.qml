// SPDX-License-Identifier: GPL-3.0-or-later
// Every request as it happens, and what became of each: the list, what narrows it down, and one request
// opened beside it.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Item {
    id: page

    property bool inspecting: false
    property bool relative: false
    property var entry: ({}) // of the menu
    readonly property bool below: width < Theme.px(860)

    RequestsModel {
        id: requests
        active: page.visible
    }
    Connections {
        target: Nav
        function onWishChanged() { page.take(); }
    }
    Component.onCompleted: take()
    function take() {
        if (Nav.page !== "requests")
            return;
        if (Nav.wish.filter !== undefined) {
            requests.filter = Nav.wish.filter;
            requests.refresh();
        }
        if (Nav.wish.id !== undefined) {
            table.selected = Nav.wish.id;
            inspecting = true;
        }
        if (Nav.wish.first)
            first.wanted = true;
        if (Nav.wish.tab !== undefined)
            inspector.tab = Nav.wish.tab;
    }
    Connections { // "the first one", for those who do not know an id
        id: first
        property bool wanted: false
        target: requests
        function onCountChanged() {
            if (!first.wanted || requests.count === 0)
                return;
            first.wanted = false;
            table.move(0);
            page.inspecting = true;
        }
    }
    function mark(id: string, color: int) {
        const row = requests.rowAt(requests.indexOf(id));
        Backend.call("log note", { id: id, mark: color, tags: row.tags ?? [] }, (answer, error) => {
            if (error)
                Toasts.show(error.message);
            else
                requests.note(id, color, row.tags ?? []);
        });
    }
    function countText(): string {
        if (requests.matching < 0)
            return "";
        return requests.matchingCapped ? qsTr("over %1").arg(Format.count(requests.matching)) : Format.count(requests.matching);
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.s5
        spacing: Theme.s4

        PageHeader {
            Layout.fillWidth: true
            title: qsTr("Requests")
            count: page.countText()
            Button {
                symbol: requests.live ? "pause" : "play"
                text: requests.live ? qsTr("Live") : qsTr("Paused")
                hint: requests.live ? qsTr("New requests are shown as they come. Space holds the list still; nothing is lost.")
                                    : qsTr("New requests wait. Space shows them.")
                onClicked: requests.live = !requests.live
            }
            IconButton { symbol: "clock"; hint: page.relative ? qsTr("Show times of day") : qsTr("Show how long ago"); onClicked: page.relative = !page.relative }
            IconButton { symbol: "columns"; hint: qsTr("Choose columns"); onClicked: table.chooseColumns() }
        }
        FilterBar {
            id: filter
            Layout.fillWidth: true
            requests: requests
            onLeaving: table.list.forceActiveFocus()
        }
        InlineMessage {
            Layout.fillWidth: true
            text: requests.trouble
            action: qsTr("Try again")
            onActed: requests.refresh()
        }
        T.SplitView {
            id: split
            Layout.fillWidth: true
            Layout.fillHeight: true
            orientation: page.below ? Qt.Vertical : Qt.Horizontal
            handle: Item {
                implicitWidth: Theme.s4
                implicitHeight: Theme.s4
                Rectangle {
                    anchors.centerIn: parent
                    width: page.below ? 32 : 3
                    height: page.below ? 3 : 32
                    radius: 2
                    color: T.SplitHandle.pressed || T.SplitHandle.hovered ? Theme.borderStrong : Theme.border
                }
            }
            Rectangle {
                T.SplitView.fillWidth: true
                T.SplitView.fillHeight: true
                T.SplitView.minimumWidth: Theme.px(320)
                T.SplitView.minimumHeight: Theme.px(140)
                color: Theme.surface
                radius: Theme.radiusCard
                border.width: 1
                border.color: Theme.border
                clip: true

                RequestsTable {
                    id: table
                    anchors.fill: parent
                    anchors.margins: 1
                    anchors.bottomMargin: gap.visible ? gap.height + 1 : 1
                    requests: requests
                    relative: page.relative
                    focus: true
                    onOpened: page.inspecting = true
                    onMenuWanted: entry => {
                        page.entry = entry;
                        rowMenu.popup();
                    }
                    onMarkWanted: (id, color) => page.mark(id, color)
                }
                Rectangle { // looked through in pieces
                    id: gap
                    visible: requests.ready && requests.searchedToUs > 0
                    anchors.bottom: parent.bottom
                    anchors.bottomMargin: 1
                    x: 1
                    width: parent.width - 2
                    height: Theme.px(36)
                    color: Theme.sunken
                    Label {
                        anchors.left: parent.left
                        anchors.leftMargin: Theme.s4
                        anchors.verticalCenter: parent.verticalCenter
                        role: "caption"
                        text: qsTr("Searched back to %1").arg(Format.dateTime(requests.searchedToUs))
                    }
                    Button {
                        anchors.right: parent.right
                        anchors.rightMargin: Theme.s3
                        anchors.verticalCenter: parent.verticalCenter
                        small: true
                        enabled: !requests.loading
                        text: requests.loading ? qsTr("Searching…") : qsTr("Search further")
                        onClicked: requests.fetchMore(requests.index(-1, -1))
                    }
                }
                Skeleton { anchors.fill: parent; anchors.topMargin: Theme.row; rows: 14; loading: requests.loading && !requests.ready }
                Placeholder {
                    anchors.centerIn: parent
                    visible: requests.ready && requests.count === 0 && !requests.loading
                    symbol: requests.applied === "" ? "requests" : "filter"
                    title: requests.applied === "" ? qsTr("No requests yet") : qsTr("No requests match")
                    text: requests.applied === ""
                        ? qsTr("Every call that a client makes appears here as it happens. Connect a client, or send one from the playground.")
                        : Format.line(requests.applied, 120)
                    action: requests.applied === "" ? (Nav.find("connect") ? qsTr("Connect a client") : "") : qsTr("Clear filters")
                    onActed: {
                        if (requests.applied === "") {
                            Nav.go("connect");
                        } else {
                            requests.filter = "";
                            requests.refresh();
                        }
                    }
                }
            }
            Inspector {
                id: inspector
                visible: page.inspecting
                T.SplitView.preferredWidth: Math.max(Theme.px(400), split.width * 0.44)
                T.SplitView.minimumWidth: Theme.px(380)
                T.SplitView.preferredHeight: split.height * 0.55
                T.SplitView.minimumHeight: Theme.px(180)
                requestId: page.inspecting ? table.selected : ""
                requests: requests
                onClosed: {
                    page.inspecting = false;
                    table.list.forceActiveFocus();
                }
                onFilterWanted: word => filter.add(word)
                onMarked: (id, color) => page.mark(id, color)
                onStopWanted: id => page.stop(id)
            }
        }
    }
    function stop(id: string) {
        Backend.call("running stop", { id: id }, (answer, error) => Toasts.show(error ? error.message : qsTr("Request stopped")));
    }
    function only(name: string, value: string, not: bool) {
        filter.add((not ? "-" : "") + name + ":" + filter.quoted(value));
    }
    Menu {
        id: rowMenu
        MenuEntry { text: qsTr("Open"); symbol: "eye"; keys: "Enter"; onTriggered: page.inspecting = true }
        MenuEntry { text: qsTr("Stop"); symbol: "stop"; danger: true; visible: page.entry.state === "running"; onTriggered: page.stop(page.entry.id) }
        MenuLine { }
        MenuEntry { text: qsTr("Only this model"); symbol: "filter"; visible: (page.entry.model ?? "") !== ""; onTriggered: page.only("model", page.entry.model, false) }
        MenuEntry { text: qsTr("Not this model"); visible: (page.entry.model ?? "") !== ""; onTriggered: page.only("model", page.entry.model, true) }
        MenuEntry { text: qsTr("Only this token"); symbol: "filter"; visible: (page.entry.token ?? "") !== ""; onTriggered: page.only("token", page.entry.token, false) }
        MenuEntry { text: qsTr("Only this channel"); symbol: "filter"; visible: (page.entry.channel ?? "") !== ""; onTriggered: page.only("channel", page.entry.channel, false) }
        MenuEntry { text: qsTr("Not this channel"); visible: (page.entry.channel ?? "") !== ""; onTriggered: page.only("channel", page.entry.channel, true) }
        MenuEntry { text: qsTr("Only this session"); symbol: "filter"; visible: (page.entry.session ?? "") !== ""; onTriggered: page.only("session", page.entry.session, false) }
        MenuEntry { text: qsTr("Only this error"); symbol: "filter"; visible: (page.entry.error ?? "") !== ""; onTriggered: page.only("error", page.entry.error, false) }
        MenuLine { }
        MenuEntry { text: qsTr("Copy id"); symbol: "copy"; onTriggered: { System.copy(page.entry.id); Toasts.show(qsTr("Id copied")); } }
        MenuEntry { text: qsTr("Copy error"); visible: (page.entry.errorText ?? "") !== ""; onTriggered: { System.copy(page.entry.errorText); Toasts.show(qsTr("Error copied")); } }
        MenuLine { }
        MenuEntry { text: qsTr("Mark"); symbol: "pin"; keys: "1 – 5"; onTriggered: page.mark(page.entry.id, 1) }
        MenuEntry { text: qsTr("Remove mark"); keys: "0"; visible: (page.entry.mark ?? 0) > 0; onTriggered: page.mark(page.entry.id, 0) }
    }
    Shortcut { sequence: "Ctrl+F"; enabled: page.visible; onActivated: { filter.field.forceActiveFocus(); filter.field.selectAll(); } }
    Shortcut { sequence: "F4"; enabled: page.visible; onActivated: page.inspecting = !page.inspecting }
    Shortcut { sequence: "Ctrl+T"; enabled: page.visible; onActivated: page.relative = !page.relative }
    Shortcut { sequence: "Escape"; enabled: page.visible && page.inspecting && !filter.field.activeFocus; onActivated: page.inspecting = false }
    Shortcut { sequence: "["; enabled: page.visible && page.inspecting && !filter.field.activeFocus; onActivated: inspector.step(-1) }
    Shortcut { sequence: "]"; enabled: page.visible && page.inspecting && !filter.field.activeFocus; onActivated: inspector.step(1) }
}
