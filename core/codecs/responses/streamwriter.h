// SPDX-License-Identifier: GPL-3.0-or-later
// Writes one Responses stream. The parts are kept as they grow, so that every "done" event, every
// item and the terminal response repeat exactly what was streamed.
#pragma once

#include "core/codecs/responses/wire.h"
#include "core/conversation/customtools.h"

namespace tollgate::codecs::responses {

// Outside of the writer: clang takes it for incomplete inside.
struct OpenItem
{
    std::size_t first = 0; // of its parts
    QByteArray id;
    QByteArray type;
    std::int64_t output = 0;
    bool part = false; // its last part still grows
    std::int64_t place = -1; // content_index of that part
    bool seal = false; // a seal came too late to stand before
    std::int64_t summaries = 0; // paragraphs begun
    std::int64_t contents = 0;
    bool paragraph = false;
    QByteArray text; // of the paragraph
    CustomInput input;
    bool bridged = false; // a function's arguments become free text
};

class Writer : public StreamEncoder
{
public:
    explicit Writer(const AnswerContext &context)
        : m_context(context)
        , m_folder(Dialect::Chat) // any but ours: ids that are not ours are replaced
    {
        m_style.request = context.request;
        m_style.summarise = wantsSummaries(context.request);
    }

    void write(const StreamEvent &event, QByteArray &out) override;

private:
    void begin();
    void send(JsonWriter &json, QByteArrayView type);
    JsonWriter &head(JsonWriter &json, QByteArrayView type);
    JsonWriter &itemHead(JsonWriter &json, QByteArrayView type);
    void partStart(const PartStart &start);
    void partDelta(const PartDelta &delta);
    void partEnd(std::int64_t index);
    void openItemFor(const Part &part, std::size_t index);
    void closeItem();
    void itemWhole(const QByteArray &item);
    void carry(const Sealed &sealed, bool before);
    void openContent(const Part &part);
    void closeContent(const Part &part);
    void text(const Part &part, const QByteArray &bytes);
    void annotation(const Text &text, std::size_t index);
    void thought(const Reasoning &reasoning, const QByteArray &bytes);
    void openParagraph(const Reasoning &reasoning);
    void closeParagraph(const Reasoning &reasoning);
    void arguments(const QByteArray &bytes);
    void closeCall();
    void fail(const Error &error);
    void end(const Error *error);
    void sendStanding(QByteArrayView type, bool ended, const Error *error);
    [[nodiscard]] bool summarised(const Reasoning &reasoning) const
    {
        return reasoning.summary || m_style.summarise;
    }
    [[nodiscard]] const std::vector<Part> &parts() const;

    AnswerContext m_context;
    Folder m_folder;
    ItemStyle m_style;
    QByteArray *m_out = nullptr;
    std::int64_t m_sequence = 0;
    bool m_begun = false;
    bool m_over = false;
    std::optional<OpenItem> m_open;
    std::vector<QByteArray> m_items;
    QByteArray m_logprobs; // told, and not yet sent with a delta
};

} // namespace tollgate::codecs::responses
