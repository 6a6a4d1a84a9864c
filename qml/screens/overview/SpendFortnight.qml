// SPDX-License-Identifier: GPL-3.0-or-later
// Two weeks of spend by model.
import QtQuick
import Tollgate
import Tollgate.App
import Tollgate.Charts

Rectangle {
    id: card

    required property ChartTheme look
    property bool active: false

    implicitHeight: frame.implicitHeight + 2 * Theme.s5
    color: Theme.surface
    radius: Theme.radiusCard
    border.width: 1
    border.color: Theme.border

    function since(): real {
        const at = new Date();
        return new Date(at.getFullYear(), at.getMonth(), at.getDate() - 13).getTime() * 1000;
    }

    UsageData { id: shapes }
    ExportMenu { id: exporter }
    Query {
        id: spend
        command: "usage series"
        active: card.active
        every: 30000
        args: ({ "metric": "spend", "by": "model", "bucket": "day", "zone": System.zone, "since_us": card.since() })
    }
    ChartFrame {
        id: frame
        anchors.fill: parent
        anchors.margins: Theme.s5
        theme: card.look
        title: qsTr("Spend, 14 days")
        headline: Format.money(spend.answer.totals?.cost_nano ?? 0, (spend.answer.coverage?.estimated ?? 0) > 0)
        name: "overview-spend-by-model"
        plotHeight: Theme.px(190)
        onExportWanted: anchor => exporter.openFor(frame.chart, anchor)
        StackedBars {
            zoomable: false
            source: shapes.series(spend.answer, ({}))
            onDrilled: (column, row, key, fromUs, toUs) => Nav.go("requests", {
                    "filter": (key === "" || key === "(other)" ? "" : "model:\"" + key + "\" ") + "since:" + new Date(fromUs / 1000).toISOString()
                        + " until:" + new Date(toUs / 1000).toISOString()
                })
        }
    }
}
