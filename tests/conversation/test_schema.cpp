// SPDX-License-Identifier: GPL-3.0-or-later
#include "schemarows.h"

#include "core/conversation/schema.h"
#include "core/protocol/jsontree.h"

#include <QtTest>

#include <algorithm>
#include <ctime>

using namespace tollgate;
using namespace tollgate::conversation;

namespace {

constexpr auto Plain = SchemaFlavour::Plain;
constexpr auto OpenApi = SchemaFlavour::GeminiOpenApi;
constexpr auto GeminiJson = SchemaFlavour::GeminiJson;
constexpr auto OpenAi = SchemaFlavour::OpenAiStrict;
constexpr auto Anthropic = SchemaFlavour::AnthropicStrict;

constexpr SchemaFlavour kAll[] = {Plain, OpenApi, GeminiJson, OpenAi, Anthropic};

} // namespace

class TestSchema : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fitsEachFlavour_data()
    {
        QTest::addColumn<int>("flavour");
        QTest::addColumn<QByteArray>("schema");
        QTest::addColumn<QByteArray>("expected");
        for (const test::SchemaRow &row : test::schemaRows()) {
            QTest::newRow(row.name) << static_cast<int>(row.flavour) << QByteArray(row.schema)
                                    << QByteArray(row.expected);
        }
    }

    void fitsEachFlavour()
    {
        QFETCH(int, flavour);
        QFETCH(QByteArray, schema);
        QFETCH(QByteArray, expected);
        const auto cleaned = cleanSchema(schema, static_cast<SchemaFlavour>(flavour));
        QVERIFY(cleaned.has_value());
        QCOMPARE(*cleaned, expected);
        QVERIFY(protocol::JsonTree::parse(*cleaned).has_value());
    }

    void whatIsFitStaysAsItIs()
    {
        for (const test::SchemaRow &row : test::schemaRows()) {
            // What strict flavours made optional by null is required now; null is not added twice.
            const auto again = cleanSchema(row.expected, row.flavour);
            QVERIFY2(again.has_value(), row.name);
            const auto third = cleanSchema(*again, row.flavour);
            QVERIFY2(third.has_value(), row.name);
            QCOMPARE(*third, *again);
        }
    }

    void theSameTextGivesTheSameText()
    {
        for (const test::SchemaRow &row : test::schemaRows()) {
            for (const SchemaFlavour flavour : kAll)
                QCOMPARE(*cleanSchema(row.schema, flavour), *cleanSchema(row.schema, flavour));
        }
    }

    void whatIsNoSchemaIsRefused()
    {
        for (const char *text : {"[]", "\"x\"", "5", "{", "{\"a\":}"}) {
            const auto cleaned = cleanSchema(text, Plain);
            QVERIFY2(!cleaned, text);
            QCOMPARE(cleaned.error().kind, ErrorKind::InvalidRequest);
        }
    }

    void referencesThatGrowWithoutBoundAreRefused()
    {
        QVERIFY(cleanSchema(test::doublingReferences(6), OpenApi).has_value());
        const auto cleaned
            = cleanSchema(test::doublingReferences(40), OpenApi); // 2^40, were it done
        QVERIFY(!cleaned);
        QCOMPARE(cleaned.error().kind, ErrorKind::InvalidRequest);
        QVERIFY(cleanSchema(test::doublingReferences(40), GeminiJson).has_value());
    }

    void chainsDeeperThanVendorsReadAreRefused()
    {
        const QByteArray schema = test::chainOfReferences(300);
        QVERIFY(!cleanSchema(schema, OpenApi));
        QVERIFY(cleanSchema(schema, OpenAi).has_value());
    }

    // Processor time, of two sizes: eight times the text may take three times as much again, which
    // a quadratic step would pass by far.
    void aLargeSchemaTakesLinearTime()
    {
        const auto cost = [](int properties) {
            const QByteArray schema = test::manyProperties(properties);
            const std::clock_t begin = std::clock();
            for (const SchemaFlavour flavour : kAll) {
                if (!cleanSchema(schema, flavour))
                    return std::clock_t(-1);
            }
            return std::clock() - begin;
        };
        const std::clock_t small = cost(2500);
        const std::clock_t large = cost(20000);
        QVERIFY(small >= 0 && large >= 0);
        QVERIFY2(large < 24 * std::max<std::clock_t>(small, 1000),
                 QByteArray::number(double(large) / double(small)).constData());
    }
};

QTEST_APPLESS_MAIN(TestSchema)
#include "test_schema.moc"
