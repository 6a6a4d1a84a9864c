// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/routing/routing.h"

#include <algorithm>

namespace tollgate::routing {
namespace {

// Error statuses that lie in the channel, its account or its moment, not in the request.
bool isChannelsFault(int status)
{
    switch (status) {
    case 401: // key
    case 402: // balance
    case 403:
    case 404: // this vendor does not have the model, or the base URL is wrong
    case 405:
    case 408: // it gave up waiting for the request; nothing was generated
    case 409: // a lock or a conflict on the vendor's side: the official clients retry it
    case 410:
    case 425:
    case 429:
        return true;
    default:
        return status >= 500;
    }
}

bool isKeysFault(const AttemptFailure &failure)
{
    return failure.answered
        && (failure.status == 401 || failure.status == 402 || failure.status == 403
            || failure.status == 429 || failure.blamesChannel);
}

struct Trouble
{
    Cause cause;
    const char *code;
    QString sentence; // %1: channel names
};

// In the order of how much the user can do about it.
std::vector<Trouble> keyTroubles()
{
    return {
        {Cause::KeyLocked, "provider_key_locked",
         QStringLiteral("The provider key of %1 is locked; unlock the keychain or the vault on the "
                        "machine that runs Tollgate and try again.")},
        {Cause::KeysUnavailable, "key_store_unavailable",
         QStringLiteral("The key store that holds the provider key of %1 is not available; start "
                        "the keychain service or open the vault and try again.")},
        {Cause::KeyDenied, "provider_key_denied",
         QStringLiteral("Tollgate was denied access to the provider key of %1; allow it in the "
                        "keychain and try again.")},
        {Cause::KeyAbsent, "provider_key_missing",
         QStringLiteral("The provider key of %1 is missing; enter it again.")},
        {Cause::NoKey, "provider_key_missing",
         QStringLiteral("%1 has no enabled provider key; add one.")}};
}

QString namesOf(const Plan &plan, Cause cause)
{
    constexpr qsizetype kMostNames = 3;
    QStringList names;
    for (const Exclusion &exclusion : plan.excluded) {
        if (exclusion.cause == cause)
            names.append(QStringLiteral("channel \u201c%1\u201d").arg(exclusion.channel));
    }
    const qsizetype more = names.size() - kMostNames;
    if (more > 0)
        names = names.first(kMostNames) << QStringLiteral("%1 more").arg(more);
    return names.join(QStringLiteral(", "));
}

} // namespace

Error whyNoChannel(const Plan &plan, const Question &question)
{
    const auto some = [&](Cause cause) {
        return std::any_of(plan.excluded.begin(), plan.excluded.end(),
                           [&](const Exclusion &each) { return each.cause == cause; });
    };
    Error error;
    for (const Trouble &trouble : keyTroubles()) {
        if (!some(trouble.cause))
            continue;
        error.kind = ErrorKind::Unavailable;
        error.code = trouble.code;
        QString message = trouble.sentence.arg(namesOf(plan, trouble.cause));
        message[0] = message.at(0).toUpper();
        error.message = message;
        return error;
    }
    if (some(Cause::Paused)) {
        error.kind = ErrorKind::Unavailable;
        error.code = "channel_paused";
        error.message = QStringLiteral("The %1 is paused; resume it in Tollgate, or wait.")
                            .arg(namesOf(plan, Cause::Paused));
        return error;
    }
    error.kind = ErrorKind::NotFound;
    error.param = "model";
    const QString model = QString::fromUtf8(question.model);
    if (some(Cause::OtherDialect)) {
        error.code = "model_not_supported_here";
        error.message
            = QStringLiteral("The model \u201c%1\u201d is served, but not by this endpoint; "
                             "use the API of its own vendor.")
                  .arg(model);
        return error;
    }
    error.code = "model_not_found";
    error.message = some(Cause::Disabled)
        ? QStringLiteral("Every channel that serves the model \u201c%1\u201d is disabled.")
              .arg(model)
        : QStringLiteral("No channel serves the model \u201c%1\u201d; GET /v1/models lists those "
                         "that are served.")
              .arg(model);
    return error;
}

Verdict judge(const AttemptFailure &failure)
{
    if (failure.anyContentSent)
        return Verdict::Final;
    if (!failure.answered)
        return failure.requestSent ? Verdict::Final : Verdict::Next;
    const bool next
        = failure.refusedInBody || failure.blamesChannel || isChannelsFault(failure.status);
    return next ? Verdict::Next : Verdict::Final;
}

void steerAway(Plan &plan, std::size_t failed, const AttemptFailure &failure)
{
    if (failed >= plan.candidates.size() || isKeysFault(failure))
        return;
    const std::int64_t channelId = plan.candidates[failed].channel->row.id;
    std::stable_partition(plan.candidates.begin() + static_cast<std::ptrdiff_t>(failed) + 1,
                          plan.candidates.end(),
                          [&](const Candidate &each) { return each.channel->row.id != channelId; });
}

} // namespace tollgate::routing
