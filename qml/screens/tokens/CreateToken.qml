// SPDX-License-Identifier: GPL-3.0-or-later
// A new token in three inputs: name, budget, expiry; more behind a fold. Its text is shown once, here.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Sheet {
    id: sheet

    property string made: ""
    property string problem: ""
    property string wrong: "" // the member at fault

    title: made === "" ? qsTr("Create token") : qsTr("Token created")
    note: made === "" ? qsTr("One for each program, so that each has its own budget and can be taken back alone.")
                      : keep.checked ? qsTr("Give it to the program that will use it. It can be copied again from the list.")
                      : qsTr("Copy it now. Tollgate keeps only a fingerprint of it and cannot show it again.")

    onAboutToShow: {
        made = "";
        problem = "";
        name.clear();
        amount.clear();
        period.value = "month";
        expiry.value = "";
        keep.checked = true;
        models.clear();
        addresses.clear();
        rpm.clear();
        more.checked = false;
    }
    onOpened: name.forceActiveFocus()

    function create() {
        const fields = { name: name.text.trim(), recoverable: keep.checked };
        if (amount.text.trim() !== "")
            fields.budget = amount.text.trim().replace(",", ".") + (period.value === "total" ? "" : "/" + period.value);
        if (expiry.value !== "")
            fields.expires = expiry.value;
        const list = text => text.split(",").map(one => one.trim()).filter(one => one !== "");
        if (models.text.trim() !== "")
            fields.models = list(models.text);
        if (addresses.text.trim() !== "")
            fields.ip = list(addresses.text);
        if (rpm.text.trim() !== "")
            fields.rpm = Number(rpm.text);
        Backend.call("token add", fields, (answer, error) => {
            problem = error ? error.message : "";
            wrong = error ? error.param : "";
            if (error)
                (wrong === "budget" ? amount : name).forceActiveFocus();
            else
                made = answer.token;
        });
    }

    ColumnLayout {
        visible: sheet.made === ""
        Layout.fillWidth: true
        spacing: Theme.s5
        FormRow {
            label: qsTr("Name")
            hint: qsTr("The program or person that will use it.")
            Field {
                id: name
                Layout.fillWidth: true
                placeholderText: qsTr("Claude Code on this computer")
                invalid: sheet.wrong === "name" && sheet.problem !== ""
                onAccepted: sheet.create()
                Accessible.name: qsTr("Name")
            }
        }
        FormRow {
            label: qsTr("Budget")
            hint: qsTr("In US dollars. Left empty, nothing stops it.")
            RowLayout {
                spacing: Theme.s3
                Field {
                    id: amount
                    Layout.preferredWidth: 120
                    mono: true
                    placeholderText: qsTr("none")
                    invalid: sheet.wrong === "budget" && sheet.problem !== ""
                    onAccepted: sheet.create()
                    Accessible.name: qsTr("Budget in US dollars")
                }
                Choice {
                    id: period
                    hint: qsTr("Window of the budget")
                    options: [{ value: "day", text: qsTr("a day") }, { value: "week", text: qsTr("a week") },
                              { value: "month", text: qsTr("a month") }, { value: "total", text: qsTr("in total") }]
                    value: "month"
                    onChosen: picked => value = picked
                }
            }
        }
        FormRow {
            label: qsTr("Expires")
            Segments {
                id: expiry
                hint: qsTr("Expires")
                options: [{ value: "", text: qsTr("Never") }, { value: "7d", text: qsTr("In 7 days") },
                          { value: "30d", text: qsTr("In 30 days") }, { value: "90d", text: qsTr("In 90 days") }]
                value: ""
                onChosen: picked => value = picked
            }
        }
        CheckMark { id: keep; checked: true; text: qsTr("Keep it in the keychain, so that it can be copied again later") }
        Button {
            id: more
            checkable: true
            kind: "quiet"
            symbol: checked ? "chevron-down" : "chevron-right"
            text: qsTr("More limits")
        }
        FormRow {
            visible: more.checked
            label: qsTr("Models")
            hint: qsTr("Names parted by commas, * for any letters. Left empty, all models.")
            Field { id: models; Layout.fillWidth: true; mono: true; placeholderText: "gpt-*, claude-sonnet-*"; Accessible.name: qsTr("Models") }
        }
        FormRow {
            visible: more.checked
            label: qsTr("Addresses")
            hint: qsTr("Addresses or ranges that may use it. Left empty, any that reaches this server.")
            Field { id: addresses; Layout.fillWidth: true; mono: true; placeholderText: "127.0.0.1, 192.168.1.0/24"; Accessible.name: qsTr("Addresses") }
        }
        FormRow {
            visible: more.checked
            label: qsTr("Requests a minute")
            Field { id: rpm; Layout.preferredWidth: 120; mono: true; placeholderText: qsTr("no limit"); Accessible.name: qsTr("Requests a minute") }
        }
        InlineMessage { Layout.fillWidth: true; text: sheet.problem }
    }
    ColumnLayout {
        visible: sheet.made !== ""
        Layout.fillWidth: true
        spacing: Theme.s5
        FormRow {
            label: qsTr("Token")
            CopyField { Layout.fillWidth: true; text: sheet.made; what: qsTr("Token"); secret: true; shown: true }
        }
        FormRow {
            label: qsTr("Base URL")
            hint: qsTr("With /v1 for OpenAI clients, without it for Anthropic, Gemini and Ollama clients.")
            CopyField { Layout.fillWidth: true; text: Snapshot.baseUrl + "/v1"; what: qsTr("Base URL") }
        }
    }
    foot: [
        Item { Layout.fillWidth: true },
        Button { visible: sheet.made === ""; text: qsTr("Cancel"); onClicked: sheet.close() },
        Button { visible: sheet.made === ""; kind: "primary"; text: qsTr("Create token"); enabled: name.text.trim() !== ""; onClicked: sheet.create() },
        Button {
            visible: sheet.made !== "" && Nav.built.includes("connect")
            text: qsTr("Set up a client")
            onClicked: {
                sheet.close();
                Nav.go("connect");
            }
        },
        Button { visible: sheet.made !== ""; kind: "primary"; text: qsTr("Done"); onClicked: sheet.close() }
    ]
}
