// SPDX-License-Identifier: GPL-3.0-or-later
// How many calls, how many of them failed, and who made them.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App
import Tollgate.Charts

ColumnLayout {
    id: tab

    required property var page

    spacing: Theme.s4

    UsageData { id: shapes }
    Query { id: now; command: "usage series"; active: tab.visible && tab.page.visible; every: 30000; args: tab.page.ask("requests", false) }
    Query { id: before; command: "usage series"; active: now.active; args: tab.page.ask("requests", true) }
    Query { id: flow; command: "usage flow"; active: now.active; args: ({ "since_us": tab.page.sinceUs, "until_us": tab.page.untilUs }) }

    InlineMessage { Layout.fillWidth: true; text: now.error ? now.error.message : tab.page.filterFault(now.answer) }

    UsageChart {
        page: tab.page
        title: qsTr("Requests")
        headline: Format.count(now.answer.totals?.requests ?? 0)
        file: "requests"
        StackedBars { keep: 0; source: shapes.outcomes(now.answer) }
    }
    UsageChart {
        page: tab.page
        visible: tab.page.by !== "none" && (now.answer.series ?? []).length > 0
        title: tab.page.byText
        file: "requests-ranked-by-" + tab.page.by
        zooms: false
        RankedBars { source: shapes.series(now.answer, before.answer) }
    }
    Card {
        Layout.fillWidth: true
        visible: (flow.answer.flows ?? []).length > 0
        title: qsTr("Retries and failover")
        Repeater {
            model: flow.answer.flows ?? []
            RowLayout {
                id: row
                required property var modelData
                Layout.fillWidth: true
                spacing: Theme.s4
                Label {
                    Layout.fillWidth: true
                    elide: Text.ElideRight
                    text: qsTr("%1 → %2").arg(row.modelData.from?.name ?? "–").arg(row.modelData.to?.name ?? "–")
                }
                Label { Layout.preferredWidth: Theme.px(140); elide: Text.ElideRight; color: Theme.text2; text: shapes.causeName(row.modelData.cause) }
                Label { Layout.preferredWidth: Theme.px(64); role: "mono"; horizontalAlignment: Text.AlignRight; text: Format.count(row.modelData.count) }
                Label { Layout.preferredWidth: Theme.px(90); role: "mono"; horizontalAlignment: Text.AlignRight; text: "+" + Format.duration(row.modelData.extra_us) }
                Label { Layout.preferredWidth: Theme.px(90); role: "mono"; horizontalAlignment: Text.AlignRight; text: "+" + Format.money(row.modelData.extra_nano) }
            }
        }
    }
}
