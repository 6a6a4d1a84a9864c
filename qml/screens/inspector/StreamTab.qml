// SPDX-License-Identifier: GPL-3.0-or-later
// Every event of the stream as its client got it, when it came, and the answer growing again at the speed
// it had.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Item {
    id: tab

    required property var inspector
    readonly property var bodies: inspector.full.bodies
    readonly property var events: stream.answer.events ?? []
    readonly property bool timed: stream.answer.timed ?? false
    property int at: -1 // the event that replay has come to
    property real speed: 1
    readonly property real longest: {
        let most = 0;
        for (let i = 1; i < events.length; ++i)
            most = Math.max(most, (events[i].offset_us ?? 0) - (events[i - 1].offset_us ?? 0));
        return most;
    }

    Query {
        id: stream
        command: "log stream"
        args: ({ id: tab.inspector.requestId })
        active: tab.visible && tab.bodies.kept && tab.inspector.request.stream
    }
    function said(upTo: int): string {
        let words = "";
        for (let i = 0; i <= upTo && i < events.length; ++i)
            words += events[i].delta;
        return words.slice(-20000);
    }
    function play() {
        if (at >= events.length - 1)
            at = -1;
        next.step();
    }
    Timer {
        id: next
        function step() {
            if (tab.at + 1 >= tab.events.length)
                return;
            const before = tab.at >= 0 ? tab.events[tab.at].offset_us ?? 0 : tab.events[0].offset_us ?? 0;
            tab.at += 1;
            if (tab.at + 1 >= tab.events.length)
                return;
            const gap = (tab.events[tab.at + 1].offset_us ?? 0) - (tab.events[tab.at].offset_us ?? before);
            interval = Math.max(1, Math.min(5000, gap / 1000 / tab.speed));
            start();
        }
        onTriggered: step()
    }
    NotKept { anchors.fill: parent; visible: !tab.bodies.kept; bodies: tab.bodies }
    Placeholder {
        anchors.centerIn: parent
        visible: tab.bodies.kept && !tab.inspector.request.stream
        symbol: "bolt"
        title: qsTr("Not a stream")
        text: qsTr("The client asked for the answer as a whole.")
    }
    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.s4
        visible: tab.bodies.kept && tab.inspector.request.stream
        spacing: Theme.s3
        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.s3
            Button {
                small: true
                symbol: next.running ? "pause" : "play"
                text: next.running ? qsTr("Hold") : qsTr("Replay")
                enabled: tab.timed
                hint: tab.timed ? "" : qsTr("When its events came was not kept.")
                onClicked: next.running ? next.stop() : tab.play()
            }
            Segments {
                hint: qsTr("Speed")
                options: [{ value: 1, text: "1×" }, { value: 4, text: "4×" }, { value: 1000, text: qsTr("At once") }]
                value: tab.speed
                onChosen: picked => tab.speed = picked
            }
            Item { Layout.fillWidth: true }
            Label {
                role: "caption"
                text: qsTr("%n events", "", tab.events.length) + (tab.timed ? " · " + qsTr("longest gap %1").arg(Format.duration(tab.longest)) : "")
            }
        }
        InlineMessage { Layout.fillWidth: true; text: stream.error ? stream.error.message : "" }
        TextBlock {
            Layout.fillWidth: true
            Layout.preferredHeight: Theme.px(110)
            visible: tab.at >= 0
            readOnly: true
            mono: false
            text: tab.said(tab.at)
        }
        Rectangle {
            Layout.fillWidth: true
            Layout.fillHeight: true
            color: Theme.sunken
            radius: Theme.radius
            clip: true
            ListView {
                id: list
                anchors.fill: parent
                anchors.margins: 1
                model: tab.events
                currentIndex: tab.at
                reuseItems: true
                activeFocusOnTab: true
                boundsBehavior: Flickable.StopAtBounds
                highlightMoveDuration: 0
                T.ScrollBar.vertical: ScrollBar { }
                delegate: Rectangle {
                    id: event
                    required property var modelData
                    required property int index
                    property bool open: false
                    width: ListView.view.width
                    implicitHeight: open ? words.implicitHeight + Theme.px(34) : Theme.px(26)
                    color: ListView.isCurrentItem && tab.at >= 0 ? Theme.selected : hover.hovered ? Theme.hover : "transparent"
                    HoverHandler { id: hover }
                    TapHandler { onTapped: event.open = !event.open }
                    RowLayout {
                        width: parent.width - 20
                        x: 10
                        height: Theme.px(26)
                        spacing: Theme.s3
                        Label { role: "mono"; color: Theme.text3; text: event.modelData.offset_us === null ? "–" : Format.duration(event.modelData.offset_us); horizontalAlignment: Text.AlignRight; Layout.preferredWidth: Theme.px(72) }
                        Rectangle { // the wait before it
                            readonly property real gap: event.index > 0 ? (event.modelData.offset_us ?? 0) - (tab.events[event.index - 1].offset_us ?? 0) : 0
                            Layout.preferredWidth: Theme.px(48)
                            implicitHeight: 6
                            color: "transparent"
                            Rectangle { width: tab.longest > 0 ? Math.max(1, parent.width * parent.gap / tab.longest) : 1; height: parent.height; radius: 2; color: parent.gap >= tab.longest * 0.9 && tab.longest > 500000 ? Theme.warn : Theme.borderStrong }
                        }
                        Label { role: "mono"; color: event.modelData.whole ? Theme.text2 : Theme.err; text: Format.line(event.modelData.whole ? event.modelData.type : qsTr("broken off"), 40); Layout.preferredWidth: Theme.px(150) }
                        Label { role: "mono"; Layout.fillWidth: true; text: Format.line(event.modelData.delta !== "" ? event.modelData.delta : event.modelData.raw, 200) }
                    }
                    Loader {
                        id: words
                        x: 10
                        y: Theme.px(28)
                        width: parent.width - 20
                        active: event.open
                        sourceComponent: TextEdit {
                            width: words.width
                            readOnly: true
                            selectByMouse: true
                            textFormat: TextEdit.PlainText
                            wrapMode: TextEdit.WrapAnywhere
                            text: event.modelData.raw.slice(0, 20000)
                            color: Theme.text
                            font.family: Theme.mono
                            font.pixelSize: Math.round(Theme.sizeMono)
                        }
                    }
                }
            }
        }
    }
}
