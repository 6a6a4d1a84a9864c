// SPDX-License-Identifier: GPL-3.0-or-later
// Every kind of provider as a tile, found by typing.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

ColumnLayout {
    id: presets

    property var providers: []
    property alias search: search
    signal picked(var provider)

    // What most people come with, before the rest by name.
    readonly property var first: ["anthropic", "openai", "gemini", "openrouter", "deepseek", "ollama", "moonshot", "zai", "mistral", "groq", "xai"]
    readonly property string wanted: search.text.trim().toLowerCase()
    readonly property var shown: {
        const own = { id: "openai-compatible", name: qsTr("Custom"), base_url: "", note: qsTr("any server with an OpenAI API"), tile: { initials: "+", colour: "#475569" }, needs_key: false, local: false };
        const rank = one => { const at = first.indexOf(one.id); return at < 0 ? 99 : at; };
        const all = providers.filter(one => one.id !== "demo" && one.id !== "openai-compatible")
            .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
        if (wanted === "")
            return [own].concat(all);
        return all.filter(one => (one.name + " " + one.id + " " + one.base_url).toLowerCase().includes(wanted)).concat([own]);
    }

    spacing: Theme.s4

    Field {
        id: search
        Layout.fillWidth: true
        symbol: "search"
        clearable: true
        placeholderText: qsTr("Find a provider")
        Accessible.name: placeholderText
        onAccepted: if (presets.shown.length > 0) presets.picked(presets.shown[0])
        Keys.onDownPressed: grid.forceActiveFocus()
    }
    GridView {
        id: grid
        Layout.fillWidth: true
        implicitHeight: Theme.px(300)
        clip: true
        cellWidth: Math.floor(width / Math.max(2, Math.floor(width / Theme.px(190))))
        cellHeight: Theme.px(56)
        model: presets.shown
        boundsBehavior: Flickable.StopAtBounds
        keyNavigationEnabled: true
        T.ScrollBar.vertical: ScrollBar { }
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Providers")
        Keys.onReturnPressed: if (currentIndex >= 0) presets.picked(presets.shown[currentIndex])
        delegate: Item {
            id: cell
            required property var modelData
            required property int index
            width: GridView.view.cellWidth
            height: GridView.view.cellHeight
            T.Button {
                id: tile
                anchors.fill: parent
                anchors.margins: 3
                focusPolicy: Qt.StrongFocus
                text: cell.modelData.name
                onClicked: presets.picked(cell.modelData)
                background: Rectangle {
                    radius: Theme.radiusCard
                    color: tile.down ? Theme.selected : tile.hovered || (grid.activeFocus && cell.GridView.isCurrentItem) ? Theme.hover : Theme.surface
                    border.width: 1
                    border.color: grid.activeFocus && cell.GridView.isCurrentItem ? Theme.focus : Theme.border
                    FocusRing { target: tile }
                }
                contentItem: RowLayout {
                    anchors.leftMargin: 8
                    spacing: Theme.s3
                    ProviderTile {
                        Layout.leftMargin: 8
                        initials: cell.modelData.tile.initials
                        colour: cell.modelData.tile.colour
                    }
                    ColumnLayout {
                        Layout.fillWidth: true
                        spacing: 0
                        Label { Layout.fillWidth: true; font.weight: Font.Medium; text: cell.modelData.name }
                        Label {
                            Layout.fillWidth: true
                            role: "caption"
                            color: Theme.text3
                            text: cell.modelData.note ?? (cell.modelData.local ? qsTr("on this computer")
                                : (cell.modelData.dialects ?? []).join(" · "))
                        }
                    }
                }
            }
        }
    }
}
