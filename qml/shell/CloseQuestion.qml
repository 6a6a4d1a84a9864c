// SPDX-License-Identifier: GPL-3.0-or-later
// What closing the window means: with a tray the gateway goes on serving there, and that is asked once.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Sheet {
    id: question

    signal hide()
    signal quit()

    title: qsTr("Keep serving in the background?")
    note: System.trayAvailable
        ? qsTr("Programs on this computer keep reaching their models while the window is closed. Tollgate stays in the tray.")
        : qsTr("This desktop has no tray. Tollgate would have to be quit to stop serving; start it again to see the window.")
    wide: 480

    function decide() {
        const kept = String(Prefs.value("window/on_close", ""));
        if (Backend.attached || kept === "quit")
            quit();
        else if (kept === "hide" && System.trayAvailable)
            hide();
        else
            open();
    }
    function remember(what: string) {
        if (again.checked)
            Prefs.setValue("window/on_close", what);
        close();
    }
    CheckMark { id: again; text: qsTr("Do not ask again"); checked: System.trayAvailable }
    foot: [
        Item { Layout.fillWidth: true },
        Button {
            text: qsTr("Quit Tollgate")
            onClicked: {
                question.remember("quit");
                question.quit();
            }
        },
        Button {
            kind: "primary"
            text: System.trayAvailable ? qsTr("Keep serving") : qsTr("Keep the window")
            onClicked: {
                if (System.trayAvailable) {
                    question.remember("hide");
                    question.hide();
                } else {
                    question.close();
                }
            }
        }
    ]
}
