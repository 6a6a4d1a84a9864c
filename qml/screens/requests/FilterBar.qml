// SPDX-License-Identifier: GPL-3.0-or-later
// Where the log is searched: a line in the language of filters that says where it is wrong, and the
// questions asked most as chips.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

ColumnLayout {
    id: bar

    required property RequestsModel requests
    readonly property alias field: field
    readonly property var fault: requests.fault
    readonly property bool faulty: fault.message !== undefined
    signal leaving()

    readonly property var chips: [
        { text: qsTr("Errors"), filter: "status:errors" },
        { text: qsTr("With retries"), filter: "attempts:>=2" },
        { text: qsTr("Blocked"), filter: "status:blocked" },
        { text: qsTr("Slow"), filter: "ttft:>5s" },
        { text: qsTr("Unpriced"), filter: "is:unpriced" },
        { text: qsTr("Running"), filter: "status:running" }
    ]
    readonly property var ranges: [
        { value: "", text: qsTr("All time") }, { value: "since:today", text: qsTr("Today") },
        { value: "since:24h", text: qsTr("24 h") }, { value: "since:7d", text: qsTr("7 days") }
    ]
    readonly property string range: {
        const found = words().find(word => word.startsWith("since:"));
        return found !== undefined && ranges.some(one => one.value === found) ? found : found === undefined ? "" : "other";
    }

    function words(): var {
        return requests.filter.match(/(?:[^\s"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
    }
    function has(word: string): bool {
        return words().includes(word);
    }
    function toggle(word: string) {
        put(has(word) ? words().filter(one => one !== word) : words().concat([word]));
    }
    function setRange(word: string) {
        const rest = words().filter(one => !one.startsWith("since:"));
        put(word === "" ? rest : rest.concat([word]));
    }
    function add(word: string) {
        if (!has(word))
            put(words().concat([word]));
    }
    function put(list: var) {
        requests.filter = list.join(" ");
        requests.refresh();
    }
    function quoted(text: string): string {
        return /^[\w.\/@-]+$/.test(text) ? text : "\"" + text.replace(/(["\\])/g, "\\$1") + "\"";
    }

    spacing: Theme.s3

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.s3
        Field {
            id: field
            Layout.fillWidth: true
            Layout.minimumWidth: Theme.px(220)
            symbol: "filter"
            clearable: true
            mono: true
            invalid: bar.faulty
            text: bar.requests.filter
            placeholderText: qsTr("Filter: status:failed model:gpt-* cost:>0.05 since:2h or any text")
            Accessible.name: qsTr("Filter of requests")
            Accessible.description: bar.faulty ? bar.fault.message + " " + bar.fault.hint : ""
            onTextEdited: {
                bar.requests.filter = text;
                completion.look();
            }
            onTextChanged: if (!activeFocus) bar.requests.filter = text
            Keys.onEscapePressed: {
                if (completion.opened) {
                    completion.close();
                } else if (text !== "") {
                    text = "";
                    bar.requests.filter = "";
                } else {
                    bar.leaving();
                }
            }
            Keys.onDownPressed: if (completion.opened) completion.step(1); else bar.leaving()
            Keys.onUpPressed: if (completion.opened) completion.step(-1)
            Keys.onReturnPressed: {
                if (completion.opened && completion.at >= 0)
                    completion.take(completion.at);
                else
                    bar.requests.refresh();
            }
            Keys.onTabPressed: event => {
                if (completion.opened && completion.values.length > 0)
                    completion.take(Math.max(0, completion.at));
                else
                    event.accepted = false;
            }
            Rectangle { // under what makes no sense
                readonly property rect from: field.positionToRectangle(bar.faulty ? Math.min(bar.fault.at, field.length) : 0)
                readonly property rect to: field.positionToRectangle(bar.faulty ? Math.min(bar.fault.at + bar.fault.length, field.length) : 0)
                visible: bar.faulty
                x: from.x
                y: from.y + from.height
                width: Math.max(8, to.x - from.x)
                height: 2
                color: Theme.err
            }
            Connections {
                target: bar.requests
                function onFilterChanged() {
                    if (field.text !== bar.requests.filter)
                        field.text = bar.requests.filter;
                }
            }
        }
        Segments {
            hint: qsTr("Range of time")
            options: bar.ranges
            value: bar.range
            onChosen: picked => bar.setRange(picked)
        }
    }
    RowLayout { // said in words, with what would make sense
        visible: bar.faulty
        spacing: 6
        Icon { name: "error"; color: Theme.err }
        Label {
            Layout.fillWidth: true
            role: "caption"
            color: Theme.err
            text: bar.faulty ? bar.fault.message + " " + bar.fault.hint : ""
        }
    }
    Flow {
        Layout.fillWidth: true
        spacing: 6
        Repeater {
            model: bar.chips
            T.Button {
                id: chip
                required property var modelData
                readonly property bool on: bar.has(modelData.filter)
                implicitHeight: Theme.px(26)
                implicitWidth: chipText.implicitWidth + (on ? 40 : 22)
                focusPolicy: Qt.StrongFocus
                checkable: true
                checked: on
                text: modelData.text
                Accessible.role: Accessible.CheckBox
                onClicked: bar.toggle(modelData.filter)
                background: Rectangle {
                    radius: height / 2
                    color: chip.on ? Theme.selected : chip.hovered ? Theme.hover : Theme.surface
                    border.width: 1
                    border.color: chip.on ? Theme.accent : Theme.border
                    FocusRing { target: chip }
                }
                contentItem: Item {
                    Icon {
                        x: 9
                        anchors.verticalCenter: parent.verticalCenter
                        visible: chip.on
                        name: "check"
                        size: 12
                        color: Theme.accent
                    }
                    Label {
                        id: chipText
                        x: chip.on ? 26 : 11
                        anchors.verticalCenter: parent.verticalCenter
                        role: "caption"
                        color: chip.on ? Theme.accent : Theme.text2
                        text: chip.text
                    }
                }
            }
        }
    }

    T.Popup { // values of a field, with how often there were
        id: completion
        property var values: []
        property int at: -1
        property string asked: ""
        property int from: 0

        parent: field
        y: field.height + 2
        x: Math.min(field.positionToRectangle(from).x, Math.max(0, field.width - width))
        width: Theme.px(280)
        height: Math.min(values.length, 8) * Theme.controlSmall + 8
        padding: 4
        closePolicy: T.Popup.CloseOnPressOutsideParent
        background: PopupFrame { }

        function look() {
            const before = field.text.slice(0, field.cursorPosition);
            const found = before.match(/(?:^|[\s(,-])([a-z_]+):"?([^\s"<>=(),]*)$/i);
            if (!found) {
                close();
                return;
            }
            from = before.length - found[2].length;
            asked = before;
            Backend.call("log fields", { field: found[1].toLowerCase(), prefix: found[2], limit: 8 }, (answer, error) => {
                if (asked !== before || error)
                    return;
                values = (answer.values ?? []).filter(one => one.value !== found[2]);
                at = -1;
                if (values.length > 0 && field.activeFocus)
                    open();
                else
                    close();
            });
        }
        function step(by: int) {
            at = (at + by + values.length) % values.length;
        }
        function take(index: int) {
            const start = from - (field.text[from - 1] === "\"" ? 1 : 0);
            const word = bar.quoted(values[index].value);
            field.text = field.text.slice(0, start) + word + " " + field.text.slice(field.cursorPosition).trimStart();
            field.cursorPosition = start + word.length + 1;
            bar.requests.filter = field.text;
            close();
        }
        contentItem: ListView {
            model: completion.values
            interactive: false
            delegate: Rectangle {
                id: option
                required property var modelData
                required property int index
                width: ListView.view.width
                height: Theme.controlSmall
                radius: Theme.radius
                color: index === completion.at || over.hovered ? Theme.selected : "transparent"
                Label {
                    anchors.left: parent.left
                    anchors.leftMargin: 8
                    anchors.right: times.left
                    anchors.rightMargin: 8
                    anchors.verticalCenter: parent.verticalCenter
                    role: "mono"
                    text: Format.line(option.modelData.value, 60)
                }
                Label {
                    id: times
                    anchors.right: parent.right
                    anchors.rightMargin: 8
                    anchors.verticalCenter: parent.verticalCenter
                    role: "mono"
                    color: Theme.text3
                    text: Format.amount(option.modelData.count)
                }
                HoverHandler { id: over }
                TapHandler { onTapped: completion.take(option.index) }
            }
        }
    }
}
