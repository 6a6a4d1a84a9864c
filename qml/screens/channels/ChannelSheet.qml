// SPDX-License-Identifier: GPL-3.0-or-later
// Adding a channel, in two steps and one sheet, or changing one: preset, key, models, test. What is
// typed is tested as it stands; nothing is stored before Save.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Sheet {
    id: sheet

    property var taken: [] // names
    property var editing: null
    property var provider: null
    property string problem: ""
    property string wrong: ""
    property var restKeys: [] // of what was pasted, after the first
    property string keyVariable: ""
    readonly property bool choosing: provider === null
    readonly property var keyLines: keys.text.split(/\s+/).filter(one => one !== "")
    readonly property bool doubled: new Set(keyLines).size < keyLines.length
    signal saved(string name)

    wide: 680
    title: editing ? qsTr("Edit %1").arg(Format.line(editing.name, 40)) : choosing ? qsTr("Add channel") : qsTr("Add %1").arg(provider.name)
    note: choosing ? qsTr("One account at a provider, or a server of your own. Keys go to the keychain of this computer.")
                   : qsTr("A test sends one small real request. Nothing is stored before Save.")

    function clear() {
        problem = "";
        wrong = "";
        keyVariable = "";
        steps.forget();
        for (const field of [name, url, keys, models, map, weight, proxy, headers])
            field.text = "";
        local.checked = false;
        more.checked = false;
        presets.search.clear();
    }
    function add(draft: var) {
        editing = null;
        provider = null;
        clear();
        open();
        if (draft)
            fill(draft);
        else
            presets.search.forceActiveFocus();
    }
    function edit(one: var) {
        clear();
        editing = one;
        provider = known(one.provider);
        name.text = one.name;
        url.text = one.base_url;
        models.text = (one.models ?? []).join("\n");
        map.text = Object.keys(one.model_map ?? {}).map(from => from + " = " + one.model_map[from]).join("\n");
        weight.text = one.weight;
        proxy.text = one.proxy ?? "";
        headers.text = (one.headers ?? []).map(header => header.name + ": " + header.value).join("\n");
        local.checked = one.local === true;
        open();
    }
    function known(id: string): var {
        return (kinds.answer.providers ?? []).find(one => one.id === id) ?? { id: id, name: id, base_url: "", needs_key: true, tile: { initials: "?", colour: "#475569" } };
    }
    function choose(picked: var) {
        provider = picked;
        name.text = freeName(picked.id === "openai-compatible" ? "" : picked.name);
        url.text = picked.base_url ?? "";
        local.checked = picked.local === true;
        if (picked.environment && !picked.needs_key)
            keyVariable = "";
        Qt.callLater(() => (url.text === "" ? url : picked.needs_key ? keys.area : models.area).forceActiveFocus());
    }
    function fill(draft: var) {
        choose(known(draft.provider));
        if (draft.name)
            name.text = freeName(draft.name);
        if (draft.base_url)
            url.text = draft.base_url;
        if (draft.keys)
            keys.text = draft.keys.map(one => one.key).join("\n");
        if (draft.key_env)
            keyVariable = draft.key_env;
        if (draft.models)
            models.text = draft.models.join("\n");
        if (/^https?:\/\/(localhost|127\.|192\.168\.|10\.)/.test(url.text))
            local.checked = true;
    }
    function freeName(wanted: string): string {
        let free = wanted;
        for (let n = 2; taken.includes(free); ++n)
            free = wanted + " " + n;
        return free;
    }
    function lines(text: string): var {
        return text.split(/[\n,]/).map(one => one.trim()).filter(one => one !== "");
    }
    function fields(): var {
        const out = { base_url: url.text.trim(), models: lines(models.text), local: local.checked };
        const pairs = {};
        for (const line of lines(map.text)) {
            const at = line.search(/=|→|->/);
            if (at > 0)
                pairs[line.slice(0, at).trim()] = line.slice(at).replace(/^(=|→|->)/, "").trim();
        }
        out.model_map = pairs;
        if (weight.text.trim() !== "")
            out.weight = Number(weight.text);
        out.proxy = proxy.text.trim();
        out.headers = headers.text.split("\n").filter(line => line.includes(":")).map(line => ({
            name: line.slice(0, line.indexOf(":")).trim(), value: line.slice(line.indexOf(":") + 1).trim() }));
        return out;
    }
    function test() {
        const wanted = fields();
        if (editing)
            wanted.channel = editing.name;
        else
            wanted.provider = provider.id;
        if (keyLines.length > 0)
            wanted.key = keyLines[0];
        else if (keyVariable !== "")
            wanted.key_env = keyVariable;
        if (wanted.models.length === 0)
            wanted.model = tryModel.text.trim();
        problem = "";
        wrong = "";
        steps.start(wanted);
    }
    function save() {
        const wanted = fields();
        let left = keyLines;
        const newName = name.text.trim();
        if (editing) {
            wanted.channel = editing.name;
            if (newName !== editing.name)
                wanted.name = newName;
        } else {
            wanted.name = newName;
            wanted.provider = provider.id;
            if (left.length > 0) {
                wanted.key = left[0];
                left = left.slice(1);
            } else if (keyVariable !== "") {
                wanted.key_env = keyVariable;
            }
        }
        Backend.call(editing ? "channel update" : "channel add", wanted, (answer, error) => {
            if (error) {
                problem = error.message;
                wrong = error.param;
                return;
            }
            addKeys(newName, left);
        });
    }
    function addKeys(channel: string, left: var) {
        if (left.length === 0) {
            saved(channel);
            close();
            Toasts.show(editing ? qsTr("%1 changed").arg(channel) : qsTr("%1 added").arg(channel));
            return;
        }
        Backend.call("channel key add", { channel: channel, key: left[0] }, (answer, error) => {
            if (error)
                problem = error.message;
            else
                addKeys(channel, left.slice(1));
        });
    }

    Query { id: kinds; command: "provider list"; active: true }
    Query {
        id: preview
        command: "channel preview"
        active: sheet.opened && !sheet.choosing && url.text.trim() !== ""
        args: ({ provider: sheet.provider ? sheet.provider.id : "", base_url: url.text.trim() })
    }

    PresetGrid {
        id: presets
        visible: sheet.choosing
        Layout.fillWidth: true
        providers: kinds.answer.providers ?? []
        onPicked: provider => sheet.choose(provider)
    }
    ColumnLayout {
        visible: !sheet.choosing
        Layout.fillWidth: true
        spacing: Theme.s5

        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.s4
            ProviderTile {
                size: Theme.px(40)
                initials: sheet.provider ? sheet.provider.tile.initials : ""
                colour: sheet.provider ? sheet.provider.tile.colour : Theme.text2
            }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: 1
                Label { role: "strong"; text: sheet.provider ? sheet.provider.name : "" }
                Label { role: "caption"; color: Theme.text3; text: sheet.provider && sheet.provider.dialects ? sheet.provider.dialects.join(" · ") : "" }
            }
            Button { visible: sheet.editing === null; small: true; kind: "quiet"; text: qsTr("Another provider"); onClicked: sheet.provider = null }
        }
        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.s4
            FormRow {
                label: qsTr("Name")
                error: sheet.wrong === "name" ? sheet.problem : ""
                Field { id: name; Layout.fillWidth: true; invalid: sheet.wrong === "name"; placeholderText: qsTr("Work account"); Accessible.name: qsTr("Name") }
            }
            FormRow {
                Layout.maximumWidth: Theme.px(110)
                label: qsTr("Weight")
                Field { id: weight; Layout.fillWidth: true; mono: true; placeholderText: "1"; Accessible.name: qsTr("Weight in its tier") }
            }
        }
        FormRow {
            label: qsTr("Base URL")
            error: sheet.wrong === "base_url" ? sheet.problem : preview.error && url.text.trim() !== "" ? preview.error.message : ""
            Field {
                id: url
                Layout.fillWidth: true
                mono: true
                invalid: sheet.wrong === "base_url" || (steps.asked && !steps.running && steps.answer.field === "base_url")
                placeholderText: "https://api.example.org/v1"
                Accessible.name: qsTr("Base URL")
            }
            Repeater {
                model: preview.error || url.text.trim() === "" ? [] : preview.answer.urls ?? []
                Label {
                    required property var modelData
                    Layout.fillWidth: true
                    role: "mono"
                    color: Theme.text3
                    elide: Text.ElideMiddle
                    text: "→ " + modelData.url
                }
            }
            Repeater {
                model: preview.error || url.text.trim() === "" ? [] : preview.answer.warnings ?? []
                RowLayout {
                    id: warning
                    required property var modelData
                    Layout.fillWidth: true
                    spacing: 6
                    Icon { name: "warning"; size: 14; color: Theme.warn }
                    Label { Layout.fillWidth: true; wrapMode: Text.Wrap; color: Theme.warn; text: warning.modelData }
                }
            }
        }
        FormRow {
            label: sheet.editing ? qsTr("More keys") : qsTr("Key")
            hint: sheet.keyVariable !== "" && keys.text === "" ? qsTr("Taken from the environment variable %1; nothing is copied.").arg(sheet.keyVariable)
                : sheet.keyLines.length > 1 ? qsTr("%1 keys; requests take turns.").arg(sheet.keyLines.length)
                : sheet.provider && !sheet.provider.needs_key ? qsTr("Not needed. If the server wants one, put it here.")
                : qsTr("One a line. Kept in the keychain, sent to this host alone.")
            error: sheet.doubled ? qsTr("One key stands here twice.") : sheet.wrong === "key" ? sheet.problem : ""
            TextBlock {
                id: keys
                Layout.fillWidth: true
                implicitHeight: Theme.px(sheet.keyLines.length > 1 ? 76 : 38)
                invalid: sheet.doubled || sheet.wrong === "key" || (steps.asked && !steps.running && steps.answer.field === "key")
                placeholderText: sheet.keyVariable !== "" ? "$" + sheet.keyVariable : "sk-…"
                area.Accessible.name: qsTr("Keys, one a line")
            }
            Button {
                visible: sheet.provider !== null && (sheet.provider.keys_page ?? "") !== "" && !sheet.editing
                kind: "quiet"
                small: true
                symbol: "external"
                text: qsTr("Get a key from %1").arg(sheet.provider ? sheet.provider.name : "")
                onClicked: Qt.openUrlExternally(sheet.provider.keys_page)
            }
        }
        FormRow {
            label: qsTr("Models")
            hint: sheet.lines(models.text).length === 0 ? qsTr("As clients ask for them, one a line; * stands for any letters. They can be fetched after saving.")
                                                       : sheet.lines(models.text).length === 1 ? qsTr("1 model") : qsTr("%1 models").arg(sheet.lines(models.text).length)
            error: sheet.wrong === "models" ? sheet.problem : ""
            TextBlock {
                id: models
                Layout.fillWidth: true
                implicitHeight: Theme.px(88)
                invalid: sheet.wrong === "models"
                placeholderText: "gpt-5\ngpt-5-mini"
                area.Accessible.name: qsTr("Models, one a line")
            }
        }
        FormRow {
            visible: sheet.lines(models.text).length === 0
            label: qsTr("Model to test with")
            Field { id: tryModel; Layout.fillWidth: true; mono: true; placeholderText: "gpt-5-mini"; Accessible.name: qsTr("Model to test with") }
        }
        Button {
            id: more
            checkable: true
            kind: "quiet"
            symbol: checked ? "chevron-down" : "chevron-right"
            text: qsTr("More")
        }
        FormRow {
            visible: more.checked
            label: qsTr("Other names at the provider")
            hint: qsTr("requested = provider's, one a line")
            TextBlock { id: map; Layout.fillWidth: true; implicitHeight: Theme.px(64); placeholderText: "fast = gpt-5-mini"; area.Accessible.name: qsTr("Model names at the provider") }
        }
        FormRow {
            visible: more.checked
            label: qsTr("Headers")
            hint: qsTr("Sent with each request, one a line")
            error: sheet.wrong === "headers" ? sheet.problem : ""
            TextBlock { id: headers; Layout.fillWidth: true; implicitHeight: Theme.px(64); placeholderText: "X-Team: research"; area.Accessible.name: qsTr("Headers") }
        }
        FormRow {
            visible: more.checked
            label: qsTr("Proxy")
            error: sheet.wrong === "proxy" ? sheet.problem : ""
            Field { id: proxy; Layout.fillWidth: true; mono: true; placeholderText: "socks5h://127.0.0.1:1080"; Accessible.name: qsTr("Proxy") }
        }
        CheckMark { id: local; visible: more.checked || checked; text: qsTr("It runs on this computer or network (allows private addresses and http://)") }
        TestSteps { id: steps; Layout.fillWidth: true }
        InlineMessage {
            Layout.fillWidth: true
            text: ["name", "base_url", "key", "models", "headers", "proxy"].includes(sheet.wrong) ? "" : sheet.problem
        }
    }
    foot: [
        Button {
            visible: !sheet.choosing
            symbol: "bolt"
            text: steps.running ? qsTr("Testing…") : qsTr("Test")
            enabled: !steps.running && (sheet.lines(models.text).length > 0 || tryModel.text.trim() !== "")
            onClicked: sheet.test()
        },
        Item { Layout.fillWidth: true },
        Button { text: qsTr("Cancel"); onClicked: sheet.close() },
        Button {
            visible: !sheet.choosing
            kind: "primary"
            text: qsTr("Save")
            enabled: name.text.trim() !== "" && !sheet.doubled
            onClicked: sheet.save()
        }
    ]
}
