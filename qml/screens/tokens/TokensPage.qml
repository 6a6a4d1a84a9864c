// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens: what clients show to be let in, each with its limits, what it has spent, and how to take it
// back.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Item {
    id: page

    readonly property string wanted: filter.text.trim().toLowerCase()
    readonly property var all: tokens.answer.tokens ?? []
    readonly property var shown: all.filter(token =>
        (stateShown === "all" ? token.condition !== "revoked" || wanted !== "" : token.condition === stateShown)
        && (wanted === "" || (token.name + " " + token.prefix).toLowerCase().includes(wanted)))
    property string stateShown: "all"
    property string problem: ""

    Query { id: tokens; command: "token list"; follows: ["token", "trash"]; every: 3000; active: page.visible }

    Connections {
        target: Nav
        function onWishChanged() { page.take(); }
    }
    Component.onCompleted: take()
    function take() {
        if (Nav.page !== "tokens")
            return;
        if (Nav.wish.add)
            create.open();
        else
            create.close();
        if (Nav.wish.name)
            filter.text = Nav.wish.name;
    }
    function change(command: string, token: var, said: string, back: string) {
        Backend.call(command, { token: token.name }, (answer, error) => {
            page.problem = error ? error.message : "";
            if (!error)
                Toasts.show(said, back !== "" ? () => Backend.call(back, { token: token.name }) : undefined);
        });
    }

    function copy(token: var) {
        Backend.call("token reveal", { token: token.name }, (answer, error) => {
            page.problem = error ? error.message : "";
            if (error)
                return;
            System.copySecret(answer.token);
            Toasts.show(qsTr("Token copied, will be cleared in 45 s"));
        });
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.s5
        spacing: Theme.s4

        PageHeader {
            Layout.fillWidth: true
            title: qsTr("Tokens")
            count: tokens.ready ? Format.count(page.all.filter(token => token.state !== "revoked").length) : ""
            Button {
                kind: "primary"
                symbol: "add"
                text: qsTr("Create token")
                hint: "Ctrl+N"
                onClicked: create.open()
            }
        }
        RowLayout {
            spacing: Theme.s3
            Field {
                id: filter
                Layout.preferredWidth: Theme.px(320)
                symbol: "search"
                clearable: true
                placeholderText: qsTr("Find by name or first letters of the token")
                Accessible.name: placeholderText
            }
            Segments {
                hint: qsTr("State")
                options: [{ value: "all", text: qsTr("All") }, { value: "active", text: qsTr("Active") },
                          { value: "paused", text: qsTr("Paused") }, { value: "budget_spent", text: qsTr("Budget spent") },
                          { value: "expired", text: qsTr("Expired") }, { value: "revoked", text: qsTr("Revoked") }]
                value: page.stateShown
                onChosen: picked => page.stateShown = picked
            }
            Item { Layout.fillWidth: true }
        }
        InlineMessage { Layout.fillWidth: true; text: tokens.error ? tokens.error.message : page.problem }

        Rectangle {
            Layout.fillWidth: true
            Layout.fillHeight: true
            color: Theme.surface
            radius: Theme.radiusCard
            border.width: 1
            border.color: Theme.border
            clip: true

            ColumnLayout {
                anchors.fill: parent
                anchors.margins: 1
                spacing: 0
                TokenRow { header: true; Layout.fillWidth: true; visible: page.shown.length > 0 }
                ListView {
                    id: list
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    clip: true
                    model: page.shown.length // so that a fresher answer moves nothing
                    boundsBehavior: Flickable.StopAtBounds
                    activeFocusOnTab: true
                    keyNavigationEnabled: true
                    T.ScrollBar.vertical: ScrollBar { }
                    Accessible.role: Accessible.Table
                    Accessible.name: qsTr("Tokens")
                    delegate: TokenRow {
                        required property int index
                        width: ListView.view.width
                        token: page.shown[index] ?? ({})
                        current: ListView.isCurrentItem && list.activeFocus
                        onPicked: list.currentIndex = index
                        onPauseWanted: page.change("token disable", token, qsTr("Token paused"), "token enable")
                        onResumeWanted: page.change("token enable", token, qsTr("Token resumed"), "token disable")
                        onRevokeWanted: revoke.ask(token)
                        onCopyWanted: page.copy(token)
                        onRotateWanted: rotate.ask(token)
                        onRaiseWanted: raise.ask(token)
                        onRemoveWanted: page.change("token rm", token, qsTr("%1 moved to the trash").arg(token.name), "token restore")
                        onLogWanted: Nav.go("requests", { filter: "token:\"" + token.name + "\"" })
                    }
                    Keys.onDeletePressed: if (currentIndex >= 0) page.change("token rm", page.shown[currentIndex], qsTr("%1 moved to the trash").arg(page.shown[currentIndex].name), "token restore")
                }
            }
            Skeleton { anchors.fill: parent; anchors.topMargin: Theme.row; loading: tokens.loading && !tokens.ready }
            Placeholder {
                anchors.centerIn: parent
                visible: tokens.ready && page.shown.length === 0
                symbol: "tokens"
                title: page.all.length === 0 ? qsTr("No token yet") : qsTr("No token matches")
                text: page.all.length === 0
                    ? qsTr("A token lets one program in, with its own budget, models and expiry. Give each client its own, so that each can be taken back alone.")
                    : qsTr("Show all states, or clear the text.")
                action: page.all.length === 0 ? qsTr("Create token") : qsTr("Clear filters")
                onActed: {
                    if (page.all.length === 0) {
                        create.open();
                    } else {
                        filter.clear();
                        page.stateShown = "all";
                    }
                }
            }
        }
    }
    CreateToken { id: create }
    RevokeToken { id: revoke }
    RotateToken { id: rotate }
    RaiseBudget { id: raise }

    Shortcut { sequence: "Ctrl+N"; enabled: page.visible; onActivated: create.open() }
    Shortcut { sequence: "Ctrl+F"; enabled: page.visible; onActivated: filter.forceActiveFocus() }
}
