// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/secret.h"

#include <QDebug>

#include <sodium.h>

#include <cstring>
#include <new>
#include <utility>

namespace tollgate {
namespace {

constexpr qsizetype kShowable = 16;

} // namespace

Secret::Secret(QByteArrayView bytes)
{
    if (bytes.isEmpty())
        return;
    if (sodium_init() < 0)
        throw std::bad_alloc();
    m_data = static_cast<char *>(sodium_malloc(static_cast<std::size_t>(bytes.size())));
    if (!m_data)
        throw std::bad_alloc();
    m_size = bytes.size();
    std::memcpy(m_data, bytes.data(), static_cast<std::size_t>(m_size));
}

Secret::~Secret()
{
    release();
}

Secret::Secret(Secret &&other) noexcept
    : m_data(std::exchange(other.m_data, nullptr))
    , m_size(std::exchange(other.m_size, 0))
{
}

Secret &Secret::operator=(Secret &&other) noexcept
{
    if (this != &other) {
        release();
        m_data = std::exchange(other.m_data, nullptr);
        m_size = std::exchange(other.m_size, 0);
    }
    return *this;
}

QByteArray Secret::masked() const
{
    const QByteArray dots = QByteArrayLiteral("\xE2\x80\xA6");
    if (m_size < kShowable)
        return dots;
    return reveal().first(3).toByteArray() + dots + reveal().last(4).toByteArray();
}

void Secret::release()
{
    if (m_data)
        sodium_free(m_data); // zeroises first
    m_data = nullptr;
    m_size = 0;
}

QDebug operator<<(QDebug debug, const Secret &secret)
{
    const QDebugStateSaver saver(debug);
    debug.noquote() << secret.masked();
    return debug;
}

void wipe(QByteArray &bytes)
{
    if (!bytes.isEmpty())
        sodium_memzero(bytes.data(), static_cast<std::size_t>(bytes.size()));
    bytes.clear();
}

} // namespace tollgate
