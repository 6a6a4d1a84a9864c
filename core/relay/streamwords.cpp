// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/streamwords.h"

#include "core/protocol/errors.h"
#include "core/protocol/geminiarray.h"

namespace tollgate::relay {

QByteArray signOfLife(const protocol::Endpoint &endpoint, bool begun)
{
    if (!endpoint.sse)
        return "\n"; // white space between the elements of a JSON array
    // A dialect's own ping may only follow its first event; a comment may stand anywhere.
    return begun ? protocol::keepAlive(endpoint.dialect) : QByteArray(": keep-alive\n\n");
}

QByteArray errorEnd(const protocol::Endpoint &endpoint, const Error &error,
                    const QByteArray &requestId, bool begun)
{
    return endpoint.sse ? protocol::errorEvent(endpoint.dialect, error, requestId)
                        : protocol::geminiArrayError(error, requestId, begun);
}

} // namespace tollgate::relay
