// SPDX-License-Identifier: GPL-3.0-or-later
// What was spent: by time, by whom, at which hours, and where the month may end.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App
import Tollgate.Charts

ColumnLayout {
    id: tab

    required property var page
    property string metric: "spend" // or "tokens"
    readonly property bool money: metric === "spend"
    readonly property bool kinds: !money && page.by === "none"

    spacing: Theme.s4

    UsageData { id: shapes }
    Query { id: now; command: "usage series"; active: tab.visible && tab.page.visible; every: 30000; args: tab.page.ask(tab.metric, false) }
    Query { id: before; command: "usage series"; active: now.active; args: tab.page.ask(tab.metric, true) }
    Query { id: heat; command: "usage heat"; active: now.active && tab.money; args: tab.page.plainAsk("spend") }
    Query { id: ahead; command: "usage forecast"; active: now.active && tab.money; args: ({ "zone": System.zone }) }

    InlineMessage { Layout.fillWidth: true; text: now.error ? now.error.message : tab.page.filterFault(now.answer) }

    UsageChart {
        page: tab.page
        title: tab.money ? qsTr("Spend") : qsTr("Tokens")
        headline: tab.money ? Format.money(now.answer.totals?.cost_nano ?? 0, (now.answer.coverage?.estimated ?? 0) > 0)
                            : Format.amount((now.answer.totals?.input_tokens ?? 0) + (now.answer.totals?.output_tokens ?? 0))
        file: tab.metric + (tab.page.by === "none" ? "" : "-by-" + tab.page.by)
        plotHeight: Theme.px(260)
        coverage: now.answer.coverage ?? null
        actions: ChartButton {
            theme: tab.page.look
            text: bars.asShares ? qsTr("Show amounts") : qsTr("Show shares")
            visible: bars.legend.length > 1
            onClicked: bars.asShares = !bars.asShares
        }
        StackedBars {
            id: bars
            keep: tab.kinds ? 0 : 7
            source: tab.kinds ? shapes.tokenKinds(now.answer) : shapes.series(now.answer, ({}))
        }
    }
    UsageChart {
        page: tab.page
        visible: tab.page.by !== "none" && ranked.rowsShown > 0
        title: tab.page.byText
        file: tab.metric + "-ranked-by-" + tab.page.by
        zooms: false
        RankedBars {
            id: ranked
            readonly property int rowsShown: (now.answer.series ?? []).length
            source: shapes.series(now.answer, before.answer)
        }
    }
    GridLayout {
        Layout.fillWidth: true
        visible: tab.money
        columns: tab.width > Theme.px(880) ? 2 : 1
        columnSpacing: Theme.s4
        rowSpacing: Theme.s4
        UsageChart {
            Layout.alignment: Qt.AlignTop
            page: tab.page
            title: qsTr("When you spend")
            file: "spend-by-hour"
            plotHeight: Theme.px(210)
            drills: false
            zooms: false
            Heatmap { source: shapes.week(heat.answer) }
        }
        UsageChart {
            Layout.alignment: Qt.AlignTop
            page: tab.page
            visible: ahead.answer.available ?? false
            title: qsTr("This month")
            file: "forecast"
            plotHeight: Theme.px(210)
            drills: false
            zooms: false
            Fan { source: shapes.forecast(ahead.answer) }
        }
    }
}
