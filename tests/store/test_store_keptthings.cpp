// SPDX-License-Identifier: GPL-3.0-or-later
// Files and batches: who owns them, how they are listed, and that a batch is billed once.
#include "core/store/keptthings.h"
#include "core/store/store.h"

#include <QTemporaryDir>
#include <QTest>

using namespace tollgate;
using namespace tollgate::store;

class TestKeptThings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void whatIsKeptIsItsOwnersAlone();
    void whatIsShownAgainIsRenewed();
    void pagesFollowEachOther();
    void aBatchIsBilledOnce();

private:
    void keep(std::int64_t token, const char *id, std::int64_t atUs,
              ThingKind kind = ThingKind::File, const char *dialect = "chat");
    QByteArrayList page(const ThingQuery &query, bool *more = nullptr);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Store> m_store;
};

void TestKeptThings::init()
{
    m_store.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    Options options;
    options.profile = m_folder->filePath(QStringLiteral("profile"));
    auto opened = Store::open(options);
    QVERIFY(opened);
    m_store = std::move(*opened);
}

void TestKeptThings::keep(std::int64_t token, const char *id, std::int64_t atUs, ThingKind kind,
                          const char *dialect)
{
    KeptThing thing;
    thing.tokenId = token;
    thing.id = id;
    thing.kind = kind;
    thing.dialect = dialect;
    thing.channelId = 3;
    thing.keyId = 4;
    thing.createdUs = atUs;
    thing.content = "{\"id\":\"" + thing.id + "\"}";
    QVERIFY(m_store->writeNow([&](Database &db) { return keepThing(db, thing); }));
}

QByteArrayList TestKeptThings::page(const ThingQuery &query, bool *more)
{
    const auto found = m_store->readNow([&](Database &db) { return keptThings(db, query); });
    if (!found)
        return {"error: " + found.error().code};
    QByteArrayList names;
    for (const KeptThing &thing : found->things)
        names << thing.id;
    if (more)
        *more = found->more;
    return names;
}

void TestKeptThings::whatIsKeptIsItsOwnersAlone()
{
    keep(1, "file-a", 100);
    keep(2, "file-a", 200); // two vendors may use the same name
    keep(2, "file-b", 300);
    const auto get = [&](std::int64_t token, const char *id) {
        return m_store->readNow([&](Database &db) { return keptThing(db, token, id); }).value();
    };
    QVERIFY(get(1, "file-a"));
    QCOMPARE(get(1, "file-a")->createdUs, 100);
    QCOMPARE(get(2, "file-a")->createdUs, 200);
    QCOMPARE(get(2, "file-b")->keyId, 4);
    QVERIFY(!get(1, "file-b"));
    QVERIFY(!get(3, "file-a"));
    QVERIFY(m_store->writeNow([](Database &db) { return forgetThing(db, 1, "file-a"); }));
    QVERIFY(!get(1, "file-a"));
    QVERIFY(get(2, "file-a"));
}

void TestKeptThings::whatIsShownAgainIsRenewed()
{
    keep(1, "b", 100, ThingKind::Batch);
    KeptThing again;
    again.tokenId = 1;
    again.id = "b";
    again.kind = ThingKind::Batch;
    again.keyId = 99;
    again.createdUs = 999;
    again.content = "{\"status\":\"completed\"}";
    again.final = true;
    QVERIFY(m_store->writeNow([&](Database &db) { return keepThing(db, again); }));
    again.content.clear(); // named by a batch, not shown itself
    again.final = false;
    QVERIFY(m_store->writeNow([&](Database &db) { return keepThing(db, again); }));
    const auto kept = m_store->readNow([](Database &db) { return keptThing(db, 1, "b"); }).value();
    QVERIFY(kept);
    QCOMPARE(kept->content, QByteArray("{\"status\":\"completed\"}"));
    QVERIFY(kept->final);
    QCOMPARE(kept->keyId, 4);
    QCOMPARE(kept->createdUs, 100);
}

void TestKeptThings::pagesFollowEachOther()
{
    for (int i = 1; i <= 5; ++i)
        keep(1, QByteArray::number(i).constData(), i * 100);
    keep(1, "batch", 150, ThingKind::Batch);
    keep(1, "other", 150, ThingKind::File, "messages");
    keep(2, "foreign", 150);
    ThingQuery query;
    query.tokenId = 1;
    query.dialect = "chat";
    query.limit = 2;
    bool more = false;
    QCOMPARE(page(query, &more), (QByteArrayList{"5", "4"}));
    QVERIFY(more);
    query.after = "4";
    QCOMPARE(page(query, &more), (QByteArrayList{"3", "2"}));
    QVERIFY(more);
    query.after = "2";
    QCOMPARE(page(query, &more), (QByteArrayList{"1"}));
    QVERIFY(!more);
    query.after = "1";
    QCOMPARE(page(query), QByteArrayList());
    query.backwards = true;
    QCOMPARE(page(query, &more), (QByteArrayList{"3", "2"}));
    QVERIFY(more);
    query.after = "4";
    QCOMPARE(page(query, &more), (QByteArrayList{"5"}));
    QVERIFY(!more);
    query.backwards = false;
    query.oldestFirst = true;
    query.after = "1";
    QCOMPARE(page(query, &more), (QByteArrayList{"2", "3"}));
    QVERIFY(more);
    for (const char *unknown : {"foreign", "batch", "other", "x"}) {
        query.after = unknown;
        QCOMPARE(page(query), (QByteArrayList{"error: unknown_cursor"}));
    }
}

void TestKeptThings::aBatchIsBilledOnce()
{
    keep(1, "b", 100, ThingKind::Batch);
    const auto claim = [&](std::int64_t token) {
        return m_store->writeNow([&](Database &db) { return claimBill(db, token, "b"); }).value();
    };
    QVERIFY(!claim(2));
    QVERIFY(claim(1));
    QVERIFY(!claim(1));
    keep(1, "b", 100, ThingKind::Batch); // shown again
    QVERIFY(!claim(1));
}

QTEST_GUILESS_MAIN(TestKeptThings)
#include "test_store_keptthings.moc"
