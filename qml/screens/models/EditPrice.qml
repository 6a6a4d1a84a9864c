// SPDX-License-Identifier: GPL-3.0-or-later
// A price of one's own for a model; it holds for requests from now on.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Sheet {
    id: sheet

    property var before: null // the row that is changed; null: a new one
    property string problem: ""

    function fill(price: var) {
        model.text = price.model ?? "";
        provider.text = price.provider ?? "";
        input.text = price.input ?? "";
        output.text = price.output ?? "";
        read.text = price.cache_read ?? "";
        write.text = price.cache_write ?? "";
        problem = "";
    }
    function add() {
        before = null;
        fill({});
        open();
        model.forceActiveFocus();
    }
    function change(price: var) {
        before = price;
        fill(price);
        open();
        input.forceActiveFocus();
        input.selectAll();
    }
    function save() {
        const fields = { model: model.text.trim() };
        const number = (name, field) => {
            if (field.text.trim() !== "")
                fields[name] = field.text.trim().replace(",", ".");
        };
        if (provider.text.trim() !== "")
            fields.provider = provider.text.trim();
        number("input", input);
        number("output", output);
        number("cache_read", read);
        number("cache_write", write);
        const owned = before !== null && before.source === "user";
        const old = before;
        Backend.call("price set", fields, (answer, error) => {
            problem = error ? error.message : "";
            if (error)
                return;
            close();
            Toasts.show(qsTr("Price set"), () => {
                if (owned)
                    Backend.call("price set", again(old));
                else
                    Backend.call("price unset", which(fields));
            });
        });
    }
    function which(price: var): var {
        return price.provider ? { model: price.model, provider: price.provider } : { model: price.model };
    }
    function again(price: var): var {
        const fields = which(price);
        for (const name of ["input", "output", "cache_read", "cache_write"])
            if (price[name] !== null && price[name] !== undefined)
                fields[name] = price[name];
        return fields;
    }

    wide: 520
    title: before === null ? qsTr("Set a price") : qsTr("Price of %1").arg(Format.line(before.model, 40))
    note: qsTr("US dollars a million tokens. It holds for requests from now on; what has been recorded keeps its price.")

    component Amount: FormRow {
        id: amount
        property alias text: field.text
        function forceActiveFocus() { field.forceActiveFocus(); }
        function selectAll() { field.selectAll(); }
        Layout.preferredWidth: 1
        Field {
            id: field
            Layout.fillWidth: true
            mono: true
            horizontalAlignment: TextInput.AlignRight
            placeholderText: "–"
            Accessible.name: amount.label
            onAccepted: sheet.save()
        }
    }

    FormRow {
        label: qsTr("Model")
        Field { id: model; Layout.fillWidth: true; mono: true; enabled: sheet.before === null; Accessible.name: qsTr("Model") }
    }
    FormRow {
        label: qsTr("Provider")
        hint: qsTr("Left empty, the price holds for the model wherever it is served.")
        Field { id: provider; Layout.fillWidth: true; mono: true; enabled: sheet.before === null; Accessible.name: qsTr("Provider") }
    }
    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.s4
        Amount { id: input; label: qsTr("Input") }
        Amount { id: output; label: qsTr("Output") }
        Amount { id: read; label: qsTr("Cache read") }
        Amount { id: write; label: qsTr("Cache write") }
    }
    InlineMessage { Layout.fillWidth: true; text: sheet.problem }
    foot: [
        Button {
            visible: sheet.before !== null && sheet.before.source === "user"
            kind: "danger"
            text: qsTr("Remove")
            hint: qsTr("The catalogue's price holds again, if there is one")
            onClicked: {
                const old = sheet.before;
                Backend.call("price unset", sheet.which(old), (answer, error) => {
                    sheet.problem = error ? error.message : "";
                    if (error)
                        return;
                    sheet.close();
                    Toasts.show(qsTr("Price removed"), () => Backend.call("price set", sheet.again(old)));
                });
            }
        },
        Item { Layout.fillWidth: true },
        Button { text: qsTr("Cancel"); onClicked: sheet.close() },
        Button { kind: "primary"; text: qsTr("Set price"); enabled: model.text.trim() !== ""; onClicked: sheet.save() }
    ]
}
