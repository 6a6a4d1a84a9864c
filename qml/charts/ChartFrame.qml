// SPDX-License-Identifier: GPL-3.0-or-later
// A chart in its frame: title, words, table toggle, export hook, legend and coverage. The chart is the
// one child; what it is exported with comes from the frame's texts.
import QtQuick
import Tollgate.Charts

FocusScope {
    id: frame

    default property ChartItem chart
    required property ChartTheme theme
    property string title
    property string headline // the figure that the chart explains: "$104.20"
    property string emptyText: qsTr("No requests in this range")
    property string coverage // "Priced 1,204 - unpriced 3", where `footer` has no links
    property alias footer: footerSlot.data
    property alias actions: actionSlot.data
    property bool legendVisible: true
    property bool exportable: true
    property bool tableView: false
    property real plotHeight: 240 * theme.scale
    property string range
    property string filter
    property string name // of exported files
    property real fromUs: 0
    property real toUs: 0

    // The window has the menu and the file dialog; `anchor` is the button.
    signal exportWanted(Item anchor)

    readonly property real bodyHeight: chart && chart.wantedHeight > 0 ? chart.wantedHeight : plotHeight

    implicitWidth: 480 * theme.scale
    implicitHeight: column.implicitHeight

    onChartChanged: {
        if (!chart)
            return;
        chart.parent = holder;
        chart.anchors.fill = holder;
        chart.theme = Qt.binding(() => frame.theme);
        chart.about = Qt.binding(() => ({
                    "title": frame.headline === "" ? frame.title : frame.title + " " + frame.headline,
                    "range": frame.range,
                    "filter": frame.filter,
                    "coverage": frame.coverage,
                    "name": frame.name,
                    "fromUs": frame.fromUs,
                    "toUs": frame.toUs
                }));
    }

    component Words: Text {
        textFormat: Text.PlainText
        elide: Text.ElideRight
        maximumLineCount: 1
        color: frame.theme.text2
        font.family: frame.theme.sans
        font.pixelSize: Math.round(12 * frame.theme.scale)
    }

    Column {
        id: column
        width: parent.width
        spacing: 8 * frame.theme.scale

        Item {
            width: parent.width
            implicitHeight: Math.max(titles.implicitHeight, buttons.implicitHeight)

            Row {
                id: titles
                anchors.left: parent.left
                anchors.right: buttons.left
                anchors.verticalCenter: parent.verticalCenter
                spacing: 10 * frame.theme.scale
                clip: true
                Words {
                    id: titleText
                    anchors.baseline: parent.top
                    anchors.baselineOffset: Math.round(17 * frame.theme.scale)
                    text: frame.title
                    color: frame.theme.text
                    font.pixelSize: Math.round(15 * frame.theme.scale)
                    font.weight: Font.DemiBold
                    Accessible.role: Accessible.Heading
                    Accessible.name: text
                }
                Words {
                    anchors.baseline: parent.top
                    anchors.baselineOffset: Math.round(17 * frame.theme.scale)
                    visible: text !== ""
                    text: frame.headline
                    color: frame.theme.text
                    font.family: frame.theme.mono
                    font.pixelSize: Math.round(14 * frame.theme.scale)
                }
            }
            Row {
                id: buttons
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                spacing: 4 * frame.theme.scale
                ChartButton {
                    theme: frame.theme
                    visible: frame.chart?.zoomed ?? false
                    text: qsTr("Reset zoom")
                    onClicked: frame.chart.zoomReset()
                }
                Row {
                    id: actionSlot
                    spacing: 4 * frame.theme.scale
                }
                ChartButton {
                    theme: frame.theme
                    visible: !(frame.chart?.empty ?? true)
                    text: frame.tableView ? qsTr("View as chart") : qsTr("View as table")
                    checkable: true
                    checked: frame.tableView
                    onClicked: frame.tableView = !frame.tableView
                }
                ChartButton {
                    id: exporter
                    theme: frame.theme
                    visible: frame.exportable && !(frame.chart?.empty ?? true)
                    text: qsTr("Export")
                    onClicked: frame.exportWanted(exporter)
                }
            }
        }

        Words {
            width: parent.width
            visible: text !== ""
            text: frame.chart?.words ?? ""
        }

        Item {
            id: body
            width: parent.width
            implicitHeight: frame.bodyHeight

            Item {
                id: holder
                anchors.fill: parent
                visible: !frame.tableView
                Accessible.role: Accessible.Chart
                Accessible.name: frame.title
                Accessible.description: frame.chart?.spoken ?? ""
            }
            Loader {
                anchors.fill: parent
                active: frame.chart !== null && !frame.tableView
                sourceComponent: ChartOverlay {
                    chart: frame.chart
                }
            }
            Loader {
                anchors.fill: parent
                active: frame.chart !== null && frame.tableView
                sourceComponent: ChartTable {
                    chart: frame.chart
                }
            }
            Words {
                anchors.centerIn: parent
                visible: frame.chart?.empty ?? true
                text: frame.emptyText
                font.pixelSize: Math.round(13 * frame.theme.scale)
            }
        }

        Loader {
            width: parent.width
            active: frame.legendVisible && frame.chart !== null && !frame.chart.empty && frame.chart.legend.length > 1
            visible: active
            sourceComponent: ChartLegend {
                chart: frame.chart
            }
        }

        Item {
            id: footerSlot
            width: parent.width
            implicitHeight: childrenRect.height
            visible: implicitHeight > 0
        }
        Words {
            width: parent.width
            visible: text !== "" && !footerSlot.visible
            text: frame.coverage
        }
    }
}
