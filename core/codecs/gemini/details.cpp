// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/details.h"

#include <QHash>

#include <algorithm>

namespace tollgate::codecs::gemini {

using namespace conversation;

namespace {

bool startsCharacter(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

// Places in one text, asked for in any order but mostly a rising one.
class Places
{
public:
    explicit Places(const QByteArray &text)
        : m_text(text)
    {
    }
    // -1 where the byte does not begin a character or the end.
    std::int64_t codePointAt(std::int64_t byte)
    {
        if (byte < 0 || byte > m_text.size())
            return -1;
        if (byte < m_text.size() && !startsCharacter(m_text[byte]))
            return -1;
        if (byte < m_byte)
            m_byte = m_point = 0;
        for (; m_byte < byte; ++m_byte)
            m_point += startsCharacter(m_text[m_byte]) ? 1 : 0;
        return m_point;
    }
    std::int64_t byteAt(std::int64_t point)
    {
        if (point < 0)
            return -1;
        if (point < m_point)
            m_byte = m_point = 0;
        while (m_byte < m_text.size() && (m_point < point || !startsCharacter(m_text[m_byte])))
            m_point += startsCharacter(m_text[m_byte++]) ? 1 : 0;
        return m_point == point ? m_byte : -1;
    }

private:
    const QByteArray &m_text;
    qsizetype m_byte = 0;
    std::int64_t m_point = 0;
};

void place(Citation &citation, Places &places, JsonValue segment)
{
    const std::int64_t start
        = places.codePointAt(integer(member(segment, "startIndex")).value_or(0));
    const std::int64_t end = places.codePointAt(integer(member(segment, "endIndex")).value_or(-1));
    if (start < 0 || end < start)
        return;
    citation.start = start;
    citation.end = end;
}

Citation sourceOf(JsonValue chunk)
{
    Citation citation;
    citation.owner = Dialect::Gemini;
    for (const QByteArrayView kind : {"web", "retrievedContext", "maps"}) {
        const JsonValue source = member(chunk, kind);
        if (!source.isObject())
            continue;
        citation.url = member(source, "uri").string();
        citation.title = member(source, "title").string();
        citation.citedText = member(source, "text").string();
    }
    return citation;
}

QByteArray chatToken(JsonValue candidate, const QByteArray &alternatives)
{
    const QByteArray token = member(candidate, "token").string();
    const QByteArray probability = member(candidate, "logProbability").digits();
    JsonWriter out;
    out.beginObject().member("token", token);
    out.key("logprob").raw(probability.isEmpty() ? QByteArray("0") : probability);
    out.key("bytes").beginArray();
    for (const char byte : token)
        out.number(std::int64_t(static_cast<unsigned char>(byte)));
    out.endArray();
    if (!alternatives.isNull())
        out.key("top_logprobs").raw('[' + alternatives + ']');
    out.endObject();
    return out.take();
}

void geminiToken(JsonWriter &out, JsonValue token)
{
    out.beginObject().member("token", token["token"].string());
    if (token["logprob"].isNumber())
        out.key("logProbability").raw(token["logprob"].raw());
    out.endObject();
}

} // namespace

std::vector<Citation> groundingCitations(JsonValue metadata, const QByteArray &text)
{
    std::vector<Citation> sources;
    each(member(metadata, "groundingChunks"),
         [&](JsonValue chunk) { sources.push_back(sourceOf(chunk)); });
    std::vector<Citation> citations;
    Places places(text);
    each(member(metadata, "groundingSupports"), [&](JsonValue support) {
        const JsonValue segment = member(support, "segment");
        each(member(support, "groundingChunkIndices"), [&](JsonValue index) {
            const auto at = integer(index).value_or(-1);
            if (at < 0 || at >= static_cast<std::int64_t>(sources.size()))
                return;
            Citation citation = sources[static_cast<std::size_t>(at)];
            if (const JsonValue said = member(segment, "text"); said.isString())
                citation.citedText = said.string();
            place(citation, places, segment);
            citations.push_back(std::move(citation));
        });
    });
    return citations;
}

std::vector<Citation> sourceCitations(JsonValue metadata, const QByteArray &text)
{
    std::vector<Citation> citations;
    Places places(text);
    for (const QByteArrayView name : {"citationSources", "citations"}) {
        each(member(metadata, name), [&](JsonValue source) {
            Citation citation;
            citation.owner = Dialect::Gemini;
            citation.url = member(source, "uri").string();
            citation.title = member(source, "title").string();
            place(citation, places, source);
            citations.push_back(std::move(citation));
        });
    }
    return citations;
}

QByteArray groundingMetadata(const std::vector<CitedText> &texts)
{
    JsonWriter chunks;
    JsonWriter supports;
    chunks.beginArray();
    supports.beginArray();
    QHash<QByteArray, std::int64_t> known;
    bool any = false;
    for (const CitedText &cited : texts) {
        Places places(cited.text);
        for (const Citation &citation : cited.citations) {
            if (citation.url.isEmpty())
                continue;
            any = true;
            const QByteArray key = citation.url + '\n' + citation.title;
            const auto at = known.constFind(key);
            std::int64_t index = known.size();
            if (at != known.constEnd()) {
                index = *at;
            } else {
                known.insert(key, index);
                chunks.beginObject().key("web").beginObject().member("uri", citation.url);
                if (!citation.title.isEmpty())
                    chunks.member("title", citation.title);
                chunks.endObject().endObject();
            }
            const std::int64_t start = places.byteAt(citation.start);
            const std::int64_t end = places.byteAt(citation.end);
            if (start < 0 || end < start)
                continue;
            supports.beginObject().key("segment").beginObject();
            if (cited.part > 0)
                supports.member("partIndex", cited.part);
            supports.member("startIndex", start).member("endIndex", end);
            supports.member("text", cited.text.mid(start, end - start)).endObject();
            supports.key("groundingChunkIndices").beginArray().number(index).endArray();
            supports.endObject();
        }
    }
    if (!any)
        return {};
    JsonWriter out;
    out.beginObject();
    out.key("groundingChunks").raw(chunks.endArray().take());
    out.key("groundingSupports").raw(supports.endArray().take());
    return out.endObject().take();
}

QByteArray chatLogprobs(JsonValue result)
{
    std::vector<QByteArray> alternatives;
    each(member(result, "topCandidates"), [&](JsonValue top) {
        QByteArrayList tokens;
        each(member(top, "candidates"),
             [&](JsonValue candidate) { tokens << chatToken(candidate, {}); });
        alternatives.push_back(tokens.isEmpty() ? QByteArray("") : tokens.join(','));
    });
    QByteArrayList chosen;
    std::size_t at = 0;
    each(member(result, "chosenCandidates"), [&](JsonValue candidate) {
        chosen << chatToken(candidate,
                            at < alternatives.size() ? alternatives[at] : QByteArray(""));
        ++at;
    });
    return chosen.join(',');
}

QByteArray logprobsResult(const QByteArray &chatContent)
{
    const QByteArray list = '[' + chatContent + ']';
    const auto tree = protocol::JsonTree::parse(list);
    if (!tree || tree->root().size() == 0)
        return {};
    JsonWriter chosen;
    JsonWriter top;
    chosen.beginArray();
    top.beginArray();
    bool alternatives = false;
    for (const JsonValue token : tree->root()) {
        geminiToken(chosen, token);
        top.beginObject().key("candidates").beginArray();
        for (const JsonValue one : token["top_logprobs"]) {
            geminiToken(top, one);
            alternatives = true;
        }
        top.endArray().endObject();
    }
    JsonWriter out;
    out.beginObject();
    if (alternatives)
        out.key("topCandidates").raw(top.endArray().take());
    out.key("chosenCandidates").raw(chosen.endArray().take());
    return out.endObject().take();
}

} // namespace tollgate::codecs::gemini
