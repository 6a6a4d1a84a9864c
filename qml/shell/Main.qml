// SPDX-License-Identifier: GPL-3.0-or-later
// The window: sidebar, the page, status bar; palette, toasts and sheets above them.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import QtQuick.Window
import Tollgate
import Tollgate.App

T.ApplicationWindow {
    id: window

    property string startPage: ""
    property bool railByHand: Prefs.value("window/rail", false) === true || Prefs.value("window/rail", false) === "true"
    signal quitWanted()

    width: 1240
    height: 800
    minimumWidth: 920
    minimumHeight: 620
    title: "Tollgate"
    color: Theme.bg
    font.family: Theme.sans
    font.pixelSize: Theme.sizeBody

    function raiseAt(page: var) {
        if (page)
            Nav.go(page);
        show();
        raise();
        requestActivate();
    }
    // For pictures of the window.
    function pageNames(): var {
        return Nav.pages.map(page => page.id);
    }
    function pose(page: var, wish: var) {
        palette.close();
        keys.close();
        Nav.go(page, wish);
    }
    Component.onCompleted: {
        const kept = Prefs.value("window/geometry", null);
        if (kept && kept.width >= minimumWidth && onSomeScreen(kept)) {
            x = kept.x; y = kept.y; width = kept.width; height = kept.height;
        }
        if (startPage !== "" && Nav.find(startPage))
            Nav.page = startPage;
        Snapshot.watched = Qt.binding(() => window.visible && window.visibility !== Window.Minimized);
    }
    function onSomeScreen(place: var): bool {
        return Qt.application.screens.some(screen => place.x < screen.virtualX + screen.width - 80
            && place.x + place.width > screen.virtualX + 80 && place.y >= screen.virtualY - 10
            && place.y < screen.virtualY + screen.height - 80);
    }
    onClosing: close => {
        if (visibility === Window.Windowed)
            Prefs.setValue("window/geometry", { x: x, y: y, width: width, height: height });
        close.accepted = false;
        closing_.decide();
    }
    CloseQuestion {
        id: closing_
        onHide: window.hide()
        onQuit: window.quitWanted()
    }

    RowLayout {
        anchors.fill: parent
        spacing: 0
        Sidebar {
            Layout.fillHeight: true
            rail: window.railByHand || window.width < 1008
        }
        ColumnLayout {
            spacing: 0
            Layout.fillWidth: true
            Layout.fillHeight: true
            Banner { Layout.fillWidth: true }
            PageStack { Layout.fillWidth: true; Layout.fillHeight: true }
            StatusBar { Layout.fillWidth: true }
        }
    }
    ToastView {
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: parent.bottom
        anchors.bottomMargin: 48
        z: 100
    }
    Palette { id: palette; window: window }
    ShortcutSheet { id: keys }

    Repeater { // Ctrl+1 … 9
        model: Nav.pages.length
        Item {
            id: numbered
            required property int index
            Shortcut {
                sequence: "Ctrl+" + (numbered.index + 1)
                onActivated: Nav.go(Nav.pages[numbered.index].id)
            }
        }
    }
    Shortcut { sequence: "Ctrl+K"; onActivated: palette.open() }
    Shortcut { sequences: ["F1", "?"]; onActivated: keys.open() }
    Shortcut { sequence: "Ctrl+,"; onActivated: Nav.go("settings") }
    Shortcut { sequence: "Ctrl+Z"; enabled: Toasts.lastUndo !== null; onActivated: Toasts.undo() }
    Shortcut { sequence: "Alt+Left"; onActivated: Nav.back() }
    Shortcut { sequence: "Ctrl+Q"; onActivated: window.quitWanted() }
    Shortcut {
        sequence: "Ctrl+B"
        onActivated: {
            window.railByHand = !window.railByHand;
            Prefs.setValue("window/rail", window.railByHand);
        }
    }
    Shortcut {
        sequence: "Ctrl+Shift+P"
        onActivated: Backend.call(Snapshot.state === "paused" ? "resume" : "pause", {})
    }
}
