// SPDX-License-Identifier: GPL-3.0-or-later
// Where the time went: a lane an attempt, and what we ourselves added, apart.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App
import Tollgate.Charts

Flickable {
    id: tab

    required property var inspector
    readonly property var r: inspector.request
    readonly property var attempts: inspector.full.attempts

    contentHeight: column.implicitHeight + 2 * Theme.s4
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    T.ScrollBar.vertical: ScrollBar { }

    function known(value: var): bool {
        return value !== null && value !== undefined && value >= 0;
    }
    function lanes(): var {
        const list = [];
        const own = [];
        const phase = (key, label, kind, from, to) => ({ key: key, label: label, kind: kind, startUs: from, endUs: Math.max(from, to) });
        if (known(r.auth_us))
            own.push(phase("auth", qsTr("Accept, token, limits"), "gateway", 0, r.auth_us));
        if (known(r.routed_us))
            own.push(phase("route", qsTr("Understand and route"), "gateway", r.auth_us ?? 0, r.routed_us));
        if (known(r.reserved_us))
            own.push(phase("hold", qsTr("Hold the money"), "gateway", r.routed_us ?? 0, r.reserved_us));
        list.push({ label: qsTr("Here"), phases: own });
        for (const a of attempts) {
            const phases = [];
            let from = a.offset_us;
            const at = value => a.offset_us + value;
            if (known(a.connect_us) && a.connect_us > 0) {
                phases.push(phase("connect" + a.number, qsTr("Connect"), "network", from, at(a.connect_us)));
                from = at(a.connect_us);
            }
            if (known(a.first_byte_us)) {
                phases.push(phase("wait" + a.number, qsTr("Wait for the first byte"), "wait", from, at(a.first_byte_us)));
                from = at(a.first_byte_us);
            }
            if (known(a.first_token_us) && at(a.first_token_us) > from) {
                phases.push(phase("token" + a.number, qsTr("Wait for the first token"), "wait", from, at(a.first_token_us)));
                from = at(a.first_token_us);
            }
            if (known(a.end_us))
                phases.push(phase("answer" + a.number, known(a.first_token_us) ? qsTr("Answer") : qsTr("Until it failed"), known(a.first_token_us) ? "generation" : "wait", from, at(a.end_us)));
            list.push({ label: qsTr("Attempt %1: %2").arg(a.number).arg(a.channel ? a.channel.name : "–"), phases: phases });
        }
        const last = attempts.length > 0 ? attempts[attempts.length - 1] : null;
        if (last && known(last.end_us) && known(r.total_us) && r.total_us > last.offset_us + last.end_us)
            list.push({ label: qsTr("After"), phases: [phase("settle", qsTr("Settle and finish"), "gateway", last.offset_us + last.end_us, r.total_us)] });
        return list;
    }
    ColumnLayout {
        id: column
        x: Theme.s4
        y: Theme.s4
        width: tab.width - 2 * Theme.s4
        spacing: Theme.s4
        Label {
            Layout.fillWidth: true
            font.pixelSize: Theme.sizeSection
            wrapMode: Text.Wrap
            text: waterfall.words
        }
        Waterfall {
            id: waterfall
            Layout.fillWidth: true
            Layout.preferredHeight: wantedHeight > 0 ? wantedHeight : Theme.px(240)
            theme: ChartLook { }
            source: ({ lanes: tab.lanes(), disconnectUs: tab.r.state === "left" && tab.known(tab.r.total_us) ? tab.r.total_us : null })
            activeFocusOnTab: true
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 5
            Fact { name: qsTr("First byte"); value: tab.known(tab.r.first_byte_us) ? Format.duration(tab.r.first_byte_us) : "" }
            Fact { name: qsTr("First token"); value: tab.known(tab.r.ttft_us) ? Format.duration(tab.r.ttft_us) : "" }
            Fact { name: qsTr("Total"); value: tab.known(tab.r.total_us) ? Format.duration(tab.r.total_us) : "" }
            Fact { name: qsTr("Tokens/s"); value: tab.r.speed_milli ? Format.amount(tab.r.speed_milli / 1000) : "" }
            Fact { name: qsTr("Bytes in, out"); value: Format.count(tab.r.bytes_in ?? 0) + ", " + Format.count(tab.r.bytes_out ?? 0) }
        }
    }
}
