// SPDX-License-Identifier: GPL-3.0-or-later
// Why which channel: everyone who could have answered, what was tried in what order, what each attempt
// came to and what was decided then.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Flickable {
    id: tab

    required property var inspector
    readonly property var attempts: inspector.full.attempts
    readonly property var candidates: inspector.full.candidates.filter(one => one.verdict !== "used")
    readonly property var wasted: attempts.slice(0, -1).reduce((sum, a) => ({ us: sum.us + Math.max(0, a.end_us ?? 0), nano: sum.nano + a.cost_nano }), { us: 0, nano: 0 })

    contentHeight: column.implicitHeight + 2 * Theme.s4
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    T.ScrollBar.vertical: ScrollBar { }

    function decided(attempt: var): string {
        switch (attempt.decision) {
        case "other_channel": return qsTr("Went on to another channel");
        case "other_key": return qsTr("Went on to another key of the same channel");
        case "answered": return qsTr("Answered");
        case "client_left": return qsTr("The client left; the provider was told to stop");
        case "broken_off": return qsTr("Broke off after a part had reached the client, so nothing could be tried again");
        default: return qsTr("Gave up");
        }
    }
    ColumnLayout {
        id: column
        x: Theme.s4
        y: Theme.s4
        width: tab.width - 2 * Theme.s4
        spacing: Theme.s4

        Label {
            Layout.fillWidth: true
            visible: tab.attempts.length === 0
            wrapMode: Text.Wrap
            color: Theme.text2
            text: qsTr("No channel was asked.")
        }
        Repeater {
            model: tab.attempts
            Rectangle {
                id: step
                required property var modelData
                readonly property bool good: modelData.error === ""
                Layout.fillWidth: true
                implicitHeight: inside.implicitHeight + 2 * Theme.s4
                radius: Theme.radiusCard
                color: Theme.surface
                border.width: 1
                border.color: step.good ? Theme.border : Theme.err
                ColumnLayout {
                    id: inside
                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.top: parent.top
                    anchors.margins: Theme.s4
                    spacing: 5
                    RowLayout {
                        Layout.fillWidth: true
                        spacing: Theme.s3
                        Rectangle {
                            implicitWidth: Theme.px(22)
                            implicitHeight: implicitWidth
                            radius: height / 2
                            color: Theme.sunken
                            Label { anchors.centerIn: parent; role: "badge"; text: step.modelData.number }
                        }
                        Label { role: "strong"; Layout.fillWidth: true; text: step.modelData.channel ? Format.line(step.modelData.channel.name, 60) : "–" }
                        Badge {
                            text: step.good ? qsTr("Answered") : step.modelData.status > 0 ? "HTTP " + step.modelData.status : Format.line(step.modelData.error, 30)
                            tone: step.good ? "" : "err"
                            shape: step.good ? "check" : "cross"
                        }
                    }
                    Fact { name: qsTr("Why this one"); value: Format.line(step.modelData.reason, 300) }
                    Fact { name: qsTr("Key"); value: step.modelData.key_hint; mono: true }
                    Fact { name: qsTr("Model"); value: Format.line(step.modelData.model, 80); mono: true }
                    Fact { name: qsTr("Error"); value: step.good ? "" : Format.line(step.modelData.error_text !== "" ? step.modelData.error_text : step.modelData.error, 400); tone: "err" }
                    Fact {
                        name: qsTr("Took")
                        value: [step.modelData.end_us !== null ? Format.duration(step.modelData.end_us) : "",
                                step.modelData.first_token_us !== null ? qsTr("first token after %1").arg(Format.duration(step.modelData.first_token_us)) : ""].filter(one => one !== "").join(" · ")
                    }
                    Fact { name: qsTr("Cost"); value: step.modelData.unpriced ? qsTr("unpriced") : Format.money(step.modelData.cost_nano, step.modelData.estimated) }
                    Fact { name: qsTr("Then"); value: tab.decided(step.modelData) }
                }
            }
        }
        Label {
            Layout.fillWidth: true
            visible: tab.attempts.length > 1
            role: "caption"
            text: qsTr("What failed took %1 and cost %2.").arg(Format.duration(tab.wasted.us)).arg(Format.money(tab.wasted.nano))
        }
        ColumnLayout {
            Layout.fillWidth: true
            visible: tab.candidates.length > 0
            spacing: 5
            Label { role: "section"; text: qsTr("Others"); Layout.bottomMargin: 4 }
            Repeater {
                model: tab.candidates
                Fact {
                    required property var modelData
                    name: modelData.channel ? Format.line(modelData.channel.name, 40) : "–"
                    value: (modelData.verdict === "left_out" ? qsTr("left out: %1") : qsTr("not needed: %1")).arg(Format.line(modelData.reason, 160))
                }
            }
        }
    }
}
