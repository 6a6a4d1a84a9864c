// SPDX-License-Identifier: GPL-3.0-or-later
#include "talk.h"

#include <algorithm>

namespace bench {

// A chat like a coding agent's: tools with schemas, and a long talk with escapes in it.
std::string chatBody(const Talk &talk)
{
    const std::size_t bytes = talk.bytes;
    std::string body = "{\"model\":\"" + talk.model + "\",\"user\":\"" + talk.answer + "\",";
    if (talk.stream)
        body += "\"stream\":true,\"stream_options\":{\"include_usage\":true},";
    body += "\"max_tokens\":256,";
    if (bytes > 8192) {
        body += "\"tools\":[";
        for (int i = 0; body.size() < bytes / 3; ++i) {
            body += i == 0 ? "" : ",";
            body += "{\"type\":\"function\",\"function\":{\"name\":\"tool_" + std::to_string(i)
                + "\",\"description\":\"Reads or changes a part of the work tree and says what it "
                  "did.\\nPaths are "
                  "relative.\",\"parameters\":{\"type\":\"object\",\"properties\":{"
                  "\"path\":{\"type\":\"string\",\"description\":\"where\"},\"limit\":{\"type\":"
                  "\"integer\",\"minimum\":1,\"maximum\":2000},\"flags\":{\"type\":\"array\","
                  "\"items\":{\"type\":\"string\",\"enum\":[\"a\",\"b\",\"c\"]}}},\"required\":["
                  "\"path\"],\"additionalProperties\":false}}}";
        }
        body += "],";
    }
    body += "\"messages\":[{\"role\":\"system\",\"content\":\"You help with code.\"}";
    const std::string end = "]}";
    const std::string turn = ",{\"role\":\"user\",\"content\":\"";
    const std::string text
        = "if (line.contains(\\\"\\\\t\\\")) {\\n    return split(line, ' '); // two\\n}\\n";
    while (body.size() + end.size() + turn.size() + 2 < bytes) {
        body += turn;
        const std::size_t stop = std::min(bytes - end.size() - 2, body.size() + 4000);
        while (body.size() + text.size() <= stop)
            body += text;
        body.append(stop > body.size() ? stop - body.size() : 0, 'x');
        body += "\"}";
    }
    return body + end;
}

// The same talk as an Anthropic client tells it; the vendor behind speaks Chat.
std::string messagesBody(const Talk &talk)
{
    std::string body = chatBody({talk.model, talk.answer, talk.bytes, false});
    const auto replace = [&body](const std::string &from, const std::string &to) {
        for (std::size_t at = body.find(from); at != std::string::npos;
             at = body.find(from, at + to.size()))
            body.replace(at, from.size(), to);
    };
    replace("\"user\":\"" + talk.answer + "\",",
            "\"metadata\":{\"user_id\":\"" + talk.answer + "\"},"
                + (talk.stream ? "\"stream\":true," : ""));
    replace("{\"type\":\"function\",\"function\":{", "{");
    replace("\"parameters\":", "\"input_schema\":");
    replace("\"additionalProperties\":false}}}", "\"additionalProperties\":false}}");
    replace("{\"role\":\"system\",\"content\":\"You help with code.\"},", "");
    return body;
}

} // namespace bench
