// SPDX-License-Identifier: GPL-3.0-or-later
// The requests that are being answered now, with a way to stop each.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Card {
    id: list

    property var last: null
    readonly property var requests: running.answer.requests ?? []

    title: qsTr("In flight")
    note: requests.length > 0 ? Format.count(requests.length) : ""
    Query { id: running; command: "running"; active: list.visible; every: 1000 }
    Label {
        visible: list.requests.length === 0
        Layout.fillWidth: true
        elide: Text.ElideRight
        color: Theme.text2
        text: !list.last ? qsTr("Idle.")
            : list.last.client ? qsTr("Idle. Last request %1 from %2.").arg(Format.ago(list.last.started_us)).arg(Format.line(list.last.client, 40))
                               : qsTr("Idle. Last request %1.").arg(Format.ago(list.last.started_us))
    }
    Repeater {
        model: list.requests.slice(0, 8)
        RowLayout {
            id: row
            required property var modelData
            Layout.fillWidth: true
            spacing: Theme.s4
            StatusShape { shape: "spinner"; color: Theme.live; Layout.preferredWidth: Theme.px(14); Layout.preferredHeight: Theme.px(14) }
            Label {
                Layout.fillWidth: true
                elide: Text.ElideRight
                text: qsTr("%1 → %2 → %3").arg(row.modelData.token?.name ?? row.modelData.token ?? "–").arg(Format.line(row.modelData.model ?? "", 60))
                    .arg(row.modelData.channel?.name ?? row.modelData.channel ?? "–")
            }
            Label { role: "caption"; visible: (row.modelData.attempt ?? 1) > 1; text: qsTr("attempt %1").arg(row.modelData.attempt ?? 1) }
            Label { role: "mono"; text: Format.duration(Math.max(0, Date.now() * 1000 - row.modelData.started_us)) }
            Button { small: true; text: qsTr("Stop"); onClicked: Backend.call("running stop", { "id": row.modelData.id }) }
        }
    }
}
