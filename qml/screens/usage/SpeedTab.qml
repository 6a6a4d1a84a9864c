// SPDX-License-Identifier: GPL-3.0-or-later
// How fast: time to the first token, whole calls, and how many tokens a second each model gives.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App
import Tollgate.Charts

ColumnLayout {
    id: tab

    required property var page
    property bool logarithmic: false

    spacing: Theme.s4

    UsageData { id: shapes }
    Query { id: first; command: "usage series"; active: tab.visible && tab.page.visible; every: 30000; args: tab.page.plainAsk("ttft") }
    Query { id: whole; command: "usage series"; active: first.active; every: 30000; args: tab.page.plainAsk("total") }
    Query { id: boxes; command: "usage boxes"; active: first.active; args: tab.page.reportAsk({ "metric": "throughput", "by": tab.page.by === "none" ? "model" : tab.page.by }) }
    Query { id: dots; command: "usage scatter"; active: first.active; args: tab.page.scatterAsk() }

    InlineMessage { Layout.fillWidth: true; text: first.error ? first.error.message : tab.page.filterFault(first.answer) }

    UsageChart {
        page: tab.page
        title: qsTr("Time to first token")
        file: "ttft"
        plotHeight: Theme.px(200)
        actions: ChartButton {
            theme: tab.page.look
            text: tab.logarithmic ? qsTr("Linear scale") : qsTr("Log scale")
            onClicked: tab.logarithmic = !tab.logarithmic
        }
        Lines { logarithmic: tab.logarithmic; source: shapes.percentiles(first.answer) }
    }
    UsageChart {
        page: tab.page
        title: qsTr("Whole request")
        file: "total"
        plotHeight: Theme.px(200)
        Lines { logarithmic: tab.logarithmic; source: shapes.percentiles(whole.answer) }
    }
    GridLayout {
        Layout.fillWidth: true
        columns: tab.width > Theme.px(880) ? 2 : 1
        columnSpacing: Theme.s4
        rowSpacing: Theme.s4
        UsageChart {
            Layout.alignment: Qt.AlignTop
            page: tab.page
            title: qsTr("Tokens a second")
            emptyText: qsTr("A model needs 10 calls to be shown")
            file: "throughput"
            zooms: false
            plotHeight: Theme.px(120)
            BoxPlot { source: ({ "unit": boxes.answer.unit ?? "milli_per_s", "boxes": boxes.answer.boxes ?? [] }) }
        }
        UsageChart {
            Layout.alignment: Qt.AlignTop
            page: tab.page
            title: qsTr("Cost by time")
            file: "cost-by-time"
            drills: false
            plotHeight: Theme.px(240)
            Scatter {
                source: shapes.scatter(dots.answer)
                onLassoed: values => tab.page.showRequests("total:>" + (values.x / 1e6).toFixed(2) + "s" + " cost:>" + (values.y / 1e9).toFixed(6))
                onDrilled: (column, row, key) => {
                    const point = (dots.answer.points ?? []).filter(one => one.total_us !== null)[Number(key)];
                    if (point)
                        tab.page.showRequests("id:" + point.id);
                }
            }
        }
    }
}
