// SPDX-License-Identifier: GPL-3.0-or-later
// What needs somebody: a sentence and one thing to do about it. Nothing to see where nothing does.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Card {
    id: list

    property var items: []
    property var dismissed: []
    readonly property var shown: items.filter(item => !dismissed.includes(keyOf(item)))

    function keyOf(item: var): string {
        return item.kind + (item.channel?.name ?? item.token?.name ?? item.model ?? "");
    }
    function sentence(item: var): string {
        switch (item.kind) {
        case "channel_failing":
            return qsTr("%1 fails: %2 of %3 requests in the last hour").arg(item.channel?.name ?? "").arg(item.failed).arg(item.requests);
        case "budget":
            return item.percent >= 100 ? qsTr("%1 has spent its budget").arg(item.token?.name ?? "")
                                       : qsTr("%1 has used %2 % of its budget").arg(item.token?.name ?? "").arg(item.percent);
        case "unpriced":
            return qsTr("%1 has no price: its requests are not counted as spend").arg(item.model);
        case "prices_old":
            return qsTr("Prices are %n days old", "", item.days);
        case "disk":
            return qsTr("Less than %1 GB is free on the disk of the profile").arg(Math.max(1, Math.ceil(item.free_bytes / 1e9)));
        }
        return "";
    }
    function action(item: var): string {
        return ({ "channel_failing": qsTr("Show errors"), "budget": qsTr("Open token"), "unpriced": qsTr("Set price"), "prices_old": qsTr("Update prices") })[item.kind] ?? "";
    }
    function act(item: var): void {
        if (item.kind === "channel_failing")
            Nav.go("requests", { "filter": "status:failed channel:\"" + item.channel.name + "\"" });
        else if (item.kind === "budget")
            Nav.go("tokens", { "name": item.token?.name ?? "" });
        else if (item.kind === "unpriced")
            Nav.go("models", { "filter": item.model });
        else
            Nav.go("models");
    }

    visible: shown.length > 0
    title: qsTr("Needs attention")
    Repeater {
        model: list.shown
        RowLayout {
            id: row
            required property var modelData
            readonly property bool bad: modelData.kind === "channel_failing" || modelData.kind === "disk" || (modelData.percent ?? 0) >= 100
            Layout.fillWidth: true
            spacing: Theme.s4
            Icon { name: row.bad ? "error" : "warning"; color: row.bad ? Theme.err : Theme.warn }
            Label { Layout.fillWidth: true; elide: Text.ElideRight; text: Format.line(list.sentence(row.modelData), 160) }
            Button { small: true; visible: text !== ""; text: list.action(row.modelData); onClicked: list.act(row.modelData) }
            IconButton { small: true; symbol: "close"; hint: qsTr("Dismiss"); onClicked: list.dismissed = list.dismissed.concat([list.keyOf(row.modelData)]) }
        }
    }
}
