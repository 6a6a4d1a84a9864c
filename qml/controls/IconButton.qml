// SPDX-License-Identifier: GPL-3.0-or-later
// A button that is only a drawing; `hint` is its name for everybody who cannot see it.
import QtQuick
import Tollgate

Button {
    kind: "quiet"
    small: true
    implicitWidth: implicitHeight
}
