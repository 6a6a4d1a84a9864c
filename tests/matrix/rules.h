// SPDX-License-Identifier: GPL-3.0-or-later
// What the validators share: a list of complaints, and strict reading of the framings that
// the gateway writes.
#pragma once

#include "core/protocol/jsontree.h"
#include "tests/matrix/grammar.h"

#include <initializer_list>
#include <vector>

namespace tollgate::test {

using protocol::Dialect;
using protocol::JsonTree;
using protocol::JsonValue;

// Collects what is wrong; the first complaint counts.
class Rules
{
public:
    [[nodiscard]] const QString &wrong() const { return m_wrong; }
    [[nodiscard]] bool good() const { return m_wrong.isEmpty(); }
    bool must(bool holds, const QByteArray &what);
    bool must(JsonValue there, const QByteArray &what) { return must(bool(there), what); }
    bool isText(JsonValue object, const char *name); // may be empty
    bool isName(JsonValue object, const char *name); // a text that is not empty
    bool isCount(JsonValue object, const char *name); // an integer from 0
    bool isList(JsonValue object, const char *name);
    bool isObject(JsonValue object, const char *name);
    bool oneOf(JsonValue value, const char *name, std::initializer_list<const char *> allowed);
    // A number from 0 where it is there at all; its value, or 0.
    std::int64_t figure(JsonValue object, const char *name);
    // JSON whose root is an object.
    bool parses(QByteArrayView json, const char *what);
    void inside(const QByteArray &where) { m_where = where + ": "; }

private:
    QByteArray m_where;
    QString m_wrong;
};

struct SseEvent
{
    QByteArray type;
    QByteArray data;
};

// Server-sent events as the gateway writes them: one "event:" line at most, one "data:" line, an
// empty line. Comments are allowed between events. A last event without its end is left out.
[[nodiscard]] std::vector<SseEvent> readSse(Rules &rules, QByteArrayView bytes,
                                            QByteArrayView lineEnd);

// Letters, digits, underscores and hyphens, as vendors want ids and names of tools.
[[nodiscard]] bool isPlainName(QByteArrayView name, qsizetype longest);

[[nodiscard]] QString chatWhole(QByteArrayView body);
[[nodiscard]] Verdict chatStream(QByteArrayView bytes);
[[nodiscard]] QString responsesWhole(QByteArrayView body);
[[nodiscard]] Verdict responsesStream(QByteArrayView bytes);
[[nodiscard]] QString messagesWhole(QByteArrayView body);
[[nodiscard]] Verdict messagesStream(QByteArrayView bytes);
[[nodiscard]] QString geminiWhole(QByteArrayView body);
[[nodiscard]] Verdict geminiStream(QByteArrayView bytes);
[[nodiscard]] QString ollamaWhole(QByteArrayView body);
[[nodiscard]] Verdict ollamaStream(QByteArrayView bytes);

// Requests to vendors whose dialect no client speaks.
[[nodiscard]] QString converseRequest(QByteArrayView body);
[[nodiscard]] QString cohereRequest(QByteArrayView body);

} // namespace tollgate::test
