// SPDX-License-Identifier: GPL-3.0-or-later
// A state that lasts and matters on every page: paused, out of reach, stopped.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Rectangle {
    id: banner

    readonly property string text: Snapshot.trouble !== "" ? Snapshot.trouble
        : Snapshot.state === "paused" ? qsTr("Paused. New requests are refused with a plain answer; running ones go on.")
        : ""
    readonly property string tone: Snapshot.trouble !== "" ? "err" : "warn"

    visible: text !== ""
    implicitHeight: visible ? 40 : 0
    color: Theme.toneSoft(tone)
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    Rectangle { anchors.bottom: parent.bottom; width: parent.width; height: 1; color: Theme.border }
    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.s5
        anchors.rightMargin: Theme.s4
        spacing: Theme.s3
        Icon { name: banner.tone === "err" ? "error" : "pause"; color: Theme.tone(banner.tone) }
        Label { Layout.fillWidth: true; text: banner.text }
        Button {
            visible: Snapshot.state === "paused"
            small: true
            text: qsTr("Resume")
            onClicked: Backend.call("resume", {})
        }
    }
}
