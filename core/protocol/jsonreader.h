// SPDX-License-Identifier: GPL-3.0-or-later
// A strict forward reader of JSON text (RFC 8259): no tree, no copy, no padding asked of the
// buffer. It knows where each value stands, which a tree does not, and reads numbers only when
// asked, so that one absurd number does not spoil a document. UTF-8 is the caller's to check.
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <vector>

namespace tollgate::protocol {

inline constexpr int kDeepest = 1024; // whatever a limit says

enum class JsonType : std::uint8_t { Object, Array, String, Number, True, False, Null, None };

// A string as it stands between its quotes.
struct JsonText
{
    QByteArrayView raw;
    bool escaped = false;
    qsizetype bytes = 0; // at most this many UTF-8 bytes once decoded

    [[nodiscard]] QByteArray decoded() const; // lone surrogates become U+FFFD
    [[nodiscard]] bool operator==(QByteArrayView name) const
    {
        return escaped ? QByteArrayView(decoded()) == name : raw == name;
    }
    template <qsizetype N> [[nodiscard]] bool is(const char (&name)[N]) const
    {
        return *this == QByteArrayView(name, N - 1);
    }
};

// Strings met while skipping that stand for more, or for less, than their bytes.
struct JsonNote
{
    enum class Kind : std::uint8_t {
        DataUrl, // "data:…"
        Data, // a long member "data": base64, where its siblings say so
        Reference, // a URL or an id under a name that means content kept elsewhere
        Picture, // base64 that its place says is a picture; noted by the caller
    };
    Kind kind = Kind::Data;
    qsizetype object = 0; // where the enclosing object begins
    qsizetype at = 0;
    qsizetype length = 0;
};

struct JsonTally
{
    qsizetype idle = 0; // bytes that no tokenizer sees: whitespace and what escapes add
    std::vector<JsonNote> notes;
};

class JsonReader
{
public:
    explicit JsonReader(QByteArrayView json, int depth = kDeepest, qsizetype keys = -1);

    // Of the value at hand. None where there is none.
    [[nodiscard]] JsonType type() const;
    [[nodiscard]] qsizetype position() const { return m_p - m_begin; }
    [[nodiscard]] bool failed() const { return m_failure != nullptr; }
    // What is wrong, in a few words; where is position().
    [[nodiscard]] const char *reason() const { return m_failure ? m_failure : ""; }
    // True if nothing but whitespace follows the value that was read, and nothing failed.
    [[nodiscard]] bool atEnd();

    void tallyInto(JsonTally *tally) { m_tally = tally; }

    // Each of these consumes the value at hand, also where it is of another type: then they skip it
    // and say false.
    // visit(const JsonText &key) for each member; a value it leaves alone is skipped.
    template <class Visit> bool object(Visit &&visit)
    {
        if (type() != JsonType::Object || !enter())
            return skip(), false;
        if (leaveIf('}'))
            return true;
        for (;;) {
            JsonText key;
            if (!readKey(key))
                return false;
            const char *const value = m_p;
            visit(static_cast<const JsonText &>(key));
            if (m_p == value)
                skip();
            if (m_failure)
                return false;
            if (leaveIf('}'))
                return true;
            if (!comma())
                return false;
        }
    }
    // visit() for each element.
    template <class Visit> bool array(Visit &&visit)
    {
        if (type() != JsonType::Array || !enter())
            return skip(), false;
        if (leaveIf(']'))
            return true;
        for (;;) {
            const char *const value = m_p;
            visit();
            if (m_p == value)
                skip();
            if (m_failure)
                return false;
            if (leaveIf(']'))
                return true;
            if (!comma())
                return false;
        }
    }
    bool string(JsonText &text);
    bool number(QByteArrayView &digits); // as spelt
    bool boolean(bool &value);
    bool null();
    // Any value, validated.
    void skip();

private:
    bool enter();
    bool leaveIf(char bracket);
    bool comma();
    bool readKey(JsonText &key);
    bool readString(JsonText &text);
    bool readNumber();
    bool literal(const char *word, qsizetype length);
    bool skipScalar();
    bool skipNested();
    void space();
    void fail(const char *reason);
    void note(const JsonText &key, const JsonText &value, qsizetype object);
    [[nodiscard]] bool countKey();

    const char *m_begin;
    const char *m_p;
    const char *m_end;
    const char *m_failure = nullptr;
    JsonTally *m_tally = nullptr;
    qsizetype m_keysLeft;
    int m_depth = 0;
    int m_limit;
};

// The integer that the digits spell, if it is one and fits.
[[nodiscard]] bool toInteger(QByteArrayView digits, std::int64_t &value);

} // namespace tollgate::protocol
