// SPDX-License-Identifier: GPL-3.0-or-later
// The page that is shown, made when first visited and kept since, so that its filter, scroll and
// selection are there on the way back. Only the visible one asks the engine for anything.
import QtQuick
import Tollgate

Item {
    id: stack

    Repeater {
        model: Nav.pages
        Loader {
            id: loader
            required property var modelData
            readonly property bool here: Nav.page === modelData.id
            anchors.fill: parent
            active: false
            visible: here
            asynchronous: false
            onHereChanged: if (here) active = true
            Component.onCompleted: if (here) active = true
            source: Qt.resolvedUrl("../screens/" + modelData.file)
        }
    }
}
