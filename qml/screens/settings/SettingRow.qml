// SPDX-License-Identifier: GPL-3.0-or-later
// One setting of the engine: its control, what it does, its default, and what was wrong with the last
// value tried.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Card {
    id: row

    required property var modelData
    property string problem: ""
    readonly property string type: modelData.type
    readonly property string shownDefault: words(modelData.default)

    Layout.fillWidth: true

    function words(value: var): string {
        if (Array.isArray(value))
            return value.length > 0 ? value.join(", ") : qsTr("none");
        if (value === true)
            return qsTr("on");
        if (value === false)
            return qsTr("off");
        return value === "" || value === undefined || value === null ? qsTr("none")
            : value + (modelData.unit ? " " + modelData.unit : "");
    }
    function set(value: var) {
        const before = modelData.is_default ? null : modelData.value;
        const name = modelData.name;
        Backend.call("settings set", { name: name, value: value }, (answer, error) => {
            row.problem = error ? error.message : "";
            if (!error)
                Toasts.show(modelData.restart ? qsTr("Setting changed; it holds from the next start") : qsTr("Setting changed"),
                    () => before === null ? Backend.call("settings unset", { name: name })
                                          : Backend.call("settings set", { name: name, value: before }));
        });
    }

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.s4
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 2
            Label { role: "strong"; Layout.fillWidth: true; text: row.modelData.title ?? row.modelData.what; wrapMode: Text.Wrap }
            Label {
                Layout.fillWidth: true
                visible: row.modelData.title !== undefined
                text: row.modelData.what
                color: Theme.text2
                wrapMode: Text.Wrap
            }
            Label {
                Layout.fillWidth: true
                role: "caption"
                color: Theme.text3
                text: row.modelData.name + " · " + qsTr("default: %1").arg(row.shownDefault)
                    + (row.modelData.restart ? " · " + qsTr("holds from the next start") : "")
                wrapMode: Text.Wrap
            }
        }
        Toggle {
            visible: row.type === "boolean"
            hint: row.modelData.what
            checked: row.modelData.value === true
            onToggled: {
                row.set(checked);
                checked = Qt.binding(() => row.modelData.value === true);
            }
        }
        Choice {
            visible: row.type === "choice"
            hint: row.modelData.what
            options: (row.modelData.choices ?? []).map(one => ({ value: one, text: one }))
            value: row.modelData.value
            onChosen: picked => row.set(picked)
        }
        Field {
            visible: row.type === "integer"
            implicitWidth: 130
            mono: true
            horizontalAlignment: TextInput.AlignRight
            text: row.type === "integer" ? String(row.modelData.value) : ""
            invalid: row.problem !== ""
            Accessible.name: row.modelData.what
            onEditingFinished: if (text !== String(row.modelData.value)) row.set(Number(text))
        }
        Label { visible: row.type === "integer" && (row.modelData.unit ?? "") !== ""; text: row.modelData.unit ?? ""; color: Theme.text2 }
        IconButton {
            visible: !row.modelData.is_default
            symbol: "undo"
            hint: qsTr("Back to the default: %1").arg(row.shownDefault)
            onClicked: Backend.call("settings unset", { name: row.modelData.name },
                (answer, error) => row.problem = error ? error.message : "")
        }
    }
    Field {
        Layout.fillWidth: true
        visible: row.type === "text" || row.type === "list"
        mono: true
        text: Array.isArray(row.modelData.value) ? row.modelData.value.join(", ") : String(row.modelData.value ?? "")
        placeholderText: row.type === "list" ? qsTr("none; several are parted by commas") : qsTr("none")
        invalid: row.problem !== ""
        Accessible.name: row.modelData.what
        readonly property string before: Array.isArray(row.modelData.value) ? row.modelData.value.join(", ") : String(row.modelData.value ?? "")
        onEditingFinished: if (visible && text !== before)
            row.set(row.type === "list" ? text.split(",").map(one => one.trim()).filter(one => one !== "") : text)
    }
    InlineMessage { Layout.fillWidth: true; text: row.problem }
}
