// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/mailbox.h"

#include <QCoreApplication>
#include <QEvent>

namespace tollgate {
namespace {

QEvent::Type wakeUpType()
{
    static const auto type = static_cast<QEvent::Type>(QEvent::registerEventType());
    return type;
}

} // namespace

Mailbox::Mailbox() = default;
Mailbox::~Mailbox() = default;

void Mailbox::post(Letter letter)
{
    bool wake = false;
    {
        const std::lock_guard lock(m_mutex);
        m_letters.push_back(std::move(letter));
        wake = !std::exchange(m_woken, true);
    }
    if (wake)
        QCoreApplication::postEvent(this, new QEvent(wakeUpType()), Qt::HighEventPriority);
}

bool Mailbox::event(QEvent *event)
{
    if (event->type() != wakeUpType())
        return QObject::event(event);
    std::vector<Letter> letters;
    {
        const std::lock_guard lock(m_mutex);
        letters.swap(m_letters);
        m_woken = false;
    }
    for (Letter &letter : letters)
        letter();
    return true;
}

} // namespace tollgate
