// SPDX-License-Identifier: GPL-3.0-or-later
// A real small request to a provider, told phase by phase while it runs, and in one sentence at its
// end.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

ColumnLayout {
    id: steps

    property var fields: ({}) // of "channel test"
    readonly property bool running: test.active && test.loading
    readonly property var answer: test.answer
    property bool asked: false
    property var phases: ({})
    signal done(var answer)

    readonly property var names: [
        { id: "resolve", text: qsTr("DNS") }, { id: "connect", text: qsTr("Connect") }, { id: "tls", text: qsTr("TLS") },
        { id: "auth", text: qsTr("Key") }, { id: "model", text: qsTr("Model") }, { id: "first_token", text: qsTr("First token") }
    ]

    spacing: Theme.s4
    visible: asked

    function start(wanted: var) {
        test.active = false;
        phases = {};
        fields = wanted;
        asked = true;
        test.args = wanted;
        test.active = true;
        test.refresh();
    }
    function forget() {
        test.active = false;
        asked = false;
        phases = {};
    }
    function note(event: var) {
        const next = Object.assign({}, phases);
        next[event.phase] = event;
        phases = next;
    }

    Query {
        id: test
        command: "channel test"
        events: true
        active: false
        onReceived: event => steps.note(event)
        onAnswered: {
            if (!active)
                return;
            for (const phase of answer.phases ?? [])
                steps.note(phase);
            active = false;
            steps.done(answer);
        }
        onErrorChanged: if (error) active = false
    }

    RowLayout {
        Layout.fillWidth: true
        spacing: 0
        Repeater {
            model: steps.names
            ColumnLayout {
                id: step
                required property var modelData
                required property int index
                readonly property var phase: steps.phases[modelData.id] ?? {}
                readonly property string state_: phase.state ?? (steps.running ? "waiting" : "skipped")
                readonly property string tone: state_ === "ok" ? "ok" : state_ === "failed" ? "err" : state_ === "running" ? "accent" : ""
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                spacing: 4
                Accessible.role: Accessible.ListItem
                Accessible.name: modelData.text + ": " + state_
                Item {
                    Layout.fillWidth: true
                    implicitHeight: Theme.px(18)
                    Rectangle {
                        visible: step.index > 0
                        anchors.verticalCenter: parent.verticalCenter
                        width: parent.width / 2 - 10
                        height: 2
                        color: step.state_ === "ok" || step.state_ === "failed" ? Theme.tone(step.tone) : Theme.border
                    }
                    Rectangle {
                        visible: step.index < steps.names.length - 1
                        anchors.verticalCenter: parent.verticalCenter
                        x: parent.width / 2 + 10
                        width: parent.width / 2 - 10
                        height: 2
                        color: step.state_ === "ok" ? Theme.ok : Theme.border
                    }
                    StatusShape {
                        anchors.centerIn: parent
                        size: Theme.px(12)
                        shape: step.state_ === "ok" ? "check" : step.state_ === "failed" ? "cross"
                            : step.state_ === "running" ? "spinner" : step.state_ === "skipped" ? "dashed" : "ring"
                        color: step.tone !== "" ? Theme.tone(step.tone) : Theme.text3
                    }
                }
                Label {
                    Layout.fillWidth: true
                    horizontalAlignment: Text.AlignHCenter
                    role: "caption"
                    color: step.tone === "err" ? Theme.err : Theme.text2
                    text: step.modelData.text
                }
                Label {
                    Layout.fillWidth: true
                    horizontalAlignment: Text.AlignHCenter
                    role: "caption"
                    font.family: Theme.mono
                    color: Theme.text3
                    text: step.phase.us !== undefined && step.phase.us >= 0 ? Format.duration(step.phase.us) : " "
                }
            }
        }
    }
    InlineMessage {
        Layout.fillWidth: true
        visible: text !== ""
        tone: test.error ? "err" : (steps.answer.ok ?? false) ? "ok" : (steps.answer.works ?? false) ? "warn" : "err"
        text: steps.running ? "" : test.error ? test.error.message
            : !test.ready ? "" : (steps.answer.sentence ?? "") + (steps.answer.ok
                ? " " + qsTr("First token after %1.").arg(Format.duration(steps.answer.total_us ?? 0))
                    + (steps.answer.cost_nano_usd !== undefined ? " " + qsTr("This test cost about %1.").arg(Format.money(steps.answer.cost_nano_usd, true)) : "")
                : " " + (steps.answer.advice ?? steps.answer.hint ?? ""))
        detail: steps.answer.ok ? "" : Format.line(steps.answer.message ?? "", 600)
    }
}
