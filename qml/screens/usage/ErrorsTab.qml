// SPDX-License-Identifier: GPL-3.0-or-later
// What fails, how much of it, and why.
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
    Query { id: rate; command: "usage series"; active: tab.visible && tab.page.visible; every: 30000; args: tab.page.plainAsk("requests") }
    Query { id: kinds; command: "usage series"; active: rate.active; every: 30000; args: tab.page.causeAsk() }
    Query { id: causes; command: "usage causes"; active: rate.active; every: 30000; args: tab.page.reportAsk({}) }

    InlineMessage { Layout.fillWidth: true; text: rate.error ? rate.error.message : tab.page.filterFault(rate.answer) }

    UsageChart {
        page: tab.page
        title: qsTr("Error rate")
        file: "error-rate"
        plotHeight: Theme.px(180)
        legendVisible: false
        Lines { source: shapes.errorRate(rate.answer) }
    }
    UsageChart {
        page: tab.page
        title: qsTr("Failed requests by cause")
        emptyText: qsTr("Nothing failed in this range")
        file: "errors-by-cause"
        plotHeight: Theme.px(200)
        drills: false
        StackedBars {
            source: {
                const shape = shapes.series(kinds.answer, ({}));
                shape.series = shape.series.filter(one => one.key !== "").map(one => Object.assign(one, { "label": shapes.causeName(one.key) }));
                return shape;
            }
            onDrilled: (column, row, key, fromUs, toUs) => tab.page.showRequests(key === "" ? "status:failed" : "error:\"" + key + "\"", fromUs, toUs)
        }
    }
    Card {
        Layout.fillWidth: true
        visible: (causes.answer.causes ?? []).length > 0
        title: qsTr("Causes")
        Repeater {
            model: causes.answer.causes ?? []
            CauseRow {
                Layout.fillWidth: true
                onChosen: id => tab.page.showRequests("id:" + id)
            }
        }
    }
}
