// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/jsonreader.h"

#include "core/protocol/jsonscan.h"

#include <QString>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace tollgate::protocol {
namespace {

// Below this a member "data" is too small to matter whether it is text or a picture.
constexpr qsizetype kLongData = 64;
constexpr std::size_t kMostNotes = 4096;
constexpr qsizetype kLongestNotedName = 128; // escapes may make a short name long

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

int hexDigit(char c)
{
    if (isDigit(c))
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int hexQuad(const char *p)
{
    int value = 0;
    for (int i = 0; i < 4; ++i) {
        const int digit = hexDigit(p[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

void appendUtf8(QByteArray &out, char32_t c)
{
    const auto add = [&](char32_t byte) { out.append(static_cast<char>(byte)); };
    if (c < 0x80) {
        add(c);
    } else if (c < 0x800) {
        add(0xC0 | (c >> 6));
        add(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        add(0xE0 | (c >> 12));
        add(0x80 | ((c >> 6) & 0x3F));
        add(0x80 | (c & 0x3F));
    } else {
        add(0xF0 | (c >> 18));
        add(0x80 | ((c >> 12) & 0x3F));
        add(0x80 | ((c >> 6) & 0x3F));
        add(0x80 | (c & 0x3F));
    }
}

// The code point of the \u escape at `i` (behind the 'u'); moves `i` behind its digits.
char32_t unescape(QByteArrayView raw, qsizetype &i)
{
    const auto unit = static_cast<char32_t>(hexQuad(raw.data() + i));
    i += 4;
    if (unit < 0xD800 || unit > 0xDFFF)
        return unit;
    if (unit < 0xDC00 && i + 6 <= raw.size() && raw[i] == '\\' && raw[i + 1] == 'u') {
        const auto low = static_cast<char32_t>(hexQuad(raw.data() + i + 2));
        if (low >= 0xDC00 && low <= 0xDFFF) {
            i += 6;
            return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return 0xFFFD;
}

template <std::size_t N>
bool isAnyOf(const JsonText &key, const std::array<QByteArrayView, N> &names)
{
    return std::any_of(names.begin(), names.end(),
                       [&](QByteArrayView name) { return key == name; });
}

// Where vendors look for data URLs; elsewhere such a string is text.
constexpr std::array<QByteArrayView, 5> kUrlNames{"url", "image_url", "document_url", "file_url",
                                                  "file_data"};
constexpr std::array<QByteArrayView, 8> kIdNames{
    "file_id",      "fileUri",       "file_uri",       "previous_response_id",
    "conversation", "cachedContent", "cached_content", "container"};

} // namespace

QByteArray JsonText::decoded() const
{
    if (!escaped)
        return raw.toByteArray();
    QByteArray out;
    out.reserve(raw.size());
    for (qsizetype i = 0; i < raw.size();) {
        const char *const slash = static_cast<const char *>(
            std::memchr(raw.data() + i, '\\', static_cast<std::size_t>(raw.size() - i)));
        const qsizetype plain = slash ? slash - raw.data() : raw.size();
        out.append(raw.sliced(i, plain - i));
        if (!slash)
            break;
        const char kind = raw[plain + 1];
        i = plain + 2;
        switch (kind) {
        case 'b':
            out.append('\b');
            break;
        case 'f':
            out.append('\f');
            break;
        case 'n':
            out.append('\n');
            break;
        case 'r':
            out.append('\r');
            break;
        case 't':
            out.append('\t');
            break;
        case 'u':
            appendUtf8(out, unescape(raw, i));
            break;
        default:
            out.append(kind);
        }
    }
    return out;
}

JsonReader::JsonReader(QByteArrayView json, int depth, qsizetype keys)
    : m_begin(json.data())
    , m_p(json.data())
    , m_end(json.data() + json.size())
    , m_keysLeft(keys)
    , m_limit(std::clamp(depth, 1, kDeepest))
{
    space();
}

JsonType JsonReader::type() const
{
    if (m_failure || m_p == m_end)
        return JsonType::None;
    switch (*m_p) {
    case '{':
        return JsonType::Object;
    case '[':
        return JsonType::Array;
    case '"':
        return JsonType::String;
    case 't':
        return JsonType::True;
    case 'f':
        return JsonType::False;
    case 'n':
        return JsonType::Null;
    default:
        return isDigit(*m_p) || *m_p == '-' ? JsonType::Number : JsonType::None;
    }
}

bool JsonReader::atEnd()
{
    space();
    return !m_failure && m_p == m_end;
}

void JsonReader::fail(const char *reason)
{
    if (!m_failure)
        m_failure = reason;
}

void JsonReader::space()
{
    const char *const start = m_p;
    while (m_p != m_end && (*m_p == ' ' || *m_p == '\n' || *m_p == '\r' || *m_p == '\t'))
        ++m_p;
    if (m_tally && m_p != start)
        m_tally->idle += m_p - start;
}

bool JsonReader::enter()
{
    if (m_depth >= m_limit) {
        fail("nested too deep");
        return false;
    }
    ++m_depth;
    ++m_p;
    space();
    return true;
}

bool JsonReader::leaveIf(char bracket)
{
    space();
    if (m_p == m_end || *m_p != bracket)
        return false;
    ++m_p;
    --m_depth;
    return true;
}

bool JsonReader::comma()
{
    if (m_p == m_end || *m_p != ',') {
        fail(m_p == m_end ? "ends too early" : "a comma or a closing bracket was expected");
        return false;
    }
    ++m_p;
    space();
    return true;
}

bool JsonReader::countKey()
{
    if (m_keysLeft-- != 0)
        return true;
    fail("too many members");
    return false;
}

bool JsonReader::readKey(JsonText &key)
{
    if (m_p == m_end || *m_p != '"') {
        fail(m_p == m_end ? "ends too early" : "a member name was expected");
        return false;
    }
    if (!countKey() || !readString(key))
        return false;
    space();
    if (m_p == m_end || *m_p != ':') {
        fail(m_p == m_end ? "ends too early" : "a colon was expected");
        return false;
    }
    ++m_p;
    space();
    return true;
}

// At the opening quote.
bool JsonReader::readString(JsonText &text)
{
    const char *const start = ++m_p;
    qsizetype saved = 0;
    text.escaped = false;
    for (;;) {
        m_p = findSpecial(m_p, m_end);
        if (m_p == m_end) {
            fail("ends inside a string");
            return false;
        }
        if (*m_p == '"')
            break;
        if (*m_p != '\\') {
            fail("a control character stands in a string");
            return false;
        }
        text.escaped = true;
        const qsizetype left = m_end - m_p;
        if (left >= 2 && m_p[1] != '\0' && std::strchr("\"\\/bfnrt", m_p[1])) {
            m_p += 2;
            saved += 1;
        } else if (left >= 6 && m_p[1] == 'u' && hexQuad(m_p + 2) >= 0) {
            m_p += 6;
            saved += 3; // six characters for at most three bytes
        } else {
            fail("a wrong escape stands in a string");
            return false;
        }
    }
    text.raw = QByteArrayView(start, m_p - start);
    text.bytes = text.raw.size() - saved;
    ++m_p;
    if (m_tally)
        m_tally->idle += saved;
    return true;
}

bool JsonReader::readNumber()
{
    const char *p = m_p;
    const auto digits = [&] {
        const char *const first = p;
        while (p != m_end && isDigit(*p))
            ++p;
        return p != first;
    };
    bool good = true;
    if (*p == '-')
        ++p;
    if (p != m_end && *p == '0')
        ++p;
    else
        good = digits();
    if (good && p != m_end && *p == '.') {
        ++p;
        good = digits();
    }
    if (good && p != m_end && (*p == 'e' || *p == 'E')) {
        ++p;
        if (p != m_end && (*p == '+' || *p == '-'))
            ++p;
        good = digits();
    }
    m_p = p;
    if (!good)
        fail("a number is misspelt");
    return good;
}

bool JsonReader::literal(const char *word, qsizetype length)
{
    if (m_end - m_p < length || std::memcmp(m_p, word, static_cast<std::size_t>(length)) != 0) {
        fail("a value was expected");
        return false;
    }
    m_p += length;
    return true;
}

bool JsonReader::string(JsonText &text)
{
    if (type() != JsonType::String)
        return skip(), false;
    return readString(text);
}

bool JsonReader::number(QByteArrayView &digits)
{
    if (type() != JsonType::Number)
        return skip(), false;
    const char *const start = m_p;
    if (!readNumber())
        return false;
    digits = QByteArrayView(start, m_p - start);
    return true;
}

bool JsonReader::boolean(bool &value)
{
    const JsonType found = type();
    skip();
    if (found != JsonType::True && found != JsonType::False)
        return false;
    value = found == JsonType::True;
    return !m_failure;
}

bool JsonReader::null()
{
    const bool found = type() == JsonType::Null;
    skip();
    return found && !m_failure;
}

bool JsonReader::skipScalar()
{
    switch (type()) {
    case JsonType::String: {
        JsonText text;
        return readString(text);
    }
    case JsonType::Number:
        return readNumber();
    case JsonType::True:
        return literal("true", 4);
    case JsonType::False:
        return literal("false", 5);
    case JsonType::Null:
        return literal("null", 4);
    default:
        fail(m_p == m_end ? "ends too early" : "a value was expected");
        return false;
    }
}

void JsonReader::skip()
{
    if (m_failure)
        return;
    const JsonType found = type();
    if (found == JsonType::Object || found == JsonType::Array)
        skipNested();
    else
        skipScalar();
}

void JsonReader::note(const JsonText &key, const JsonText &value, qsizetype object)
{
    if (m_tally->notes.size() >= kMostNotes)
        return;
    if (key.raw.size() > kLongestNotedName || value.raw.isEmpty())
        return;
    JsonNote::Kind kind = JsonNote::Kind::Reference;
    if (key.is("data")) {
        if (value.raw.size() < kLongData)
            return;
        kind = JsonNote::Kind::Data;
    } else if (isAnyOf(key, kUrlNames)) {
        if (value.raw.startsWith("data:"))
            kind = JsonNote::Kind::DataUrl;
    } else if (!isAnyOf(key, kIdNames)) {
        return;
    }
    m_tally->notes.push_back({kind, object, value.raw.data() - m_begin, value.raw.size()});
}

// One loop instead of recursion: the depth of a hostile document costs no stack of ours.
bool JsonReader::skipNested()
{
    std::array<qsizetype, kDeepest> opened; // where each level began; its bracket tells its kind
    const int outer = m_depth;
    JsonText key;
    const auto open = [&] {
        const qsizetype at = m_p - m_begin;
        if (!enter())
            return false;
        opened[static_cast<std::size_t>(m_depth - 1)] = at;
        return true;
    };
    const auto inObject
        = [&] { return m_begin[opened[static_cast<std::size_t>(m_depth - 1)]] == '{'; };

    if (!open())
        return false;
    bool fresh = true; // the level at hand has no member yet
    for (;;) {
        const bool object = inObject();
        if (leaveIf(object ? '}' : ']')) {
            if (m_depth == outer)
                return true;
            fresh = false;
            continue;
        }
        if (!fresh && !comma())
            return false;
        if (object && !readKey(key))
            return false;
        const JsonType found = type();
        if (found == JsonType::Object || found == JsonType::Array) {
            if (!open())
                return false;
            fresh = true;
            continue;
        }
        fresh = false;
        if (m_tally && object && found == JsonType::String) {
            JsonText value;
            if (!readString(value))
                return false;
            note(key, value, opened[static_cast<std::size_t>(m_depth - 1)]);
        } else if (!skipScalar()) {
            return false;
        }
    }
}

bool toInteger(QByteArrayView digits, std::int64_t &value)
{
    const char *const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    return error == std::errc() && stop == end && !digits.isEmpty();
}

} // namespace tollgate::protocol
