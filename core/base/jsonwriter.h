// SPDX-License-Identifier: GPL-3.0-or-later
// Writes JSON by appending: no tree, no sorting, commas placed by itself. Misuse (a value without a
// key inside an object) is the caller's bug and asserted.
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QStringView>

#include <cstdint>
#include <vector>

namespace tollgate {

class JsonWriter
{
public:
    JsonWriter &beginObject();
    JsonWriter &endObject();
    JsonWriter &beginArray();
    JsonWriter &endArray();
    JsonWriter &key(QByteArrayView name);
    JsonWriter &string(QByteArrayView utf8); // invalid UTF-8 becomes U+FFFD
    JsonWriter &string(QStringView text);
    JsonWriter &number(std::int64_t value);
    JsonWriter &number(double value); // NaN and infinities become null
    JsonWriter &boolean(bool value);
    JsonWriter &null();
    JsonWriter &raw(QByteArrayView json); // a value that is JSON already

    // key() and a value in one call.
    JsonWriter &member(QByteArrayView name, QByteArrayView utf8) { return key(name).string(utf8); }
    JsonWriter &member(QByteArrayView name, const QByteArray &utf8)
    {
        return key(name).string(QByteArrayView(utf8));
    }
    JsonWriter &member(QByteArrayView name, const QString &text)
    {
        return key(name).string(QStringView(text));
    }
    JsonWriter &member(QByteArrayView name, const char *utf8)
    {
        return key(name).string(QByteArrayView(utf8));
    }
    JsonWriter &member(QByteArrayView name, std::int64_t value) { return key(name).number(value); }
    JsonWriter &member(QByteArrayView name, int value)
    {
        return key(name).number(std::int64_t(value));
    }
    JsonWriter &member(QByteArrayView name, bool value) { return key(name).boolean(value); }
    JsonWriter &member(QByteArrayView name, double value) { return key(name).number(value); }

    [[nodiscard]] const QByteArray &bytes() const { return m_out; }
    [[nodiscard]] QByteArray take() { return std::exchange(m_out, {}); }

private:
    void separate();

    QByteArray m_out;
    std::vector<bool> m_filled; // a level: has it a member already?
    bool m_afterKey = false;
};

// A JSON string literal, quotes included. Controls, quote and backslash escaped; the rest as UTF-8.
void appendJsonString(QByteArray &out, QByteArrayView utf8);

} // namespace tollgate
