// SPDX-License-Identifier: GPL-3.0-or-later
// One client: what it is to be told, one click where Tollgate can tell it, and how to see that it works.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

ColumnLayout {
    id: card

    property var client: ({})
    property bool shown: false
    property string token: ""
    property string problem: ""
    readonly property var facts: about.answer.client ?? ({})
    readonly property bool oneClick: client.way === "oneclick"

    spacing: Theme.s5

    onClientChanged: {
        problem = "";
        preview.close();
    }

    Query {
        id: about
        command: "client show"
        active: card.shown && card.client.id !== undefined
        args: card.token !== "" ? { client: card.client.id ?? "", token: card.token, model: model.text, base_url: Snapshot.baseUrl }
                                : { client: card.client.id ?? "", model: model.text, base_url: Snapshot.baseUrl }
        follows: ["client"]
    }
    // A token of its own for each client, named after it.
    function withToken(then: var) {
        if (token !== "") {
            then();
            return;
        }
        const name = client.name + " " + new Date().toISOString().slice(0, 16).replace("T", " ");
        Backend.call("token add", { name: name }, (answer, error) => {
            problem = error ? error.message : "";
            if (error)
                return;
            token = answer.token;
            then();
        });
    }

    ColumnLayout {
        spacing: 4
        RowLayout {
            spacing: Theme.s3
            Label { role: "title"; text: card.client.name ?? "" }
            Label { color: Theme.text3; text: card.client.vendor ?? "" }
        }
        Repeater {
            model: card.facts.notes ?? []
            Label {
                required property string modelData
                Layout.fillWidth: true
                text: modelData
                color: Theme.text2
                wrapMode: Text.Wrap
            }
        }
    }
    InlineMessage {
        Layout.fillWidth: true
        tone: "warn"
        text: card.client.fits === false ? qsTr("The version found here is older than the one these settings are for. They may not be read.") : ""
    }
    InlineMessage { Layout.fillWidth: true; text: card.problem !== "" ? card.problem : about.error ? about.error.message : "" }

    FormRow {
        visible: card.client.way !== "impossible"
        label: qsTr("Model")
        hint: qsTr("Any model that one of your channels serves.")
        Field { id: model; Layout.fillWidth: true; mono: true; text: "demo/echo"; Accessible.name: qsTr("Model") }
    }
    RowLayout {
        visible: card.client.way !== "impossible"
        spacing: Theme.s3
        Button {
            visible: card.oneClick
            kind: "primary"
            text: card.client.connected ? qsTr("Set up again…") : qsTr("Set up…")
            enabled: model.text.trim() !== ""
            onClicked: card.withToken(() => preview.look())
        }
        Button {
            visible: !card.oneClick && card.token === ""
            kind: "primary"
            text: qsTr("Make a token for it")
            onClicked: card.withToken(() => {})
        }
        Button {
            visible: card.client.connected === true
            symbol: "undo"
            text: qsTr("Take back")
            hint: qsTr("Restores the client's own settings")
            onClicked: Backend.call("client revert", { client: card.client.id }, (answer, error) => {
                card.problem = error ? error.message : "";
                if (!error)
                    Toasts.show(answer.files.every(file => file.identical) ? qsTr("Settings restored as they were")
                                                                           : qsTr("Our settings removed; yours since then kept"));
            })
        }
    }
    Card {
        Layout.fillWidth: true
        visible: (card.facts.fields ?? []).length > 0
        title: qsTr("What to fill in there")
        Repeater {
            model: card.facts.fields ?? []
            FormRow {
                id: row
                required property var modelData
                label: modelData.label
                CopyField { Layout.fillWidth: true; text: row.modelData.value; what: row.modelData.label; secret: row.modelData.secret && card.token !== "" }
            }
        }
    }
    Repeater {
        model: card.facts.snippets ?? []
        Card {
            id: snippet
            required property var modelData
            Layout.fillWidth: true
            title: modelData.label
            corner: Button {
                small: true
                symbol: "copy"
                text: qsTr("Copy")
                onClicked: {
                    if (snippet.modelData.secret)
                        System.copySecret(snippet.modelData.text);
                    else
                        System.copy(snippet.modelData.text);
                    Toasts.show(snippet.modelData.secret ? qsTr("Copied, will be cleared in 45 s") : qsTr("Copied"));
                }
            }
            Label {
                Layout.fillWidth: true
                role: "mono"
                wrapMode: Text.WrapAnywhere
                elide: Text.ElideNone
                text: snippet.modelData.text
            }
        }
    }
    Card {
        Layout.fillWidth: true
        visible: (card.facts.test ?? {}).say !== undefined && card.facts.test.say !== ""
        title: qsTr("See that it works")
        Label { Layout.fillWidth: true; text: (card.facts.test ?? {}).say ?? ""; wrapMode: Text.Wrap }
        CopyField { Layout.fillWidth: true; visible: text !== ""; text: (card.facts.test ?? {}).command ?? ""; what: qsTr("Command") }
    }
    PatchPreview {
        id: preview
        client: card.client
        token: card.token
        model: model.text
    }
}
