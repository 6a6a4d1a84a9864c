// SPDX-License-Identifier: GPL-3.0-or-later
// Ctrl+K: go anywhere, do anything, by typing a few letters of it.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

T.Popup {
    id: palette

    property var window: null
    property var entries: []

    parent: T.Overlay.overlay
    x: parent ? Math.round((parent.width - width) / 2) : 0
    y: parent ? Math.round(parent.height * 0.12) : 0
    width: Math.min(620, parent ? parent.width - 48 : 620)
    height: Math.min(column.implicitHeight, parent ? parent.height * 0.7 : 400)
    modal: true
    focus: true
    padding: 0
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside
    T.Overlay.modal: Rectangle { color: Theme.dark ? "#80000000" : "#33101418" }
    background: PopupFrame { radius: Theme.radiusSheet }

    Query { id: channels; command: "channel list"; active: palette.visible }
    Query { id: tokens; command: "token list"; active: palette.visible }

    function all(): var {
        const found = [];
        for (const page of Nav.pages)
            found.push({ group: qsTr("Go to"), text: page.title, note: "", icon: page.icon, act: () => Nav.go(page.id) });
        const act = (text, icon, keys, run) => found.push({ group: qsTr("Actions"), text: text, note: keys, icon: icon, act: run });
        act(qsTr("Copy base URL"), "copy", "", () => System.copy(Snapshot.baseUrl + "/v1"));
        if (Nav.find("channels"))
            act(qsTr("Add channel"), "add", "", () => Nav.go("channels", { add: true }));
        if (Nav.find("tokens"))
            act(qsTr("Create token"), "add", "", () => Nav.go("tokens", { add: true }));
        if (Snapshot.state === "paused")
            act(qsTr("Resume"), "play", "Ctrl+Shift+P", () => Backend.call("resume", {}));
        else
            act(qsTr("Pause 15 minutes"), "pause", "Ctrl+Shift+P", () => Backend.call("pause", { minutes: 15 }));
        act(qsTr("Use the light theme"), "settings", "", () => Prefs.theme = "light");
        act(qsTr("Use the dark theme"), "settings", "", () => Prefs.theme = "dark");
        act(qsTr("Use the high-contrast theme"), "settings", "", () => Prefs.theme = "contrast");
        act(qsTr("Use the system's theme"), "settings", "", () => Prefs.theme = "system");
        act(qsTr("Open the profile's folder"), "folder", "", () => System.openFolder(Backend.profileFolder));
        for (const channel of channels.answer.channels ?? [])
            found.push({ group: qsTr("Channels"), text: channel.name, note: channel.provider, icon: "channels", act: () => Nav.go("channels", { name: channel.name }) });
        for (const token of tokens.answer.tokens ?? [])
            found.push({ group: qsTr("Tokens"), text: token.name, note: "", icon: "tokens", act: () => Nav.go("tokens", { name: token.name }) });
        return found;
    }
    // Letters in order, close together and early in the word first.
    function score(text: string, wanted: string): real {
        const where = text.toLowerCase(), what = wanted.toLowerCase();
        let at = -1, sum = 0;
        for (const letter of what) {
            const next = where.indexOf(letter, at + 1);
            if (next < 0)
                return -1;
            sum += next === at + 1 ? 3 : next === 0 || where[next - 1] === " " ? 2 : 1 / (next - at);
            at = next;
        }
        return sum - where.length / 100;
    }
    function search() {
        const wanted = field.text.trim();
        const scored = all().map(entry => ({ entry: entry, score: wanted === "" ? 0 : score(entry.text, wanted) }))
            .filter(one => one.score >= 0);
        if (wanted !== "")
            scored.sort((a, b) => b.score - a.score);
        entries = scored.slice(0, 40).map(one => one.entry);
        list.currentIndex = 0;
    }
    function run(index: int) {
        const entry = entries[index];
        close();
        if (entry)
            entry.act();
    }
    onAboutToShow: {
        field.clear();
        search();
        field.forceActiveFocus();
    }

    contentItem: ColumnLayout {
        id: column
        spacing: 0
        Field {
            id: field
            Layout.fillWidth: true
            Layout.margins: Theme.s3
            symbol: "search"
            placeholderText: qsTr("Go to a page, do something, find a channel or token")
            onTextEdited: palette.search()
            Keys.onDownPressed: list.incrementCurrentIndex()
            Keys.onUpPressed: list.decrementCurrentIndex()
            Keys.onReturnPressed: palette.run(list.currentIndex)
            Keys.onEnterPressed: palette.run(list.currentIndex)
            Accessible.name: placeholderText
        }
        ListView {
            id: list
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.leftMargin: Theme.s3
            Layout.rightMargin: Theme.s3
            Layout.bottomMargin: Theme.s3
            implicitHeight: Math.min(contentHeight, 400)
            clip: true
            model: palette.entries
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar { }
            delegate: Rectangle {
                id: entry
                required property var modelData
                required property int index
                width: ListView.view.width
                height: Theme.control + 4
                radius: Theme.radius
                color: ListView.isCurrentItem ? Theme.selected : area.containsMouse ? Theme.hover : "transparent"
                Accessible.role: Accessible.ListItem
                Accessible.name: modelData.group + ": " + modelData.text
                MouseArea {
                    id: area
                    anchors.fill: parent
                    hoverEnabled: true
                    onClicked: palette.run(entry.index)
                }
                RowLayout {
                    anchors.fill: parent
                    anchors.leftMargin: 10
                    anchors.rightMargin: 10
                    spacing: Theme.s4
                    Icon { name: entry.modelData.icon }
                    Label { text: Format.line(entry.modelData.text, 80); Layout.fillWidth: true }
                    Label { role: "caption"; color: Theme.text3; text: entry.modelData.note }
                    Label { role: "caption"; color: Theme.text3; text: entry.modelData.group }
                }
            }
            Label {
                anchors.centerIn: parent
                visible: list.count === 0
                color: Theme.text3
                text: qsTr("Nothing is called that")
            }
        }
    }
}
