// SPDX-License-Identifier: GPL-3.0-or-later
// Which channel may serve a request, which one does, and what a failure means for the next try.
// The plan is a pure function; Health is the little state that threads share.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/protocol/endpoint.h"
#include "core/routing/health.h"
#include "core/store/rows.h"

#include <functional>
#include <memory>
#include <vector>

namespace tollgate::routing {

// Why a key cannot be used, in the words of the secrets room.
enum class KeyReadiness { Ready, Absent, Locked, Denied, Unavailable };

struct ChannelKey
{
    store::ChannelKeyRow row;
    KeyReadiness readiness = KeyReadiness::Absent;
    std::shared_ptr<const Secret> secret; // with Ready; null for a channel that needs none
};

struct Channel
{
    store::ChannelRow row;
    std::vector<ChannelKey> keys;
    // Whether the provider speaks this dialect and operation natively.
    std::function<bool(protocol::Operation, protocol::Dialect)> speaks;
    // Through the model map: the exact name first, then the longest pattern with a trailing '*'. A
    // '*' at the end of the vendor's name stands for what the client's '*' matched.
    [[nodiscard]] QByteArray vendorModel(const QByteArray &model) const;
    // Listed, mapped, or matched by a listed or mapped pattern with a trailing '*'.
    [[nodiscard]] bool serves(const QByteArray &model) const;
};

// All channels at one moment; immutable, shared between threads.
struct ChannelTable
{
    std::vector<std::shared_ptr<const Channel>> channels;
    // Of enabled channels, sorted, unique; patterns are not names and are left out.
    [[nodiscard]] std::vector<QByteArray> models() const;
};

struct Candidate
{
    std::shared_ptr<const Channel> channel;
    std::size_t key = 0; // index into channel->keys
    QByteArray vendorModel;
    QByteArray reason; // "priority 10, weight 3 of 5"
    std::int64_t coolingUs = 0; // > 0: a last resort
};

enum class Cause {
    OtherModel,
    Disabled,
    OtherDialect,
    NoKey, // none configured, or none enabled
    KeyAbsent,
    KeyLocked,
    KeyDenied,
    KeysUnavailable, // no keychain service, no vault
    Paused,
};

struct Exclusion
{
    std::int64_t channelId = 0;
    QByteArray reason; // "disabled", "the key is locked"
    Cause cause = Cause::OtherModel;
    QString channel; // its name
};

struct Plan
{
    std::vector<Candidate> candidates; // in the order to try; a channel key appears once
    std::vector<Exclusion> excluded;
};

struct Question
{
    QByteArray model;
    bool anyModel = false; // what is asked for names none
    protocol::Operation operation = protocol::Operation::Generate;
    protocol::Dialect dialect = protocol::Dialect::Chat;
    std::int64_t nowUs = 0; // wall: channels may be paused until some moment
    // What the client calls its conversation; one conversation keeps its channel and key while they
    // are well, so that the vendor's prompt cache stays warm. Empty: drawn anew each time.
    QByteArray affinity;
};

// By priority, then by weighted draw without replacement; keys of a channel in rotation. With an
// affinity the draw is a weighted rendezvous hash of it. `draw(n)` gives a number below n. Cooling
// keys go last, soonest ready first, but never out: our guess must not keep a request from the only
// vendor that may answer it.
[[nodiscard]] Plan plan(const ChannelTable &table, const Question &question,
                        const std::function<std::int64_t(std::int64_t keyId)> &cooldownUs,
                        const std::function<std::uint32_t(std::uint32_t)> &draw);

// The client's error where the plan has no candidate: 404 for a model nobody serves, 503 that names
// the channels whose keys are locked or missing.
[[nodiscard]] Error whyNoChannel(const Plan &plan, const Question &question);

// What a failed attempt means.
enum class Verdict {
    Next, // safe to try the next candidate
    Final, // tell the client
};
struct AttemptFailure
{
    bool anyContentSent = false; // to the client
    bool requestSent = false; // any byte left for the provider
    bool answered = false; // a status line came back
    int status = 0;
    bool timedOut = false;
    // A success status whose body was a refusal: an error as the first event, a page of HTML.
    bool refusedInBody = false;
    // The vendor's own words blame the account or the channel although the status blames the
    // client.
    bool blamesChannel = false;
};
// An attempt whose request left and was never answered may have been generated and billed: Final.
// An answered error status is no generation, so the next channel is safe unless the client is at
// fault.
[[nodiscard]] Verdict judge(const AttemptFailure &failure);

// After candidate `failed` of the plan: where the failure was not its key's own (no connection, a
// 5xx), the other keys of that channel go behind the other channels still to be tried.
void steerAway(Plan &plan, std::size_t failed, const AttemptFailure &failure);

} // namespace tollgate::routing
