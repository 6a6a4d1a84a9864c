// SPDX-License-Identifier: GPL-3.0-or-later
// The strict reader: a public corpus of right and wrong JSON, exact limits, and millions of damaged
// documents judged the same as by simdjson.
#include "core/protocol/jsonreader.h"
#include "core/protocol/jsonscan.h"
#include "core/protocol/peek.h"
#include "tests/protocol/fixtures.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QRandomGenerator>
#include <QTest>

#include <simdjson.h>

using namespace tollgate;
using namespace tollgate::protocol;

class TestJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theCorpusIsJudgedRight();
    void depthIsExact();
    void keysAreExact();
    void byteOrderMarksAndBadUtf8AreRefused();
    void wordsAndBytesFindTheSameSpecials();
    void stringsAreDecoded();
    void valuesLeftAloneAreSkipped();
    void damagedDocumentsAreJudgedAsBySimdjson();
    void numbersKeepTheirSpelling();
};

void TestJson::theCorpusIsJudgedRight()
{
    if (test::fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES does not name the folder of the JSON corpus.");
    const QDir folder(test::fixtureFolder() + QStringLiteral("/json/test_parsing"));
    int accepted = 0;
    int rejected = 0;
    for (const QString &name : folder.entryList({QStringLiteral("*.json")})) {
        QFile file(folder.filePath(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const bool good = validateJson(file.readAll()).has_value();
        if (name.startsWith(u"y_")) {
            QVERIFY2(good, qPrintable(name));
            ++accepted;
        } else if (name.startsWith(u"n_")) {
            QVERIFY2(!good, qPrintable(name));
            ++rejected;
        }
    }
    qInfo() << "accepted" << accepted << "rejected" << rejected;
    QCOMPARE(accepted, 95);
    QCOMPARE(rejected, 188);
}

void TestJson::depthIsExact()
{
    const auto nested = [](int depth) { return QByteArray(depth, '[') + QByteArray(depth, ']'); };
    const auto mixed = [](int depth) {
        QByteArray out;
        for (int i = 0; i < depth; ++i)
            out += i % 2 ? "[" : "{\"a\":";
        out += "1";
        for (int i = depth; i-- > 0;)
            out += i % 2 ? "]" : "}";
        return out;
    };
    QVERIFY(validateJson(nested(127)));
    QVERIFY(validateJson(nested(128)));
    QVERIFY(!validateJson(nested(129)));
    QVERIFY(validateJson(mixed(128)));
    QVERIFY(!validateJson(mixed(129)));
    QVERIFY(!validateJson(QByteArray(1'000'000, '[')));
    // What is under a member that peek() reads counts from the outermost brace.
    const Endpoint chat;
    QVERIFY(peek(chat, "{\"model\":\"m\",\"x\":" + nested(127) + '}'));
    QVERIFY(!peek(chat, "{\"model\":\"m\",\"x\":" + nested(128) + '}'));
    JsonLimits deep;
    deep.depth = 1 << 30;
    QVERIFY(validateJson(nested(1024), deep));
    QVERIFY(!validateJson(nested(1025), deep));
}

void TestJson::keysAreExact()
{
    const auto document = [](int keys) {
        QByteArray out = "{\"model\":\"m\"";
        for (int i = 1; i < keys; ++i)
            out += ",\"k" + QByteArray::number(i) + "\":[{}]";
        return out + '}';
    };
    JsonLimits limits;
    limits.keys = 50;
    QVERIFY(validateJson(document(50), limits));
    QVERIFY(!validateJson(document(51), limits));
    QVERIFY(peek(Endpoint{}, document(50), limits));
    QVERIFY(!peek(Endpoint{}, document(51), limits));
}

void TestJson::byteOrderMarksAndBadUtf8AreRefused()
{
    QVERIFY(!validateJson("\xEF\xBB\xBF{}"));
    QVERIFY(!validateJson("{\"a\":\"\xC3\x28\"}"));
    QVERIFY(!validateJson("{\"a\":\"\xED\xA0\x80\"}"));
    QVERIFY(validateJson("{\"a\":\"\xF0\x9F\x98\x80\"}"));
    QVERIFY(!validateJson(""));
    QVERIFY(!validateJson(QByteArrayView()));
    QVERIFY(!validateJson(QByteArrayView("{}\0", 3)));
}

void TestJson::wordsAndBytesFindTheSameSpecials()
{
    QRandomGenerator random(7);
    for (int round = 0; round < 20'000; ++round) {
        QByteArray text(random.bounded(40), 'x');
        for (char &c : text) {
            if (random.bounded(12) == 0)
                c = static_cast<char>(random.bounded(256));
            else
                c = static_cast<char>(0x20 + random.bounded(0xE0));
            if (random.bounded(4) && (c == '"' || c == '\\'))
                c = 'y';
        }
        const char *const begin = text.constData();
        const char *const end = begin + text.size();
        const char *plain = begin;
        while (plain != end && !isSpecial(*plain))
            ++plain;
        QCOMPARE(findSpecial(begin, end), plain);
        QCOMPARE(findSpecialByWords(begin, end), plain);
    }
}

void TestJson::stringsAreDecoded()
{
    const auto decode = [](const QByteArray &json) {
        JsonReader reader(json);
        JsonText text;
        const bool good = reader.string(text) && reader.atEnd();
        return good ? text.decoded() : QByteArray("failed");
    };
    // A table, since moc does not read raw strings inside macros.
    const struct
    {
        const char *json;
        const char *text;
    } rows[]{
        {"\"plain\"", "plain"},
        {"\"\\u006dodel\"", "model"},
        {"\"\\b\\f\\n\\r\\t\\\"\\\\\\/\"", "\b\f\n\r\t\"\\/"},
        {"\"\\u00e9\\u20AC\\ud83D\\uDE00\"", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"\"a\\ud800b\"",
         "a\xEF\xBF\xBD"
         "b"},
        {"\"\\udc00\\ud800\\ud800\\udc00\"", "\xEF\xBF\xBD\xEF\xBF\xBD\xF0\x90\x80\x80"},
        {"\"\\ud800\\u\"", "failed"},
    };
    for (const auto &row : rows)
        QCOMPARE(decode(row.json), QByteArray(row.text));
    JsonText key;
    key.raw = R"(\u006d\u006fdel)";
    key.escaped = true;
    QVERIFY(key.is("model"));
    QVERIFY(!key.is("mode"));
}

void TestJson::valuesLeftAloneAreSkipped()
{
    JsonReader reader(
        R"( {"a":{"deep":[1,{"b":"}"}]},"b":"]","c":[true,false,null,-1.5e3],"d":7} )");
    QByteArrayView digits;
    QByteArrayList names;
    int elements = 0;
    QVERIFY(reader.object([&](const JsonText &key) {
        names << key.decoded();
        if (key.is("c"))
            reader.array([&] { ++elements; });
        if (key.is("d"))
            reader.number(digits);
    }));
    QVERIFY(reader.atEnd());
    QCOMPARE(names, QByteArrayList({"a", "b", "c", "d"}));
    QCOMPARE(elements, 4);
    QCOMPARE(digits, QByteArrayView("7"));
    // Of another type: skipped, and said so.
    JsonReader wrong(R"([{"a":1},"text"])");
    bool value = false;
    JsonText text;
    int round = 0;
    wrong.array([&] {
        if (round++ == 0)
            QVERIFY(!wrong.string(text));
        else
            QVERIFY(!wrong.boolean(value));
    });
    QVERIFY(wrong.atEnd());
}

// Where the two differ, simdjson must have a reason that is a limit of its own: numbers beyond a
// double or 64 bits, and lone surrogates.
void TestJson::damagedDocumentsAreJudgedAsBySimdjson()
{
    const QByteArrayList seeds{
        R"({"model":"m","messages":[{"role":"user","content":"a\"b\\\u00e9"}],"n":1,"x":-0.5e+10})",
        R"([1,2.5,[],{},"",null,true,false,{"a":[{"b":[]}]}])",
        R"( { "a" : [ 1 , "\t\n" ] , "b\u0062" : { } } )",
        "{\"\xC3\xA9\":\"\xE2\x82\xAC \xF0\x9F\x98\x80 long enough to pass sixteen bytes\"}",
    };
    const QByteArray alphabet = "{}[]\",:\\ntrufalse0123456789.eE+-u \t\n\x01\x80\xC3";
    const int rounds = qEnvironmentVariableIsSet("TOLLGATE_LONG") ? 5'000'000 : 400'000;
    QRandomGenerator random(42);
    simdjson::dom::parser parser;
    int agreed = 0;
    int good = 0;
    for (int round = 0; round < rounds; ++round) {
        QByteArray text = seeds[random.bounded(seeds.size())];
        for (int hits = random.bounded(1, 4); hits-- > 0 && !text.isEmpty();) {
            const int at = random.bounded(int(text.size()));
            const char c = alphabet[random.bounded(int(alphabet.size()))];
            switch (random.bounded(3)) {
            case 0:
                text[at] = c;
                break;
            case 1:
                text.insert(at, c);
                break;
            default:
                text.remove(at, random.bounded(1, 3));
            }
        }
        const bool ours = validateJson(text).has_value();
        simdjson::dom::element element;
        const auto theirs = parser.parse(text.constData(), std::size_t(text.size())).get(element);
        if (theirs == simdjson::NUMBER_ERROR)
            continue;
        // simdjson wants surrogates in pairs; the grammar does not.
        if (theirs == simdjson::STRING_ERROR && ours && text.contains("\\u"))
            continue;
        QVERIFY2(ours == (theirs == simdjson::SUCCESS), text.constData());
        ++agreed;
        good += ours;
    }
    qInfo() << "documents judged alike:" << agreed << "of them right:" << good;
    QVERIFY(agreed > rounds * 8 / 10);
    QVERIFY(good > rounds / 100);
}

void TestJson::numbersKeepTheirSpelling()
{
    std::int64_t value = 0;
    QVERIFY(toInteger("9223372036854775807", value));
    QCOMPARE(value, std::numeric_limits<std::int64_t>::max());
    for (const char *wrong :
         {"9223372036854775808", "1.0", "1e3", "", "-", "12x", "18446744073686646784"})
        QVERIFY2(!toInteger(wrong, value), wrong);
    QVERIFY(validateJson("{\"seed\":1e400,\"big\":18446744073686646784123}"));
}

QTEST_GUILESS_MAIN(TestJson)
#include "test_json.moc"
