// SPDX-License-Identifier: GPL-3.0-or-later
// The foot of the window: what runs, what it costs today, and every mode that is not the default.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Rectangle {
    id: bar

    readonly property var status: Snapshot.status
    readonly property var overview: Snapshot.overview
    readonly property var today: overview.today ?? ({})

    implicitHeight: Math.round(28 * Theme.scale)
    color: Theme.bg
    Accessible.role: Accessible.StatusBar

    Rectangle { width: parent.width; height: 1; color: Theme.border }

    component Figure: Row {
        id: figure
        property string value
        property string label
        spacing: 5
        Label { role: "mono"; text: figure.value; font.pixelSize: Theme.sizeCaption; anchors.verticalCenter: parent.verticalCenter }
        Label { role: "caption"; text: figure.label; color: Theme.text3; anchors.verticalCenter: parent.verticalCenter }
    }

    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.s4
        anchors.rightMargin: Theme.s4
        anchors.topMargin: 1
        spacing: Theme.s5
        Figure { value: Format.count(bar.status.running ?? 0); label: qsTr("in flight") }
        Figure {
            visible: bar.overview.requests_per_minute !== undefined
            value: Format.count(bar.overview.requests_per_minute ?? 0)
            label: qsTr("per minute")
        }
        Figure {
            visible: bar.today.cost_nano !== undefined
            value: Format.money(bar.today.cost_nano ?? 0, (bar.today.estimated ?? 0) > 0)
            label: qsTr("today")
        }
        Figure {
            visible: bar.overview.error_rate_15min !== undefined && bar.overview.error_rate_15min !== null
            value: Format.percent(bar.overview.error_rate_15min ?? 0)
            label: qsTr("failed, last 15 min")
        }
        Item { Layout.fillWidth: true }
        Badge { visible: Backend.attached; text: qsTr("Served by a daemon"); tone: "info" }
        Badge { visible: Snapshot.state === "paused"; text: qsTr("Paused"); tone: "warn"; shape: "bars" }
        Badge { visible: Snapshot.lan; text: qsTr("LAN"); tone: "info" }
        Badge { visible: bar.status.bodies === true; text: qsTr("Bodies kept"); tone: "warn" }
        Badge { visible: bar.status.draining === true; text: qsTr("Stopping"); tone: "warn" }
    }
}
