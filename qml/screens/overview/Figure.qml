// SPDX-License-Identifier: GPL-3.0-or-later
// One figure of today: what, how much, against yesterday at this time, and its course over 24 hours.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App
import Tollgate.Charts

T.AbstractButton {
    id: figure

    required property ChartTheme look
    property string title: ""
    property string value: ""
    property string note: ""
    property string noteFilter: ""
    property string spoken: ""
    property string unit: "count"
    property real now: 0
    property real before: 0
    property bool points: false // already a share: the change is told in points of it
    property var line: []
    signal opened()

    readonly property real change: before > 0 ? (points ? (now - before) / 1000 : now / before - 1) : 0
    readonly property string changeText: before <= 0 ? "" : Math.abs(change) < 0.005 ? qsTr("as yesterday")
        : qsTr("%1%2 vs yesterday").arg(change > 0 ? "+" : "−").arg(points ? qsTr("%1 pt").arg(Math.round(Math.abs(change) * 100)) : Format.percent(Math.abs(change)))

    Layout.fillWidth: true
    Layout.preferredWidth: 1
    implicitHeight: Theme.px(132)
    focusPolicy: Qt.StrongFocus
    Accessible.name: [title, value, note, changeText].filter(text => text !== "").join(", ")
    onClicked: opened()

    background: Rectangle {
        color: figure.hovered ? Theme.hover : Theme.surface
        radius: Theme.radiusCard
        border.width: 1
        border.color: Theme.border
        FocusRing { target: figure }
    }
    contentItem: Item {
        Label { id: name; x: Theme.s5; y: Theme.s4; width: parent.width - 2 * Theme.s5; elide: Text.ElideRight; role: "caption"; text: figure.title }
        Label { id: amount; x: Theme.s5; anchors.top: name.bottom; anchors.topMargin: 2; role: "kpi"; font.family: Theme.mono; text: figure.value }
        Label {
            id: words
            x: Theme.s5
            anchors.top: amount.bottom
            anchors.topMargin: 2
            width: parent.width - 2 * Theme.s5
            elide: Text.ElideRight
            role: "caption"
            color: Theme.text2
            text: [figure.note, figure.changeText].filter(text => text !== "").join(" · ")
        }
        Sparkline {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.bottom: parent.bottom
            anchors.leftMargin: Theme.s4
            anchors.rightMargin: Theme.s4
            anchors.bottomMargin: Theme.s3
            height: Theme.px(28)
            enabled: false
            activeFocusOnTab: false
            theme: figure.look
            source: ({ "unit": figure.unit, "buckets": figure.line.map(() => ({})), "series": [{ "key": "line", "color": 0, "values": figure.line }] })
        }
    }
}
