// SPDX-License-Identifier: GPL-3.0-or-later
// What went over the wire on both sides: as the client sent and got it, and as the provider did. Long
// ones are read in pieces.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate
import Tollgate.App

Item {
    id: tab

    required property var inspector
    readonly property var bodies: inspector.full.bodies
    readonly property int piece: 262144
    property string side: "client"
    property int attempt: 1
    property bool pretty: true
    readonly property var attempts: [...new Set(bodies.parts.filter(part => part.attempt > 0).map(part => part.attempt))]
    readonly property bool wide: width > Theme.px(900)
    property string half: "request"

    function name(part: string): string {
        return (side === "client" ? "client_" : "upstream_") + part;
    }
    NotKept { anchors.fill: parent; visible: !tab.bodies.kept; bodies: tab.bodies }

    component BodyView: ColumnLayout {
        id: view
        required property string which
        required property string title
        property string text: ""
        property real total: 0
        property real read: 0
        property bool cut: false
        property string trouble: ""
        readonly property string key: [tab.inspector.requestId, which, tab.side === "client" ? 0 : tab.attempt].join(" ")
        onKeyChanged: load(0)
        Component.onCompleted: load(0)
        function load(offset: real) {
            if (!tab.bodies.kept)
                return;
            const asked = key;
            const args = { id: tab.inspector.requestId, which: which, offset: offset, limit: tab.piece };
            if (tab.side !== "client")
                args.attempt = tab.attempt;
            Backend.call("log body", args, (answer, error) => {
                if (asked !== view.key)
                    return;
                trouble = error ? error.message : "";
                if (error) {
                    text = "";
                    total = read = 0;
                    return;
                }
                const words = answer.text ?? qsTr("[not text: %1 bytes in base64]\n").arg(answer.length) + answer.base64;
                text = offset === 0 ? words : text + words;
                total = answer.total;
                read = offset + answer.length;
                cut = answer.truncated;
            });
        }
        function shown(): string {
            if (!tab.pretty || read < total)
                return text;
            try {
                return JSON.stringify(JSON.parse(text), null, 2);
            } catch (asItIs) {
                return text;
            }
        }
        spacing: 6
        RowLayout {
            Layout.fillWidth: true
            Label { role: "strong"; text: view.title }
            Label { role: "caption"; Layout.fillWidth: true; text: view.total > 0 ? qsTr("%1 bytes").arg(Format.count(view.total)) + (view.cut ? " · " + qsTr("cut when it was kept") : "") : "" }
            IconButton { symbol: "copy"; hint: qsTr("Copy %1").arg(view.title); onClicked: { System.copy(view.text); Toasts.show(qsTr("Copied")); } }
        }
        InlineMessage {
            Layout.fillWidth: true
            tone: "info"
            text: view.trouble === "" ? "" : view.which === "upstream_request" ? qsTr("The provider was sent exactly what the client sent.") : view.trouble
        }
        TextBlock {
            Layout.fillWidth: true
            Layout.fillHeight: true
            visible: view.trouble === ""
            readOnly: true
            text: view.shown()
            area.wrapMode: TextEdit.WrapAnywhere
        }
        Button {
            visible: view.read < view.total
            small: true
            text: qsTr("Load the next of %1 bytes").arg(Format.count(view.total - view.read))
            onClicked: view.load(view.read)
        }
    }
    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.s4
        visible: tab.bodies.kept
        spacing: Theme.s3
        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.s3
            Segments {
                hint: qsTr("Side")
                options: [{ value: "client", text: qsTr("Client") }, { value: "upstream", text: qsTr("Provider") }]
                value: tab.side
                onChosen: picked => tab.side = picked
            }
            Segments {
                visible: !tab.wide
                hint: qsTr("Part")
                options: [{ value: "request", text: qsTr("Request") }, { value: "answer", text: qsTr("Answer") }]
                value: tab.half
                onChosen: picked => tab.half = picked
            }
            Segments {
                visible: tab.side === "upstream" && tab.attempts.length > 1
                hint: qsTr("Attempt")
                options: tab.attempts.map(number => ({ value: number, text: String(number) }))
                value: tab.attempt
                onChosen: picked => tab.attempt = picked
            }
            Item { Layout.fillWidth: true }
            Segments {
                hint: qsTr("Form")
                options: [{ value: true, text: qsTr("Pretty") }, { value: false, text: qsTr("Raw") }]
                value: tab.pretty
                onChosen: picked => tab.pretty = picked
            }
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: Theme.s4
            BodyView {
                visible: tab.wide || tab.half === "request"
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
                which: tab.name("request")
                title: tab.side === "client" ? qsTr("What the client sent") : qsTr("What the provider was sent")
            }
            BodyView {
                visible: tab.wide || tab.half === "answer"
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
                which: tab.name("answer")
                title: tab.side === "client" ? qsTr("What the client got") : qsTr("What the provider answered")
            }
        }
    }
}
