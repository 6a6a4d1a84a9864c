// SPDX-License-Identifier: GPL-3.0-or-later
// Every address of the server for the clients that want them differently, and its pause.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

T.Popup {
    id: details

    width: 380
    padding: Theme.s5
    margins: 8
    focus: true
    implicitHeight: column.implicitHeight + 2 * padding
    background: PopupFrame { radius: Theme.radiusSheet }

    component Address: ColumnLayout {
        id: address
        property string label
        property string url
        spacing: 4
        Layout.fillWidth: true
        Label { role: "caption"; text: address.label }
        CopyField { Layout.fillWidth: true; text: address.url; what: qsTr("Address") }
    }

    contentItem: ColumnLayout {
        id: column
        spacing: Theme.s4
        Label { role: "section"; text: qsTr("Addresses of this server") }
        Repeater {
            model: Snapshot.urls
            ColumnLayout {
                id: group
                required property string modelData
                Layout.fillWidth: true
                spacing: Theme.s3
                Address { label: qsTr("OpenAI and Responses clients"); url: group.modelData + "/v1" }
                Address { label: qsTr("Anthropic, Gemini and Ollama clients"); url: group.modelData }
            }
        }
        InlineMessage {
            Layout.fillWidth: true
            tone: "warn"
            text: Snapshot.trouble
        }
        Repeater {
            model: Snapshot.status.troubles ?? []
            InlineMessage {
                required property string modelData
                Layout.fillWidth: true
                tone: "warn"
                text: modelData
            }
        }
        RowLayout {
            spacing: Theme.s3
            Button {
                visible: Snapshot.state !== "paused"
                text: qsTr("Pause")
                symbol: "pause"
                hint: qsTr("New requests are refused until you resume; running ones go on")
                onClicked: Backend.call("pause", {}, (answer, error) => {
                    if (error) Toasts.show(error.message);
                    else Toasts.show(qsTr("Paused"), () => Backend.call("resume", {}));
                })
            }
            Button {
                visible: Snapshot.state === "paused"
                kind: "primary"
                text: qsTr("Resume")
                symbol: "play"
                onClicked: Backend.call("resume", {}, (answer, error) => Toasts.show(error ? error.message : qsTr("Resumed")))
            }
            Item { Layout.fillWidth: true }
        }
    }
}
