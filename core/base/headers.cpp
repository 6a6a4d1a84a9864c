// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/headers.h"

#include "core/base/secret.h"

#include <algorithm>

namespace tollgate {

bool sameName(QByteArrayView a, QByteArrayView b)
{
    return a.size() == b.size() && a.compare(b, Qt::CaseInsensitive) == 0;
}

bool isHeaderName(QByteArrayView name)
{
    constexpr std::string_view kExtra = "!#$%&'*+-.^_`|~";
    return !name.isEmpty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || kExtra.find(c) != std::string_view::npos;
    });
}

bool isHeaderValue(QByteArrayView value)
{
    return std::all_of(value.begin(), value.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

const QByteArray *Headers::find(QByteArrayView name) const
{
    for (const Header &field : m_fields) {
        if (sameName(field.name, name))
            return &field.value;
    }
    return nullptr;
}

QByteArray Headers::value(QByteArrayView name) const
{
    const QByteArray *found = find(name);
    return found ? *found : QByteArray();
}

qsizetype Headers::count(QByteArrayView name) const
{
    return std::count_if(m_fields.begin(), m_fields.end(),
                         [&](const Header &field) { return sameName(field.name, name); });
}

void Headers::append(QByteArray name, QByteArray value)
{
    m_fields.push_back({std::move(name), std::move(value)});
}

void Headers::set(QByteArray name, QByteArray value)
{
    remove(name);
    append(std::move(name), std::move(value));
}

void Headers::remove(QByteArrayView name)
{
    std::erase_if(m_fields, [&](const Header &field) { return sameName(field.name, name); });
}

void Headers::wipe()
{
    for (Header &field : m_fields) {
        if (field.value.isDetached())
            tollgate::wipe(field.value);
    }
    m_fields.clear();
}

} // namespace tollgate
