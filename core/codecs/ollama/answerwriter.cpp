// SPDX-License-Identifier: GPL-3.0-or-later
// Answers for a client: lines as the events come, or all lines put together.
#include "core/codecs/ollama/messages.h"
#include "core/codecs/ollama/ollama.h"
#include "core/conversation/customtools.h"

#include <QDateTime>
#include <QTimeZone>

namespace tollgate::codecs::ollama {
namespace {

template <class... F> struct Cases : F...
{
    using F::operator()...;
};
template <class... F> Cases(F...) -> Cases<F...>;

// What one line tells.
struct Line
{
    QByteArray content;
    QByteArray thinking;
    QByteArray calls; // elements of JSON lists, without the brackets
    QByteArray images;
    QByteArray logprobs;

    [[nodiscard]] bool empty() const
    {
        return content.isEmpty() && thinking.isEmpty() && calls.isEmpty() && images.isEmpty()
            && logprobs.isEmpty();
    }
    void add(const Line &more)
    {
        content += more.content;
        thinking += more.thinking;
        join(calls, more.calls);
        join(images, more.images);
        join(logprobs, more.logprobs);
    }
    static void join(QByteArray &list, const QByteArray &more)
    {
        if (!list.isEmpty() && !more.isEmpty())
            list += ',';
        list += more;
    }
};

struct Ending
{
    Stop stop;
    std::optional<Usage> usage;
    Native native;
    Native message;
};

QByteArray list(const QByteArray &elements)
{
    return '[' + elements + ']';
}

QByteArrayView doneReason(const Stop &stop)
{
    switch (stop.reason) {
    case StopReason::MaxTokens:
    case StopReason::ContextFull:
        return "length";
    case StopReason::Other:
        if (stop.native == "load" || stop.native == "unload")
            return stop.native;
        break;
    default:
        break;
    }
    return "stop";
}

// The members of one line that are the same in both forms stand around `message` or `response`.
class LineWriter
{
public:
    LineWriter(Form form, const AnswerContext &context)
        : m_form(form)
        , m_model(context.model)
        , m_nowS(context.nowS)
    {
    }

    void createdAt(std::int64_t seconds)
    {
        if (seconds > 0)
            m_nowS = seconds;
    }

    [[nodiscard]] QByteArray write(const Line &line, const Ending *ending) const
    {
        JsonWriter out;
        out.beginObject().member("model", m_model);
        out.member("created_at",
                   QDateTime::fromSecsSinceEpoch(m_nowS, QTimeZone::utc())
                       .toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss'Z'")));
        if (m_form == Form::Chat) {
            out.key("message").beginObject().member("role", "assistant");
            said(out, line, "content");
            if (ending)
                writeNative(out, ending->message, Dialect::Ollama);
            out.endObject();
        } else {
            said(out, line, "response");
        }
        out.member("done", ending != nullptr);
        if (ending)
            finish(out, *ending);
        if (!line.logprobs.isEmpty())
            out.key("logprobs").raw(list(line.logprobs));
        out.endObject();
        return out.take();
    }

private:
    void said(JsonWriter &out, const Line &line, QByteArrayView content) const
    {
        out.member(content, line.content);
        if (!line.thinking.isEmpty())
            out.member("thinking", line.thinking);
        if (!line.images.isEmpty() && m_form == Form::Chat)
            out.key("images").raw(list(line.images));
        if (!line.calls.isEmpty())
            out.key("tool_calls").raw(list(line.calls));
    }

    // Programs in strict languages take the durations for given; they are 0 where nobody measured.
    static void finish(JsonWriter &out, const Ending &ending)
    {
        out.member("done_reason", doneReason(ending.stop));
        writeNative(out, ending.native, Dialect::Ollama);
        for (const char *name :
             {"total_duration", "load_duration", "prompt_eval_duration", "eval_duration"}) {
            if (nativeOf(ending.native, Dialect::Ollama, name).isEmpty())
                out.member(name, 0);
        }
        if (!ending.usage)
            return;
        out.member("prompt_eval_count", ending.usage->counts.totalInput());
        out.member("eval_count", ending.usage->counts.totalOutput());
    }

    Form m_form;
    QByteArray m_model;
    std::int64_t m_nowS;
};

// Turns events into lines. One answer has one candidate here.
class Teller
{
public:
    // What the event adds to the answer, if anything.
    [[nodiscard]] Line tell(const StreamEvent &event)
    {
        return std::visit(
            Cases{
                [this](const PartStart &start) { return start.candidate ? Line{} : begin(start); },
                [this](const PartDelta &delta) { return delta.candidate ? Line{} : go(delta); },
                [this](const PartEnd &end) { return end.candidate ? Line{} : finish(); },
                [](const LogprobsDelta &delta) {
                    Line line;
                    if (delta.candidate == 0)
                        line.logprobs = delta.content;
                    return line;
                },
                [this](const CandidateStop &stop) {
                    if (stop.candidate == 0) {
                        m_ending.stop = stop.stop;
                        m_ending.message = stop.native;
                    }
                    return Line{};
                },
                [this](const UsageReport &report) {
                    m_ending.usage = report.usage;
                    return Line{};
                },
                [this](const StreamEnd &end) { return finishAll(end); },
                [this](const StreamStart &start) {
                    if (start.usage)
                        m_ending.usage = start.usage;
                    m_ending.native = start.native;
                    return Line{};
                },
                [](const auto &) { return Line{}; },
            },
            event);
    }

    [[nodiscard]] const Ending &ending() const { return m_ending; }

private:
    Line begin(const PartStart &start)
    {
        Line line = finish(); // a part that was never ended
        m_part = start.part;
        if (const auto *text = std::get_if<Text>(&start.part.body))
            line.content = text->text;
        else if (const auto *refused = std::get_if<Refusal>(&start.part.body))
            line.content = refused->text;
        else if (const auto *reasoning = std::get_if<Reasoning>(&start.part.body))
            line.thinking = thought(withParagraphs(*reasoning));
        return line;
    }

    Line go(const PartDelta &delta)
    {
        Line line;
        if (!m_part)
            return line;
        auto *const call = std::get_if<ToolCall>(&m_part->body);
        auto *const media = std::get_if<Media>(&m_part->body);
        switch (delta.kind) {
        case PartDelta::Kind::Text:
            if (std::holds_alternative<Reasoning>(m_part->body))
                line.thinking = thought(delta.bytes);
            else if (std::holds_alternative<Text>(m_part->body)
                     || std::holds_alternative<Refusal>(m_part->body))
                line.content = delta.bytes;
            break;
        case PartDelta::Kind::Break:
            m_paragraph = m_thought;
            break;
        case PartDelta::Kind::Arguments:
            if (call)
                call->arguments += delta.bytes;
            break;
        case PartDelta::Kind::Media:
            if (media)
                media->data += delta.bytes;
            break;
        case PartDelta::Kind::Seal:
        case PartDelta::Kind::Citation:
            break;
        }
        return line;
    }

    // Ollama tells calls and pictures whole.
    Line finish()
    {
        Line line;
        if (!m_part)
            return line;
        if (const auto *call = std::get_if<ToolCall>(&m_part->body))
            line.calls = callText(*call, m_part->native);
        else if (const auto *media = std::get_if<Media>(&m_part->body))
            mediaText(*media, line);
        else if (std::holds_alternative<Reasoning>(m_part->body))
            m_paragraph = m_thought;
        m_part.reset();
        return line;
    }

    Line finishAll(const StreamEnd &end)
    {
        Line line = finish();
        // An empty answer would look like a success.
        if (!end.promptBlocked.isEmpty())
            line.content += "The provider refused this prompt: " + end.promptBlocked + '.';
        m_ending.native.insert(m_ending.native.end(), end.native.begin(), end.native.end());
        return line;
    }

    QByteArray thought(const QByteArray &text)
    {
        if (text.isEmpty())
            return {};
        m_thought = true;
        return std::exchange(m_paragraph, false) ? "\n\n" + text : text;
    }

    QByteArray callText(const ToolCall &call, const Native &native)
    {
        if (call.kind == ToolCall::Kind::Hosted)
            return {};
        JsonWriter out;
        out.beginObject().member("id", call.callId).key("function").beginObject();
        out.member("index", m_calls++).member("name", call.name).key("arguments");
        out.raw(call.kind == ToolCall::Kind::Custom ? bridgeArguments(call.arguments)
                                                    : argumentsObject(call.arguments));
        writeNative(out, native, Dialect::Ollama);
        out.endObject().endObject();
        return out.take();
    }

    static void mediaText(const Media &media, Line &line)
    {
        if (media.kind != Media::Kind::Image)
            return;
        if (media.source == Media::Source::Base64)
            appendJsonString(line.images, media.data);
        else if (media.source == Media::Source::Url)
            line.content = "![image](" + media.data + ')'; // for the client to fetch
    }

    Ending m_ending;
    std::optional<Part> m_part;
    std::int64_t m_calls = 0;
    bool m_thought = false; // some thinking was told
    bool m_paragraph = false; // the next begins a paragraph
};

class LineStream final : public StreamEncoder
{
public:
    LineStream(Form form, const AnswerContext &context)
        : m_writer(form, context)
    {
    }

    void write(const StreamEvent &event, QByteArray &out) override
    {
        if (m_over)
            return;
        if (const auto *failed = std::get_if<StreamFailure>(&event)) {
            m_over = true;
            JsonWriter error;
            error.beginObject().member("error", failed->error.message).endObject();
            out += error.take() + '\n';
            return;
        }
        if (const auto *start = std::get_if<StreamStart>(&event))
            m_writer.createdAt(start->createdS);
        const Line line = m_teller.tell(event);
        if (!line.empty())
            append(m_writer.write(line, nullptr), out);
        if (std::holds_alternative<StreamEnd>(event)) {
            m_over = true;
            append(m_writer.write({}, &m_teller.ending()), out);
        }
    }

private:
    // JSON that only travels may hold line breaks between its tokens; a line has none.
    static void append(QByteArray line, QByteArray &out)
    {
        if (line.contains('\n') || line.contains('\r'))
            line.replace('\n', ' ').replace('\r', ' ');
        out += line + '\n';
    }

    LineWriter m_writer;
    Teller m_teller;
    bool m_over = false;
};

} // namespace

QByteArray writeAnswer(Form form, const Response &response, const AnswerContext &context)
{
    LineWriter writer(form, context);
    writer.createdAt(response.createdS);
    Teller teller;
    Line all;
    for (const StreamEvent &event : unfold(response))
        all.add(teller.tell(event));
    return writer.write(all, &teller.ending());
}

std::unique_ptr<StreamEncoder> makeEncoder(Form form, const AnswerContext &context)
{
    return std::make_unique<LineStream>(form, context);
}

} // namespace tollgate::codecs::ollama
