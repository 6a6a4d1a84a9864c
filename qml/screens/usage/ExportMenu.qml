// SPDX-License-Identifier: GPL-3.0-or-later
// A chart out of the window: as a picture, as numbers, or to the clipboard.
import QtQuick
import QtQuick.Dialogs
import Tollgate
import Tollgate.Charts

Menu {
    id: menu

    property ChartItem chart: null

    function openFor(chart: ChartItem, anchor: Item): void {
        menu.chart = chart;
        menu.popup(anchor, 0, anchor.height + 2);
    }
    function save(extension: string, scale: int): void {
        dialog.extension = extension;
        dialog.times = scale;
        dialog.selectedFile = dialog.currentFolder + "/" + chart.fileName(extension);
        dialog.open();
    }

    MenuEntry { text: qsTr("Picture (PNG)…"); symbol: "image"; onTriggered: menu.save("png", 2) }
    MenuEntry { text: qsTr("Large picture (PNG, 3×)…"); symbol: "image"; onTriggered: menu.save("png", 3) }
    MenuEntry { text: qsTr("Drawing (SVG)…"); symbol: "image"; onTriggered: menu.save("svg", 1) }
    MenuEntry { text: qsTr("Numbers (CSV)…"); symbol: "table"; onTriggered: menu.save("csv", 1) }
    MenuEntry { text: qsTr("Numbers (JSON)…"); symbol: "code"; onTriggered: menu.save("json", 1) }
    MenuLine { }
    MenuEntry {
        text: qsTr("Copy picture")
        symbol: "copy"
        onTriggered: {
            menu.chart.copyImage();
            Toasts.show(qsTr("Picture copied"));
        }
    }
    MenuEntry {
        text: qsTr("Copy table")
        symbol: "copy"
        onTriggered: {
            menu.chart.copyTable();
            Toasts.show(qsTr("Table copied"));
        }
    }

    FileDialog {
        id: dialog
        property string extension: "png"
        property int times: 2
        fileMode: FileDialog.SaveFile
        defaultSuffix: extension
        onAccepted: {
            const problem = menu.chart.exportTo(selectedFile, times);
            Toasts.show(problem === "" ? qsTr("Chart exported") : qsTr("The chart was not exported: %1").arg(problem));
        }
    }
}
