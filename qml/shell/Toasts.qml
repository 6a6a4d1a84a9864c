// SPDX-License-Identifier: GPL-3.0-or-later
// What has just happened, in a few words at the foot of the window, and how to undo it:
// Toasts.show(qsTr("Token revoked"), () => …). One at a time; errors stand where they arose instead.
pragma Singleton
import QtQuick

QtObject {
    id: toasts

    property var queue: []
    readonly property var current: queue.length > 0 ? queue[0] : null
    property var lastUndo: null

    function show(text: string, undo: var) {
        const entry = { text: text, undo: undo !== undefined ? undo : null };
        lastUndo = entry.undo;
        queue = queue.slice(0, 4).concat([entry]);
    }
    function next() {
        queue = queue.slice(1);
    }
    function undo() {
        const step = lastUndo;
        lastUndo = null;
        if (current && current.undo === step)
            next();
        if (step)
            step();
    }
}
