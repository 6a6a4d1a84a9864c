// SPDX-License-Identifier: GPL-3.0-or-later
// How much of a budget is used: a track, its fill in three steps, and the words.
import QtQuick
import Tollgate
import Tollgate.App

Item {
    id: bar

    property real used: 0 // nano-USD
    property real limit: 0
    property string period: "" // "week"
    property bool words: true
    readonly property real part: limit > 0 ? Math.min(1, used / limit) : 0

    implicitWidth: 160
    implicitHeight: words ? Theme.px(30) : 8
    Accessible.role: Accessible.ProgressBar
    Accessible.name: qsTr("%1 of %2 used").arg(Format.money(used)).arg(Format.money(limit))

    Label {
        visible: bar.words
        width: parent.width
        role: "mono"
        text: bar.limit > 0
            ? Format.money(bar.used) + " / " + Format.money(bar.limit) + (bar.period !== "" ? " · " + bar.period : "")
            : qsTr("no budget")
        color: bar.limit > 0 ? Theme.text : Theme.text3
    }
    Rectangle {
        anchors.bottom: parent.bottom
        visible: bar.limit > 0
        width: parent.width
        height: 6
        radius: 3
        color: Theme.sunken
        border.width: Theme.contrast ? 1 : 0
        border.color: Theme.border
        Rectangle {
            width: Math.max(bar.used > 0 ? 6 : 0, parent.width * bar.part)
            height: parent.height
            radius: 3
            color: bar.part >= 1 ? Theme.err : bar.part >= 0.8 ? Theme.warn : Theme.accent
        }
    }
}
