// SPDX-License-Identifier: GPL-3.0-or-later
// One request while it runs. Internal to this room.
#pragma once

#include "core/http/message.h"
#include "core/http/responsestream.h"
#include "core/ledger/ledger.h"
#include "core/protocol/meter.h"
#include "core/protocol/peek.h"
#include "core/protocol/units.h"
#include "core/relay/capture.h"
#include "core/relay/lease.h"
#include "core/relay/provider.h"
#include "core/relay/snapshot.h"
#include "core/relay/translation.h"
#include "core/relay/wakeup.h"

#include <memory>
#include <optional>

namespace tollgate::relay {

struct Call
{
    http::Request request;
    std::shared_ptr<http::ResponseStream> out;
    std::shared_ptr<const Snapshot> snapshot;

    protocol::Endpoint endpoint;
    protocol::Peek peek;
    protocol::UnitsAsked units;
    const store::TokenRow *token = nullptr; // owned by the snapshot
    access::Meters::Place place;
    routing::Plan plan;
    std::optional<ledger::Idempotency> idempotency;
    std::shared_ptr<const conversation::Request> conversation; // once a translation needs it
    MediaShelf media; // what it names by URL, as far as it was fetched

    store::RequestRow row; // becomes the record
    std::int64_t startedUs = 0; // monotonic; the record's durations count from here
    Wakeup wakeup;
    upstream::Exchange *exchange = nullptr; // the one under way
    std::optional<Error> stopped; // the client left, the token was revoked, we shut down
    const protocol::AnswerFacts *facts = nullptr; // of the stream under way
    bool contentSent = false; // a failure can no longer move on to another channel
    bool streaming = false; // counted in the streams gauge
    std::int64_t lastSentUs = 0; // monotonic, towards the client
    std::int64_t lastProgressUs = 0;
    bool leased = false; // its stream must look at its lease even while its provider is silent
    std::unique_ptr<Capture> capture; // where bodies are kept

    // Ends the call soon: its exchange is cancelled and its story woken.
    void stop(Error why)
    {
        if (stopped)
            return;
        stopped = std::move(why);
        if (exchange)
            exchange->cancel();
        wakeup.fire();
    }
};

// One try at one channel key.
struct Attempt
{
    const routing::Candidate *candidate = nullptr;
    const Provider *provider = nullptr;
    const ledger::Price *price = nullptr;
    store::AttemptRow row;
    std::int64_t wantedOutput = 0;
    std::int64_t startedUs = 0; // monotonic
    Lease lease; // streams on a budget
    // Where the provider does not speak as the client does.
    std::unique_ptr<Translator> translation;
    std::vector<MediaUrl>
        media; // what its vendor does not fetch; absent of a translation: to fetch
    conversation::Dropped untold; // what of the answer the client's dialect has no place for
    upstream::Timeouts timeouts;
    std::unique_ptr<upstream::Exchange> exchange;

    [[nodiscard]] const QString &channelName() const { return candidate->channel->row.name; }
    [[nodiscard]] std::int64_t keyId() const { return row.keyId; }
};

// How an attempt ended, before anybody is paid or told.
struct Ending
{
    enum class Kind {
        Answered, // complete; its last bytes are held back until it is paid
        Failed, // nothing real has reached the client
        Broken, // failed after the client had got a part
    };
    Kind kind = Kind::Failed;
    http::Response response; // Answered, whole; Failed: the vendor's own refusal, if it may pass
    QByteArray tail; // streams: the last bytes; Broken: the error event
    protocol::AnswerFacts facts;
    Error error; // Failed and Broken
    routing::AttemptFailure failure;
    int retryAfter = -1;
    bool abort = false; // Broken: nothing that could be sent would tell the client so
    bool cut = false; // by us, the money being used up: no fault of the channel
    bool unknown = false; // sent, never answered: it may have been generated and billed
};

} // namespace tollgate::relay
