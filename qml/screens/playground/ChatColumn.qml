// SPDX-License-Identifier: GPL-3.0-or-later
// One model's side of the conversation, with what each answer took.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Rectangle {
    id: column

    property var models: []
    property string model: ""
    property string token: ""
    property bool closable: false
    property var samples: []
    property var build: null // (model, turns) -> the request's body
    readonly property bool running: asking !== null
    property var asking: null
    property int turns: 0
    signal modelChosen(string name)
    signal closeWanted()
    signal sampleWanted(string text)

    color: Theme.surface
    radius: Theme.radiusCard
    border.width: 1
    border.color: Theme.border

    ListModel { id: said }

    function clear() {
        stop();
        said.clear();
    }
    function stop() {
        if (asking)
            asking.abort();
        asking = null;
    }
    function history(): var {
        const turns = [];
        for (let i = 0; i < said.count; ++i) {
            const one = said.get(i);
            if (one.words !== "" && one.failure === "")
                turns.push({ role: one.role, content: one.words });
        }
        return turns;
    }
    function ask(words: string) {
        stop();
        said.append({ role: "user", words: words, thought: "", failure: "", facts: "" });
        const body = build(model, history());
        said.append({ role: "assistant", words: "", thought: "", failure: "", facts: "" });
        const at = said.count - 1;
        const reading = new XMLHttpRequest();
        const begun = Date.now();
        let read = 0, first = 0, usage = null;
        const facts = () => {
            const parts = [];
            if (first > 0)
                parts.push(qsTr("first token %1").arg(Format.duration((first - begun) * 1000)));
            parts.push(qsTr("in all %1").arg(Format.duration((Date.now() - begun) * 1000)));
            if (usage)
                parts.push(qsTr("%1 in, %2 out").arg(Format.count(usage.prompt_tokens ?? 0)).arg(Format.count(usage.completion_tokens ?? 0)));
            return parts.join(" · ");
        };
        const take = () => {
            const text = reading.responseText;
            let end;
            while ((end = text.indexOf("\n", read)) >= 0) {
                const line = text.slice(read, end).trim();
                read = end + 1;
                if (!line.startsWith("data:") || line === "data: [DONE]")
                    continue;
                const event = JSON.parse(line.slice(5));
                usage = event.usage ?? usage;
                if (event.error)
                    said.setProperty(at, "failure", event.error.message ?? String(event.error));
                const delta = (event.choices ?? [])[0]?.delta ?? {};
                if (first === 0 && (delta.content || delta.reasoning_content))
                    first = Date.now();
                if (delta.content)
                    said.setProperty(at, "words", said.get(at).words + delta.content);
                if (delta.reasoning_content)
                    said.setProperty(at, "thought", said.get(at).thought + delta.reasoning_content);
            }
        };
        reading.onreadystatechange = () => {
            if (reading !== asking || at >= said.count)
                return;
            if (reading.readyState >= XMLHttpRequest.LOADING && reading.status === 200)
                take();
            if (reading.readyState !== XMLHttpRequest.DONE)
                return;
            if (reading.status !== 200)
                said.setProperty(at, "failure", message(reading));
            said.setProperty(at, "facts", facts());
            asking = null;
        };
        asking = reading;
        reading.open("POST", Snapshot.baseUrl + "/v1/chat/completions");
        reading.setRequestHeader("Authorization", "Bearer " + token);
        reading.setRequestHeader("Content-Type", "application/json");
        body.stream_options = { include_usage: true };
        reading.send(JSON.stringify(body));
    }
    function message(reading: var): string {
        if (reading.status === 0)
            return qsTr("The gateway could not be reached.");
        try {
            return JSON.parse(reading.responseText).error.message;
        } catch (error) {
            return qsTr("Answered with status %1.").arg(reading.status);
        }
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: 1
        spacing: 0
        RowLayout {
            Layout.fillWidth: true
            Layout.margins: Theme.s3
            spacing: Theme.s2
            Choice {
                Layout.fillWidth: true
                small: true
                hint: qsTr("Model")
                options: (column.models.includes(column.model) ? column.models : [column.model].concat(column.models))
                    .map(name => ({ value: name, text: name }))
                value: column.model
                onChosen: picked => column.modelChosen(picked)
            }
            IconButton {
                visible: column.closable
                symbol: "close"
                hint: qsTr("Close this column")
                onClicked: column.closeWanted()
            }
        }
        Rectangle { Layout.fillWidth: true; implicitHeight: 1; color: Theme.border }
        ListView {
            id: list
            Layout.fillWidth: true
            Layout.fillHeight: true
            clip: true
            model: said
            spacing: Theme.s4
            topMargin: Theme.s4
            bottomMargin: Theme.s4
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar { }
            onContentHeightChanged: if (column.running) positionViewAtEnd()
            delegate: ColumnLayout {
                id: turn
                required property string role
                required property string words
                required property string thought
                required property string failure
                required property string facts
                x: Theme.s5
                width: ListView.view.width - 2 * Theme.s5
                spacing: Theme.s2
                Label { role: "caption"; color: Theme.text3; text: turn.role === "user" ? qsTr("You") : column.model }
                Label {
                    Layout.fillWidth: true
                    visible: turn.thought !== ""
                    text: turn.thought
                    color: Theme.text3
                    wrapMode: Text.Wrap
                    elide: Text.ElideNone
                }
                TextEdit {
                    Layout.fillWidth: true
                    visible: turn.words !== ""
                    text: turn.words
                    readOnly: true
                    selectByMouse: true
                    textFormat: TextEdit.PlainText
                    wrapMode: TextEdit.Wrap
                    color: Theme.text
                    selectionColor: Theme.accent
                    selectedTextColor: Theme.accentText
                    font.family: Theme.sans
                    font.pixelSize: Theme.sizeBody
                    font.weight: turn.role === "user" ? Font.DemiBold : Font.Normal
                }
                InlineMessage { Layout.fillWidth: true; text: turn.failure }
                Label { visible: turn.facts !== ""; role: "caption"; color: Theme.text3; text: turn.facts; Layout.fillWidth: true; wrapMode: Text.Wrap }
            }
            ColumnLayout {
                anchors.centerIn: parent
                width: Math.min(parent.width - 48, 420)
                visible: said.count === 0
                spacing: Theme.s3
                Label {
                    Layout.fillWidth: true
                    horizontalAlignment: Text.AlignHCenter
                    wrapMode: Text.Wrap
                    color: Theme.text2
                    text: column.samples.length > 0 ? qsTr("Try one of these, or ask something of your own.") : qsTr("Answers of this model appear here.")
                }
                Repeater {
                    model: column.samples
                    Button {
                        required property string modelData
                        Layout.fillWidth: true
                        text: modelData
                        onClicked: column.sampleWanted(modelData)
                    }
                }
            }
        }
    }
}
