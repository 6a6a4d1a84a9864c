// SPDX-License-Identifier: GPL-3.0-or-later
// More money for a token until its budget resets, once.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Sheet {
    id: sheet

    property var token: ({})
    property string problem: ""
    readonly property var budget: (token.budgets ?? [])[0] ?? ({})

    function ask(which: var) {
        token = which;
        problem = "";
        amount.text = "";
        open();
    }
    wide: 460
    title: qsTr("Raise the budget of “%1” once").arg(Format.line(token.name ?? "", 40))
    note: qsTr("%1 of %2 used. The raise ends %3, the budget itself stays.").arg(Format.money(budget.spent_nano_usd ?? 0))
        .arg(Format.money(budget.limit_nano_usd ?? 0)).arg((budget.resets_us ?? 0) > 0 ? Format.dateTime(budget.resets_us) : qsTr("never"))
    onOpened: amount.forceActiveFocus()
    function raise() {
        Backend.call("token raise", { token: token.name, amount: amount.text.trim().replace(",", ".") }, (answer, error) => {
            problem = error ? error.message : "";
            if (error)
                return;
            close();
            Toasts.show(qsTr("Budget raised until it resets"));
        });
    }
    FormRow {
        label: qsTr("US dollars more")
        error: sheet.problem
        Field { id: amount; Layout.preferredWidth: 140; mono: true; invalid: sheet.problem !== ""; placeholderText: "5"; onAccepted: sheet.raise(); Accessible.name: qsTr("US dollars more") }
    }
    foot: [
        Item { Layout.fillWidth: true },
        Button { text: qsTr("Cancel"); onClicked: sheet.close() },
        Button { kind: "primary"; text: qsTr("Raise once"); enabled: amount.text.trim() !== ""; onClicked: sheet.raise() }
    ]
}
