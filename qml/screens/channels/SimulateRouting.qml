// SPDX-License-Identifier: GPL-3.0-or-later
// Where a request would go, step by step, with the reason for each channel left out. Nothing is sent.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Sheet {
    id: sheet

    title: qsTr("Simulate routing")
    note: qsTr("The plan that a request would get now. Nothing is sent and nothing is counted.")
    wide: 720
    readonly property var modelNames: (models.answer.models ?? []).filter(one => one.channels.length > 0).map(one => one.model)
    property string model: ""
    onOpened: if (model === "" && modelNames.length > 0) model = modelNames[0]
    onModelNamesChanged: if (model === "" && modelNames.length > 0) model = modelNames[0]

    Query { id: models; command: "models list"; active: sheet.opened; follows: ["channel"] }
    Query { id: tokens; command: "token list"; active: sheet.opened; follows: ["token"] }
    Query {
        id: plan
        command: "route simulate"
        active: sheet.opened && sheet.model !== ""
        args: Object.assign({ model: sheet.model, dialect: dialect.value }, token.value !== "" ? { token: token.value } : {})
        follows: ["channel", "token", "pause", "resume"]
        every: 3000
    }
    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.s4
        FormRow {
            label: qsTr("Model")
            Choice {
                Layout.fillWidth: true
                hint: qsTr("Model")
                options: sheet.modelNames.map(name => ({ value: name, text: name }))
                value: sheet.model
                onChosen: picked => sheet.model = picked
            }
        }
        FormRow {
            label: qsTr("Asked as")
            Choice {
                id: dialect
                Layout.fillWidth: true
                hint: qsTr("Asked as")
                options: [{ value: "chat", text: qsTr("OpenAI Chat") }, { value: "responses", text: qsTr("OpenAI Responses") },
                          { value: "messages", text: qsTr("Anthropic Messages") }, { value: "gemini", text: qsTr("Gemini") },
                          { value: "ollama", text: qsTr("Ollama") }, { value: "embeddings", text: qsTr("Embeddings") }]
                value: "chat"
                onChosen: picked => value = picked
            }
        }
        FormRow {
            label: qsTr("Token")
            Choice {
                id: token
                Layout.fillWidth: true
                hint: qsTr("Token")
                options: [{ value: "", text: qsTr("any") }].concat((tokens.answer.tokens ?? []).map(one => ({ value: one.name, text: one.name })))
                value: ""
                onChosen: picked => value = picked
            }
        }
    }
    InlineMessage {
        Layout.fillWidth: true
        tone: "warn"
        text: plan.error ? plan.error.message : plan.answer.refusal ?? ""
    }
    ColumnLayout {
        Layout.fillWidth: true
        spacing: 0
        Repeater {
            model: plan.answer.steps ?? []
            ColumnLayout {
                id: step
                required property var modelData
                required property int index
                Layout.fillWidth: true
                spacing: 2
                RowLayout {
                    Layout.fillWidth: true
                    implicitHeight: Theme.px(28)
                    spacing: Theme.s4
                    Rectangle {
                        implicitWidth: Theme.px(26)
                        implicitHeight: Theme.px(20)
                        radius: height / 2
                        color: step.modelData.left > 0 ? Theme.selected : Theme.warnSoft
                        Label { anchors.centerIn: parent; role: "badge"; text: step.modelData.left; color: step.modelData.left > 0 ? Theme.accent : Theme.warn }
                    }
                    Label { Layout.fillWidth: true; text: step.modelData.text.replace(/^\d+ /, "") }
                }
                Repeater {
                    model: step.modelData.dropped
                    Label {
                        required property var modelData
                        Layout.fillWidth: true
                        Layout.leftMargin: Theme.px(38)
                        Layout.bottomMargin: 2
                        role: "caption"
                        color: Theme.text3
                        text: "− " + Format.line(modelData.channel, 40) + ": " + modelData.reason
                    }
                }
            }
        }
    }
    Repeater {
        model: plan.answer.tiers ?? []
        Card {
            id: tier
            required property var modelData
            required property int index
            Layout.fillWidth: true
            padding: Theme.s4
            title: qsTr("Tier %1").arg(modelData.tier)
            note: index === 0 ? qsTr("asked first") : qsTr("asked when those above cannot answer")
            Repeater {
                model: tier.modelData.channels
                RowLayout {
                    id: member
                    required property var modelData
                    Layout.fillWidth: true
                    spacing: Theme.s4
                    ProviderTile { size: Theme.px(24); initials: member.modelData.tile.initials; colour: member.modelData.tile.colour }
                    ColumnLayout {
                        Layout.fillWidth: true
                        spacing: 0
                        Label { Layout.fillWidth: true; role: "strong"; text: Format.line(member.modelData.channel, 60) }
                        Label {
                            Layout.fillWidth: true
                            role: "caption"
                            font.family: Theme.mono
                            color: Theme.text3
                            text: "→ " + member.modelData.vendor_model
                                + (member.modelData.translated_to ? "  " + qsTr("translated to %1").arg(member.modelData.translated_to) : "")
                        }
                    }
                    Rectangle {
                        Layout.preferredWidth: Theme.px(180)
                        implicitHeight: 8
                        radius: 4
                        color: Theme.sunken
                        Rectangle { width: parent.width * member.modelData.share_percent / 100; height: 8; radius: 4; color: Theme.accent }
                    }
                    Label { Layout.preferredWidth: Theme.px(48); horizontalAlignment: Text.AlignRight; role: "mono"; text: Math.round(member.modelData.share_percent) + " %" }
                }
            }
        }
    }
    foot: [ Item { Layout.fillWidth: true }, Button { text: qsTr("Close"); onClicked: sheet.close() } ]
}
