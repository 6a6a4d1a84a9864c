// SPDX-License-Identifier: GPL-3.0-or-later
// The request in one sentence, its figures, what it cost line by line, and where one can go from here.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Flickable {
    id: tab

    required property var inspector
    readonly property var r: inspector.request
    readonly property var full: inspector.full

    contentHeight: column.implicitHeight + 2 * Theme.s4
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    T.ScrollBar.vertical: ScrollBar { }

    function sentence(): string {
        const who = r.client ? r.client : r.token ? r.token.name : qsTr("Somebody");
        const model = Format.line(r.model ?? "", 60);
        const by = r.channel ? r.channel.name : "";
        const tries = full ? full.attempts : [];
        const parts = [];
        if (inspector.running) {
            parts.push(by !== "" ? qsTr("%1 asked for %2; %3 is answering.").arg(who).arg(model).arg(by) : qsTr("%1 asked for %2.").arg(who).arg(model));
            return parts.join(" ");
        }
        switch (r.state) {
        case "blocked":
            parts.push(qsTr("%1 asked for %2 and was refused here, before any channel was asked.").arg(who).arg(model));
            break;
        case "left":
            parts.push(qsTr("%1 asked for %2 and left before the answer was complete.").arg(who).arg(model));
            break;
        case "failed":
            parts.push(by !== "" ? qsTr("%1 asked for %2; %3 could not answer.").arg(who).arg(model).arg(by) : qsTr("%1 asked for %2; nobody could answer.").arg(who).arg(model));
            break;
        case "error_in_200":
            parts.push(qsTr("%1 asked for %2; %3 began to answer and then failed.").arg(who).arg(model).arg(by));
            break;
        default:
            if (tries.length > 1) {
                const before = tries[0];
                parts.push(qsTr("%1 asked for %2 and was served by %3 after %4 answered %5.").arg(who).arg(model).arg(by)
                    .arg(before.channel ? before.channel.name : "–").arg(before.status > 0 ? before.status : before.error));
            } else {
                parts.push(qsTr("%1 asked for %2 and was served by %3.").arg(who).arg(model).arg(by));
            }
        }
        const facts = [];
        if (r.input_tokens > 0)
            facts.push(qsTr("%1 in").arg(Format.amount(r.input_tokens)));
        if (r.output_tokens > 0)
            facts.push(qsTr("%1 out").arg(Format.amount(r.output_tokens)));
        if (r.unpriced)
            facts.push(qsTr("no price known"));
        else if (r.cost_nano > 0)
            facts.push(Format.money(r.cost_nano, r.estimated));
        if (r.ttft_us !== null && r.ttft_us !== undefined)
            facts.push(qsTr("%1 to the first token").arg(Format.duration(r.ttft_us)));
        if (facts.length > 0)
            parts.push(facts.join(", ") + ".");
        return parts.join(" ");
    }
    function kind(name: string): string {
        switch (name) {
        case "input": return qsTr("Input");
        case "output": return qsTr("Output");
        case "cache_read": return qsTr("Read from cache");
        case "cache_write": return qsTr("Written to cache");
        case "cache_write_1h": return qsTr("Written to cache for 1 h");
        case "reasoning": return qsTr("Reasoning");
        case "audio_input": return qsTr("Audio in");
        case "audio_output": return qsTr("Audio out");
        case "image_input": return qsTr("Images in");
        case "image_output": return qsTr("Image tokens out");
        case "image": return qsTr("Images");
        case "audio_input_time": return qsTr("Seconds heard");
        case "audio_output_time": return qsTr("Seconds spoken");
        case "character": return qsTr("Characters");
        case "search": return qsTr("Searches");
        default: return qsTr("Request");
        }
    }
    function rate(line: var): string { // US dollars a million tokens, or a piece
        const million = line.unit === "token" || line.unit === "character";
        const value = line.unit_price_pico * (million ? 1e6 : 1) / 1e12;
        return "$" + value.toLocaleString(Qt.locale("C"), "f", value >= 0.1 || value === 0 ? 2 : 4) + (million ? qsTr(" / M") : "");
    }

    ColumnLayout {
        id: column
        x: Theme.s4
        y: Theme.s4
        width: tab.width - 2 * Theme.s4
        spacing: Theme.s4

        Label {
            Layout.fillWidth: true
            text: tab.sentence()
            font.pixelSize: Theme.sizeSection
            lineHeight: 1.25
            wrapMode: Text.Wrap
            maximumLineCount: 8
        }
        InlineMessage {
            Layout.fillWidth: true
            tone: tab.r.state === "blocked" || tab.r.state === "left" ? "warn" : "err"
            text: (tab.r.error ?? "") !== "" ? Format.line(tab.r.error_text !== "" ? tab.r.error_text : tab.r.error, 400) : ""
        }
        GridLayout { // the figures that matter, large
            Layout.fillWidth: true
            columns: width > Theme.px(420) ? 4 : 2
            columnSpacing: Theme.s3
            rowSpacing: Theme.s3
            Repeater {
                model: [
                    { name: qsTr("Cost"), value: tab.r.unpriced ? qsTr("unpriced") : tab.inspector.running ? "–" : Format.money(tab.r.cost_nano ?? 0, tab.r.estimated ?? false) },
                    { name: qsTr("First token"), value: tab.r.ttft_us === null || tab.r.ttft_us === undefined ? "–" : Format.duration(tab.r.ttft_us) },
                    { name: qsTr("Total"), value: tab.r.total_us === null || tab.r.total_us === undefined ? "–" : Format.duration(tab.r.total_us) },
                    { name: qsTr("Tokens/s"), value: tab.r.speed_milli ? Format.amount(tab.r.speed_milli / 1000) : "–" }
                ]
                Rectangle {
                    required property var modelData
                    Layout.fillWidth: true
                    Layout.preferredWidth: 1
                    implicitHeight: Theme.px(58)
                    radius: Theme.radiusCard
                    color: Theme.sunken
                    Column {
                        anchors.left: parent.left
                        anchors.leftMargin: Theme.s4
                        anchors.verticalCenter: parent.verticalCenter
                        spacing: 2
                        Label { role: "caption"; text: modelData.name }
                        Label { role: "mono"; font.pixelSize: Theme.sizeSection; font.weight: Font.DemiBold; text: modelData.value }
                    }
                }
            }
        }
        ColumnLayout { // cost, line by line
            visible: tab.full !== null && tab.full.prices !== null && tab.full.prices.lines.length > 0
            Layout.fillWidth: true
            spacing: 0
            Label { role: "section"; text: qsTr("What it cost"); Layout.bottomMargin: Theme.s3 }
            Repeater {
                model: tab.full !== null && tab.full.prices !== null ? tab.full.prices.lines : []
                RowLayout {
                    required property var modelData
                    Layout.fillWidth: true
                    implicitHeight: Theme.px(26)
                    spacing: Theme.s3
                    Label { Layout.fillWidth: true; text: tab.kind(modelData.kind); color: Theme.text2 }
                    Label { role: "mono"; text: Format.count(modelData.unit === "second" ? modelData.quantity / 1000 : modelData.quantity); horizontalAlignment: Text.AlignRight; Layout.preferredWidth: Theme.px(84) }
                    Label { role: "mono"; color: Theme.text3; text: "× " + tab.rate(modelData); horizontalAlignment: Text.AlignRight; Layout.preferredWidth: Theme.px(112) }
                    Label { role: "mono"; text: Format.money(modelData.cost_nano); horizontalAlignment: Text.AlignRight; Layout.preferredWidth: Theme.px(84) }
                }
            }
            Rectangle { Layout.fillWidth: true; implicitHeight: 1; color: Theme.border; Layout.topMargin: 4; Layout.bottomMargin: 4 }
            RowLayout {
                Layout.fillWidth: true
                Label {
                    Layout.fillWidth: true
                    role: "caption"
                    text: tab.full === null || tab.full.prices === null ? ""
                        : qsTr("Price of %1 from %2").arg(Format.line(tab.full.prices.model, 60)).arg(tab.full.prices.source)
                }
                Label { role: "mono"; font.weight: Font.DemiBold; text: Format.money(tab.r.cost_nano ?? 0, tab.r.estimated ?? false) }
            }
        }
        InlineMessage {
            Layout.fillWidth: true
            tone: "warn"
            text: tab.r.unpriced && !tab.inspector.running ? qsTr("No price is known for this model, so this request has no cost. It counts nowhere as zero.") : ""
            action: Nav.find("models") ? qsTr("Set price") : ""
            onActed: Nav.go("models", { model: tab.r.served_model || tab.r.model })
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 5
            Label { role: "section"; text: qsTr("Details"); Layout.bottomMargin: 4 }
            Fact { name: qsTr("Time"); value: Format.dateTime(tab.r.time_us ?? 0) }
            Fact {
                name: qsTr("Token")
                value: tab.r.token ? Format.line(tab.r.token.name, 80) : ""
                action: qsTr("Only requests of this token")
                onActed: tab.inspector.filterWanted("token:\"" + tab.r.token.name + "\"")
            }
            Fact {
                name: qsTr("Channel")
                value: tab.r.channel ? Format.line(tab.r.channel.name, 80) : ""
                action: qsTr("Only requests of this channel")
                onActed: tab.inspector.filterWanted("channel:\"" + tab.r.channel.name + "\"")
            }
            Fact { name: qsTr("Model asked for"); value: Format.line(tab.r.model ?? "", 120); mono: true }
            Fact { name: qsTr("Model served"); value: tab.r.served_model !== tab.r.model ? Format.line(tab.r.served_model ?? "", 120) : ""; mono: true }
            Fact { name: qsTr("Client"); value: Format.line([tab.r.client, tab.r.ip].filter(one => one).join(" · "), 120) }
            Fact { name: qsTr("User agent"); value: Format.line(tab.r.user_agent ?? "", 200); mono: true }
            Fact { name: qsTr("Protocol"); value: [tab.r.dialect, tab.r.operation, tab.r.stream ? qsTr("stream") : qsTr("whole answer")].filter(one => one).join(" · ") }
            Fact { name: qsTr("Tokens in"); value: (tab.r.input_tokens ?? 0) > 0 ? Format.count(tab.r.input_tokens) + (tab.r.cached_tokens > 0 ? qsTr(", %1 of them from the cache").arg(Format.count(tab.r.cached_tokens)) : "") : "" }
            Fact { name: qsTr("Tokens out"); value: (tab.r.output_tokens ?? 0) > 0 ? Format.count(tab.r.output_tokens) + (tab.r.reasoning_tokens > 0 ? qsTr(", %1 of them reasoning").arg(Format.count(tab.r.reasoning_tokens)) : "") : "" }
            Fact { name: qsTr("Usage"); value: tab.r.estimated ? qsTr("estimated here: the provider did not tell") : "" }
            Fact { name: qsTr("Limited"); value: tab.r.lowered ? qsTr("the maximum of the answer was lowered to what the budget affords") : "" }
            Fact { name: qsTr("Finish reason"); value: Format.line(tab.r.finish ?? "", 80); mono: true }
            Fact {
                name: qsTr("Session")
                value: Format.line(tab.r.session ?? "", 80)
                mono: true
                action: qsTr("Only requests of this session")
                onActed: tab.inspector.filterWanted("session:\"" + tab.r.session + "\"")
            }
            Fact { name: qsTr("Provider's id"); value: Format.line(tab.r.vendor_id ?? "", 120); mono: true }
            Fact {
                name: qsTr("Id")
                value: tab.r.id ?? ""
                mono: true
                action: qsTr("Copy")
                onActed: { System.copy(tab.r.id); Toasts.show(qsTr("Id copied")); }
            }
        }
    }
}
