// SPDX-License-Identifier: GPL-3.0-or-later
// Which budgets last, nearest to their limit first.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App
import Tollgate.Charts

ColumnLayout {
    id: tab

    required property var page
    readonly property var budgets: burn.answer.budgets ?? []
    readonly property real nowUs: burn.ready ? Date.now() * 1000 : 0

    spacing: Theme.s4

    UsageData { id: shapes }
    Query { id: burn; command: "usage burn"; active: tab.visible && tab.page.visible; every: 30000 }

    InlineMessage { Layout.fillWidth: true; text: burn.error ? burn.error.message : "" }
    Placeholder {
        Layout.alignment: Qt.AlignHCenter
        Layout.topMargin: Theme.s8
        visible: burn.ready && tab.budgets.length === 0
        symbol: "tokens"
        title: qsTr("No token has a budget")
        text: qsTr("A budget stops a token, or warns, when it has spent its amount.")
        action: qsTr("Open tokens")
        onActed: Nav.go("tokens")
    }
    GridLayout {
        Layout.fillWidth: true
        columns: tab.width > Theme.px(880) ? 2 : 1
        columnSpacing: Theme.s4
        rowSpacing: Theme.s4
        Repeater {
            model: tab.budgets
            UsageChart {
                required property var modelData
                page: tab.page
                title: Format.line(modelData.token?.name ?? "", 60)
                headline: qsTr("%1 of %2").arg(Format.money(modelData.spent_nano)).arg(Format.money(modelData.cap_nano))
                file: "budget-" + (modelData.token?.name ?? "")
                drills: false
                zooms: false
                plotHeight: Theme.px(180)
                BurnDown { source: shapes.burn(modelData, tab.nowUs) }
            }
        }
    }
}
