// SPDX-License-Identifier: GPL-3.0-or-later
// A new text for a token; the old one may live on for a while, till every program has the new one.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Sheet {
    id: sheet

    property var token: ({})
    property string problem: ""
    property string made: ""

    function ask(which: var) {
        token = which;
        problem = "";
        made = "";
        grace.value = "10m";
        open();
    }
    wide: 520
    title: made === "" ? qsTr("Rotate “%1”").arg(Format.line(token.name ?? "", 40)) : qsTr("Token rotated")
    note: made === "" ? qsTr("Its name, budget and limits stay; its text is new.")
        : token.recoverable ? qsTr("Give it to the programs that used the old one. It can be shown again later.")
        : qsTr("Copy it now. Tollgate keeps only a fingerprint of it and cannot show it again.")
    FormRow {
        visible: sheet.made === ""
        label: qsTr("The old text works on")
        Segments {
            id: grace
            hint: qsTr("The old text works on")
            options: [{ value: "0", text: qsTr("Not at all") }, { value: "10m", text: qsTr("10 minutes") },
                      { value: "1h", text: qsTr("1 hour") }, { value: "1d", text: qsTr("1 day") }]
            value: "10m"
            onChosen: picked => value = picked
        }
    }
    CopyField { visible: sheet.made !== ""; Layout.fillWidth: true; text: sheet.made; what: qsTr("Token"); secret: true; shown: true }
    InlineMessage { Layout.fillWidth: true; text: sheet.problem }
    foot: [
        Item { Layout.fillWidth: true },
        Button { visible: sheet.made === ""; text: qsTr("Cancel"); onClicked: sheet.close() },
        Button {
            visible: sheet.made === ""
            kind: "primary"
            text: qsTr("Rotate token")
            onClicked: Backend.call("token rotate", { token: sheet.token.name, grace: grace.value }, (answer, error) => {
                sheet.problem = error ? error.message : "";
                if (!error)
                    sheet.made = answer.token;
            })
        },
        Button { visible: sheet.made !== ""; kind: "primary"; text: qsTr("Done"); onClicked: sheet.close() }
    ]
}
