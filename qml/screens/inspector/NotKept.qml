// SPDX-License-Identifier: GPL-3.0-or-later
// Why there is nothing to read, and the switch that would have kept it.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Item {
    id: view

    property var bodies: ({})
    readonly property bool off: bodies.why_not === "off"

    Placeholder {
        anchors.centerIn: parent
        symbol: "eye-off"
        title: view.off ? qsTr("Prompts and answers are not kept") : qsTr("This one was not kept")
        text: view.off
            ? qsTr("Only what was counted is in the log. The setting “Keep prompts and answers” changes that for requests from then on; keys are taken out before anything is written.")
            : qsTr("It ended before “Keep prompts and answers” was switched on, or its time to be kept is over.")
        action: view.off ? qsTr("Keep them from now on") : ""
        onActed: Backend.call("settings set", { name: "log.bodies", value: "true" }, (answer, error) =>
            Toasts.show(error ? error.message : qsTr("Prompts and answers are kept from now on"),
                        error ? undefined : () => Backend.call("settings set", { name: "log.bodies", value: "false" })))
    }
}
