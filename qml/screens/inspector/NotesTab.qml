// SPDX-License-Identifier: GPL-3.0-or-later
// One's own words on a request: a colour, tags, a comment. Kept as long as the request.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

ColumnLayout {
    id: tab

    required property var inspector
    readonly property var r: inspector.request
    property int mark: r.mark ?? 0

    spacing: Theme.s4
    function save() {
        const list = tags.text.split(",").map(tag => tag.trim()).filter(tag => tag !== "");
        const id = inspector.requestId;
        Backend.call("log note", { id: id, mark: mark, tags: list, comment: comment.text.replace(/\s+/g, " ").trim() }, (answer, error) => {
            if (error) {
                Toasts.show(error.message);
                return;
            }
            inspector.requests.note(id, mark, list);
            Toasts.show(qsTr("Note saved"));
        });
    }
    FormRow {
        Layout.margins: Theme.s4
        Layout.bottomMargin: 0
        Layout.fillWidth: true
        label: qsTr("Mark")
        Row {
            spacing: 6
            Repeater {
                model: 9
                Rectangle {
                    id: dot
                    required property int index
                    width: Theme.px(26)
                    height: width
                    radius: width / 2
                    color: index === 0 ? Theme.surface : Theme.series[index - 1]
                    border.width: tab.mark === index ? 3 : 1
                    border.color: tab.mark === index ? Theme.focus : Theme.borderStrong
                    activeFocusOnTab: true
                    Accessible.role: Accessible.RadioButton
                    Accessible.name: index === 0 ? qsTr("No mark") : qsTr("Mark %1").arg(index)
                    Accessible.checked: tab.mark === index
                    Keys.onSpacePressed: tab.mark = index
                    TapHandler { onTapped: tab.mark = dot.index }
                    Label { anchors.centerIn: parent; role: "badge"; color: dot.index === 0 ? Theme.text2 : Theme.surface; text: dot.index === 0 ? "–" : dot.index }
                }
            }
        }
    }
    FormRow {
        Layout.leftMargin: Theme.s4
        Layout.rightMargin: Theme.s4
        Layout.fillWidth: true
        label: qsTr("Tags")
        Field { id: tags; Layout.fillWidth: true; text: (tab.r.tags ?? []).join(", "); placeholderText: qsTr("slow, ask provider"); Accessible.name: qsTr("Tags, parted by commas") }
    }
    FormRow {
        Layout.leftMargin: Theme.s4
        Layout.rightMargin: Theme.s4
        Layout.fillWidth: true
        label: qsTr("Comment")
        TextBlock { id: comment; Layout.fillWidth: true; implicitHeight: Theme.px(110); mono: false; text: tab.r.comment ?? "" }
    }
    Button {
        Layout.leftMargin: Theme.s4
        kind: "primary"
        text: qsTr("Save note")
        onClicked: tab.save()
    }
    Item { Layout.fillHeight: true }
}
