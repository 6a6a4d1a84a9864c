// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP header fields in their order of arrival; names compare without case.
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <initializer_list>
#include <utility>
#include <vector>

namespace tollgate {

struct Header
{
    QByteArray name;
    QByteArray value;
};

class Headers
{
public:
    Headers() = default;
    Headers(std::initializer_list<Header> fields)
        : m_fields(fields)
    {
    }

    // The first field of that name, or nullptr.
    [[nodiscard]] const QByteArray *find(QByteArrayView name) const;
    [[nodiscard]] QByteArray value(QByteArrayView name) const;
    [[nodiscard]] qsizetype count(QByteArrayView name) const;
    [[nodiscard]] bool contains(QByteArrayView name) const { return find(name) != nullptr; }
    [[nodiscard]] bool isEmpty() const { return m_fields.empty(); }
    [[nodiscard]] std::size_t size() const { return m_fields.size(); }
    void reserve(std::size_t fields) { m_fields.reserve(fields); }
    [[nodiscard]] auto begin() const { return m_fields.begin(); }
    [[nodiscard]] auto end() const { return m_fields.end(); }

    void append(QByteArray name, QByteArray value);
    void set(QByteArray name, QByteArray value); // replaces all of that name
    void remove(QByteArrayView name);
    // Overwrites and drops every value; copies made elsewhere are not reached.
    void wipe();

private:
    std::vector<Header> m_fields;
};

[[nodiscard]] bool sameName(QByteArrayView a, QByteArrayView b); // ASCII case-insensitive
// RFC 9110 5.6.2: one or more tchar.
[[nodiscard]] bool isHeaderName(QByteArrayView name);
// RFC 9110 5.5: VCHAR, SP, HTAB, obs-text; no CR, LF, NUL or other control.
[[nodiscard]] bool isHeaderValue(QByteArrayView value);

} // namespace tollgate
