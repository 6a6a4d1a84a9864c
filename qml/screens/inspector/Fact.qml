// SPDX-License-Identifier: GPL-3.0-or-later
// One figure of the inspector: what it is, and its value, which may lead somewhere.
import QtQuick
import QtQuick.Layouts
import Tollgate

RowLayout {
    id: fact

    property string name: ""
    property string value: ""
    property bool mono: false
    property string tone: ""
    property string action: "" // what clicking the value does
    signal acted()

    visible: value !== ""
    spacing: Theme.s4
    Layout.fillWidth: true
    Accessible.role: Accessible.StaticText
    Accessible.name: name + ": " + value

    Label {
        Layout.preferredWidth: Theme.px(128)
        Layout.alignment: Qt.AlignTop
        text: fact.name
        color: Theme.text3
    }
    Label {
        id: words
        Layout.fillWidth: true
        text: fact.value
        role: fact.mono ? "mono" : "body"
        color: fact.tone !== "" ? Theme.tone(fact.tone) : fact.action !== "" ? Theme.accent : Theme.text
        wrapMode: Text.Wrap
        maximumLineCount: 6
        activeFocusOnTab: fact.action !== ""
        Keys.onReturnPressed: if (fact.action !== "") fact.acted()
        FocusRing { target: words }
        HoverHandler { id: over; enabled: fact.action !== ""; cursorShape: Qt.PointingHandCursor }
        TapHandler { enabled: fact.action !== ""; onTapped: fact.acted() }
        Tip { text: fact.action; shown: over.hovered }
    }
}
