// SPDX-License-Identifier: GPL-3.0-or-later
// random steps with crashes between them, and a model of what the books must say. A failing
// seed is printed; TOLLGATE_SEEDS says how many to run, TOLLGATE_SEED which one alone.
#include "core/base/random.h"
#include "core/store/attempts.h"
#include "tests/ledger/books_for_tests.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTest>

#include <map>
#include <random>

using namespace tollgate;
using namespace tollgate::ledger;
using namespace tollgate::store;
using namespace tollgate::test;

namespace {

struct Running
{
    Hold hold;
    QByteArray requestId;
    std::size_t token = 0;
    bool unknown = false;
};

class Simulation
{
public:
    explicit Simulation(std::uint32_t seed)
        : m_random(seed)
    {
    }

    // Empty: all well.
    QString run(int steps)
    {
        if (QString wrong = start(); !wrong.isEmpty())
            return wrong;
        for (int i = 0; i < 3; ++i)
            m_tokens.push_back(m_books->addToken(QStringLiteral("t%1").arg(i),
                                                 NanoUsd{std::int64_t(below(400'000))},
                                                 BudgetWindow(below(4)), m_now));
        for (int step = 0; step < steps; ++step) {
            if (QString wrong = oneStep(); !wrong.isEmpty())
                return QStringLiteral("step %1: %2").arg(step).arg(wrong);
            if (step % 20 == 19) {
                if (QString wrong = check(); !wrong.isEmpty())
                    return QStringLiteral("after step %1: %2").arg(step).arg(wrong);
            }
        }
        if (QString wrong = crash(); !wrong.isEmpty())
            return wrong;
        return check();
    }

private:
    std::uint32_t below(std::uint32_t bound) { return bound == 0 ? 0 : m_random() % bound; }

    QString start()
    {
        Options options;
        options.profile = m_folder.filePath(QString::number(m_generation));
        auto opened = Store::open(options);
        if (!opened)
            return opened.error().message;
        m_store = std::move(*opened);
        m_books = std::make_unique<Books>(*m_store);
        UnitRates units;
        units.image = PicoUsd{2'000'500};
        units.audioInputSecond = PicoUsd{1'111};
        units.character = PicoUsd{333};
        m_unitPrice = m_books->addPrice(700, 0, units).id;
        return {};
    }

    QString oneStep()
    {
        m_now += below(3'600'000'000);
        switch (below(23)) {
        case 0:
            return crash();
        case 1:
            m_now += std::int64_t(below(40)) * dayUs - 20 * dayUs; // the clock jumps
            return {};
        case 2:
            return changeCap();
        case 3:
            return sweep();
        case 4:
            return fold();
        case 5:
        case 6:
            return progress();
        case 7:
        case 8:
        case 9:
        case 10:
        case 11:
        case 12:
            return end();
        case 13:
        case 14:
        case 15:
            return extend();
        default:
            return reserve();
        }
    }

    QString reserve()
    {
        Running running;
        running.token = below(std::uint32_t(m_tokens.size()));
        running.requestId = "r" + QByteArray::number(++m_serial);
        auto request
            = holdOf(m_tokens[running.token], running.requestId, std::int64_t(below(60'000)));
        request.attempt.startedUs = m_now;
        if (below(3) == 0) {
            request.attempt.priceId = m_unitPrice;
            request.attempt.units.characters = std::int64_t(below(2)) * below(5'000);
        }
        request.attempt.usage.input = std::int64_t(below(2)) * below(5'000);
        request.perOutputToken = PicoUsd{std::int64_t(below(20'000))};
        request.outputTokens = std::int64_t(below(4'000));
        request.minimumOutputTokens = 64;
        request.leasedTokens = below(2) == 0 ? 0 : std::int64_t(below(1'000));
        auto hold = m_books->reserve(request, m_now);
        if (!hold)
            return hold.error().kind == ErrorKind::BudgetExhausted ? QString()
                                                                   : hold.error().message;
        running.hold = *hold;
        m_running.push_back(running);
        return {};
    }

    QString extend()
    {
        if (m_running.empty())
            return {};
        const Running &running = m_running[below(std::uint32_t(m_running.size()))];
        const std::int64_t by = std::int64_t(below(30'000));
        auto more = m_books->extend(running.hold.attemptId, by, std::int64_t(below(3'000)));
        if (more)
            return more->value <= by ? QString() : QStringLiteral("more was held than asked for");
        const bool refused = more.error().kind == ErrorKind::BudgetExhausted
            || (running.unknown && more.error().kind == ErrorKind::Conflict);
        return refused ? QString() : more.error().message;
    }

    QString progress()
    {
        if (m_running.empty())
            return {};
        const Running &running = m_running[below(std::uint32_t(m_running.size()))];
        TokenCounts usage;
        usage.input = std::int64_t(below(9'000));
        usage.output = std::int64_t(below(900));
        auto done = m_store->writeNow(
            [&](Database &db) { return noteProgress(db, running.hold.attemptId, usage, m_now); });
        return done ? QString() : done.error().message;
    }

    QString end()
    {
        if (m_running.empty())
            return {};
        const std::size_t index = below(std::uint32_t(m_running.size()));
        Running running = m_running[index];
        Settlement settlement = settlementOf(running.hold, std::int64_t(below(70'000)));
        settlement.attempt.charge = NanoUsd{std::int64_t(below(90'000))};
        if (below(3) == 0) {
            settlement.attempt.units.images = std::int64_t(below(4));
            settlement.attempt.units.audioInputMs = std::int64_t(below(60'000));
            settlement.attempt.units.characters = std::int64_t(below(5'000));
        }
        const auto dice = below(6);
        settlement.outcome = dice == 0 ? Outcome::Unknown
            : dice == 1                ? Outcome::Released
                                       : Outcome::Settled;
        RequestRow row = requestOf(m_tokens[running.token], running.requestId);
        row.startedUs = m_now;
        const int times = 1 + int(below(3)); // answers get lost, callers repeat themselves
        for (int i = 0; i < times; ++i) {
            if (auto done = m_books->finish(row, settlement, m_now); !done)
                return done.error().message;
            if (below(2) == 0)
                settlement.attempt.usage.input = std::int64_t(below(70'000));
        }
        if (settlement.outcome == Outcome::Unknown)
            m_running[index].unknown = true; // a late answer may still come
        else
            m_running.erase(m_running.begin() + std::ptrdiff_t(index));
        m_acknowledged[running.requestId] = 0;
        return remember(running.requestId, settlement.outcome != Outcome::Unknown);
    }

    // What was answered must read the same for ever, but for a late settlement.
    QString remember(const QByteArray &id, bool final)
    {
        auto logged = m_store->readNow([&](Database &db) { return request(db, id); });
        if (!logged)
            return QString::fromUtf8(id) + QLatin1String(": ") + logged.error().message;
        if (final)
            m_acknowledged[id] = logged->row.charge.value + 1;
        return {};
    }

    QString changeCap()
    {
        const TokenRow &token = m_tokens[below(std::uint32_t(m_tokens.size()))];
        const NanoUsd cap{std::int64_t(below(600'000))};
        auto done = m_store->writeNow(
            [&](Database &db) { return setBudgetCap(db, token.budgetId, cap); });
        return done ? QString() : done.error().message;
    }

    QString sweep()
    {
        auto done = m_store->writeNow([&](Database &db) { return sweepUnknown(db, m_now); });
        return done ? QString() : done.error().message;
    }

    QString fold()
    {
        auto done = m_store->writeNow(
            [&](Database &db) { return foldSettledLegs(db, 1 + int(below(20))); });
        return done ? QString() : done.error().message;
    }

    // The files as a killed process leaves them, in another folder; then the start-up sweep, twice.
    QString crash()
    {
        const QString from = m_store->databasePath();
        ++m_generation;
        const QString folder = m_folder.filePath(QString::number(m_generation));
        QDir().mkpath(folder);
        for (const char *suffix : {"", "-wal"})
            QFile::copy(from + QLatin1String(suffix), databaseFile(folder) + QLatin1String(suffix));
        m_books.reset();
        m_store.reset();
        QDir(m_folder.filePath(QString::number(m_generation - 1))).removeRecursively();
        if (QString wrong = start(); !wrong.isEmpty())
            return wrong;
        for (int i = 0; i < 2; ++i) {
            auto swept = m_store->writeNow([&](Database &db) { return sweepAtStart(db, m_now); });
            if (!swept)
                return swept.error().message;
            if (!swept->windowsAgree)
                return QStringLiteral("the windows do not agree after a crash");
            if (i == 1 && (swept->settled != 0 || swept->released != 0))
                return QStringLiteral("the second sweep found something to do");
        }
        std::erase_if(m_running, [](const Running &running) { return !running.unknown; });
        return {};
    }

    QString check()
    {
        if (QString wrong = m_books->violations(Scope::Full, m_now); !wrong.isEmpty())
            return wrong;
        if (QString wrong = m_books->violations(Scope::Recent, m_now); !wrong.isEmpty())
            return QLatin1String("recent: ") + wrong;
        for (const auto &[id, charge] : m_acknowledged) {
            auto logged = m_store->readNow([&](Database &db) { return request(db, id); });
            if (!logged)
                return QString::fromUtf8(id) + QLatin1String(" was answered and is lost");
            if (charge > 0 && logged->row.charge.value != charge - 1)
                return QString::fromUtf8(id) + QLatin1String(" was charged again");
        }
        return {};
    }

    std::mt19937 m_random;
    QTemporaryDir m_folder;
    int m_generation = 0;
    int m_serial = 0;
    std::int64_t m_now = startUs;
    std::unique_ptr<Store> m_store;
    std::int64_t m_unitPrice = 0;
    std::unique_ptr<Books> m_books;
    std::vector<TokenRow> m_tokens;
    std::vector<Running> m_running;
    std::map<QByteArray, std::int64_t> m_acknowledged; // charge + 1; 0: not settled yet
};

constexpr char childVariable[] = "TOLLGATE_TEST_LEDGER_CHILD";

// Reserves and settles for ever, and says what was acknowledged.
int runChild(const QString &profile)
{
    Options options;
    options.profile = profile;
    auto opened = Store::open(options);
    if (!opened)
        return 3;
    auto swept = (*opened)->writeNow([](Database &db) { return sweepAtStart(db, startUs); });
    if (!swept || !swept->windowsAgree)
        return 4;
    Books books(**opened);
    auto token
        = (*opened)->readNow([](Database &db) { return tokenNamed(db, QStringLiteral("killed")); });
    const TokenRow row
        = token ? *token : books.addToken(QStringLiteral("killed"), NanoUsd{2'000'000'000});
    QFile out;
    if (!out.open(stdout, QIODevice::WriteOnly | QIODevice::Unbuffered))
        return 5;
    for (;;) {
        const QByteArray id = randomId("req_");
        auto hold = books.reserve(holdOf(row, id, 1'000));
        if (!hold)
            return hold.error().kind == ErrorKind::BudgetExhausted ? 0 : 6;
        if (!books.finish(requestOf(row, id), settlementOf(*hold, 700)))
            return 7;
        out.write(id + '\n');
    }
}

} // namespace

class TestLedgerSimulator : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void randomStepsAndCrashesKeepTheBooks()
    {
        bool alone = false;
        const int only = qEnvironmentVariableIntValue("TOLLGATE_SEED", &alone);
        const int seeds = std::max(qEnvironmentVariableIntValue("TOLLGATE_SEEDS"), 200);
        for (int seed = alone ? only : 1; seed <= (alone ? only : seeds); ++seed) {
            const QString wrong = Simulation(std::uint32_t(seed)).run(40);
            QVERIFY2(wrong.isEmpty(),
                     qPrintable(QStringLiteral("TOLLGATE_SEED=%1: %2").arg(seed).arg(wrong)));
        }
    }

    // R-30 at the level of the store
    void aKilledProcessLosesNothingItAcknowledged()
    {
        const int rounds = qEnvironmentVariableIsSet("TOLLGATE_LONG") ? 1000 : 50;
        const Profile profile;
        std::mt19937 random(30);
        std::vector<QByteArray> acknowledged;
        for (int round = 0; round < rounds; ++round) {
            QProcess child;
            QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
            environment.insert(QLatin1String(childVariable), profile.path());
            child.setProcessEnvironment(environment);
            child.setProcessChannelMode(QProcess::SeparateChannels);
            child.start(QCoreApplication::applicationFilePath(), QStringList());
            QVERIFY(child.waitForStarted());
            QVERIFY(child.waitForReadyRead(20'000));
            QTest::qSleep(int(random() % 40));
            child.kill();
            QVERIFY(child.waitForFinished());
            QCOMPARE(child.exitStatus(), QProcess::CrashExit);
            const QByteArray output = child.readAllStandardOutput();
            const QByteArrayList lines = output.left(output.lastIndexOf('\n')).split('\n');
            acknowledged.insert(acknowledged.end(), lines.begin(), lines.end());
        }
        QElapsedTimer timer;
        timer.start();
        auto opened = profile.open();
        VERIFY_RESULT(opened);
        Store &store = **opened;
        auto swept = store.writeNow([](Database &db) { return sweepAtStart(db, startUs); });
        VERIFY_RESULT(swept);
        QVERIFY(timer.elapsed() < 2000);
        QVERIFY(swept->windowsAgree);
        Books books(store);
        QCOMPARE(books.violations(), QString());
        int lost = 0;
        for (const QByteArray &id : acknowledged) {
            auto logged = store.readNow([&](Database &db) { return request(db, id); });
            lost += logged && logged->row.charge.value == 700 ? 0 : 1;
        }
        QCOMPARE(lost, 0);
        auto token
            = store.readNow([](Database &db) { return tokenNamed(db, QStringLiteral("killed")); });
        VERIFY_RESULT(token);
        const auto state = books.state(token->budgetId);
        QVERIFY(state);
        QCOMPARE(state->reserved.value, 0);
        QVERIFY(state->spent <= state->cap);
        QVERIFY(state->spent.value >= 700 * std::int64_t(acknowledged.size()));
        qInfo("%d kills, %d acknowledged requests, none lost", rounds, int(acknowledged.size()));
    }
};

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const QString profile = qEnvironmentVariable(childVariable);
    if (!profile.isEmpty())
        return runChild(profile);
    TestLedgerSimulator test;
    return QTest::qExec(&test, argc, argv);
}
#include "test_ledger_simulator.moc"
