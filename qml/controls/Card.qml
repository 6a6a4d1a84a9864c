// SPDX-License-Identifier: GPL-3.0-or-later
// A bordered surface with an optional title and something at its right.
import QtQuick
import QtQuick.Layouts
import Tollgate

Rectangle {
    id: card

    property string title: ""
    property string note: ""
    default property alias content: body.data
    property alias corner: corner.data
    property int padding: Theme.s5

    implicitWidth: column.implicitWidth + 2 * padding
    implicitHeight: column.implicitHeight + 2 * padding
    color: Theme.surface
    radius: Theme.radiusCard
    border.width: 1
    border.color: Theme.border

    ColumnLayout {
        id: column
        anchors.fill: parent
        anchors.margins: card.padding
        spacing: Theme.s4
        RowLayout {
            visible: card.title !== ""
            spacing: Theme.s3
            Label { role: "section"; text: card.title; Accessible.role: Accessible.Heading }
            Label { role: "caption"; text: card.note; visible: card.note !== ""; Layout.fillWidth: true }
            Item { Layout.fillWidth: card.note === "" }
            Row { id: corner; spacing: Theme.s3 }
        }
        ColumnLayout {
            id: body
            spacing: Theme.s4
            Layout.fillWidth: true
            Layout.fillHeight: true
        }
    }
}
