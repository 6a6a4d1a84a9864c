// SPDX-License-Identifier: GPL-3.0-or-later
// The same call for a shell, Python and JavaScript, with the token as a variable.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

ColumnLayout {
    id: code

    property var body: ({})
    property string language: "curl"
    readonly property string text: {
        const json = JSON.stringify(body, null, 2);
        const base = Snapshot.baseUrl;
        if (language === "python")
            return "from openai import OpenAI\nimport os\n\nclient = OpenAI(base_url=\"" + base + "/v1\", api_key=os.environ[\"TOLLGATE_TOKEN\"])\n"
                + "stream = client.chat.completions.create(\n    model=" + JSON.stringify(body.model) + ",\n    messages=" + JSON.stringify(body.messages)
                + ",\n    stream=True,\n)\nfor event in stream:\n    if event.choices:\n        print(event.choices[0].delta.content or \"\", end=\"\")\n";
        if (language === "js")
            return "import OpenAI from \"openai\";\n\nconst client = new OpenAI({ baseURL: \"" + base + "/v1\", apiKey: process.env.TOLLGATE_TOKEN });\n"
                + "const stream = await client.chat.completions.create(" + json + ");\nfor await (const event of stream)\n    process.stdout.write(event.choices[0]?.delta?.content ?? \"\");\n";
        return "curl -N " + base + "/v1/chat/completions \\\n  -H \"Authorization: Bearer $TOLLGATE_TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '"
            + json.replace(/'/g, "'\\''") + "'\n";
    }

    spacing: Theme.s3
    RowLayout {
        spacing: Theme.s3
        Segments {
            hint: qsTr("Language")
            options: [{ value: "curl", text: "curl" }, { value: "python", text: "Python" }, { value: "js", text: "JavaScript" }]
            value: code.language
            onChosen: picked => code.language = picked
        }
        Item { Layout.fillWidth: true }
        Button {
            small: true
            symbol: "copy"
            text: qsTr("Copy code")
            onClicked: {
                System.copy(code.text);
                Toasts.show(qsTr("Code copied"));
            }
        }
    }
    TextBlock { Layout.fillWidth: true; Layout.fillHeight: true; readOnly: true; text: code.text }
}
