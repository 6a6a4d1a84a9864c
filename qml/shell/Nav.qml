// SPDX-License-Identifier: GPL-3.0-or-later
// Where the window is: the page, what the page is asked to show, and the way back. A page of a group
// that is not built yet does not stand here.
pragma Singleton
import QtQuick

QtObject {
    id: nav

    property string page: built[0]
    property var wish: ({}) // for the page: {filter: "…"}, {add: true}, {id: "…"}
    property var past: []

    // Languages: retranslated with the window, since qsTr() is evaluated in the binding.
    readonly property var pages: [
        { id: "overview", title: qsTr("Overview"), icon: "overview", group: "work", file: "overview/OverviewPage.qml" },
        { id: "requests", title: qsTr("Requests"), icon: "requests", group: "work", file: "requests/RequestsPage.qml" },
        { id: "usage", title: qsTr("Usage"), icon: "usage", group: "work", file: "usage/UsagePage.qml" },
        { id: "playground", title: qsTr("Playground"), icon: "playground", group: "work", file: "playground/PlaygroundPage.qml" },
        { id: "channels", title: qsTr("Channels"), icon: "channels", group: "manage", file: "channels/ChannelsPage.qml" },
        { id: "models", title: qsTr("Models & prices"), icon: "models", group: "manage", file: "models/ModelsPage.qml" },
        { id: "tokens", title: qsTr("Tokens"), icon: "tokens", group: "manage", file: "tokens/TokensPage.qml" },
        { id: "connect", title: qsTr("Connect a client"), icon: "connect", group: "help", file: "connect/ConnectPage.qml" },
        { id: "settings", title: qsTr("Settings"), icon: "settings", group: "foot", file: "settings/SettingsPage.qml" }
    ].filter(page => built.includes(page.id))
    // The pages that exist.
    property var built: ["overview", "requests", "usage", "playground", "channels", "models", "tokens", "connect", "settings"]

    function find(id: string): var {
        return pages.find(page => page.id === id);
    }
    function go(id: string, wanted: var) {
        if (!find(id))
            return;
        past = past.slice(-20).concat([{ page: nav.page, wish: nav.wish }]);
        wish = wanted !== undefined ? wanted : {};
        page = id;
    }
    function back() {
        if (past.length === 0)
            return;
        const last = past[past.length - 1];
        past = past.slice(0, -1);
        wish = last.wish;
        page = last.page;
    }
}
