// SPDX-License-Identifier: GPL-3.0-or-later
// All about one channel beside the list: its health, keys, models, and a test.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Rectangle {
    id: panel

    property var channel: ({})
    readonly property var health: channel.health ?? ({})
    readonly property string name: channel.name ?? ""
    signal acted(string what, var more)
    signal closed()

    onNameChanged: steps.forget()
    function test() { steps.start({ channel: name }); }

    color: Theme.surface
    radius: Theme.radiusCard
    border.width: 1
    border.color: Theme.border
    clip: true
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("Details of %1").arg(name)

    component Fact: RowLayout {
        property string label: ""
        property string value: ""
        property bool mono: false
        Layout.fillWidth: true
        spacing: Theme.s4
        visible: value !== ""
        Label { Layout.preferredWidth: Theme.px(108); Layout.minimumWidth: Theme.px(108); color: Theme.text2; text: parent.label }
        Label { Layout.fillWidth: true; role: parent.mono ? "mono" : "body"; elide: Text.ElideMiddle; text: parent.value }
    }

    Flickable {
        anchors.fill: parent
        anchors.margins: 1
        contentHeight: body.implicitHeight + 2 * Theme.s5
        contentWidth: width
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar { }

        ColumnLayout {
            id: body
            x: Theme.s5
            y: Theme.s5
            width: parent.width - 2 * Theme.s5
            spacing: Theme.s5

            RowLayout {
                Layout.fillWidth: true
                spacing: Theme.s4
                ProviderTile {
                    size: Theme.px(36)
                    initials: panel.channel.tile ? panel.channel.tile.initials : ""
                    colour: panel.channel.tile ? panel.channel.tile.colour : Theme.text2
                }
                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: 1
                    Label { Layout.fillWidth: true; role: "section"; text: Format.line(panel.name, 80); Accessible.role: Accessible.Heading }
                    Label { Layout.fillWidth: true; role: "caption"; color: Theme.text3; text: panel.channel.provider_name ?? "" }
                }
                IconButton { symbol: "close"; hint: qsTr("Close details"); onClicked: panel.closed() }
            }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: Theme.s3
                HealthBadge { health: panel.health }
                Label { Layout.fillWidth: true; wrapMode: Text.Wrap; color: Theme.text2; text: panel.health.reason ?? ""; visible: text !== "" }
                RowLayout {
                    spacing: Theme.s3
                    Button { small: true; symbol: "bolt"; text: qsTr("Test"); enabled: !steps.running; onClicked: panel.test() }
                    Button { small: true; symbol: "edit"; text: qsTr("Edit…"); onClicked: panel.acted("edit", null) }
                    Button {
                        small: true
                        symbol: panel.channel.paused ? "play" : "pause"
                        text: panel.channel.paused ? qsTr("Resume") : qsTr("Pause")
                        onClicked: panel.acted(panel.channel.paused ? "resume" : "pause", 0)
                    }
                    Button {
                        small: true
                        visible: ["cooling_down", "rate_limited", "failing"].includes(panel.health.state)
                        symbol: "refresh"
                        text: qsTr("Reset")
                        hint: qsTr("Try its keys again at once")
                        onClicked: panel.acted("reset", null)
                    }
                }
            }
            TestSteps { id: steps; Layout.fillWidth: true }

            Rectangle { Layout.fillWidth: true; implicitHeight: 1; color: Theme.border }
            GridLayout {
                Layout.fillWidth: true
                columns: 2
                columnSpacing: Theme.s5
                rowSpacing: Theme.s4
                Repeater {
                    model: [
                        { label: qsTr("Requests today"), value: Format.count((panel.channel.today ?? {}).requests ?? 0) },
                        { label: qsTr("Spent today"), value: Format.money((panel.channel.today ?? {}).cost_nano_usd ?? 0, ((panel.channel.today ?? {}).estimated ?? 0) > 0) },
                        { label: qsTr("Failed today"), value: Format.percent(((panel.channel.today ?? {}).error_percent ?? 0) / 100) },
                        { label: qsTr("First token, median"), value: (panel.channel.ttft_p50_us ?? -1) >= 0 ? Format.duration(panel.channel.ttft_p50_us) : "–" }
                    ]
                    ColumnLayout {
                        id: figure
                        required property var modelData
                        Layout.preferredWidth: (body.width - Theme.s5) / 2
                        Layout.maximumWidth: (body.width - Theme.s5) / 2
                        spacing: 1
                        Label { role: "caption"; color: Theme.text3; text: figure.modelData.label }
                        Label { role: "mono"; font.pixelSize: Theme.sizeSection; text: figure.modelData.value }
                    }
                }
            }
            Rectangle { Layout.fillWidth: true; implicitHeight: 1; color: Theme.border }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: Theme.s3
                Label { role: "strong"; text: qsTr("Keys"); Accessible.role: Accessible.Heading }
                Repeater {
                    model: panel.channel.keys ?? []
                    RowLayout {
                        id: one
                        required property var modelData
                        readonly property string condition: modelData.condition ?? "well"
                        Layout.fillWidth: true
                        spacing: Theme.s3
                        StatusShape {
                            shape: !one.modelData.usable ? "triangle" : one.condition === "rate_limited" ? "gauge" : one.condition === "well" ? "disc" : "hourglass"
                            color: !one.modelData.usable ? Theme.err : one.condition === "well" ? Theme.text3 : Theme.warn
                        }
                        Label { Layout.fillWidth: true; role: "mono"; text: one.modelData.hint !== "" ? one.modelData.hint : qsTr("no key needed") }
                        Label {
                            role: "caption"
                            color: one.modelData.usable ? Theme.text3 : Theme.err
                            text: !one.modelData.usable ? one.modelData.trouble
                                : (one.modelData.cooldown_us ?? 0) > 0 ? qsTr("again in %1").arg(Format.duration(one.modelData.cooldown_us))
                                : one.modelData.source === "environment" ? qsTr("environment") : one.modelData.source === "vault" ? qsTr("vault")
                                : one.modelData.source === "keychain" ? qsTr("keychain") : ""
                        }
                        IconButton {
                            visible: (panel.channel.keys ?? []).length > 1
                            symbol: "trash"
                            hint: qsTr("Remove key %1").arg(one.modelData.hint)
                            onClicked: Backend.call("channel key rm", { channel: panel.name, key: one.modelData.id })
                        }
                    }
                }
            }
            Rectangle { Layout.fillWidth: true; implicitHeight: 1; color: Theme.border }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: Theme.s3
                RowLayout {
                    Layout.fillWidth: true
                    Label { Layout.fillWidth: true; role: "strong"; text: qsTr("Models"); Accessible.role: Accessible.Heading }
                    Button { small: true; kind: "quiet"; symbol: "download"; text: qsTr("Fetch"); onClicked: panel.acted("models", null) }
                }
                Label {
                    visible: (panel.channel.models ?? []).length === 0
                    Layout.fillWidth: true
                    wrapMode: Text.Wrap
                    color: Theme.text2
                    text: qsTr("None yet. Fetch the provider's list, or name them under Edit.")
                }
                Repeater {
                    model: (panel.channel.models ?? []).slice(0, 12)
                    Label { required property var modelData; Layout.fillWidth: true; role: "mono"; color: Theme.text2; text: Format.line(modelData, 80) }
                }
                Label {
                    visible: (panel.channel.models ?? []).length > 12
                    role: "caption"
                    color: Theme.text3
                    text: qsTr("and %1 more").arg((panel.channel.models ?? []).length - 12)
                }
            }
            Rectangle { Layout.fillWidth: true; implicitHeight: 1; color: Theme.border }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: Theme.s2
                Fact { label: qsTr("Base URL"); mono: true; value: panel.channel.base_url ?? "" }
                Fact { label: qsTr("Tier, weight"); value: qsTr("%1, %2").arg(panel.channel.tier ?? 0).arg(panel.channel.weight ?? 0) }
                Fact { label: qsTr("Proxy"); mono: true; value: panel.channel.proxy ?? "" }
                Fact { label: qsTr("Last used"); value: (panel.channel.last_used_us ?? 0) > 0 ? Format.ago(panel.channel.last_used_us) : qsTr("never") }
            }
        }
    }
}
