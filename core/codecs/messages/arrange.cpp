// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/arrange.h"

#include <algorithm>

namespace tollgate::codecs::messages {
namespace {

// Turns may not be empty; this is as little as can be said.
constexpr QByteArrayView kNothing = ".";

QByteArray sealName(const std::optional<Sealed> &seal)
{
    if (!seal)
        return "reasoning";
    switch (seal->owner) {
    case Sealed::Owner::Anthropic:
    case Sealed::Owner::AnthropicRedacted:
        return "reasoning:anthropic";
    case Sealed::Owner::OpenAi:
        return "reasoning:openai";
    case Sealed::Owner::Gemini:
        return "reasoning:gemini";
    case Sealed::Owner::OpenRouter:
        return "reasoning:openrouter";
    }
    return "reasoning";
}

bool isAnthropics(const std::optional<Sealed> &seal)
{
    return seal
        && (seal->owner == Sealed::Owner::Anthropic
            || seal->owner == Sealed::Owner::AnthropicRedacted);
}

// Makes a part fit for the dialect; false where nothing of it remains.
class Fitting
{
public:
    Fitting(Dialect dialect, Dropped &dropped)
        : m_dialect(dialect)
        , m_dropped(dropped)
    {
    }

    bool operator()(Part &part)
    {
        if (part.sealed) {
            m_dropped.note(sealName(part.sealed));
            part.sealed.reset();
        }
        return std::visit([&](auto &body) { return fit(part, body); }, part.body);
    }

private:
    bool fit(Part &, Text &text) { return !text.text.isEmpty(); }
    bool fit(Part &, Media &) { return true; }
    bool fit(Part &, Reasoning &reasoning)
    {
        if (isAnthropics(reasoning.sealed))
            return true;
        m_dropped.note(sealName(reasoning.sealed));
        return false;
    }
    bool fit(Part &, ToolCall &call)
    {
        if (call.kind == ToolCall::Kind::Hosted) {
            m_dropped.note("tool:" + call.hostedType);
            return false;
        }
        if (call.sealed) {
            m_dropped.note(sealName(call.sealed));
            call.sealed.reset();
        }
        return true;
    }
    bool fit(Part &, ToolResult &result)
    {
        if (!result.hostedType.isEmpty())
            m_dropped.note("tool:" + result.hostedType);
        return result.hostedType.isEmpty();
    }
    bool fit(Part &part, Refusal &refusal)
    {
        QByteArray text = std::move(refusal.text);
        part.body = Text{std::move(text), {}};
        return !std::get<Text>(part.body).text.isEmpty();
    }
    bool fit(Part &, Opaque &opaque)
    {
        if (opaque.owner != m_dialect)
            m_dropped.note(opaque.type);
        return opaque.owner == m_dialect;
    }

    Dialect m_dialect;
    Dropped &m_dropped;
};

void append(std::vector<Part> &to, std::vector<Part> &&parts)
{
    to.insert(to.end(), std::make_move_iterator(parts.begin()),
              std::make_move_iterator(parts.end()));
}

// Models draw, but take pictures only from users: a picture of the model's own moves into the turn
// behind.
void moveDrawings(std::vector<Message> &turns)
{
    std::vector<Message> moved;
    for (Message &turn : turns) {
        std::vector<Part> drawings;
        if (turn.role == Role::Assistant) {
            const auto first
                = std::stable_partition(turn.parts.begin(), turn.parts.end(), [](const Part &part) {
                      return !std::holds_alternative<Media>(part.body);
                  });
            drawings.assign(std::make_move_iterator(first),
                            std::make_move_iterator(turn.parts.end()));
            turn.parts.erase(first, turn.parts.end());
        }
        if (!turn.parts.empty())
            moved.push_back(std::move(turn));
        if (!drawings.empty())
            moved.push_back({Role::User, false, {}, std::move(drawings), {}});
    }
    turns = std::move(moved);
}

void mergeTurns(std::vector<Message> &turns)
{
    std::vector<Message> merged;
    for (Message &turn : turns) {
        if (!merged.empty() && merged.back().role == turn.role) {
            append(merged.back().parts, std::move(turn.parts));
            for (NativeMember &member : turn.native)
                merged.back().native.push_back(std::move(member));
        } else {
            merged.push_back(std::move(turn));
        }
    }
    turns = std::move(merged);
}

void putResultsFirst(std::vector<Message> &turns)
{
    for (Message &turn : turns) {
        if (turn.role == Role::User) {
            std::stable_partition(turn.parts.begin(), turn.parts.end(), [](const Part &part) {
                return std::holds_alternative<ToolResult>(part.body);
            });
        }
    }
}

// Late words of the system, for models that know only a user there.
void speakAsUser(Message &message)
{
    message.role = Role::User;
    for (Part &part : message.parts) {
        if (auto *text = std::get_if<Text>(&part.body))
            text->text = "<system>\n" + text->text + "\n</system>";
    }
}

void trimPrefill(std::vector<Message> &turns)
{
    if (turns.empty() || turns.back().role != Role::Assistant || turns.back().parts.empty())
        return;
    std::vector<Part> &parts = turns.back().parts;
    auto *text = std::get_if<Text>(&parts.back().body);
    if (!text)
        return;
    while (!text->text.isEmpty() && QByteArrayView(" \t\r\n").contains(text->text.back()))
        text->text.chop(1);
    if (text->text.isEmpty())
        parts.pop_back();
    if (parts.empty())
        turns.pop_back();
}

// Consecutive turns of one role become one, so that the results of its calls are looked for behind
// it; then none is empty, and the first is a user's where another dialect's client did not know.
void order(std::vector<Message> &turns, bool own)
{
    mergeTurns(turns);
    turns = pairTools(std::move(turns));
    mergeTurns(turns);
    putResultsFirst(turns);
    trimPrefill(turns);
    if (own && !turns.empty())
        return;
    const auto spoken = std::find_if(turns.begin(), turns.end(),
                                     [](const Message &turn) { return turn.role != Role::System; });
    if (spoken == turns.end() || spoken->role != Role::User) {
        Message opening{Role::User, false, {}, {}, {}};
        opening.parts.push_back({Text{kNothing.toByteArray(), {}}});
        turns.insert(spoken, std::move(opening));
    }
}

} // namespace

Arranged arrange(const Request &request, Dialect dialect, bool systemTurns, Dropped &dropped)
{
    Arranged arranged;
    Fitting fitting(dialect, dropped);
    bool leading = true;
    for (Message message : request.messages) {
        if (!message.name.isEmpty())
            dropped.note("name");
        for (const QByteArray &name : foreignNames(message.native, dialect))
            dropped.note(name);
        const auto gone = std::remove_if(message.parts.begin(), message.parts.end(),
                                         [&fitting](Part &part) { return !fitting(part); });
        message.parts.erase(gone, message.parts.end());
        const auto native
            = [](const Part &part) { return std::holds_alternative<Opaque>(part.body); };
        if (message.role == Role::System) {
            if (message.parts.empty())
                continue;
            // A block that only this dialect knows was meant for exactly this place.
            const bool stays = std::any_of(message.parts.begin(), message.parts.end(), native);
            if (leading && !stays) {
                append(arranged.system, std::move(message.parts));
                continue;
            }
            if (!systemTurns && !stays)
                speakAsUser(message);
        } else if (message.parts.empty()) {
            if (message.role == Role::Assistant)
                continue;
            message.parts.push_back({Text{kNothing.toByteArray(), {}}});
        }
        leading = false;
        arranged.turns.push_back(std::move(message));
    }
    moveDrawings(arranged.turns);
    order(arranged.turns, request.source == dialect);
    return arranged;
}

bool endsWithPrefill(const Arranged &arranged)
{
    if (arranged.turns.empty() || arranged.turns.back().role != Role::Assistant)
        return false;
    // A turn paused with the vendor's own tools is sent back as it is to go on.
    const std::vector<Part> &parts = arranged.turns.back().parts;
    return std::none_of(parts.begin(), parts.end(),
                        [](const Part &part) { return std::holds_alternative<Opaque>(part.body); });
}

void askToContinue(Arranged &arranged)
{
    Message message{Role::User, false, {}, {}, {}};
    message.parts.push_back(
        {Text{"Continue exactly where your last message ends, without repeating it.", {}}});
    arranged.turns.push_back(std::move(message));
}

bool lacksThought(const Arranged &arranged)
{
    const auto last
        = std::find_if(arranged.turns.rbegin(), arranged.turns.rend(),
                       [](const Message &turn) { return turn.role == Role::Assistant; });
    if (last == arranged.turns.rend() || last->parts.empty())
        return false;
    const bool calls = std::any_of(last->parts.begin(), last->parts.end(), [](const Part &part) {
        return std::holds_alternative<ToolCall>(part.body);
    });
    return calls && !std::holds_alternative<Reasoning>(last->parts.front().body);
}

} // namespace tollgate::codecs::messages
