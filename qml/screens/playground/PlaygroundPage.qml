// SPDX-License-Identifier: GPL-3.0-or-later
// Playground: asks models through the gateway itself, as any client would: one conversation, or up to
// four side by side; the same call as code; and the request as it is sent.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Item {
    id: page

    property string token: ""
    property string problem: ""
    property var models: []
    property var columns: ["demo/echo"]
    property string tab: "chat"
    readonly property var samples: [
        qsTr("Explain in three sentences how a suspension bridge carries its load."),
        qsTr("Write a haiku about waiting for a compiler."),
        qsTr("List five edge cases when parsing dates.")
    ]

    function request(model: string, turns: var): var {
        const messages = system.text.trim() !== "" ? [{ role: "system", content: system.text }] : [];
        const body = { model: model, stream: true, messages: messages.concat(turns) };
        if (temperature.text.trim() !== "")
            body.temperature = Number(temperature.text.replace(",", "."));
        if (most.text.trim() !== "")
            body.max_tokens = Number(most.text);
        if (effort.value !== "")
            body.reasoning_effort = effort.value;
        return body;
    }
    // A token of its own, for a day: what is tried here is metered like everything else.
    function withToken(then: var) {
        if (token !== "") {
            then();
            return;
        }
        const name = qsTr("Playground %1").arg(new Date().toISOString().slice(0, 19).replace("T", " "));
        Backend.call("token add", { name: name, expires: "1d" }, (answer, error) => {
            problem = error ? error.message : "";
            if (error)
                return;
            token = answer.token;
            then();
        });
    }
    function loadModels() {
        withToken(() => {
            const asking = new XMLHttpRequest();
            asking.onreadystatechange = () => {
                if (asking.readyState !== XMLHttpRequest.DONE || asking.status !== 200)
                    return;
                page.models = JSON.parse(asking.responseText).data.map(model => model.id);
            };
            asking.open("GET", Snapshot.baseUrl + "/v1/models");
            asking.setRequestHeader("Authorization", "Bearer " + token);
            asking.send();
        });
    }
    function send() {
        const words = prompt.text.trim();
        if (words === "")
            return;
        prompt.text = "";
        withToken(() => {
            for (let i = 0; i < answers.count; ++i)
                answers.itemAt(i).ask(words);
        });
    }
    function stop() {
        for (let i = 0; i < answers.count; ++i)
            answers.itemAt(i).stop();
    }
    readonly property bool running: {
        let any = false;
        for (let i = 0; i < answers.count; ++i)
            any = any || (answers.itemAt(i) !== null && answers.itemAt(i).running);
        return any;
    }
    onVisibleChanged: if (visible && models.length === 0 && Snapshot.ready) loadModels()

    RowLayout {
        anchors.fill: parent
        spacing: 0

        Flickable {
            Layout.fillHeight: true
            Layout.preferredWidth: Theme.px(280)
            Layout.maximumWidth: Theme.px(280)
            contentHeight: options.implicitHeight + 2 * Theme.s5
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar { }
            ColumnLayout {
                id: options
                x: Theme.s5
                y: Theme.s5
                width: Theme.px(280) - 2 * Theme.s5
                spacing: Theme.s5
                Label { role: "title"; text: qsTr("Playground"); Layout.preferredHeight: 40 }
                FormRow {
                    label: qsTr("System prompt")
                    TextBlock { id: system; Layout.fillWidth: true; mono: false; placeholderText: qsTr("none") }
                }
                FormRow {
                    label: qsTr("Temperature")
                    Field { id: temperature; Layout.fillWidth: true; mono: true; placeholderText: qsTr("the model's own"); Accessible.name: qsTr("Temperature") }
                }
                FormRow {
                    label: qsTr("Most output tokens")
                    Field { id: most; Layout.fillWidth: true; mono: true; placeholderText: qsTr("the model's own"); Accessible.name: qsTr("Most output tokens") }
                }
                FormRow {
                    label: qsTr("Reasoning effort")
                    Choice {
                        id: effort
                        Layout.fillWidth: true
                        hint: qsTr("Reasoning effort")
                        options: [{ value: "", text: qsTr("The model's own") }, { value: "minimal", text: qsTr("Minimal") },
                                  { value: "low", text: qsTr("Low") }, { value: "medium", text: qsTr("Medium") },
                                  { value: "high", text: qsTr("High") }]
                        value: ""
                        onChosen: picked => value = picked
                    }
                }
                Label {
                    Layout.fillWidth: true
                    role: "caption"
                    color: Theme.text3
                    wrapMode: Text.Wrap
                    text: qsTr("Asked through the gateway with a token of its own, which expires in a day. Requests appear in the log and cost what they cost.")
                }
            }
        }
        Rectangle { Layout.fillHeight: true; implicitWidth: 1; color: Theme.border }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.margins: Theme.s5
            spacing: Theme.s4
            RowLayout {
                spacing: Theme.s3
                Segments {
                    hint: qsTr("View")
                    options: [{ value: "chat", text: qsTr("Chat") }, { value: "code", text: qsTr("Code") }, { value: "raw", text: qsTr("Raw") }]
                    value: page.tab
                    onChosen: picked => page.tab = picked
                }
                Item { Layout.fillWidth: true }
                Button {
                    small: true
                    symbol: "add"
                    text: qsTr("Compare with another model")
                    enabled: page.columns.length < 4
                    onClicked: page.columns = page.columns.concat([page.models[page.columns.length] ?? page.columns[0]])
                }
                Button {
                    small: true
                    symbol: "trash"
                    text: qsTr("Clear")
                    onClicked: {
                        for (let i = 0; i < answers.count; ++i)
                            answers.itemAt(i).clear();
                    }
                }
            }
            InlineMessage { Layout.fillWidth: true; text: page.problem }
            RowLayout {
                visible: page.tab === "chat"
                Layout.fillWidth: true
                Layout.fillHeight: true
                spacing: Theme.s4
                Repeater {
                    id: answers
                    model: page.columns.length
                    ChatColumn {
                        required property int index
                        Layout.fillWidth: true
                        Layout.fillHeight: true
                        Layout.preferredWidth: 1
                        models: page.models
                        model: page.columns[index] ?? ""
                        token: page.token
                        closable: page.columns.length > 1
                        samples: page.columns.length === 1 ? page.samples : []
                        build: page.request
                        onModelChosen: name => page.columns = page.columns.map((old, at) => at === index ? name : old)
                        onCloseWanted: page.columns = page.columns.filter((old, at) => at !== index)
                        onSampleWanted: text => {
                            prompt.text = text;
                            page.send();
                        }
                    }
                }
            }
            CallAsCode {
                visible: page.tab === "code"
                Layout.fillWidth: true
                Layout.fillHeight: true
                body: page.request(page.columns[0], [{ role: "user", content: prompt.text !== "" ? prompt.text : page.samples[0] }])
            }
            TextBlock {
                visible: page.tab === "raw"
                Layout.fillWidth: true
                Layout.fillHeight: true
                readOnly: true
                text: JSON.stringify(page.request(page.columns[0], [{ role: "user", content: prompt.text }]), null, 2)
            }
            RowLayout {
                spacing: Theme.s3
                TextBlock {
                    id: prompt
                    Layout.fillWidth: true
                    implicitHeight: Theme.px(72)
                    mono: false
                    placeholderText: qsTr("Ask something. Ctrl+Enter sends, Esc stops.")
                    area.Keys.onPressed: event => {
                        if ((event.key === Qt.Key_Return || event.key === Qt.Key_Enter) && (event.modifiers & Qt.ControlModifier)) {
                            page.send();
                            event.accepted = true;
                        } else if (event.key === Qt.Key_Escape) {
                            page.stop();
                            event.accepted = true;
                        }
                    }
                }
                Button {
                    Layout.alignment: Qt.AlignBottom
                    kind: "primary"
                    symbol: page.running ? "stop" : "send"
                    text: page.running ? qsTr("Stop") : qsTr("Send")
                    enabled: page.running || prompt.text.trim() !== ""
                    onClicked: page.running ? page.stop() : page.send()
                }
            }
        }
    }
}
