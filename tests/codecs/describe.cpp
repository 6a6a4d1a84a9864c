// SPDX-License-Identifier: GPL-3.0-or-later
// Canonical values as lines of text, for tests to show where two differ; and the order of events.
#include "tests/codecs/properties.h"

#include <QMap>

namespace tollgate::test {

using namespace conversation;

namespace {

template <class... F> struct Cases : F...
{
    using F::operator()...;
};
template <class... F> Cases(F...) -> Cases<F...>;

class Lines
{
public:
    QByteArrayList all;

    void add(const QByteArray &name, const QByteArray &value)
    {
        if (!value.isEmpty())
            all += m_prefix + name + ": " + value;
    }
    void number(const QByteArray &name, std::int64_t value)
    {
        if (value != 0)
            all += m_prefix + name + ": " + QByteArray::number(qlonglong(value));
    }
    template <class T> void optional(const QByteArray &name, const std::optional<T> &value)
    {
        if (value)
            all += m_prefix + name + ": " + QByteArray::number(qlonglong(*value));
    }
    void enter(const QByteArray &name)
    {
        all += m_prefix + name;
        m_prefix += "  ";
    }
    void leave() { m_prefix.chop(2); }

    void native(const Native &bag)
    {
        for (const NativeMember &member : bag)
            add("native " + protocol::dialectName(member.owner) + ' ' + member.name, member.json);
    }
    void sealed(const std::optional<Sealed> &seal)
    {
        if (seal)
            all += m_prefix + "sealed " + QByteArray::number(int(seal->owner)) + ' ' + seal->id
                + ' ' + seal->data;
    }
    void media(const Media &media)
    {
        enter("media " + QByteArray::number(int(media.kind)) + '/'
              + QByteArray::number(int(media.source)));
        add("mime", media.mime);
        add("data", media.data);
        add("filename", media.filename);
        add("title", media.title);
        add("context", media.context);
        add("detail", media.detail);
        leave();
    }
    void text(const Text &text)
    {
        enter("text");
        add("text", text.text);
        for (const Citation &citation : text.citations) {
            add("citation",
                citation.url + '|' + citation.title + '|' + citation.citedText + '|'
                    + QByteArray::number(qlonglong(citation.start)) + '|'
                    + QByteArray::number(qlonglong(citation.end)) + '|' + citation.json);
        }
        leave();
    }
    void part(const Part &part);
    void message(const Message &message);
    void counts(const Usage &usage);

private:
    QByteArray m_prefix;
};

void Lines::part(const Part &part)
{
    std::visit(Cases{
                   [this](const Text &said) { text(said); },
                   [this](const Media &shown) { media(shown); },
                   [this](const Reasoning &thought) {
                       enter(thought.summary ? "reasoning summary" : "reasoning");
                       add("text", thought.text);
                       for (const qsizetype at : thought.breaks)
                           number("break", at);
                       sealed(thought.sealed);
                       leave();
                   },
                   [this](const ToolCall &call) {
                       enter("call " + QByteArray::number(int(call.kind)) + ' ' + call.callId + ' '
                             + call.name);
                       add("arguments", call.arguments);
                       add("hosted", call.hostedType);
                       sealed(call.sealed);
                       leave();
                   },
                   [this](const ToolResult &result) {
                       enter("result " + result.callId + ' ' + result.name
                             + (result.error ? " error" : "") + (result.custom ? " custom" : ""));
                       add("structured", result.structured);
                       add("hosted", result.hostedType);
                       for (const auto &piece : result.parts) {
                           if (const auto *said = std::get_if<Text>(&piece))
                               text(*said);
                           else
                               media(std::get<Media>(piece));
                       }
                       leave();
                   },
                   [this](const Refusal &refusal) { add("refusal", refusal.text + '.'); },
                   [this](const Opaque &opaque) {
                       add("opaque " + protocol::dialectName(opaque.owner) + ' ' + opaque.type,
                           opaque.json);
                   },
               },
               part.body);
    enter("of part");
    if (part.cache)
        all += m_prefix + "cache " + QByteArray::number(part.cache->ttlS);
    sealed(part.sealed);
    add("item", part.itemId);
    native(part.native);
    leave();
}

void Lines::message(const Message &message)
{
    enter("message " + QByteArray::number(int(message.role))
          + (message.developer ? " developer" : ""));
    add("name", message.name);
    for (const Part &piece : message.parts)
        part(piece);
    native(message.native);
    leave();
}

void Lines::counts(const Usage &usage)
{
    const TokenCounts &c = usage.counts;
    QByteArrayList figures;
    for (const std::int64_t figure :
         {c.input, c.cacheRead, c.cacheWrite5m, c.cacheWrite1h, c.output, c.reasoning, c.audioInput,
          c.audioOutput, c.imageInput, c.imageOutput})
        figures += QByteArray::number(qlonglong(figure));
    enter("usage " + figures.join('/') + (usage.estimated ? " estimated" : "")
          + (usage.suspect ? " suspect" : ""));
    native(usage.native);
    leave();
}

QByteArray flags(std::initializer_list<std::optional<bool>> values)
{
    QByteArray text;
    for (const auto &value : values)
        text += value ? (*value ? '1' : '0') : '-';
    return text;
}

} // namespace

QByteArrayList describe(const Request &request)
{
    Lines lines;
    lines.add("model", request.model);
    lines.add(
        "flags",
        flags({request.stream, request.includeUsage, request.store, request.toolChoice.parallel,
               request.format.strict, request.sampling.logprobs}));
    for (const Message &message : request.messages)
        lines.message(message);
    for (const Tool &tool : request.tools) {
        lines.enter("tool " + QByteArray::number(int(tool.kind)) + ' ' + tool.name + ' '
                    + flags({tool.strict, tool.cache.has_value()}));
        lines.add("description", tool.description);
        lines.add("schema", tool.schema);
        lines.add("format", tool.format);
        lines.add("hosted", tool.hostedType + tool.json);
        lines.native(tool.native);
        lines.leave();
    }
    if (request.toolChoice.mode)
        lines.number("choice", 1 + int(*request.toolChoice.mode));
    lines.add("chosen", request.toolChoice.name);
    lines.add("allowed", request.toolChoice.allowed.join(','));
    lines.number("format", int(request.format.kind));
    lines.add("format name", request.format.name);
    lines.add("format description", request.format.description);
    lines.add("format schema", request.format.schema);
    lines.add("verbosity", request.verbosity);
    lines.add("modalities", request.modalities.join(','));
    lines.optional("maximum", request.maxOutput);
    lines.add("stop", request.stop.join(','));
    lines.optional("candidates", request.candidates);
    const Sampling &s = request.sampling;
    lines.add("sampling",
              QByteArrayList{s.temperature, s.topP, s.topK, s.minP, s.presencePenalty,
                             s.frequencyPenalty, s.repetitionPenalty, s.seed, s.logitBias,
                             s.topLogprobs}
                  .join('/'));
    lines.number("reasoning", int(request.reasoning.mode));
    lines.add("effort", request.reasoning.effort);
    lines.optional("budget", request.reasoning.budget);
    lines.number("show", int(request.reasoning.show));
    lines.add("tier", request.serviceTier);
    lines.add("user", request.userId);
    lines.add("metadata", request.metadata);
    lines.add("cache key", request.cacheKey);
    if (request.cache)
        lines.number("cache", 1 + request.cache->ttlS);
    lines.add("previous", request.previousResponseId);
    lines.native(request.native);
    return lines.all;
}

QByteArrayList describe(const Response &response)
{
    Lines lines;
    lines.add("id", response.id);
    lines.add("model", response.model);
    lines.number("created", response.createdS);
    lines.add("tier", response.serviceTier);
    lines.add("blocked", response.promptBlocked);
    for (const Candidate &candidate : response.candidates) {
        lines.enter("candidate " + QByteArray::number(qlonglong(candidate.index)));
        lines.message(candidate.message);
        lines.add("stop",
                  QByteArray::number(int(candidate.stop.reason)) + ' ' + candidate.stop.native + ' '
                      + candidate.stop.sequence);
        lines.add("logprobs", candidate.logprobs);
        lines.native(candidate.native);
        lines.leave();
    }
    if (response.usage)
        lines.counts(*response.usage);
    lines.native(response.native);
    return lines.all;
}

QByteArrayList describe(const StreamEvents &events)
{
    Lines lines;
    const auto place = [](std::int64_t candidate, std::int64_t index) {
        return ' ' + QByteArray::number(qlonglong(candidate)) + '.'
            + QByteArray::number(qlonglong(index));
    };
    for (const StreamEvent &event : events) {
        std::visit(Cases{
                       [&](const StreamStart &start) {
                           lines.enter("start " + start.id + ' ' + start.model);
                           if (start.usage)
                               lines.counts(*start.usage);
                           lines.native(start.native);
                           lines.leave();
                       },
                       [&](const PartStart &start) {
                           lines.enter("begin" + place(start.candidate, start.index));
                           lines.part(start.part);
                           lines.leave();
                       },
                       [&](const PartDelta &delta) {
                           lines.enter("delta" + place(delta.candidate, delta.index) + " kind "
                                       + QByteArray::number(int(delta.kind)));
                           lines.add("bytes", delta.bytes);
                           lines.sealed(delta.sealed);
                           if (delta.citation)
                               lines.add("citation", delta.citation->url);
                           lines.leave();
                       },
                       [&](const PartEnd &end) {
                           lines.enter("end" + place(end.candidate, end.index));
                           lines.native(end.native);
                           lines.leave();
                       },
                       [&](const LogprobsDelta &delta) {
                           lines.enter("logprobs" + place(delta.candidate, 0));
                           lines.add("content", delta.content);
                           lines.add("refusal", delta.refusal);
                           lines.leave();
                       },
                       [&](const CandidateStop &stop) {
                           lines.enter("stop" + place(stop.candidate, 0) + ' '
                                       + QByteArray::number(int(stop.stop.reason)) + ' '
                                       + stop.stop.native);
                           lines.native(stop.native);
                           lines.leave();
                       },
                       [&](const UsageReport &report) { lines.counts(report.usage); },
                       [&](const StreamPing &) { lines.enter("ping"), lines.leave(); },
                       [&](const StreamFailure &failed) {
                           lines.enter("failure " + failed.error.message.toUtf8());
                           lines.leave();
                       },
                       [&](const StreamEnd &end) {
                           lines.enter("over " + end.promptBlocked);
                           lines.native(end.native);
                           lines.leave();
                       },
                   },
                   event);
    }
    return lines.all;
}

QString difference(const QByteArrayList &left, const QByteArrayList &right)
{
    const auto line = [](const QByteArrayList &lines, qsizetype at) {
        return at < lines.size() ? QString::fromUtf8(lines[at].left(300))
                                 : QStringLiteral("nothing");
    };
    for (qsizetype i = 0; i < std::max(left.size(), right.size()); ++i) {
        if (line(left, i) != line(right, i) || left.value(i) != right.value(i))
            return QStringLiteral("\"%1\" became \"%2\"").arg(line(left, i), line(right, i));
    }
    return {};
}

QString grammarOf(const StreamEvents &events)
{
    QMap<std::int64_t, std::int64_t> begun; // parts, by candidate
    QMap<std::int64_t, bool> open;
    bool started = false;
    bool over = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto wrong = [i](const char *what) {
            return QStringLiteral("event %1: %2").arg(i).arg(QLatin1String(what));
        };
        if (over)
            return wrong("behind the end");
        const StreamEvent &event = events[i];
        if (std::holds_alternative<StreamFailure>(event)) {
            over = true;
        } else if (std::holds_alternative<StreamStart>(event)) {
            if (std::exchange(started, true))
                return wrong("a second start");
        } else if (!started) {
            return wrong("before the start");
        } else if (const auto *start = std::get_if<PartStart>(&event)) {
            if (open.value(start->candidate))
                return wrong("begins inside another part");
            if (start->index != begun[start->candidate]++)
                return wrong("begins out of order");
            open[start->candidate] = true;
        } else if (const auto *delta = std::get_if<PartDelta>(&event)) {
            if (!open.value(delta->candidate) || delta->index + 1 != begun[delta->candidate])
                return wrong("a delta of a part that is not open");
        } else if (const auto *end = std::get_if<PartEnd>(&event)) {
            if (!open.value(end->candidate) || end->index + 1 != begun[end->candidate])
                return wrong("ends a part that is not open");
            open[end->candidate] = false;
        } else if (const auto *stop = std::get_if<CandidateStop>(&event)) {
            if (open.value(stop->candidate))
                return wrong("stops inside a part");
        } else if (std::holds_alternative<StreamEnd>(event)) {
            if (open.values().contains(true))
                return wrong("over inside a part");
            over = true;
        }
    }
    return {};
}

} // namespace tollgate::test
