// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/jsonwriter.h"
#include "core/protocol/peek.h"

#include <algorithm>

namespace tollgate::protocol {
namespace {

struct Splice
{
    qsizetype at;
    qsizetype length;
    QByteArray text;
};

QByteArray quoted(QByteArrayView text)
{
    QByteArray out;
    appendJsonString(out, text);
    return out;
}

bool blankInside(QByteArrayView object)
{
    const QByteArrayView inner = object.sliced(1, object.size() - 2);
    return std::all_of(inner.begin(), inner.end(),
                       [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
}

// A member put in front of an object's others.
Splice insertion(QByteArrayView body, Span object, const QByteArray &member)
{
    const bool blank = blankInside(body.sliced(object.at, object.length));
    return {object.at + 1, 0, blank ? member : member + ','};
}

QByteArray usualMaxOutputName(Dialect dialect)
{
    switch (dialect) {
    case Dialect::Responses:
        return QByteArrayLiteral("max_output_tokens");
    case Dialect::Gemini:
        return QByteArrayLiteral("maxOutputTokens");
    case Dialect::Ollama:
        return QByteArrayLiteral("num_predict");
    default:
        return QByteArrayLiteral("max_tokens");
    }
}

} // namespace

QByteArray applyEdits(const QByteArray &body, const Endpoint &endpoint, const Peek &peek,
                      const Edits &edits)
{
    std::vector<Splice> splices;
    std::vector<QByteArray> added; // whole members for the top level
    const bool gemini = endpoint.dialect == Dialect::Gemini;
    const bool inObject = gemini || endpoint.dialect == Dialect::Ollama; // the maximum

    if (!edits.model.isEmpty() && edits.model != peek.model) {
        const QByteArray name = quoted(gemini ? "models/" + edits.model : edits.model);
        if (peek.modelValue.length > 0)
            splices.push_back(
                {peek.modelValue.at, peek.modelValue.length, endpoint.form ? edits.model : name});
        else if (!gemini)
            added.push_back("\"model\":" + name);
        for (const Span &nested : peek.nestedModels)
            splices.push_back({nested.at, nested.length, name});
    }

    if (edits.stream && !peek.stream) {
        if (peek.streamValue.length > 0)
            splices.push_back({peek.streamValue.at, peek.streamValue.length, "true"});
        else
            added.push_back("\"stream\":true");
    }

    const bool countable
        = endpoint.dialect == Dialect::Chat || endpoint.dialect == Dialect::Completions;
    if (edits.addIncludeUsage && countable && !peek.asksUsage) {
        const QByteArray member = QByteArrayLiteral("\"include_usage\":true");
        const Span options = peek.streamOptionsValue;
        if (peek.includeUsageValue.length > 0)
            splices.push_back({peek.includeUsageValue.at, peek.includeUsageValue.length, "true"});
        else if (options.length > 0 && body.at(options.at) == '{')
            splices.push_back(insertion(body, options, member));
        else if (options.length > 0)
            splices.push_back({options.at, options.length, '{' + member + '}'});
        else
            added.push_back("\"stream_options\":{" + member + '}');
    }

    if (edits.maxOutput && edits.maxOutput != peek.maxOutput) {
        const QByteArray number = QByteArray::number(static_cast<qlonglong>(*edits.maxOutput));
        const QByteArray name = edits.maxOutputName.isEmpty() ? usualMaxOutputName(endpoint.dialect)
                                                              : edits.maxOutputName;
        const QByteArray member = quoted(name) + ':' + number;
        const Span config = peek.generationConfigValue;
        if (peek.maxOutputValue.length > 0)
            splices.push_back({peek.maxOutputValue.at, peek.maxOutputValue.length, number});
        else if (!inObject)
            added.push_back(member);
        else if (config.length > 0 && body.at(config.at) == '{')
            splices.push_back(insertion(body, config, member));
        else if (config.length > 0)
            splices.push_back({config.at, config.length, '{' + member + '}'});
        else
            added.push_back((gemini ? "\"generationConfig\":{" : "\"options\":{") + member + '}');
    }

    if (!added.empty()) {
        QByteArray text;
        for (const QByteArray &member : added)
            text += (text.isEmpty() ? "" : ",") + member;
        if (!peek.emptyObject)
            text += ',';
        splices.push_back({peek.objectStart, 0, text});
    }
    if (splices.empty())
        return body;

    std::sort(splices.begin(), splices.end(),
              [](const Splice &a, const Splice &b) { return a.at < b.at; });
    QByteArray out;
    qsizetype grown = body.size();
    for (const Splice &splice : splices)
        grown += splice.text.size() - splice.length;
    out.reserve(grown);
    qsizetype from = 0;
    for (const Splice &splice : splices) {
        out.append(QByteArrayView(body).sliced(from, splice.at - from));
        out.append(splice.text);
        from = splice.at + splice.length;
    }
    out.append(QByteArrayView(body).sliced(from));
    return out;
}

} // namespace tollgate::protocol
