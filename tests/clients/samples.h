// SPDX-License-Identifier: GPL-3.0-or-later
// Settings files as people have them, by format.
#pragma once

#include "core/clients/editor.h"

#include <QByteArray>

#include <vector>

namespace tollgate::clients {

struct Sample
{
    const char *name;
    QByteArray text;
    // Whether taking single keys out again must give the same bytes; an empty file or {} becomes
    // one with another layout.
    bool exact = true;
};

inline QByteArray withCarriageReturns(QByteArray text)
{
    return text.replace("\n", "\r\n");
}

inline std::vector<Sample> jsonSamples()
{
    const QByteArray populated = "{\n"
                                 "  \"theme\": \"dark\",\n"
                                 "  \"env\": {\n"
                                 "    \"HTTP_PROXY\": \"http://proxy:3128\"\n"
                                 "  },\n"
                                 "  \"security\": { \"auth\": { \"enforced\": false } },\n"
                                 "  \"big\": 12345678901234567890.10,\n"
                                 "  \"list\": [1, 2,\n     3]\n"
                                 "}\n";
    const QByteArray commented
        = "// settings\n"
          "{\n"
          "    /* look */ \"theme\": \"One // Dark\", // mine\n"
          "    \"language_models\": {\n"
          "        // local\n"
          "        \"ollama\": { \"api_url\": \"http://localhost:11434\", },\n"
          "    },\n"
          "    // \"env\": {},\n"
          "    \"z\": null, // last\n"
          "    // the end\n"
          "}\n";
    QByteArray tabs = populated;
    tabs.replace("  ", "\t");
    QByteArray huge = "{\n";
    for (int i = 0; i < 4000; ++i)
        huge += "  \"key" + QByteArray::number(i) + "\": { \"value\": [true, \"\\u00e9\"] },\n";
    huge += "  \"last\": 0\n}\n";
    return {{"populated", populated},
            {"commented", commented},
            {"carriage returns", withCarriageReturns(populated)},
            {"commented, carriage returns", withCarriageReturns(commented)},
            {"byte order mark", "\xEF\xBB\xBF" + populated},
            {"tabs", tabs},
            {"no last line end", populated.trimmed()},
            {"one line", "{\"a\":1,\"b\":{\"c\":[]}}"},
            {"one spaced line", "{ \"a\": 1, \"b\": { \"c\": [] } }\n"},
            {"empty object", "{}\n", false},
            {"empty file", "", false},
            {"huge", huge}};
}

inline std::vector<Sample> tomlSamples()
{
    const QByteArray populated = "# my settings\n"
                                 "approval_policy = \"on-request\" # ask\n"
                                 "notify = [\n  \"notify-send\", # a comment\n  \"Codex\",\n]\n"
                                 "\n"
                                 "# servers\n"
                                 "[mcp_servers.docs]\n"
                                 "command = 'npx'\n"
                                 "env = { A = \"1\", \"B.C\" = '2' }\n"
                                 "\n"
                                 "[model_providers.other]\n"
                                 "name = \"Other\"\n"
                                 "base_url = \"http://localhost:1/v1\"\n"
                                 "\n"
                                 "[[profiles_list]]\n"
                                 "prompt = \"\"\"\n[model_providers.tollgate]\nmodel = 1\n\"\"\"\n";
    QByteArray huge = populated;
    for (int i = 0; i < 4000; ++i)
        huge += "[projects.\"/srv/p" + QByteArray::number(i) + "\"]\ntrust_level = \"trusted\"\n";
    return {{"populated", populated},
            {"carriage returns", withCarriageReturns(populated)},
            {"byte order mark", "\xEF\xBB\xBF" + populated},
            {"no last line end", populated.trimmed()},
            {"tables only", "# about projects\n[projects.\"/srv/a\"]\ntrust_level = \"trusted\"\n"},
            {"dotted keys", "a = 1\nmodel_providers.other.name = \"x\"\n\n[tui]\ntheme = \"x\"\n"},
            {"dotted own keys", "model_providers.tollgate.stream_max_retries = 3\n[tui]\n"},
            {"own table",
             "[model_providers.tollgate]\nstream_max_retries = 3 # few\n\n[tui]\nx = 1979-05-27 "
             "07:32:00\n"},
            {"inline table", "model_providers = { other = { name = \"x\" } }\n", true},
            {"empty file", ""},
            {"huge", huge}};
}

inline std::vector<Sample> yamlSamples()
{
    const QByteArray populated = "name: Mine # a name\n"
                                 "version: 0.0.1\n"
                                 "schema: v1\n"
                                 "# models\n"
                                 "models:\n"
                                 "  - name: Local # small\n"
                                 "    provider: ollama\n"
                                 "    model: qwen:7b\n"
                                 "    roles:\n"
                                 "      - chat\n"
                                 "      - edit\n"
                                 "\n"
                                 "  # remote\n"
                                 "  - uses: someone/model\n"
                                 "    with:\n"
                                 "      KEY: ${{ secrets.KEY }}\n"
                                 "\n"
                                 "rules:\n"
                                 "  - |\n"
                                 "    models:\n"
                                 "      - name: Tollgate\n"
                                 "  - \"two: lines\n"
                                 "    # of text\"\n"
                                 "docs: {a: [1,\n  2]}\n";
    QByteArray dashes
        = "name: Mine\nversion: 0.0.1\nschema: v1\nmodels:\n- name: Local\n  model: x\n"
          "# behind\ncontext:\n- provider: code\n";
    QByteArray anchored = "---\ndefaults: &defaults\n  provider: openai\nname: Mine\nversion: 1\n"
                          "schema: v1\nmodels:\n    - <<: *defaults\n      name: A\n    - *other\n";
    QByteArray huge = populated + "prompts:\n";
    for (int i = 0; i < 4000; ++i)
        huge += "  - name: p" + QByteArray::number(i) + "\n    prompt: >-\n      some text: here\n";
    return {{"populated", populated},
            {"carriage returns", withCarriageReturns(populated)},
            {"byte order mark", "\xEF\xBB\xBF" + populated},
            {"no last line end", dashes.trimmed()},
            {"dashes at the margin", dashes},
            {"anchors", anchored},
            {"no models", "name: Mine\nversion: 0.0.1\nschema: v1\n"},
            {"empty models", "name: Mine\nmodels: []  # none\nversion: 0.0.1\nschema: v1\n", false},
            {"models without value", "name: Mine\nversion: 0.0.1\nschema: v1\nmodels:\n"},
            {"empty file", ""},
            {"huge", huge}};
}

inline std::vector<Sample> dotenvSamples()
{
    const QByteArray populated = "# keys\nexport OTHER=\"a b\" # why\nEMPTY=\nQUOTED='x=y'\n";
    return {{"populated", populated},
            {"carriage returns", withCarriageReturns(populated)},
            {"no last line end", populated.trimmed()},
            {"empty file", ""}};
}

inline std::vector<Sample> samplesOf(Format format)
{
    switch (format) {
    case Format::Json:
        return jsonSamples();
    case Format::Toml:
        return tomlSamples();
    case Format::Yaml:
        return yamlSamples();
    case Format::Dotenv:
        break;
    }
    return dotenvSamples();
}

} // namespace tollgate::clients
