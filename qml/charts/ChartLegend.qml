// SPDX-License-Identifier: GPL-3.0-or-later
// Names, sums and shares of the series, largest first. A click hides one, Alt and a click leaves it alone.
pragma ComponentBehavior: Bound
import QtQuick
import Tollgate.Charts

Flow {
    id: legend

    required property ChartItem chart
    readonly property ChartTheme theme: chart.theme
    readonly property var rows: chart.legend

    function toggle(key) {
        const before = Array.from(chart.hiddenKeys);
        const hidden = before.filter(other => other !== key);
        if (hidden.length === before.length)
            hidden.push(key);
        chart.hiddenKeys = hidden;
    }

    function isolate(key) {
        const others = rows.map(row => row.key).filter(other => other !== key);
        const hidden = Array.from(chart.hiddenKeys);
        const alone = hidden.length === others.length && hidden.indexOf(key) < 0;
        chart.hiddenKeys = alone ? [] : others;
    }

    spacing: 2 * theme.scale

    Repeater {
        model: legend.rows
        delegate: Item {
            id: entry
            required property var modelData
            readonly property bool off: entry.modelData.hidden

            implicitWidth: line.implicitWidth + 14 * legend.theme.scale
            implicitHeight: Math.round(26 * legend.theme.scale)
            activeFocusOnTab: true
            Accessible.role: Accessible.CheckBox
            Accessible.name: [entry.modelData.label, entry.modelData.value, entry.modelData.share].filter(text => text !== "").join(", ")
            Accessible.checkable: true
            Accessible.checked: !entry.off
            Accessible.onToggleAction: legend.toggle(entry.modelData.key)
            Accessible.onPressAction: legend.toggle(entry.modelData.key)
            Keys.onPressed: event => {
                if (event.key !== Qt.Key_Space && event.key !== Qt.Key_Return && event.key !== Qt.Key_Enter)
                    return;
                event.accepted = true;
                if (event.modifiers & Qt.AltModifier)
                    legend.isolate(entry.modelData.key);
                else
                    legend.toggle(entry.modelData.key);
            }

            Rectangle {
                anchors.fill: parent
                radius: 4
                color: legend.theme.border
                opacity: pointer.containsMouse ? 0.5 : 0
            }
            Rectangle {
                anchors.fill: parent
                anchors.margins: -1
                radius: 5
                color: "transparent"
                border.width: 2
                border.color: legend.theme.accent
                visible: entry.activeFocus
            }
            Row {
                id: line
                anchors.verticalCenter: parent.verticalCenter
                x: 6 * legend.theme.scale
                spacing: 6 * legend.theme.scale
                Swatch {
                    anchors.verticalCenter: parent.verticalCenter
                    width: Math.round(10 * legend.theme.scale)
                    height: width
                    theme: legend.theme
                    slot: entry.modelData.slot
                    tone: entry.modelData.tone
                    hollow: entry.off
                }
                Text {
                    anchors.verticalCenter: parent.verticalCenter
                    width: Math.min(implicitWidth, 180 * legend.theme.scale)
                    elide: Text.ElideRight
                    maximumLineCount: 1
                    text: entry.modelData.label
                    textFormat: Text.PlainText
                    color: entry.off ? legend.theme.text2 : legend.theme.text
                    font.family: legend.theme.sans
                    font.pixelSize: Math.round(12 * legend.theme.scale)
                    font.strikeout: entry.off
                }
                Text {
                    anchors.verticalCenter: parent.verticalCenter
                    visible: text !== ""
                    text: entry.modelData.value
                    textFormat: Text.PlainText
                    color: legend.theme.text2
                    font.family: legend.theme.mono
                    font.pixelSize: Math.round(11.5 * legend.theme.scale)
                }
                Text {
                    anchors.verticalCenter: parent.verticalCenter
                    visible: text !== ""
                    text: entry.modelData.share
                    textFormat: Text.PlainText
                    color: legend.theme.text2
                    font.family: legend.theme.mono
                    font.pixelSize: Math.round(11.5 * legend.theme.scale)
                }
            }
            MouseArea {
                id: pointer
                anchors.fill: parent
                hoverEnabled: true
                onClicked: mouse => {
                    if (mouse.modifiers & Qt.AltModifier)
                        legend.isolate(entry.modelData.key);
                    else
                        legend.toggle(entry.modelData.key);
                }
            }
        }
    }
}
