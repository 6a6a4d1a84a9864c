// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/toolpairs.h"

#include <QCryptographicHash>
#include <QHash>

#include <algorithm>

namespace tollgate::conversation {
namespace {

// A call and the result that was found for it.
struct Slot
{
    std::size_t message = 0;
    std::size_t part = 0;
    std::optional<Part> result;
    bool filledThere = false; // by a result of the message directly behind
};

const ToolCall *openCall(const Part &part)
{
    const auto *call = std::get_if<ToolCall>(&part.body);
    return call && call->kind != ToolCall::Kind::Hosted ? call : nullptr;
}

ToolResult *openResult(Part &part)
{
    auto *result = std::get_if<ToolResult>(&part.body);
    return result && result->hostedType.isEmpty() ? result : nullptr;
}

class Pairing
{
public:
    explicit Pairing(std::vector<Message> messages)
        : m_messages(std::move(messages))
    {
    }
    std::vector<Message> run();

private:
    void findCalls();
    void findResults();
    [[nodiscard]] Slot *slotFor(const QByteArray &callId, std::size_t message);
    void keepOrphan(Part part, std::vector<Part> &into);
    [[nodiscard]] Part answer(Slot &slot) const;

    std::vector<Message> m_messages;
    std::vector<Slot> m_slots; // in the order of the calls
    QHash<QByteArray, std::vector<std::size_t>> m_byId;
};

void Pairing::findCalls()
{
    for (std::size_t m = 0; m < m_messages.size(); ++m) {
        if (m_messages[m].role != Role::Assistant)
            continue;
        const std::vector<Part> &parts = m_messages[m].parts;
        for (std::size_t p = 0; p < parts.size(); ++p) {
            if (const ToolCall *call = openCall(parts[p])) {
                m_byId[call->callId].push_back(m_slots.size());
                m_slots.push_back({m, p, {}, false});
            }
        }
    }
}

// The latest call by this id before the result: vendors that number calls begin anew on each turn.
// Of several in one message the first that has no result yet. A result that comes before every such
// call belongs to the first.
Slot *Pairing::slotFor(const QByteArray &callId, std::size_t message)
{
    const auto known = m_byId.constFind(callId);
    if (known == m_byId.constEnd())
        return nullptr;
    const std::vector<std::size_t> &all = *known;
    const auto behind = std::partition_point(
        all.begin(), all.end(), [&](std::size_t slot) { return m_slots[slot].message < message; });
    if (behind == all.begin())
        return &m_slots[all.front()];
    auto last = behind - 1;
    const std::size_t turn = m_slots[*last].message;
    auto first = std::partition_point(
        all.begin(), behind, [&](std::size_t slot) { return m_slots[slot].message < turn; });
    for (; first != last; ++first) {
        if (!m_slots[*first].result)
            break;
    }
    return &m_slots[*first];
}

void Pairing::keepOrphan(Part part, std::vector<Part> &into)
{
    ToolResult &result = std::get<ToolResult>(part.body);
    const QByteArray &what = result.name.isEmpty() ? result.callId : result.name;
    QByteArray text = "Result of the tool " + what + ":";
    std::vector<Part> media;
    for (std::variant<Text, Media> &piece : result.parts) {
        if (auto *said = std::get_if<Text>(&piece))
            text += '\n' + said->text;
        else
            media.push_back({std::get<Media>(std::move(piece))});
    }
    if (result.parts.empty() && !result.structured.isEmpty())
        text += '\n' + result.structured;
    part.body = Text{std::move(text), {}};
    part.native.clear();
    into.push_back(std::move(part));
    std::move(media.begin(), media.end(), std::back_inserter(into));
}

void Pairing::findResults()
{
    for (std::size_t m = 0; m < m_messages.size(); ++m) {
        std::vector<Part> kept;
        kept.reserve(m_messages[m].parts.size());
        for (Part &part : m_messages[m].parts) {
            ToolResult *result = openResult(part);
            if (!result) {
                kept.push_back(std::move(part));
            } else if (Slot *slot = slotFor(result->callId, m)) {
                slot->filledThere = m == slot->message + 1 && m_messages[m].role == Role::User;
                slot->result = std::move(part);
            } else {
                keepOrphan(std::move(part), kept);
            }
        }
        m_messages[m].parts = std::move(kept);
    }
}

Part Pairing::answer(Slot &slot) const
{
    const auto &call = std::get<ToolCall>(m_messages[slot.message].parts[slot.part].body);
    if (!slot.result) {
        ToolResult missing;
        missing.callId = call.callId;
        missing.error = true;
        missing.parts.emplace_back(Text{"No result was given for this call.", {}});
        slot.result = Part{std::move(missing)};
    }
    auto &result = std::get<ToolResult>(slot.result->body);
    if (result.name.isEmpty())
        result.name = call.name;
    result.custom = call.kind == ToolCall::Kind::Custom;
    return *std::move(slot.result);
}

std::vector<Message> Pairing::run()
{
    // Which messages had something to say before their results were taken out.
    std::vector<bool> wasEmpty(m_messages.size());
    for (std::size_t m = 0; m < m_messages.size(); ++m)
        wasEmpty[m] = m_messages[m].parts.empty();
    findCalls();
    findResults();

    std::vector<Message> ordered;
    ordered.reserve(m_messages.size());
    std::size_t slot = 0;
    Message results; // for the calls of the message before
    bool answeredThere = false;
    for (std::size_t m = 0; m < m_messages.size(); ++m) {
        Message &message = m_messages[m];
        if (answeredThere) {
            message.parts.insert(message.parts.begin(),
                                 std::make_move_iterator(results.parts.begin()),
                                 std::make_move_iterator(results.parts.end()));
        } else if (!results.parts.empty()) {
            ordered.push_back(std::move(results));
        }
        results = {};
        answeredThere = false;
        for (; slot < m_slots.size() && m_slots[slot].message == m; ++slot) {
            answeredThere = answeredThere || m_slots[slot].filledThere;
            results.parts.push_back(answer(m_slots[slot]));
        }
        // The message behind is looked at only once: what it loses it has lost already.
        if (!message.parts.empty() || wasEmpty[m])
            ordered.push_back(std::move(message));
    }
    if (!results.parts.empty())
        ordered.push_back(std::move(results));
    return ordered;
}

} // namespace

QByteArray stableCallId(QByteArrayView name, QByteArrayView arguments, std::int64_t position)
{
    constexpr qsizetype kDigits = 24;
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const auto add = [&hash](const QByteArray &field) {
        hash.addData(QByteArray::number(field.size()) + ':');
        hash.addData(field);
    };
    add(name.toByteArray());
    add(arguments.toByteArray());
    add(QByteArray::number(static_cast<qlonglong>(position)));
    return "call_" + hash.result().toHex().left(kDigits);
}

std::vector<Message> pairTools(std::vector<Message> messages)
{
    return Pairing(std::move(messages)).run();
}

} // namespace tollgate::conversation
