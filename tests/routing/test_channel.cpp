// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/routing/routing.h"

#include <QTest>

using namespace tollgate;
using routing::Channel;

class TestChannel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void servesListedMappedAndMatchedModels()
    {
        Channel channel;
        QVERIFY(!channel.serves("m"));
        channel.row.models = {"gpt-4o", "claude-*"};
        channel.row.modelMap = {{"fast", "gpt-4o-mini"}, {"old-*", "legacy"}};
        QVERIFY(channel.serves("gpt-4o"));
        QVERIFY(!channel.serves("gpt-4o-mini"));
        QVERIFY(!channel.serves("GPT-4O"));
        QVERIFY(channel.serves("claude-sonnet"));
        QVERIFY(!channel.serves("claude"));
        QVERIFY(channel.serves("fast"));
        QVERIFY(channel.serves("old-1"));
        QVERIFY(!channel.serves(""));
        channel.row.models = {"*"};
        QVERIFY(channel.serves("anything at all"));
    }

    void modelMapTakesTheExactNameThenTheLongestPattern()
    {
        Channel channel;
        channel.row.modelMap = {{"*", "fallback"},
                                {"claude-*", "anthropic/claude-*"},
                                {"claude-haiku-*", "small"},
                                {"claude-haiku-3", "exact"}};
        QCOMPARE(channel.vendorModel("claude-haiku-3"), QByteArray("exact"));
        QCOMPARE(channel.vendorModel("claude-haiku-4"), QByteArray("small"));
        QCOMPARE(channel.vendorModel("claude-opus-4"), QByteArray("anthropic/claude-opus-4"));
        QCOMPARE(channel.vendorModel("gpt"), QByteArray("fallback"));
        channel.row.modelMap.clear();
        QCOMPARE(channel.vendorModel("gpt"), QByteArray("gpt"));
    }

    void tableListsNamesOfEnabledChannelsOnce()
    {
        const auto make = [](QByteArrayList models, bool enabled) {
            auto channel = std::make_shared<Channel>();
            channel->row.models = std::move(models);
            channel->row.enabled = enabled;
            channel->row.modelMap = {{"alias", "b"}, {"x-*", "y"}};
            return channel;
        };
        routing::ChannelTable table;
        table.channels
            = {make({"b", "a", "claude-*"}, true), make({"b", "c"}, true), make({"d"}, false)};
        QCOMPARE(table.models(), (std::vector<QByteArray>{"a", "alias", "b", "c"}));
        QVERIFY(routing::ChannelTable().models().empty());
    }
};

QTEST_APPLESS_MAIN(TestChannel)
#include "test_channel.moc"
