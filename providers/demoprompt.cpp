// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/demoprompt.h"

#include "core/protocol/jsonreader.h"

namespace tollgate::providers {

using protocol::Dialect;
using protocol::JsonReader;
using protocol::JsonText;
using protocol::JsonType;

namespace {

// A string, or a list of parts of which those with a "text" count.
QByteArray readText(JsonReader &reader)
{
    JsonText text;
    QByteArray out;
    if (reader.type() == JsonType::String)
        return reader.string(text) ? text.decoded() : QByteArray();
    reader.array([&] {
        if (reader.type() == JsonType::String) {
            if (reader.string(text))
                out += text.decoded();
            return;
        }
        reader.object([&](const JsonText &key) {
            if (key.is("text") && reader.string(text))
                out += text.decoded();
        });
    });
    return out;
}

// A list of turns; Gemini calls the content "parts".
void readTurns(JsonReader &reader, QByteArray &last)
{
    reader.array([&] {
        QByteArray role = QByteArrayLiteral("user");
        QByteArray said;
        reader.object([&](const JsonText &key) {
            JsonText text;
            if (key.is("role") && reader.string(text))
                role = text.decoded();
            else if (key.is("content") || key.is("parts"))
                said = readText(reader);
        });
        if (role == "user" && !said.isEmpty())
            last = said;
    });
}

} // namespace

QByteArray lastUserText(Dialect dialect, QByteArrayView body)
{
    QByteArray last;
    JsonReader reader(body);
    reader.object([&](const JsonText &key) {
        const bool turns = dialect == Dialect::Gemini
            ? key.is("contents")
            : (dialect == Dialect::Responses ? key.is("input") : key.is("messages"));
        if (dialect == Dialect::Completions && key.is("prompt"))
            last = readText(reader);
        else if (turns && reader.type() == JsonType::String)
            last = readText(reader);
        else if (turns)
            readTurns(reader, last);
    });
    return last;
}

} // namespace tollgate::providers
