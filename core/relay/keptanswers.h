// SPDX-License-Identifier: GPL-3.0-or-later
// What vendors say of files and batches: read as far as we must know, and told on. Pure.
#pragma once

#include "core/base/tokencounts.h"
#include "core/protocol/keptcall.h"
#include "core/store/keptthings.h"

#include <map>
#include <optional>

namespace tollgate::relay {

// The name under which the vendor keeps it; empty where there is none.
[[nodiscard]] QByteArray nameOf(QByteArrayView shown);
// It will not change any more.
[[nodiscard]] bool isFinal(protocol::KeptCall::Thing thing, protocol::Dialect dialect,
                           QByteArrayView shown);
// Files that the vendor made for a batch.
[[nodiscard]] QByteArrayList filesOf(QByteArrayView batch);

struct BatchUse
{
    QByteArray model; // empty: not told
    TokenCounts usage;
};
// What OpenAI's batch object tells of its cost, once it is final; nullopt where it tells nothing.
[[nodiscard]] std::optional<BatchUse> useOf(QByteArrayView batch);

// Sums what the lines of Anthropic's results tell, as they pass.
class ResultTally
{
public:
    void see(QByteArrayView bytes);
    // Of the whole file: the models and what each used. nullopt: a line could not be read.
    [[nodiscard]] std::optional<std::vector<BatchUse>> conclude();

private:
    void line(QByteArrayView text);

    QByteArray m_rest; // of a line whose end has not come
    std::map<QByteArray, TokenCounts> m_used;
    bool m_unread = false;
};

// Anthropic's own address of a batch's results would take the client past us, its token with it.
[[nodiscard]] QByteArray withOwnResults(const QByteArray &batch, const QByteArray &origin);

// What a list call asks for. InvalidRequest where a parameter is not as it must be.
[[nodiscard]] Result<store::ThingQuery> pageAsked(const protocol::KeptCall &call,
                                                  QByteArrayView query);
// The value of a query's parameter, decoded; empty: absent.
[[nodiscard]] QByteArray queryValue(QByteArrayView query, QByteArrayView name);
[[nodiscard]] QByteArray listAnswer(protocol::Dialect dialect, const QByteArrayList &shown,
                                    bool more);

} // namespace tollgate::relay
