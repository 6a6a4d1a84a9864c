// SPDX-License-Identifier: GPL-3.0-or-later
#include "samples.h"

#include "qml/charts/buckets.h"

#include <QRandomGenerator>

#include <cmath>

namespace tollgate::charts {

namespace {

constexpr qint64 kHour = 3'600'000'000;
constexpr qint64 kDay = 24 * kHour;

QTimeZone berlin()
{
    return QTimeZone("Europe/Berlin");
}

qint64 startUs()
{
    return QDate(2026, 8, 2).startOfDay(berlin()).toMSecsSinceEpoch() * 1000;
}

QVariantList bucketList(int count, Step step, bool lastIncomplete)
{
    const QLocale english(QLocale::English, QLocale::UnitedStates);
    const qint64 length = step == Step::Hour ? kHour : kDay;
    QVariantList list;
    const auto buckets
        = timeBuckets(startUs(), startUs() + count * length, step, berlin(), english);
    for (const Bucket &bucket : buckets)
        list.push_back(QVariantMap{
            {QStringLiteral("fromUs"), bucket.fromUs},
            {QStringLiteral("toUs"), bucket.toUs},
            {QStringLiteral("weekend"), bucket.weekend},
            {QStringLiteral("incomplete"), lastIncomplete && &bucket == &buckets.back()}});
    return list;
}

QVariantMap seriesMap(const QString &key, const QVariantList &values)
{
    return {{QStringLiteral("key"), key},
            {QStringLiteral("label"), key},
            {QStringLiteral("values"), values}};
}

} // namespace

QVariantMap spendSample(int days, int series)
{
    const QStringList names{QStringLiteral("claude-sonnet-4.5"), QStringLiteral("gpt-5"),
                            QStringLiteral("gemini-2.5-pro"),    QStringLiteral("deepseek-chat"),
                            QStringLiteral("qwen3-coder"),       QStringLiteral("mistral-large"),
                            QStringLiteral("gpt-5-mini"),        QStringLiteral("kimi-k2"),
                            QStringLiteral("glm-4.6"),           QStringLiteral("llama-4")};
    QRandomGenerator random(7);
    QVariantList list;
    for (int at = 0; at < series; ++at) {
        QVariantList values;
        for (int day = 0; day < days; ++day) {
            const bool weekend = day % 7 == 0 || day % 7 == 6;
            const double size
                = 2.4 / (1 + at * 0.55) * (weekend ? 0.3 : 1) * (0.45 + random.generateDouble());
            values.push_back(qint64(size * 1e9 * (day == days - 1 ? 0.4 : 1)));
        }
        QVariantMap one = seriesMap(names.value(at, QStringLiteral("model-%1").arg(at)), values);
        one.insert(QStringLiteral("previous"), qint64(1e9 * (40 - at * 3)));
        list.push_back(one);
    }
    return {{QStringLiteral("unit"), QStringLiteral("nano_usd")},
            {QStringLiteral("buckets"), bucketList(days, Step::Day, true)},
            {QStringLiteral("series"), list}};
}

QVariantMap callsSample()
{
    QRandomGenerator random(11);
    QVariantList failed, retried, ok;
    for (int hour = 0; hour < 24; ++hour) {
        const double busy = 20 + 160 * std::exp(-std::pow((hour - 14) / 5.0, 2));
        ok.push_back(int(busy * (0.7 + 0.6 * random.generateDouble())));
        retried.push_back(int(busy * 0.06 * random.generateDouble()));
        failed.push_back(int(busy * (hour == 15 ? 0.35 : 0.07) * random.generateDouble()));
    }
    QVariantMap one = seriesMap(QStringLiteral("failed"), failed);
    one.insert(QStringLiteral("label"), QStringLiteral("Failed"));
    one.insert(QStringLiteral("tone"), QStringLiteral("err"));
    QVariantMap two = seriesMap(QStringLiteral("retried"), retried);
    two.insert(QStringLiteral("label"), QStringLiteral("OK after retry"));
    two.insert(QStringLiteral("tone"), QStringLiteral("warn"));
    QVariantMap three = seriesMap(QStringLiteral("ok"), ok);
    three.insert(QStringLiteral("label"), QStringLiteral("OK"));
    three.insert(QStringLiteral("color"), 0);
    return {{QStringLiteral("unit"), QStringLiteral("count")},
            {QStringLiteral("buckets"), bucketList(24, Step::Hour, true)},
            {QStringLiteral("series"), QVariantList{one, two, three}}};
}

QVariantMap speedSample()
{
    QRandomGenerator random(5);
    QVariantList p50, p95, counts;
    for (int hour = 0; hour < 48; ++hour) {
        if (hour >= 27 && hour <= 30) {
            p50.push_back(QVariant());
            p95.push_back(QVariant());
            counts.push_back(0);
            continue;
        }
        const double base = 620 + 260 * std::sin(hour / 5.0) + 120 * random.generateDouble();
        p50.push_back(qint64(base * 1000));
        p95.push_back(qint64(base * (2.1 + 0.9 * random.generateDouble()) * 1000));
        counts.push_back(hour % 24 < 5 ? 3 : 40 + int(random.bounded(90)));
    }
    QVariantMap low = seriesMap(QStringLiteral("p50"), p50);
    low.insert(QStringLiteral("color"), 0);
    low.insert(QStringLiteral("counts"), counts);
    QVariantMap high = seriesMap(QStringLiteral("p95"), p95);
    high.insert(QStringLiteral("color"), 0);
    high.insert(QStringLiteral("counts"), counts);
    return {{QStringLiteral("unit"), QStringLiteral("us")},
            {QStringLiteral("buckets"), bucketList(48, Step::Hour, false)},
            {QStringLiteral("series"), QVariantList{low, high}}};
}

QVariantMap fanSample()
{
    QVariantList actual, p20, p50, p80;
    double sum = 0;
    for (int day = 0; day < 31; ++day) {
        const double today = day % 7 == 0 || day % 7 == 6 ? 1.1 : 4.2 + std::sin(day) * 1.3;
        if (day <= 17) {
            sum += today;
            actual.push_back(qint64(sum * 1e9));
        } else {
            actual.push_back(QVariant());
        }
        const double ahead = std::max(0, day - 17);
        p20.push_back(day < 17 ? QVariant() : QVariant(qint64((sum + ahead * 2.3) * 1e9)));
        p50.push_back(day < 17 ? QVariant() : QVariant(qint64((sum + ahead * 3.1) * 1e9)));
        p80.push_back(day < 17 ? QVariant() : QVariant(qint64((sum + ahead * 4.3) * 1e9)));
    }
    QVariantMap first = seriesMap(QStringLiteral("actual"), actual);
    first.insert(QStringLiteral("label"), QStringLiteral("So far"));
    return {{QStringLiteral("unit"), QStringLiteral("nano_usd")},
            {QStringLiteral("buckets"), bucketList(31, Step::Day, false)},
            {QStringLiteral("series"),
             QVariantList{first, seriesMap(QStringLiteral("p20"), p20),
                          seriesMap(QStringLiteral("p50"), p50),
                          seriesMap(QStringLiteral("p80"), p80)}}};
}

QVariantMap weekSample()
{
    QRandomGenerator random(3);
    const QStringList days{QStringLiteral("Sun"), QStringLiteral("Mon"), QStringLiteral("Tue"),
                           QStringLiteral("Wed"), QStringLiteral("Thu"), QStringLiteral("Fri"),
                           QStringLiteral("Sat")};
    QVariantList buckets, series;
    for (int hour = 0; hour < 24; ++hour)
        buckets.push_back(
            QVariantMap{{QStringLiteral("label"), QStringLiteral("%1:00").arg(hour)}});
    for (int day = 0; day < 7; ++day) {
        QVariantList values;
        for (int hour = 0; hour < 24; ++hour) {
            const bool work = day > 0 && day < 6 && hour > 7 && hour < 20;
            if (day == 3 && hour < 6)
                values.push_back(QVariant());
            else if (!work && random.bounded(3) > 0)
                values.push_back(0);
            else
                values.push_back(int((work ? 120 : 16) * (0.2 + random.generateDouble())));
        }
        series.push_back(seriesMap(days.at(day), values));
    }
    return {{QStringLiteral("unit"), QStringLiteral("count")},
            {QStringLiteral("buckets"), buckets},
            {QStringLiteral("series"), series}};
}

QVariantMap yearSample()
{
    QRandomGenerator random(9);
    const QLocale english(QLocale::English, QLocale::UnitedStates);
    const qint64 from = QDate(2025, 8, 10).startOfDay(berlin()).toMSecsSinceEpoch() * 1000;
    const auto days = timeBuckets(from, from + 365 * kDay, Step::Day, berlin(), english);
    QVariantList buckets, values;
    for (std::size_t at = 0; at < days.size(); ++at) {
        buckets.push_back(QVariantMap{{QStringLiteral("fromUs"), days.at(at).fromUs},
                                      {QStringLiteral("toUs"), days.at(at).toUs}});
        if (at > 120 && at < 133)
            values.push_back(QVariant());
        else
            values.push_back(days.at(at).weekend && random.bounded(3) > 0
                                 ? qint64(0)
                                 : qint64(1e9 * (0.1 + 9 * std::pow(random.generateDouble(), 2))));
    }
    return {{QStringLiteral("unit"), QStringLiteral("nano_usd")},
            {QStringLiteral("buckets"), buckets},
            {QStringLiteral("series"), QVariantList{seriesMap(QStringLiteral("spend"), values)}}};
}

QVariantMap burnSample(double used)
{
    const qint64 from = startUs();
    const qint64 now = from + 4 * kDay;
    const double limit = 10e9;
    QVariantList points;
    for (int hour = 0; hour <= 96; hour += 4) {
        const double share = std::pow(hour / 96.0, 1.15);
        points.push_back(QVariantMap{{QStringLiteral("atUs"), from + hour * kHour},
                                     {QStringLiteral("left"), qint64(limit * (1 - used * share))}});
    }
    return {{QStringLiteral("fromUs"), from},
            {QStringLiteral("toUs"), from + 7 * kDay},
            {QStringLiteral("nowUs"), now},
            {QStringLiteral("limit"), qint64(limit)},
            {QStringLiteral("unit"), QStringLiteral("nano_usd")},
            {QStringLiteral("points"), points}};
}

QVariantMap healthSample()
{
    QVariantList cells;
    for (int at = 0; at < 96; ++at) {
        QString state = QStringLiteral("ok");
        if (at < 8)
            state = QStringLiteral("none");
        else if (at >= 30 && at < 34)
            state = QStringLiteral("off");
        else if (at >= 50 && at < 54)
            state = QStringLiteral("slow");
        else if (at >= 60 && at < 63)
            state = QStringLiteral("degraded");
        else if (at >= 63 && at < 67)
            state = QStringLiteral("failing");
        const qint64 from = startUs() + at * kHour / 4;
        cells.push_back(QVariantMap{
            {QStringLiteral("state"), state},
            {QStringLiteral("fromUs"), from},
            {QStringLiteral("toUs"), from + kHour / 4},
            {QStringLiteral("text"),
             state == QLatin1String("failing") ? QStringLiteral("3 of 4: 429") : QString()}});
    }
    return {{QStringLiteral("cells"), cells}};
}

QVariantMap waterfallSample()
{
    const auto phase = [](const char *label, const char *kind, int from, int to) {
        return QVariantMap{{QStringLiteral("key"), QLatin1String(label)},
                           {QStringLiteral("label"), QLatin1String(label)},
                           {QStringLiteral("kind"), QLatin1String(kind)},
                           {QStringLiteral("startUs"), from * 1000},
                           {QStringLiteral("endUs"), to * 1000}};
    };
    const QVariantList first{phase("Accept", "gateway", 0, 1),
                             phase("Auth and limits", "gateway", 1, 2),
                             phase("Routing", "gateway", 2, 3), phase("Connect", "network", 3, 61),
                             phase("Wait", "wait", 61, 322)};
    const QVariantList second{
        phase("Connect", "network", 324, 402),    phase("TLS", "network", 402, 468),
        phase("Send", "network", 468, 474),       phase("Wait", "wait", 474, 1180),
        phase("First token", "wait", 1180, 1420), phase("Generation", "generation", 1420, 4260),
        phase("Flush", "gateway", 4260, 4262)};
    return {{QStringLiteral("lanes"),
             QVariantList{QVariantMap{{QStringLiteral("label"), QStringLiteral("1 DeepSeek: 429")},
                                      {QStringLiteral("phases"), first}},
                          QVariantMap{{QStringLiteral("label"), QStringLiteral("2 OpenAI: 200")},
                                      {QStringLiteral("phases"), second}}}},
            {QStringLiteral("disconnectUs"), 4260000}};
}

QVariantMap boxSample()
{
    const QStringList names{QStringLiteral("gpt-5-mini"), QStringLiteral("claude-sonnet-4.5"),
                            QStringLiteral("gemini-2.5-pro"), QStringLiteral("deepseek-chat"),
                            QStringLiteral("qwen3-coder")};
    QVariantList boxes;
    for (int at = 0; at < names.size(); ++at) {
        const int middle = 96000 - at * 17000;
        boxes.push_back(QVariantMap{{QStringLiteral("key"), names.at(at)},
                                    {QStringLiteral("label"), names.at(at)},
                                    {QStringLiteral("n"), at == 4 ? 4 : 1240 - at * 200},
                                    {QStringLiteral("p5"), middle / 3},
                                    {QStringLiteral("p25"), int(middle * 0.75)},
                                    {QStringLiteral("p50"), middle},
                                    {QStringLiteral("p75"), int(middle * 1.25)},
                                    {QStringLiteral("p95"), int(middle * 1.6)}});
    }
    return {{QStringLiteral("unit"), QStringLiteral("milli_per_s")},
            {QStringLiteral("boxes"), boxes}};
}

QVariantMap scatterSample(int points)
{
    QRandomGenerator random(21);
    QVariantList list;
    for (int at = 0; at < points; ++at) {
        const int series = int(random.bounded(3));
        const double seconds
            = 0.4 + 9 * std::pow(random.generateDouble(), 2.2) * (1 + series * 0.6);
        const double cost
            = (0.002 + 0.012 * seconds / (series + 1)) * (0.4 + random.generateDouble());
        list.push_back(QVariantList{qint64(seconds * 1e6), qint64(cost * 1e9), series});
    }
    QVariantList series;
    for (const QString &name : {QStringLiteral("claude-sonnet-4.5"), QStringLiteral("gpt-5"),
                                QStringLiteral("deepseek-chat")})
        series.push_back(seriesMap(name, {}));
    return {{QStringLiteral("xUnit"), QStringLiteral("us")},
            {QStringLiteral("yUnit"), QStringLiteral("nano_usd")},
            {QStringLiteral("xTitle"), QStringLiteral("Time")},
            {QStringLiteral("yTitle"), QStringLiteral("Cost")},
            {QStringLiteral("series"), series},
            {QStringLiteral("points"), list}};
}

} // namespace tollgate::charts
