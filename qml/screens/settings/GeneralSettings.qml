// SPDX-License-Identifier: GPL-3.0-or-later
// What the window remembers for itself.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

ColumnLayout {
    id: general

    spacing: Theme.s4

    component Row_: Card {
        id: one
        property string label
        property string about
        property alias control: slot.data
        Layout.fillWidth: true
        RowLayout {
            spacing: Theme.s4
            Layout.fillWidth: true
            ColumnLayout {
                Layout.fillWidth: true
                spacing: 2
                Label { role: "strong"; text: one.label }
                Label { Layout.fillWidth: true; text: one.about; color: Theme.text2; wrapMode: Text.Wrap }
            }
            Row { id: slot; spacing: Theme.s3 }
        }
    }

    Row_ {
        label: qsTr("Theme")
        about: qsTr("Light, dark or high contrast; or whatever the desktop uses.")
        control: Choice {
            hint: qsTr("Theme")
            options: [
                { value: "system", text: qsTr("As the desktop") }, { value: "light", text: qsTr("Light") },
                { value: "dark", text: qsTr("Dark") }, { value: "contrast", text: qsTr("High contrast") }
            ]
            value: Prefs.theme
            onChosen: picked => Prefs.theme = picked
        }
    }
    Row_ {
        label: qsTr("Size of everything")
        about: qsTr("Scales words and controls of this window.")
        control: Choice {
            hint: qsTr("Size of everything")
            options: [0.85, 1.0, 1.15, 1.3, 1.45, 1.6].map(one => ({ value: one, text: Math.round(one * 100) + " %" }))
            value: Prefs.scale
            onChosen: picked => Prefs.scale = picked
        }
    }
    Row_ {
        label: qsTr("Rows of lists")
        about: qsTr("Compact shows more at once; comfortable is easier to hit.")
        control: Segments {
            hint: qsTr("Rows of lists")
            options: [{ value: "compact", text: qsTr("Compact") }, { value: "comfortable", text: qsTr("Comfortable") }]
            value: Prefs.density
            onChosen: picked => Prefs.density = picked
        }
    }
    Row_ {
        label: qsTr("Less motion")
        about: qsTr("Nothing slides or fades.")
        control: Toggle { hint: qsTr("Less motion"); checked: Prefs.reducedMotion; onToggled: Prefs.reducedMotion = checked }
    }
    Row_ {
        label: qsTr("Patterns in charts")
        about: qsTr("Tells series apart by hatching as well as by colour. Always on in high contrast.")
        control: Toggle { hint: qsTr("Patterns in charts"); checked: Prefs.patterns; onToggled: Prefs.patterns = checked }
    }
    Row_ {
        label: qsTr("Closing the window")
        about: System.trayAvailable ? qsTr("Keep serving from the tray, or quit.") : qsTr("This desktop has no tray, so closing asks.")
        control: Choice {
            id: closing
            property string kept: String(Prefs.value("window/on_close", ""))
            hint: qsTr("Closing the window")
            options: [{ value: "", text: qsTr("Ask") }, { value: "hide", text: qsTr("Keep serving") }, { value: "quit", text: qsTr("Quit") }]
            value: kept
            onChosen: picked => {
                Prefs.setValue("window/on_close", picked);
                kept = picked;
            }
        }
    }
}
