// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/counting.h"

#include "core/base/jsonwriter.h"
#include "core/protocol/jsonreader.h"
#include "core/relay/answers.h"
#include "core/relay/call.h"
#include "core/relay/idempotency.h"
#include "core/relay/relay.h"

#include <algorithm>

namespace tollgate::relay {
namespace {

using protocol::JsonReader;
using protocol::JsonText;
using protocol::JsonType;

constexpr std::int64_t kPicture = 1'600; // about what 1,200 pixels square cost everywhere
constexpr std::int64_t kTurn = 4; // its role and its brackets

// Counts quarters of a token: a byte of ASCII is one, a character of three or more bytes is mostly
// a whole token, one of two bytes is half of one.
std::int64_t quartersOf(QByteArrayView text)
{
    std::int64_t quarters = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80)
            quarters += 1;
        else if (byte >= 0xE0)
            quarters += 4;
        else if (byte >= 0xC0)
            quarters += 2;
    }
    return quarters;
}

class Counter
{
public:
    std::int64_t count(QByteArrayView body)
    {
        JsonReader reader(body);
        value(reader, {});
        return std::max<std::int64_t>((m_quarters + 3) / 4 + m_extra, 1);
    }

private:
    void value(JsonReader &reader, QByteArrayView name)
    {
        JsonText text;
        switch (reader.type()) {
        case JsonType::Object:
            reader.object([&](const JsonText &key) {
                if (key.is("role"))
                    m_extra += kTurn;
                // How an answer is made is no part of what is read.
                if (key.is("model") || key.is("role") || key.is("type") || key.is("id")
                    || key.is("cache_control") || key.is("signature")) {
                    reader.skip();
                    return;
                }
                const QByteArray inner = key.decoded();
                if (m_depth > 0) // the names inside tools and arguments are read too
                    m_quarters += quartersOf(inner);
                ++m_depth;
                value(reader, inner);
                --m_depth;
            });
            break;
        case JsonType::Array:
            reader.array([&] { value(reader, name); });
            break;
        case JsonType::String:
            if (!reader.string(text))
                break;
            if (name == QByteArrayView("data") || text.raw.startsWith("data:"))
                m_extra += kPicture;
            else
                m_quarters += quartersOf(text.escaped ? text.decoded() : text.raw.toByteArray());
            break;
        default:
            m_quarters += 4;
            reader.skip();
        }
    }

    std::int64_t m_quarters = 0;
    std::int64_t m_extra = 0;
    int m_depth = 0;
};

} // namespace

std::int64_t countedHere(QByteArrayView body)
{
    return Counter().count(body);
}

QByteArray countAnswer(protocol::Dialect dialect, std::int64_t tokens)
{
    JsonWriter out;
    out.beginObject();
    if (dialect == protocol::Dialect::Gemini)
        out.member("totalTokens", tokens);
    else if (dialect == protocol::Dialect::Responses)
        out.member("object", "response.input_tokens").member("input_tokens", tokens);
    else
        out.member("input_tokens", tokens);
    out.endObject();
    return out.take();
}

// A vendor that counts is asked before one that does not; where none does, nobody is.
bool Relay::answerCount(Call &call) const
{
    if (call.endpoint.operation != protocol::Operation::CountTokens)
        return false;
    auto &candidates = call.plan.candidates;
    const auto counts = [&](const routing::Candidate &candidate) {
        const Provider *provider = providerFor(candidate);
        return !provider || provider->speaks(call.endpoint.operation, call.endpoint.dialect);
    };
    const auto others = std::stable_partition(candidates.begin(), candidates.end(), counts);
    if (others != candidates.begin()) {
        candidates.erase(others, candidates.end());
        return false;
    }
    http::Response response = jsonResponse(
        countAnswer(call.endpoint.dialect, countedHere(call.request.body)), call.row.id);
    response.headers.set("x-tollgate-estimated", "true");
    call.out->respond(std::move(response));
    call.row.flags |= store::Estimated;
    closeRecord(call, 200, nullptr);
    m_services.ledger->record(call.row, keyUnused(call));
    return true;
}

} // namespace tollgate::relay
