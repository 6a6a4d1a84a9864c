// SPDX-License-Identifier: GPL-3.0-or-later
// A menu of actions; entries are MenuEntry.
import QtQuick
import QtQuick.Templates as T
import Tollgate

T.Menu {
    id: menu

    padding: 4
    margins: 8
    implicitWidth: Math.max(200, contentItem.implicitWidth + 8)
    implicitHeight: contentItem.implicitHeight + 8
    overlap: 2
    delegate: MenuEntry { }
    contentItem: ListView {
        implicitHeight: Math.min(contentHeight, 420)
        implicitWidth: {
            let most = 200;
            for (let i = 0; i < menu.count; ++i) {
                const entry = menu.itemAt(i);
                if (entry)
                    most = Math.max(most, entry.implicitWidth);
            }
            return most;
        }
        model: menu.contentModel
        interactive: contentHeight > height
        clip: true
        currentIndex: menu.currentIndex
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar { }
    }
    background: PopupFrame { }
}
