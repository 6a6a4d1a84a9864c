// SPDX-License-Identifier: GPL-3.0-or-later
// Overview: is it working, what does it cost, what needs me. Every figure leads to its requests.
import QtQuick
import QtQuick.Controls.Basic as Basic
import QtQuick.Layouts
import Tollgate
import Tollgate.App
import Tollgate.Charts

Item {
    id: page

    readonly property ChartTheme look: chartLook
    readonly property var facts: overview.answer
    readonly property var today: facts.today ?? ({})
    readonly property var yesterday: facts.yesterday ?? ({})
    readonly property var lines: facts.sparklines ?? ({})
    readonly property bool fresh: overview.ready && !facts.last_request
    property var dismissed: ({})

    ChartLook { id: chartLook }
    UsageData { id: shapes }
    Query { id: overview; command: "overview"; active: page.visible; every: 5000; args: ({ "zone": System.zone }); follows: ["channel", "token", "price"] }

    Flickable {
        id: scroll
        anchors.fill: parent
        contentWidth: width
        contentHeight: column.implicitHeight + 2 * Theme.s5
        boundsBehavior: Flickable.StopAtBounds
        clip: true
        Basic.ScrollBar.vertical: ScrollBar { }

        ColumnLayout {
            id: column
            x: Theme.s5
            y: Theme.s5
            width: scroll.width - 2 * Theme.s5
            spacing: Theme.s4

            PageHeader { Layout.fillWidth: true; title: qsTr("Overview") }
            InlineMessage { Layout.fillWidth: true; text: overview.error ? overview.error.message : "" }

            SetupSteps {
                Layout.fillWidth: true
                visible: page.fresh
                channels: page.facts.channels ?? 0
                tokens: page.facts.tokens ?? 0
            }
            AttentionList {
                Layout.fillWidth: true
                items: page.facts.attention ?? []
            }
            GridLayout {
                Layout.fillWidth: true
                visible: overview.ready && !page.fresh
                columns: column.width > Theme.px(820) ? 4 : 2
                columnSpacing: Theme.s4
                rowSpacing: Theme.s4
                Figure {
                    look: page.look
                    title: qsTr("Spend today")
                    value: Format.money(page.today.cost_nano ?? 0, (page.today.coverage?.estimated ?? 0) > 0)
                    note: (page.today.coverage?.unpriced ?? 0) > 0 ? qsTr("%n unpriced", "", page.today.coverage.unpriced) : ""
                    noteFilter: "is:unpriced"
                    before: page.yesterday.cost_nano ?? 0
                    now: page.today.cost_nano ?? 0
                    spoken: qsTr("spent this time yesterday")
                    line: page.lines.spend ?? []
                    unit: "nano_usd"
                    onOpened: Nav.go("usage", { "tab": "spend" })
                }
                Figure {
                    look: page.look
                    title: qsTr("Requests today")
                    value: Format.count(page.today.requests ?? 0)
                    note: (page.today.failed ?? 0) > 0 ? qsTr("%n failed", "", page.today.failed) : qsTr("none failed")
                    noteFilter: (page.today.failed ?? 0) > 0 ? "status:failed" : ""
                    before: page.yesterday.requests ?? 0
                    now: page.today.requests ?? 0
                    line: page.lines.requests ?? []
                    unit: "count"
                    onOpened: Nav.go("requests")
                }
                Figure {
                    look: page.look
                    title: qsTr("First token, p50")
                    value: page.today.ttft_p50_us ? Format.duration(page.today.ttft_p50_us) : "–"
                    note: page.today.ttft_p95_us ? qsTr("p95 %1").arg(Format.duration(page.today.ttft_p95_us)) : ""
                    before: page.yesterday.ttft_p50_us ?? 0
                    now: page.today.ttft_p50_us ?? 0
                    line: page.lines.ttft_p50_us ?? []
                    unit: "us"
                    onOpened: Nav.go("usage", { "tab": "speed" })
                }
                Figure {
                    look: page.look
                    title: qsTr("Cache hits")
                    value: page.today.cache_permille === null || page.today.cache_permille === undefined ? "–" : Format.percent(page.today.cache_permille / 1000)
                    note: qsTr("of tokens read")
                    before: page.yesterday.cache_permille ?? 0
                    now: page.today.cache_permille ?? 0
                    points: true
                    line: page.lines.cache_permille ?? []
                    unit: "count"
                    onOpened: Nav.go("usage", { "tab": "tokens" })
                }
            }
            RunningList {
                Layout.fillWidth: true
                visible: overview.ready && !page.fresh
                last: page.facts.last_request ?? null
            }
            GridLayout {
                Layout.fillWidth: true
                visible: overview.ready && !page.fresh
                columns: column.width > Theme.px(820) && budgets.visible ? 2 : 1
                columnSpacing: Theme.s4
                rowSpacing: Theme.s4
                SpendFortnight {
                    Layout.fillWidth: true
                    Layout.alignment: Qt.AlignTop
                    look: page.look
                    active: page.visible
                }
                Card {
                    id: budgets
                    Layout.preferredWidth: Theme.px(320)
                    Layout.fillWidth: column.width <= Theme.px(820)
                    Layout.fillHeight: true
                    Layout.alignment: Qt.AlignTop
                    visible: (page.facts.budgets ?? []).length > 0
                    title: qsTr("Budgets")
                    Repeater {
                        model: (page.facts.budgets ?? []).slice(0, 4)
                        ColumnLayout {
                            id: budget
                            required property var modelData
                            Layout.fillWidth: true
                            spacing: Theme.s2
                            RowLayout {
                                Label { Layout.fillWidth: true; elide: Text.ElideRight; text: Format.line(budget.modelData.token?.name ?? "", 60) }
                                Label {
                                    role: "mono"
                                    color: Theme.text2
                                    text: qsTr("%1 of %2").arg(Format.money(budget.modelData.spent_nano)).arg(Format.money(budget.modelData.cap_nano))
                                }
                            }
                            BurnDown {
                                id: burn
                                Layout.fillWidth: true
                                implicitHeight: Theme.px(38)
                                compact: true
                                zoomable: false
                                theme: page.look
                                source: shapes.burn(budget.modelData, page.facts.now_us ?? 0)
                                Accessible.role: Accessible.Chart
                                Accessible.name: budget.modelData.token?.name ?? ""
                                Accessible.description: burn.words
                                onDrilled: Nav.go("usage", { "tab": "budgets" })
                            }
                            Label { role: "caption"; text: burn.words; color: budget.modelData.pace === "over" || budget.modelData.percent >= 100 ? Theme.err : Theme.text2 }
                        }
                    }
                    Item { Layout.fillHeight: true }
                }
            }
            Card {
                Layout.fillWidth: true
                visible: (page.facts.strip?.channels ?? []).length > 0
                title: qsTr("Channels, last 24 hours")
                Repeater {
                    model: page.facts.strip?.channels ?? []
                    RowLayout {
                        id: channel
                        required property var modelData
                        Layout.fillWidth: true
                        spacing: Theme.s4
                        Label { Layout.preferredWidth: Theme.px(140); elide: Text.ElideRight; text: Format.line(channel.modelData.channel?.name ?? "", 60) }
                        Item {
                            Layout.fillWidth: true
                            implicitHeight: Theme.px(22)
                            HealthStrip {
                                id: strip
                                anchors.fill: parent
                                theme: page.look
                                zoomable: false
                                source: shapes.health(page.facts.strip, channel.modelData)
                                Accessible.role: Accessible.Chart
                                Accessible.name: channel.modelData.channel?.name ?? ""
                                Accessible.description: strip.spoken
                                onDrilled: (column, row, key, fromUs, toUs) => Nav.go("requests", {
                                        "filter": "channel:\"" + (channel.modelData.channel?.name ?? "") + "\" since:" + new Date(fromUs / 1000).toISOString()
                                            + " until:" + new Date(toUs / 1000).toISOString()
                                    })
                            }
                            Tip {
                                visible: strip.cursorColumn >= 0
                                text: strip.spoken
                            }
                        }
                    }
                }
            }
            Card {
                Layout.fillWidth: true
                visible: (page.facts.errors ?? []).length > 0
                title: qsTr("Recent errors")
                Repeater {
                    model: page.facts.errors ?? []
                    CauseRow {
                        Layout.fillWidth: true
                        onChosen: id => Nav.go("requests", { "filter": "id:" + id })
                    }
                }
            }
        }
    }
}
