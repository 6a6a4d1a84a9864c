// SPDX-License-Identifier: GPL-3.0-or-later
// Before the first request: what is left to do, instead of charts of nothing.
import QtQuick
import QtQuick.Layouts
import Tollgate

Card {
    id: steps

    property int channels: 0
    property int tokens: 0

    title: qsTr("Set up")
    note: qsTr("Four steps to the first answered request")
    Repeater {
        model: [
            { "done": steps.channels > 0, "text": qsTr("Connect a provider"), "why": qsTr("An account that requests are sent to, such as OpenAI, Anthropic or a local server."), "action": qsTr("Add channel"), "page": "channels" },
            { "done": steps.tokens > 0, "text": qsTr("Make a token"), "why": qsTr("What a client shows to be let in, with a budget if you like."), "action": qsTr("Create token"), "page": "tokens" },
            { "done": false, "text": qsTr("Set up a client"), "why": qsTr("Your editor or agent asks this computer instead of the provider."), "action": qsTr("Connect a client"), "page": "connect" },
            { "done": false, "text": qsTr("Send the first request"), "why": qsTr("From your client, or right here."), "action": qsTr("Open playground"), "page": "playground" }
        ]
        RowLayout {
            id: step
            required property var modelData
            required property int index
            Layout.fillWidth: true
            spacing: Theme.s4
            StatusShape {
                Layout.preferredWidth: Theme.px(16)
                Layout.preferredHeight: Theme.px(16)
                shape: step.modelData.done ? "check" : "ring"
                color: step.modelData.done ? Theme.ok : Theme.text3
            }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: 0
                Label { role: "strong"; text: step.modelData.text; color: step.modelData.done ? Theme.text2 : Theme.text }
                Label { Layout.fillWidth: true; role: "caption"; elide: Text.ElideRight; text: step.modelData.done ? qsTr("Done") : step.modelData.why }
            }
            Button {
                visible: !step.modelData.done && Nav.find(step.modelData.page) !== undefined
                kind: step.index === 0 || (step.index === 1 && steps.channels > 0) || (step.index > 1 && steps.channels > 0 && steps.tokens > 0) ? "primary" : "plain"
                text: step.modelData.action
                onClicked: Nav.go(step.modelData.page, step.index < 2 ? { "add": true } : {})
            }
        }
    }
}
