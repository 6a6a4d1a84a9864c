// SPDX-License-Identifier: GPL-3.0-or-later
// Usage: one range, one grouping and one filter for all tabs, kept while they are switched.
import QtQuick
import QtQuick.Controls.Basic as Basic
import QtQuick.Layouts
import Tollgate
import Tollgate.App
import Tollgate.Charts

Item {
    id: usage

    property string tab: "spend"
    property string rangeId: "30d"
    property string by: "model"
    property string thenBy: "none"
    property int shift: 0 // periods back
    property var zoomed: null // [from, to]
    property real crosshairUs: -1
    property real nowUs: Date.now() * 1000
    readonly property ChartTheme look: chartLook
    readonly property bool narrow: width < Theme.px(860)
    readonly property bool isZoomed: zoomed !== null
    readonly property var period: isZoomed ? zoomed : span(rangeId, shift, nowUs)
    readonly property real sinceUs: period[0]
    readonly property real untilUs: period[1]
    readonly property string filterText: filter.text.trim()
    readonly property string rangeText: words(sinceUs, untilUs)
    readonly property string byText: ({
            "model": qsTr("By model"), "token": qsTr("By token"), "channel": qsTr("By channel"),
            "client": qsTr("By client"), "protocol": qsTr("By protocol")
        })[by] ?? ""
    readonly property var dimensions: [
        { "value": "none", "text": qsTr("No group") }, { "value": "model", "text": qsTr("Model") },
        { "value": "token", "text": qsTr("Token") }, { "value": "channel", "text": qsTr("Channel") },
        { "value": "client", "text": qsTr("Client") }, { "value": "protocol", "text": qsTr("Protocol") }
    ]

    // Local midnights: a day of changing clocks has 23 or 25 hours.
    function span(id: string, back: int, now: real): var {
        const at = new Date(now / 1000);
        const midnight = days => new Date(at.getFullYear(), at.getMonth(), at.getDate() - days).getTime() * 1000;
        const days = id === "7d" ? 7 : id === "30d" ? 30 : 1;
        if (id === "24h")
            return [now - 86400e6 * (back + 1), now - 86400e6 * back];
        if (id === "month") {
            const month = offset => new Date(at.getFullYear(), at.getMonth() + offset, 1).getTime() * 1000;
            return [month(-back), back === 0 ? midnight(-1) : month(1 - back)];
        }
        return [midnight(days * (back + 1) - 1), midnight(days * back - 1)];
    }
    function words(from: real, to: real): string {
        const day = us => new Date(us / 1000).toLocaleDateString(Qt.locale(), Locale.ShortFormat);
        const first = day(from);
        const last = day(to - 1);
        return first === last ? first : qsTr("%1 – %2").arg(first).arg(last);
    }
    function plainAsk(metric: string): var {
        return { "metric": metric, "filter": filterText, "since_us": sinceUs, "until_us": untilUs, "zone": System.zone };
    }
    function ask(metric: string, before: bool): var {
        const one = plainAsk(metric);
        one.by = by;
        one.then_by = by === "none" ? "none" : thenBy;
        if (before) {
            one.since_us = sinceUs - (untilUs - sinceUs);
            one.until_us = sinceUs;
        }
        return one;
    }
    function causeAsk(): var {
        return Object.assign(plainAsk("errors"), { "by": "cause" });
    }
    function reportAsk(more: var): var {
        return Object.assign({ "filter": filterText, "since_us": sinceUs, "until_us": untilUs, "zone": System.zone }, more);
    }
    function scatterAsk(): var {
        return reportAsk({ "limit": 5000 });
    }
    function filterFault(answer: var): string {
        return answer.filter_error ? answer.filter_error.message ?? qsTr("The filter is not understood") : "";
    }
    function zoom(fromUs: real, toUs: real): void {
        zoomed = [fromUs, toUs];
    }
    function resetZoom(): void {
        zoomed = null;
    }
    function exportChart(chart: ChartItem, anchor: Item): void {
        exporter.openFor(chart, anchor);
    }
    // Times as the log's filter reads them.
    function moment(us: real): string {
        return new Date(us / 1000).toISOString();
    }
    function showRequests(term: string, fromUs: var, toUs: var): void {
        const since = fromUs > 0 ? fromUs : sinceUs;
        const until = toUs > 0 ? toUs : untilUs;
        const parts = [filterText, term];
        if (!term.startsWith("id:"))
            parts.push("since:" + moment(since), "until:" + moment(until));
        Nav.go("requests", { "filter": parts.filter(part => part !== "").join(" ") });
    }
    function termOf(key: string): string {
        const plain = key.split("\u001f")[0];
        return by === "none" || plain === "" || plain === "(other)" ? "" : by + ":\"" + plain + "\"";
    }
    function drill(chart: ChartItem, key: string, fromUs: real, toUs: real, at: point): void {
        drillMenu.term = ["failed", "retried", "ok"].includes(key) ? (key === "failed" ? "status:failed" : key === "retried" ? "attempts:>=2" : "")
                                                                    : termOf(key);
        drillMenu.fromUs = fromUs;
        drillMenu.toUs = toUs;
        drillMenu.popup(chart, at.x, at.y);
    }

    ChartLook { id: chartLook }
    ExportMenu { id: exporter }
    Timer { interval: 60000; repeat: true; running: usage.visible; onTriggered: usage.nowUs = Date.now() * 1000 }
    onVisibleChanged: if (visible) nowUs = Date.now() * 1000
    Connections {
        target: Nav
        function onWishChanged(): void {
            if (Nav.page !== "usage")
                return;
            if (Nav.wish.tab)
                usage.tab = Nav.wish.tab;
            if (Nav.wish.filter !== undefined)
                filter.text = Nav.wish.filter;
        }
    }

    Menu {
        id: drillMenu
        property string term: ""
        property real fromUs: 0
        property real toUs: 0
        MenuEntry { text: qsTr("Show requests"); symbol: "requests"; onTriggered: usage.showRequests(drillMenu.term, drillMenu.fromUs, drillMenu.toUs) }
        MenuEntry { text: qsTr("Only this"); symbol: "filter"; enabled: drillMenu.term !== ""; onTriggered: filter.text = (filter.text + " " + drillMenu.term).trim() }
        MenuEntry { text: qsTr("Exclude"); symbol: "remove"; enabled: drillMenu.term !== ""; onTriggered: filter.text = (filter.text + " -" + drillMenu.term).trim() }
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.s5
        spacing: Theme.s4

        PageHeader {
            Layout.fillWidth: true
            title: qsTr("Usage")
            count: usage.narrow ? "" : usage.rangeText
            IconButton { symbol: "chevron-left"; hint: qsTr("Earlier"); onClicked: { usage.zoomed = null; usage.shift += 1; } }
            IconButton { symbol: "chevron-right"; hint: qsTr("Later"); enabled: usage.shift > 0; onClicked: { usage.zoomed = null; usage.shift -= 1; } }
            Segments {
                hint: qsTr("Range")
                options: [{ "value": "today", "text": qsTr("Today") }, { "value": "24h", "text": qsTr("24 h") }, { "value": "7d", "text": qsTr("7 d") },
                          { "value": "30d", "text": qsTr("30 d") }, { "value": "month", "text": qsTr("This month") }]
                value: usage.rangeId
                onChosen: picked => {
                    usage.zoomed = null;
                    usage.shift = 0;
                    usage.rangeId = picked;
                }
            }
        }
        GridLayout {
            Layout.fillWidth: true
            columns: usage.narrow ? 1 : 2
            columnSpacing: Theme.s3
            rowSpacing: Theme.s3
            Segments {
                hint: qsTr("What is shown")
                options: [{ "value": "spend", "text": qsTr("Spend") }, { "value": "tokens", "text": qsTr("Tokens") },
                          { "value": "requests", "text": qsTr("Requests") }, { "value": "speed", "text": qsTr("Speed") },
                          { "value": "errors", "text": qsTr("Errors") }, { "value": "budgets", "text": qsTr("Budgets") }]
                value: usage.tab
                onChosen: picked => usage.tab = picked
            }
            RowLayout {
                Layout.fillWidth: true
                spacing: Theme.s3
                Item { visible: !usage.narrow; Layout.fillWidth: true }
                Field {
                    id: filter
                    Layout.preferredWidth: Theme.px(230)
                    Layout.fillWidth: usage.narrow
                    Layout.minimumWidth: Theme.px(120)
                    symbol: "filter"
                    clearable: true
                    placeholderText: qsTr("Filter, such as model:gpt-*")
                    Accessible.name: qsTr("Filter")
                }
                Choice {
                    hint: qsTr("Group by")
                    implicitWidth: Theme.px(120)
                    options: usage.dimensions
                    value: usage.by
                    onChosen: picked => usage.by = picked
                }
                Choice {
                    hint: qsTr("Then by")
                    implicitWidth: Theme.px(120)
                    enabled: usage.by !== "none"
                    options: usage.dimensions.filter(one => one.value === "none" || one.value !== usage.by)
                    value: usage.thenBy
                    onChosen: picked => usage.thenBy = picked
                }
            }
        }

        Flickable {
            id: scroll
            Layout.fillWidth: true
            Layout.fillHeight: true
            contentWidth: width
            contentHeight: body.height
            boundsBehavior: Flickable.StopAtBounds
            clip: true
            Basic.ScrollBar.vertical: ScrollBar { }

            Loader {
                id: body
                width: scroll.width - Theme.s3
                sourceComponent: usage.tab === "requests" ? requests : usage.tab === "speed" ? speed : usage.tab === "errors" ? errors
                    : usage.tab === "budgets" ? budgets : usage.tab === "tokens" ? tokens : spend
            }
        }
    }

    Component { id: spend; SpendTab { page: usage } }
    Component { id: tokens; SpendTab { page: usage; metric: "tokens" } }
    Component { id: requests; RequestsTab { page: usage } }
    Component { id: speed; SpeedTab { page: usage } }
    Component { id: errors; ErrorsTab { page: usage } }
    Component { id: budgets; BudgetsTab { page: usage } }
}
