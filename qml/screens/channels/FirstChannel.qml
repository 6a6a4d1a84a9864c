// SPDX-License-Identifier: GPL-3.0-or-later
// Where no channel is yet: what this computer has already, and a way to add the rest.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

ColumnLayout {
    id: first

    property bool shown: false
    signal picked(var draft)
    readonly property var found: (look.answer.keys ?? []).map(one => ({
            title: one.provider_name, note: qsTr("key in %1").arg(one.variable) + " · " + one.hint, tile: one.tile,
            draft: { provider: one.provider, key_env: one.variable } }))
        .concat((look.answer.servers ?? []).map(one => ({
            title: one.provider_name, note: qsTr("answers at %1").arg(one.base_url), tile: one.tile,
            draft: { provider: one.provider, base_url: one.base_url, models: one.models } })))

    width: Math.min(parent ? parent.width - 48 : 520, 520)
    spacing: Theme.s4

    Query { id: look; command: "discover"; active: first.shown }

    Icon { Layout.alignment: Qt.AlignHCenter; name: "channels"; size: 32; color: Theme.text3 }
    Label { Layout.fillWidth: true; horizontalAlignment: Text.AlignHCenter; role: "section"; text: qsTr("Add your first provider") }
    Label {
        Layout.fillWidth: true
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
        color: Theme.text2
        text: qsTr("A channel is one account at a provider, or a server on this computer. Until there is one, the model demo/echo answers.")
    }
    Repeater {
        model: first.found
        Rectangle {
            id: tile
            required property var modelData
            Layout.fillWidth: true
            implicitHeight: Theme.rowTall
            radius: Theme.radiusCard
            color: Theme.sunken
            border.width: 1
            border.color: Theme.border
            RowLayout {
                anchors.fill: parent
                anchors.margins: Theme.s3
                spacing: Theme.s4
                ProviderTile { initials: tile.modelData.tile.initials; colour: tile.modelData.tile.colour }
                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: 0
                    Label { role: "strong"; text: tile.modelData.title }
                    Label { Layout.fillWidth: true; role: "caption"; color: Theme.text3; text: Format.line(tile.modelData.note, 80) }
                }
                Button { small: true; text: qsTr("Use it…"); onClicked: first.picked(tile.modelData.draft) }
            }
        }
    }
    Button {
        Layout.alignment: Qt.AlignHCenter
        kind: "primary"
        symbol: "add"
        text: qsTr("Add channel")
        onClicked: first.picked(null)
    }
}
