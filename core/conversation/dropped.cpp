// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/dropped.h"

namespace tollgate::conversation {

void Dropped::note(const QByteArray &member)
{
    constexpr int kMost = 64;
    constexpr qsizetype kLongest = 64;
    QByteArray name;
    for (const char c : member.left(kLongest)) {
        if (c > 0x20 && c < 0x7f && c != ',')
            name += c;
    }
    if (!name.isEmpty() && m_members.size() < kMost && !m_members.contains(name))
        m_members.append(name);
}

void Dropped::add(const Dropped &more)
{
    for (const QByteArray &member : more.m_members)
        note(member);
}

} // namespace tollgate::conversation
