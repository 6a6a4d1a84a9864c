// SPDX-License-Identifier: GPL-3.0-or-later
// Parts two groups of a menu.
import QtQuick
import QtQuick.Templates as T
import Tollgate

T.MenuSeparator {
    implicitHeight: 9
    padding: 4
    contentItem: Rectangle {
        implicitHeight: 1
        color: Theme.border
    }
}
