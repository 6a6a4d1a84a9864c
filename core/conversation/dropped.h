// SPDX-License-Identifier: GPL-3.0-or-later
// What a translation could not carry: told to the client in x-tollgate-dropped and kept in the
// request's record, so that nothing is lost silently.
#pragma once

#include <QByteArrayList>

namespace tollgate::conversation {

class Dropped
{
public:
    // Short canonical names: "seed", "logit_bias", "tool:web_search", "reasoning:anthropic". Kept
    // once each, at most 64 of them, visible ASCII only.
    void note(const QByteArray &member);
    void add(const Dropped &more);
    [[nodiscard]] bool empty() const { return m_members.isEmpty(); }
    [[nodiscard]] const QByteArrayList &members() const { return m_members; }
    [[nodiscard]] QByteArray header() const { return m_members.join(", "); }
    bool operator==(const Dropped &) const = default;

private:
    QByteArrayList m_members;
};

} // namespace tollgate::conversation
