// SPDX-License-Identifier: GPL-3.0-or-later
// Revoking cannot be undone, and stops whoever uses the token: it is asked for by name.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Sheet {
    id: sheet

    property var token: ({})
    property string problem: ""

    function ask(which: var) {
        token = which;
        problem = "";
        open();
    }
    wide: 460
    title: qsTr("Revoke “%1”?").arg(Format.line(token.name ?? "", 40))
    note: (token.last_used ?? "") !== ""
        ? qsTr("It was last used %1. Whoever uses it is refused from now on; its requests and spending stay in the log.").arg(Format.ago(Date.parse(token.last_used) * 1000))
        : qsTr("It was never used. Whoever has it is refused from now on.")
    onOpened: keep.forceActiveFocus()

    InlineMessage { Layout.fillWidth: true; text: sheet.problem }
    foot: [
        Item { Layout.fillWidth: true },
        Button { id: keep; text: qsTr("Keep token"); onClicked: sheet.close() },
        Button {
            kind: "danger"
            text: qsTr("Revoke token")
            onClicked: Backend.call("token revoke", { token: sheet.token.name }, (answer, error) => {
                if (error) {
                    sheet.problem = error.message;
                    return;
                }
                sheet.close();
                Toasts.show(qsTr("Token revoked"));
            })
        }
    ]
}
