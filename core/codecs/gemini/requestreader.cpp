// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/parts.h"
#include "core/codecs/gemini/request.h"
#include "core/conversation/toolpairs.h"

#include <QHash>

#include <deque>

namespace tollgate::codecs::gemini {

using namespace conversation;

namespace {

constexpr qsizetype kMostParts = 1'000'000;

// Gives ids to calls and results that have none: results answer calls by name and order.
class Pairs
{
public:
    void call(ToolCall &call)
    {
        if (call.callId.isEmpty())
            call.callId = stableCallId(call.name, call.arguments, m_position);
        ++m_position;
        m_byId.insert(call.callId, m_open.size());
        m_byName[call.name].push_back(m_open.size());
        m_open.push_back({call.name, call.callId, false});
    }
    void result(ToolResult &result)
    {
        Open *const open = result.callId.isEmpty() ? nextNamed(result.name) : byId(result.callId);
        if (result.callId.isEmpty())
            result.callId
                = open ? open->callId : stableCallId(result.name, result.structured, m_position++);
        if (!open)
            return;
        open->answered = true;
        if (result.name.isEmpty())
            result.name = open->name;
    }
    // Calls are answered in the turn behind theirs, or not at all.
    void modelSpeaks()
    {
        m_open.clear();
        m_byId.clear();
        m_byName.clear();
    }

private:
    struct Open
    {
        QByteArray name;
        QByteArray callId;
        bool answered = false;
    };
    Open *byId(const QByteArray &callId)
    {
        const auto known = m_byId.constFind(callId);
        return known == m_byId.constEnd() ? nullptr : &m_open[*known];
    }
    Open *nextNamed(const QByteArray &name)
    {
        const auto known = m_byName.find(name);
        while (known != m_byName.end() && !known->empty()) {
            Open &first = m_open[known->front()];
            known->pop_front();
            if (!first.answered)
                return &first;
        }
        return nullptr;
    }

    std::vector<Open> m_open;
    QHash<QByteArray, std::size_t> m_byId;
    QHash<QByteArray, std::deque<std::size_t>> m_byName;
    std::int64_t m_position = 0;
};

void pairHosted(std::vector<Part> &parts)
{
    QByteArray last;
    std::int64_t position = 0;
    for (Part &part : parts) {
        if (auto *call = std::get_if<ToolCall>(&part.body);
            call && call->kind == ToolCall::Kind::Hosted) {
            if (call->callId.isEmpty())
                call->callId = stableCallId(call->name, call->arguments, position);
            last = call->callId;
            ++position;
        } else if (auto *result = std::get_if<ToolResult>(&part.body);
                   result && !result->hostedType.isEmpty() && result->callId.isEmpty()) {
            result->callId = last.isEmpty()
                ? stableCallId(result->name, result->structured, position++)
                : last;
        }
    }
}

Role roleOf(const QByteArray &role)
{
    if (role == kModel)
        return Role::Assistant;
    return role == "system" ? Role::System : Role::User;
}

Message messageOf(JsonValue content, Pairs &pairs)
{
    Message message;
    const QByteArray role = member(content, "role").string();
    message.role = roleOf(role);
    if (role == "function")
        keep(message.native, Dialect::Gemini, ".role", "\"function\"");
    keepRest(message.native, content, {"role", "parts"});
    if (message.role == Role::Assistant)
        pairs.modelSpeaks();
    each(member(content, "parts"), [&](JsonValue json) {
        std::optional<Part> part = readPart(json);
        if (!part)
            return;
        if (auto *call = std::get_if<ToolCall>(&part->body);
            call && call->kind == ToolCall::Kind::Function)
            pairs.call(*call);
        else if (auto *result = std::get_if<ToolResult>(&part->body);
                 result && result->hostedType.isEmpty())
            pairs.result(*result);
        // A thought that was streamed comes back in pieces, its seal on the last: they are one.
        if (auto *thought = std::get_if<Reasoning>(&part->body);
            thought && !message.parts.empty() && continues(message.parts.back(), *part)) {
            auto &before = std::get<Reasoning>(message.parts.back().body);
            before.text += thought->text;
            before.sealed = std::move(thought->sealed);
            return;
        }
        message.parts.push_back(std::move(*part));
    });
    pairHosted(message.parts);
    return message;
}

void readInstruction(JsonValue instruction, Request &request)
{
    Message system;
    system.role = Role::System;
    if (instruction.isString()) {
        system.parts.push_back({Text{instruction.string(), {}}});
    } else {
        each(member(instruction, "parts"), [&](JsonValue json) {
            if (std::optional<Part> part = readPart(json))
                system.parts.push_back(std::move(*part));
        });
        if (const JsonValue role = member(instruction, "role"); role.isSet())
            keep(system.native, Dialect::Gemini, ".role", role.json());
        keepRest(system.native, instruction, {"parts", "role"});
    }
    if (!system.parts.empty())
        request.messages.push_back(std::move(system));
}

Result<void> readContents(JsonValue contents, Request &request)
{
    Pairs pairs;
    qsizetype parts = 0;
    if (contents.isString()) {
        request.messages.push_back({Role::User});
        request.messages.back().parts.push_back({Text{contents.string(), {}}});
        return {};
    }
    bool broken = false;
    each(contents, [&](JsonValue content) {
        broken = broken || !content.isObject();
        parts += content.isObject() ? member(content, "parts").size() : 0;
        if (!broken && parts <= kMostParts)
            request.messages.push_back(messageOf(content, pairs));
    });
    if (broken)
        return failure(invalid(QStringLiteral("Each of 'contents' is an object."), "contents"));
    if (parts > kMostParts)
        return failure(invalid(QStringLiteral("There are too many parts."), "contents"));
    return {};
}

} // namespace

Result<Request> readRequest(QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return failure(tree.error());
    JsonValue root = tree->root();
    if (!root.isObject())
        return failure(invalid(QStringLiteral("The body must be a JSON object."), {}));
    // countTokens puts the whole request one level down.
    if (const JsonValue inner = member(root, "generateContentRequest"); inner.isObject())
        root = inner;
    Request request;
    request.source = Dialect::Gemini;
    if (const JsonValue instruction = member(root, "systemInstruction"); instruction.isSet())
        readInstruction(instruction, request);
    const JsonValue contents = member(root, "contents");
    if (!contents.isSet())
        return failure(invalid(QStringLiteral("'contents' is missing."), "contents"));
    if (const auto read = readContents(contents, request); !read)
        return failure(read.error());
    readTools(root, request);
    if (const auto read = readGenerationConfig(member(root, "generationConfig"), request); !read)
        return failure(read.error());
    if (const JsonValue tier = member(root, "serviceTier"); tier.isString()) {
        const QByteArray name = tier.string();
        request.serviceTier = name.toLower() == "standard" ? QByteArray("default") : name;
    }
    keepRest(request.native, root,
             {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig",
              "serviceTier"});
    return request;
}

} // namespace tollgate::codecs::gemini
