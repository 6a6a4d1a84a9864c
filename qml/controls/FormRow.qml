// SPDX-License-Identifier: GPL-3.0-or-later
// A name, the control for it, a hint, and what is wrong with what was put in.
import QtQuick
import QtQuick.Layouts
import Tollgate

ColumnLayout {
    id: row

    property string label: ""
    property string hint: ""
    property string error: ""
    default property alias content: slot.data

    spacing: 4
    Layout.fillWidth: true

    Label { visible: row.label !== ""; text: row.label; font.weight: Font.Medium }
    ColumnLayout { id: slot; Layout.fillWidth: true; spacing: Theme.s3 }
    RowLayout {
        visible: row.error !== ""
        spacing: 4
        Icon { name: "error"; size: 14; color: Theme.err }
        Label {
            Layout.fillWidth: true
            role: "caption"
            color: Theme.err
            text: row.error
            wrapMode: Text.Wrap
        }
    }
    Label {
        Layout.fillWidth: true
        visible: row.hint !== "" && row.error === ""
        role: "caption"
        color: Theme.text3
        text: row.hint
        wrapMode: Text.Wrap
    }
}
