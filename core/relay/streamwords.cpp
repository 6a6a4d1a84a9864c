// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/streamwords.h"

#include "core/protocol/errors.h"
#include "core/protocol/geminiarray.h"

namespace tollgate::relay {

QByteArray streamType(const protocol::Endpoint &endpoint)
{
    if (endpoint.dialect == protocol::Dialect::Ollama)
        return "application/x-ndjson";
    return endpoint.sse ? "text/event-stream; charset=utf-8" : "application/json; charset=utf-8";
}

QByteArray signOfLife(const protocol::Endpoint &endpoint, bool begun)
{
    if (!endpoint.sse)
        return "\n"; // white space between the elements of a JSON array
    const QByteArray ping = protocol::keepAlive(endpoint.dialect);
    // A dialect's own ping may only follow its first event; a comment may stand anywhere.
    return begun || ping.isEmpty() ? ping : QByteArray(": keep-alive\n\n");
}

QByteArray errorEnd(const protocol::Endpoint &endpoint, const Error &error,
                    const QByteArray &requestId, bool begun, const protocol::AnswerFacts &soFar)
{
    return endpoint.sse ? protocol::errorEvent(endpoint.dialect, error, requestId, soFar)
                        : protocol::geminiArrayError(error, requestId, begun);
}

bool isChatter(QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        const char first = bytes.front();
        if (first != ':' && first != '\n' && first != '\r')
            return false;
        const qsizetype end = bytes.indexOf('\n');
        if (end < 0)
            return true;
        bytes = bytes.sliced(end + 1);
    }
    return true;
}

} // namespace tollgate::relay
