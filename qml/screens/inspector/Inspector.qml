// SPDX-License-Identifier: GPL-3.0-or-later
// One request opened: what happened in a sentence, what was said, both sides of the exchange, the stream,
// where the time went, every attempt, and one's own notes. Only the opened one is read.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Rectangle {
    id: inspector

    property string requestId: ""
    property RequestsModel requests
    property string tab: "summary"
    signal closed()
    signal filterWanted(string word)
    signal marked(string id, int color)
    signal stopWanted(string id)

    property int seen: 0 // the list's row has changed
    readonly property var live: seen >= 0 && requests ? requests.rowAt(requests.indexOf(requestId)) : ({})
    readonly property bool running: live.state === "running"
    readonly property var full: show.answer.request?.id === requestId ? show.answer : null
    readonly property var request: full ? full.request : live
    readonly property bool here: request.id !== undefined
    readonly property var tabs: [
        { value: "summary", text: qsTr("Summary") }, { value: "conversation", text: qsTr("Conversation") },
        { value: "bodies", text: qsTr("Request & answer") }, { value: "stream", text: qsTr("Stream") },
        { value: "timing", text: qsTr("Timing") }, { value: "attempts", text: qsTr("Attempts") },
        { value: "notes", text: qsTr("Notes") }
    ]

    color: Theme.surface
    radius: Theme.radiusCard
    border.width: 1
    border.color: Theme.border
    clip: true
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Inspector")

    Connections {
        target: inspector.requests
        function onDataChanged() { inspector.seen += 1; }
        function onCountChanged() { inspector.seen += 1; }
    }
    Query {
        id: show
        command: "log show"
        args: ({ id: inspector.requestId })
        active: inspector.visible && inspector.requestId !== "" && !inspector.running
    }
    function step(by: int) {
        const at = tabs.findIndex(one => one.value === tab);
        tab = tabs[(at + by + tabs.length) % tabs.length].value;
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: 1
        spacing: 0

        RowLayout { // who asked for what
            Layout.fillWidth: true
            Layout.margins: Theme.s4
            Layout.bottomMargin: Theme.s3
            spacing: Theme.s3
            visible: inspector.here
            RequestState {
                state_: inspector.request.state ?? ""
                phase: inspector.request.phase ?? ""
                status: inspector.running ? "" : String(inspector.request.status ?? "")
            }
            Label {
                Layout.fillWidth: true
                role: "strong"
                text: Format.line(inspector.request.model ?? "", 80)
            }
            Button {
                visible: inspector.running
                small: true
                kind: "danger"
                symbol: "stop"
                text: qsTr("Stop")
                onClicked: inspector.stopWanted(inspector.requestId)
            }
            IconButton { symbol: "more"; hint: qsTr("Copy as and more"); onClicked: menu.popup() }
            IconButton { symbol: "close"; hint: qsTr("Close inspector"); onClicked: inspector.closed() }
        }
        T.TabBar {
            id: bar
            visible: inspector.here
            Layout.fillWidth: true
            implicitHeight: Theme.px(34)
            contentItem: ListView {
                orientation: ListView.Horizontal
                model: bar.contentModel
                currentIndex: bar.currentIndex
                spacing: 0
                boundsBehavior: Flickable.StopAtBounds
                clip: true
            }
            currentIndex: Math.max(0, inspector.tabs.findIndex(one => one.value === inspector.tab))
            background: Rectangle {
                color: "transparent"
                Rectangle { anchors.bottom: parent.bottom; width: parent.width; height: 1; color: Theme.border }
            }
            Repeater {
                model: inspector.tabs
                T.TabButton {
                    id: tabButton
                    required property var modelData
                    readonly property bool on: inspector.tab === modelData.value
                    implicitHeight: Theme.px(34)
                    implicitWidth: tabText.implicitWidth + 22
                    width: implicitWidth
                    text: modelData.text
                    onClicked: inspector.tab = modelData.value
                    contentItem: Label {
                        id: tabText
                        text: tabButton.text
                        color: tabButton.on ? Theme.text : Theme.text2
                        font.weight: tabButton.on ? Font.DemiBold : Font.Normal
                        horizontalAlignment: Text.AlignHCenter
                    }
                    background: Rectangle {
                        color: tabButton.hovered && !tabButton.on ? Theme.hover : "transparent"
                        Rectangle { anchors.bottom: parent.bottom; width: parent.width; height: 2; color: tabButton.on ? Theme.accent : "transparent" }
                        FocusRing { target: tabButton }
                    }
                }
            }
        }
        InlineMessage {
            Layout.fillWidth: true
            Layout.margins: Theme.s4
            text: show.error && !inspector.running && inspector.requestId !== "" ? show.error.message : ""
            action: qsTr("Try again")
            onActed: show.refresh()
        }
        Loader {
            Layout.fillWidth: true
            Layout.fillHeight: true
            active: inspector.here && (inspector.full !== null || inspector.tab === "summary")
            sourceComponent: {
                switch (inspector.tab) {
                case "conversation": return conversation;
                case "bodies": return bodies;
                case "stream": return stream;
                case "timing": return timing;
                case "attempts": return attempts;
                case "notes": return notes;
                default: return summary;
                }
            }
        }
        Placeholder {
            Layout.alignment: Qt.AlignCenter
            visible: !inspector.here || (inspector.running && inspector.tab !== "summary")
            symbol: "requests"
            title: inspector.here ? qsTr("Still running") : qsTr("No request selected")
            text: inspector.here ? qsTr("This is shown once the request has ended.") : qsTr("Choose one in the list to see what happened to it.")
        }
        Item { Layout.fillHeight: true; visible: !inspector.here }
    }
    Component { id: summary; SummaryTab { inspector: inspector } }
    Component { id: conversation; ConversationTab { inspector: inspector } }
    Component { id: bodies; BodiesTab { inspector: inspector } }
    Component { id: stream; StreamTab { inspector: inspector } }
    Component { id: timing; TimingTab { inspector: inspector } }
    Component { id: attempts; AttemptsTab { inspector: inspector } }
    Component { id: notes; NotesTab { inspector: inspector } }

    function copyAs(kind: string) {
        const id = requestId;
        Backend.call("log body", { id: id, which: "client_request", limit: 1048576 }, (answer, error) => {
            const kept = !error && answer.text !== undefined;
            const body = kept ? answer.text : JSON.stringify({ model: request.model, messages: [] });
            System.copy(callAs(kind, body));
            Toasts.show(kept ? qsTr("Copied; the token stands as $TOLLGATE_TOKEN") : qsTr("Copied without its body, which was not kept"));
        });
    }
    readonly property var paths: ({ "chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages", "completions": "/v1/completions", "embeddings": "/v1/embeddings" })
    function callAs(kind: string, body: string): string {
        const url = Snapshot.baseUrl + (paths[request.dialect] ?? "/v1/chat/completions");
        const quoted = "'" + body.replace(/'/g, "'\\''") + "'";
        if (kind === "python")
            return "import os, requests\n\nanswer = requests.post(\n    " + JSON.stringify(url) + ",\n    headers={\"Authorization\": \"Bearer \" + os.environ[\"TOLLGATE_TOKEN\"], \"Content-Type\": \"application/json\"},\n    data=" + JSON.stringify(body) + ".encode(),\n)\nprint(answer.status_code, answer.text)\n";
        if (kind === "js")
            return "const answer = await fetch(" + JSON.stringify(url) + ", {\n  method: \"POST\",\n  headers: { authorization: `Bearer ${process.env.TOLLGATE_TOKEN}`, \"content-type\": \"application/json\" },\n  body: " + JSON.stringify(body) + ",\n});\nconsole.log(answer.status, await answer.text());\n";
        return "curl " + url + " \\\n  -H \"Authorization: Bearer $TOLLGATE_TOKEN\" \\\n  -H 'Content-Type: application/json' \\\n  --data-raw " + quoted + "\n";
    }
    Menu {
        id: menu
        MenuEntry { text: qsTr("Copy as cURL"); symbol: "copy"; onTriggered: inspector.copyAs("curl") }
        MenuEntry { text: qsTr("Copy as Python"); onTriggered: inspector.copyAs("python") }
        MenuEntry { text: qsTr("Copy as JavaScript"); onTriggered: inspector.copyAs("js") }
        MenuLine { }
        MenuEntry { text: qsTr("Copy id"); onTriggered: { System.copy(inspector.requestId); Toasts.show(qsTr("Id copied")); } }
    }
}
