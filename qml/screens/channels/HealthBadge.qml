// SPDX-License-Identifier: GPL-3.0-or-later
// A channel's health: shape and word; why and until when on pointing at it. Quiet while all is well.
import QtQuick
import Tollgate
import Tollgate.App

Item {
    id: badge

    property var health: ({})
    readonly property string state_: health.state ?? "untested"
    readonly property var looks: ({
        "healthy": ["disc", ""], "untested": ["dashed", ""], "slow": ["clock", "warn"], "degraded": ["half", "warn"],
        "cooling_down": ["hourglass", "warn"], "failing": ["triangle", "err"], "rate_limited": ["gauge", "warn"],
        "paused": ["bars", "info"], "off": ["ring", ""]
    })
    readonly property var words: ({
        "healthy": qsTr("Healthy"), "untested": qsTr("Untested"), "slow": qsTr("Slow"), "degraded": qsTr("Degraded"),
        "cooling_down": qsTr("Cooling down"), "failing": qsTr("Failing"), "rate_limited": qsTr("Rate-limited"),
        "paused": qsTr("Paused"), "off": qsTr("Off")
    })
    readonly property var look: looks[state_] ?? looks.untested
    readonly property string word: words[state_] ?? health.word ?? ""
    property double now: Date.now() * 1000
    readonly property int remaining: (health.until_us ?? 0) > now ? Math.ceil((health.until_us - now) / 1e6) : 0
    readonly property string countdown: remaining <= 0 ? "" : remaining >= 3600
        ? Math.floor(remaining / 3600) + ":" + String(Math.floor(remaining % 3600 / 60)).padStart(2, "0") + " h"
        : Math.floor(remaining / 60) + ":" + String(remaining % 60).padStart(2, "0")
    readonly property string why: (health.reason ?? "") + (health.since_us > 0 ? " · " + qsTr("since %1").arg(Format.clock(health.since_us)) : "")
        + (remaining > 0 ? " · " + qsTr("next try %1").arg(Format.clock(health.until_us)) : "")

    implicitWidth: pill.implicitWidth
    implicitHeight: pill.implicitHeight
    Accessible.role: Accessible.StaticText
    Accessible.name: word + (why !== "" ? ". " + why : "")

    Badge {
        id: pill
        visible: badge.look[1] !== ""
        text: badge.word + (badge.countdown !== "" ? "  " + badge.countdown : "")
        shape: badge.look[0]
        tone: badge.look[1]
    }
    Row {
        visible: badge.look[1] === ""
        anchors.verticalCenter: parent.verticalCenter
        spacing: 6
        StatusShape { anchors.verticalCenter: parent.verticalCenter; shape: badge.look[0]; color: Theme.text3 }
        Label { text: badge.word; color: Theme.text2 }
    }
    HoverHandler { id: pointed }
    Tip { text: badge.why; shown: pointed.hovered }
    Timer {
        interval: 1000
        repeat: true
        running: badge.visible && (badge.health.until_us ?? 0) > 0
        triggeredOnStart: true
        onTriggered: badge.now = Date.now() * 1000
    }
}
