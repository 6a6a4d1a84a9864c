// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/value.h"

#include <QStringList>

#include <algorithm>

namespace tollgate::clients {

Value Value::string(QString text)
{
    Value value;
    value.kind = Kind::String;
    value.text = std::move(text);
    return value;
}

const Value *Value::find(QStringView name) const
{
    if (kind != Kind::Map)
        return nullptr;
    for (const auto &[key, value] : items) {
        if (key == name)
            return &value;
    }
    return nullptr;
}

QString Value::textOf(QStringView name) const
{
    const Value *value = find(name);
    return value != nullptr && value->kind == Kind::String ? value->text : QString();
}

QStringList Value::textsOf(QStringView name) const
{
    QStringList texts;
    const Value *value = find(name);
    if (value == nullptr || value->kind != Kind::List)
        return texts;
    for (const auto &[key, item] : value->items) {
        if (item.kind == Kind::String)
            texts.append(item.text);
    }
    return texts;
}

bool Value::isTrue(QStringView name) const
{
    const Value *value = find(name);
    return value != nullptr && value->kind == Kind::Boolean && value->literal == "true";
}

QByteArray jsonQuoted(const QString &text)
{
    static constexpr char digits[] = "0123456789abcdef";
    QByteArray out = "\"";
    const QByteArray bytes = text.toUtf8();
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '\r') {
            out += "\\r";
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\u00";
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        } else {
            out += c;
        }
    }
    return out + '"';
}

QByteArray canonical(const Value &value)
{
    switch (value.kind) {
    case Value::Kind::Null:
        return "null";
    case Value::Kind::Boolean:
    case Value::Kind::Number:
        return value.literal;
    case Value::Kind::String:
        return jsonQuoted(value.text);
    case Value::Kind::List: {
        QByteArray out = "[";
        for (const auto &[key, item] : value.items)
            out += (out.size() > 1 ? "," : "") + canonical(item);
        return out + ']';
    }
    case Value::Kind::Map:
        break;
    }
    std::vector<QByteArray> members;
    for (const auto &[key, item] : value.items)
        members.push_back(jsonQuoted(key) + ':' + canonical(item));
    std::sort(members.begin(), members.end());
    QByteArray out = "{";
    for (const QByteArray &member : members)
        out += (out.size() > 1 ? "," : "") + member;
    return out + '}';
}

} // namespace tollgate::clients
