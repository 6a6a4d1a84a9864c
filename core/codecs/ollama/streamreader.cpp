// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/ollama/answerreader.h"

namespace tollgate::codecs::ollama {
namespace {

class LineReader final : public StreamDecoder
{
public:
    explicit LineReader(Form form)
        : m_form(form)
    {
    }

    void read(QByteArrayView, QByteArrayView data, StreamEvents &out) override
    {
        if (m_over || data.trimmed().isEmpty())
            return;
        const auto tree = protocol::JsonTree::parse(data);
        if (!tree || !tree->root().isObject())
            return fail(unreadable(), out);
        const JsonValue line = tree->root();
        if (line["error"].isSet())
            return fail(toldError(data), out);
        const JsonValue said = saidIn(m_form, line);
        const bool done = line["done"].isTrue();
        // Progress of a download that the request has set off, or something not known yet.
        if (!done && !said[contentName(m_form)] && !said["thinking"] && !said["tool_calls"]
            && !said["images"])
            return;
        start(line, out);
        tell(line, said, out);
        if (done)
            end(line, out);
    }

    void finish(StreamEvents &out) override
    {
        if (m_over)
            return;
        Error error;
        error.kind = ErrorKind::UpstreamFailed;
        error.code = QByteArrayLiteral("truncated");
        error.message = QStringLiteral("The provider's answer was cut off.");
        fail(std::move(error), out);
    }

private:
    enum class Open { None, Reasoning, Text };

    void start(JsonValue line, StreamEvents &out)
    {
        if (std::exchange(m_started, true))
            return;
        StreamStart start;
        start.model = line["model"].string();
        start.createdS = createdS(line);
        m_salt = saltOf(line);
        out.emplace_back(std::move(start));
    }

    void tell(JsonValue line, JsonValue said, StreamEvents &out)
    {
        if (QByteArray thinking = said["thinking"].string(); !thinking.isEmpty())
            piece(Open::Reasoning, std::move(thinking), out);
        if (QByteArray text = said[contentName(m_form)].string(); !text.isEmpty())
            piece(Open::Text, std::move(text), out);
        if (QByteArray logprobs = logprobsIn(line); !logprobs.isEmpty())
            out.emplace_back(LogprobsDelta{0, std::move(logprobs), {}});
        if (m_form == Form::Chat) {
            for (Part &image : imagesIn(said))
                whole(std::move(image), out);
        }
        for (Part &call : callsIn(said, m_salt, m_calls)) {
            ++m_calls;
            whole(std::move(call), out);
        }
    }

    void piece(Open kind, QByteArray bytes, StreamEvents &out)
    {
        if (m_open != kind) {
            close(out);
            PartStart start;
            start.index = m_index;
            if (kind == Open::Reasoning)
                start.part.body = Reasoning{};
            else
                start.part.body = Text{};
            out.emplace_back(std::move(start));
            m_open = kind;
        }
        out.emplace_back(
            PartDelta{0, m_index, PartDelta::Kind::Text, std::move(bytes), std::nullopt, {}});
    }

    void whole(Part part, StreamEvents &out)
    {
        close(out);
        out.emplace_back(PartStart{0, m_index, std::move(part)});
        out.emplace_back(PartEnd{0, m_index++, {}});
    }

    void close(StreamEvents &out)
    {
        if (std::exchange(m_open, Open::None) != Open::None)
            out.emplace_back(PartEnd{0, m_index++, {}});
    }

    void end(JsonValue line, StreamEvents &out)
    {
        close(out);
        out.emplace_back(
            CandidateStop{0, stopIn(line, m_calls > 0), messageExtrasIn(m_form, line)});
        if (auto usage = usageIn(line))
            out.emplace_back(UsageReport{std::move(*usage)});
        out.emplace_back(StreamEnd{{}, extrasIn(m_form, line)});
        m_over = true;
    }

    void fail(Error error, StreamEvents &out)
    {
        if (m_started)
            close(out);
        out.emplace_back(StreamFailure{std::move(error)});
        m_over = true;
    }

    Form m_form;
    Open m_open = Open::None;
    std::int64_t m_index = 0;
    std::int64_t m_calls = 0;
    std::int64_t m_salt = 0;
    bool m_started = false;
    bool m_over = false;
};

} // namespace

std::unique_ptr<StreamDecoder> makeDecoder(Form form)
{
    return std::make_unique<LineReader>(form);
}

} // namespace tollgate::codecs::ollama
