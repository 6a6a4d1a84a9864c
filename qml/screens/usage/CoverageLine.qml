// SPDX-License-Identifier: GPL-3.0-or-later
// How much of a total is known for certain; each number leads to its requests.
import QtQuick
import Tollgate
import Tollgate.App

Flow {
    id: line

    required property var coverage // {priced, estimated, unpriced, no_usage}
    required property var page
    readonly property var parts: [
        { "text": qsTr("priced %1").arg(Format.count(coverage.priced ?? 0)), "filter": "", "count": 1 },
        { "text": qsTr("estimated %1").arg(Format.count(coverage.estimated ?? 0)), "filter": "is:estimated", "count": coverage.estimated ?? 0 },
        { "text": qsTr("unpriced %1").arg(Format.count(coverage.unpriced ?? 0)), "filter": "is:unpriced", "count": coverage.unpriced ?? 0 },
        { "text": qsTr("no usage reported %1").arg(Format.count(coverage.no_usage ?? 0)), "filter": "", "count": coverage.no_usage ?? 0 }
    ].filter((part, at) => at === 0 || part.count > 0)
    readonly property string words: parts.map(part => part.text).concat([zone.text]).join(" · ")

    spacing: Theme.s3
    width: parent ? parent.width : implicitWidth
    visible: coverage.priced !== undefined
    height: coverage.priced !== undefined ? implicitHeight : 0

    Repeater {
        model: line.parts
        delegate: Label {
            id: part
            required property var modelData
            readonly property bool leads: modelData.filter !== ""
            role: "caption"
            text: modelData.text
            color: leads ? Theme.accent : Theme.text2
            font.underline: leads && (pointer.containsMouse || activeFocus)
            activeFocusOnTab: leads
            Accessible.role: leads ? Accessible.Link : Accessible.StaticText
            Accessible.name: text
            Accessible.onPressAction: if (leads) line.page.showRequests(modelData.filter)
            Keys.onReturnPressed: if (leads) line.page.showRequests(modelData.filter)
            MouseArea {
                id: pointer
                anchors.fill: parent
                anchors.margins: -4
                enabled: part.leads
                hoverEnabled: true
                cursorShape: part.leads ? Qt.PointingHandCursor : Qt.ArrowCursor
                onClicked: line.page.showRequests(part.modelData.filter)
            }
        }
    }
    Label { id: zone; role: "caption"; color: Theme.text3; text: qsTr("local time (%1)").arg(System.zone) }
}
