// SPDX-License-Identifier: GPL-3.0-or-later
// A kind of failure: what, where, how often, when last. It leads to the last of them.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

T.AbstractButton {
    id: row

    required property var modelData
    signal chosen(string id)

    implicitHeight: Theme.row
    focusPolicy: Qt.StrongFocus
    text: qsTr("%1, %2, %3 times").arg(names.causeName(modelData.cause)).arg(modelData.channel?.name ?? "").arg(modelData.count)
    Accessible.name: text
    onClicked: chosen(modelData.last_id)

    UsageData { id: names }

    background: Rectangle {
        radius: Theme.radius
        color: row.hovered ? Theme.hover : "transparent"
        FocusRing { target: row }
    }
    contentItem: RowLayout {
        spacing: Theme.s4
        StatusShape { shape: "cross"; color: Theme.err; Layout.preferredWidth: Theme.px(12); Layout.preferredHeight: Theme.px(12); Layout.leftMargin: Theme.s3 }
        Label { Layout.preferredWidth: Theme.px(150); elide: Text.ElideRight; text: names.causeName(row.modelData.cause) }
        Label { Layout.preferredWidth: Theme.px(48); role: "mono"; color: Theme.text2; text: row.modelData.status > 0 ? row.modelData.status : "–" }
        Label { Layout.preferredWidth: Theme.px(140); elide: Text.ElideRight; text: row.modelData.channel?.name ?? "–" }
        Label { Layout.fillWidth: true; elide: Text.ElideRight; color: Theme.text2; text: Format.line(row.modelData.last_text ?? "", 200) }
        Label { Layout.preferredWidth: Theme.px(90); horizontalAlignment: Text.AlignRight; color: Theme.text2; text: Format.ago(row.modelData.last_us) }
        Label { Layout.preferredWidth: Theme.px(56); Layout.rightMargin: Theme.s3; role: "mono"; horizontalAlignment: Text.AlignRight; text: "× " + Format.count(row.modelData.count) }
    }
}
