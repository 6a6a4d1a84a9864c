// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/requestsmodel.h"

#include <QJsonArray>

#include <algorithm>

namespace tollgate::desktop {
namespace {

constexpr int kFirstPage = 120;
constexpr int kPage = 200;
constexpr int kMostLive = 2'000; // in memory while new ones arrive
constexpr int kMostWaiting = 2'000;
constexpr int kTypingMs = 160;

QString text(const QJsonObject &row, const char *name)
{
    return row.value(QLatin1String(name)).toString();
}

double number(const QJsonObject &row, const char *name)
{
    return row.value(QLatin1String(name)).toDouble();
}

bool isNothing(const QJsonObject &row, const char *name)
{
    return row.value(QLatin1String(name)).isNull() || row.value(QLatin1String(name)).isUndefined();
}

QString nameOf(const QJsonObject &row, const char *member)
{
    return row.value(QLatin1String(member))[QLatin1String("name")].toString();
}

} // namespace

RequestsModel::RequestsModel(QObject *parent)
    : QAbstractListModel(parent)
{
    m_page.setProperty("command", QStringLiteral("log page"));
    m_counting.setProperty("command", QStringLiteral("log count"));
    m_following.setProperty("command", QStringLiteral("log follow"));
    m_following.setProperty("events", true);
    for (Query *query : {&m_page, &m_counting, &m_following}) {
        query->setActive(false);
        query->componentComplete();
    }
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingMs);
    connect(&m_typing, &QTimer::timeout, this, &RequestsModel::refresh);
    connect(&m_page, &Query::answered, this, &RequestsModel::takePage);
    connect(&m_page, &Query::loadingChanged, this, &RequestsModel::loadingChanged);
    connect(&m_page, &Query::errorChanged, this, [this] {
        const QVariantMap error = m_page.error().toMap();
        m_trouble = error.value(QStringLiteral("message")).toString();
        Q_EMIT troubleChanged();
    });
    connect(&m_counting, &Query::answered, this, &RequestsModel::takeCount);
    connect(&m_following, &Query::received, this, &RequestsModel::takeEvent);
}

void RequestsModel::componentComplete()
{
    m_complete = true;
    if (m_active)
        refresh();
}

void RequestsModel::setFilter(const QString &filter)
{
    if (m_filter == filter)
        return;
    m_filter = filter;
    Q_EMIT filterChanged();
    m_typing.start();
}

void RequestsModel::setActive(bool active)
{
    if (m_active == active)
        return;
    m_active = active;
    Q_EMIT activeChanged();
    for (Query *query : {&m_page, &m_counting, &m_following})
        query->setActive(false);
    if (active && m_complete)
        refresh();
}

void RequestsModel::setLive(bool live)
{
    if (m_live == live)
        return;
    m_live = live;
    Q_EMIT liveChanged();
    if (live && m_atTop)
        catchUp();
}

void RequestsModel::setAtTop(bool atTop)
{
    if (m_atTop == atTop)
        return;
    m_atTop = atTop;
    Q_EMIT atTopChanged();
    if (atTop && m_live)
        catchUp();
}

void RequestsModel::refresh()
{
    if (!m_active || !m_complete)
        return;
    m_typing.stop();
    m_older = false;
    ask();
}

void RequestsModel::ask()
{
    m_asked = m_older ? m_applied : m_filter;
    QVariantMap arguments{{QStringLiteral("filter"), m_asked},
                          {QStringLiteral("limit"), m_older ? kPage : kFirstPage}};
    if (m_older)
        arguments.insert(QStringLiteral("before"), m_next);
    // Begins anew, even with what was asked before: a query that becomes active asks.
    m_page.setActive(false);
    m_page.setArguments(arguments);
    m_page.setActive(true);
}

void RequestsModel::takePage()
{
    const QJsonObject answer = m_page.answer();
    const QJsonObject fault = answer.value(QLatin1String("filter_error")).toObject();
    setFault(fault.toVariantMap());
    if (!fault.isEmpty())
        return;
    const QJsonArray rows = answer.value(QLatin1String("requests")).toArray();
    m_next = text(answer, "next");
    m_more = answer.value(QLatin1String("more")).toBool();
    m_searchedToUs = number(answer, "searched_to_us");
    if (m_older) {
        append(rows);
    } else {
        replaceAll(rows);
        const bool changed = m_applied != m_asked || !m_following.active();
        m_applied = m_asked;
        Q_EMIT appliedChanged();
        if (changed || m_matching < 0) {
            m_matching = -1;
            Q_EMIT matchingChanged();
            m_counting.setActive(false);
            m_counting.setArguments({{QStringLiteral("filter"), m_applied}});
            m_counting.setActive(true);
        }
        if (changed)
            follow();
    }
    if (!m_ready) {
        m_ready = true;
        Q_EMIT readyChanged();
    }
    Q_EMIT moreChanged();
    if (!m_trouble.isEmpty()) {
        m_trouble.clear();
        Q_EMIT troubleChanged();
    }
}

void RequestsModel::follow()
{
    m_following.setActive(false);
    m_following.setArguments({{QStringLiteral("filter"), m_applied}});
    m_following.setActive(true);
}

void RequestsModel::takeCount()
{
    const QJsonObject answer = m_counting.answer();
    m_matching = answer.value(QLatin1String("count")).toDouble(-1);
    m_capped = answer.value(QLatin1String("capped")).toBool();
    Q_EMIT matchingChanged();
}

void RequestsModel::setFault(const QVariantMap &fault)
{
    if (m_fault == fault)
        return;
    m_fault = fault;
    Q_EMIT faultChanged();
}

void RequestsModel::replaceAll(const QJsonArray &rows)
{
    beginResetModel();
    m_rows.clear();
    m_waiting.clear();
    for (const QJsonValue &row : rows)
        m_rows.push_back(row.toObject());
    renumberFrom(0);
    endResetModel();
    Q_EMIT countChanged();
    Q_EMIT waitingChanged();
}

void RequestsModel::append(const QJsonArray &rows)
{
    std::vector<QJsonObject> fresh;
    for (const QJsonValue &row : rows) {
        const QJsonObject object = row.toObject();
        if (!m_places.contains(text(object, "id")))
            fresh.push_back(object);
    }
    if (fresh.empty())
        return;
    const int first = count();
    beginInsertRows({}, first, first + int(fresh.size()) - 1);
    std::move(fresh.begin(), fresh.end(), std::back_inserter(m_rows));
    renumberFrom(std::size_t(first));
    endInsertRows();
    Q_EMIT countChanged();
}

void RequestsModel::takeEvent(const QJsonObject &event)
{
    const QJsonArray rows = event.value(QLatin1String("rows")).toArray();
    const qsizetype waitedBefore = qsizetype(m_waiting.size());
    for (const QJsonValue &value : rows) {
        const QJsonObject row = value.toObject();
        const QString id = text(row, "id");
        const bool shown = m_places.contains(id);
        const bool waits = !shown && (!m_live || !m_atTop);
        if (m_matching >= 0 && text(row, "state") != u"running") {
            ++m_matching;
            Q_EMIT matchingChanged();
        }
        if (!waits) {
            put(row);
            continue;
        }
        const auto same = std::find_if(m_waiting.begin(), m_waiting.end(),
                                       [&](const auto &other) { return text(other, "id") == id; });
        if (same != m_waiting.end())
            *same = row;
        else
            m_waiting.push_back(row);
    }
    const QJsonArray gone = event.value(QLatin1String("gone")).toArray();
    for (const QJsonValue &id : gone)
        remove(id.toString());
    if (m_waiting.size() > std::size_t(kMostWaiting))
        m_waiting.erase(m_waiting.begin(), m_waiting.end() - kMostWaiting);
    if (qsizetype(m_waiting.size()) != waitedBefore)
        Q_EMIT waitingChanged();
    if (m_atTop)
        trim();
}

// In its place, if it is there; else where its time belongs.
void RequestsModel::put(const QJsonObject &row)
{
    const auto place = m_places.constFind(text(row, "id"));
    if (place == m_places.constEnd()) {
        insertByTime(row);
        return;
    }
    const bool ended = text(m_rows[std::size_t(*place)], "state") != u"running";
    if (ended && text(row, "state") == u"running")
        return; // an older tale
    m_rows[std::size_t(*place)] = row;
    const QModelIndex at = index(*place);
    Q_EMIT dataChanged(at, at);
}

void RequestsModel::insertByTime(const QJsonObject &row)
{
    const double time = number(row, "time_us");
    const auto place = std::find_if(m_rows.begin(), m_rows.end(), [&](const QJsonObject &other) {
        return number(other, "time_us") <= time;
    });
    const int at = int(place - m_rows.begin());
    beginInsertRows({}, at, at);
    m_rows.insert(place, row);
    renumberFrom(std::size_t(at));
    endInsertRows();
    Q_EMIT countChanged();
}

void RequestsModel::remove(const QString &id)
{
    std::erase_if(m_waiting, [&](const QJsonObject &row) { return text(row, "id") == id; });
    const auto place = m_places.constFind(id);
    if (place == m_places.constEnd())
        return;
    const int at = *place;
    if (text(m_rows[std::size_t(at)], "state") != u"running")
        return;
    beginRemoveRows({}, at, at);
    m_places.erase(place);
    m_rows.erase(m_rows.begin() + at);
    renumberFrom(std::size_t(at));
    endRemoveRows();
    Q_EMIT countChanged();
}

void RequestsModel::renumberFrom(std::size_t row)
{
    if (row == 0)
        m_places.clear();
    for (std::size_t i = row; i < m_rows.size(); ++i)
        m_places.insert(text(m_rows[i], "id"), int(i));
}

// The oldest go back to the disk; scrolling there finds them again.
void RequestsModel::trim()
{
    if (count() <= kMostLive)
        return;
    const int most = kMostLive * 3 / 4;
    beginRemoveRows({}, most, count() - 1);
    m_rows.resize(std::size_t(most));
    renumberFrom(0);
    endRemoveRows();
    // With the highest sequence there is, the row itself may come again; append() knows it.
    m_next = QStringLiteral("%1.9223372036854775807").arg(qint64(number(m_rows.back(), "time_us")));
    m_more = true;
    m_searchedToUs = 0;
    Q_EMIT moreChanged();
    Q_EMIT countChanged();
}

void RequestsModel::catchUp()
{
    if (m_waiting.empty())
        return;
    const std::vector<QJsonObject> rows = std::move(m_waiting);
    m_waiting.clear();
    for (const QJsonObject &row : rows)
        put(row);
    Q_EMIT waitingChanged();
}

void RequestsModel::note(const QString &id, int mark, const QStringList &tags)
{
    const int place = indexOf(id);
    if (place < 0)
        return;
    QJsonObject &row = m_rows[std::size_t(place)];
    row.insert(QLatin1String("mark"), mark);
    row.insert(QLatin1String("tags"), QJsonArray::fromStringList(tags));
    Q_EMIT dataChanged(index(place), index(place));
}

int RequestsModel::indexOf(const QString &id) const
{
    return m_places.value(id, -1);
}

QVariantMap RequestsModel::rowAt(int row) const
{
    return row >= 0 && row < count() ? m_rows[std::size_t(row)].toVariantMap() : QVariantMap();
}

int RequestsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : count();
}

bool RequestsModel::canFetchMore(const QModelIndex &parent) const
{
    // A gap is gone on with by hand: nobody should search ten million rows by scrolling.
    return !parent.isValid() && m_more && m_searchedToUs == 0 && !m_page.loading();
}

void RequestsModel::fetchMore(const QModelIndex & /*parent*/)
{
    if (!m_more || m_page.loading())
        return;
    m_older = true;
    ask();
}

QHash<int, QByteArray> RequestsModel::roleNames() const
{
    return {{EntryRole, "entry"}, {IdRole, "requestId"}, {RunningRole, "running"}};
}

QVariant RequestsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= count())
        return {};
    const QJsonObject &row = m_rows[std::size_t(index.row())];
    switch (role) {
    case EntryRole:
        return entryOf(row);
    case IdRole:
        return text(row, "id");
    case RunningRole:
        return text(row, "state") == u"running";
    default:
        return {};
    }
}

// What the cells show; words of states are the screen's.
QVariantMap RequestsModel::entryOf(const QJsonObject &row) const
{
    const auto key = [](const char *name) { return QString::fromLatin1(name); };
    const auto tokens = [&](const char *name) {
        const double count = number(row, name);
        return count == 0 ? QStringLiteral("–") : m_format.amount(count);
    };
    const auto took = [&](const char *name) {
        return isNothing(row, name) ? QStringLiteral("–") : m_format.duration(number(row, name));
    };
    const bool running = text(row, "state") == u"running";
    const bool unpriced = row.value(QLatin1String("unpriced")).toBool();
    const QString model = text(row, "model");
    const QString served = text(row, "served_model");
    QString cost = QStringLiteral("–");
    if (!running && !unpriced && number(row, "cost_nano") > 0)
        cost = m_format.money(number(row, "cost_nano"),
                              row.value(QLatin1String("estimated")).toBool());
    return {{key("id"), text(row, "id")},
            {key("state"), text(row, "state")},
            {key("phase"), text(row, "phase")},
            {key("timeUs"), number(row, "time_us")},
            {key("time"), m_format.clock(number(row, "time_us"))},
            {key("token"), m_format.line(nameOf(row, "token"), 60)},
            {key("client"), m_format.line(text(row, "client"), 40)},
            {key("model"), m_format.line(model, 80)},
            {key("served"), served == model ? QString() : m_format.line(served, 80)},
            {key("channel"), m_format.line(nameOf(row, "channel"), 60)},
            {key("attempts"), row.value(QLatin1String("attempts")).toInt()},
            {key("input"), tokens("input_tokens")},
            {key("cached"), tokens("cached_tokens")},
            {key("output"), tokens("output_tokens")},
            {key("cost"), unpriced && !running ? QString() : cost},
            {key("unpriced"), unpriced && !running},
            {key("ttft"), took("ttft_us")},
            {key("total"), running ? QString() : took("total_us")},
            {key("speed"),
             isNothing(row, "speed_milli") ? QStringLiteral("–")
                                           : m_format.amount(number(row, "speed_milli") / 1'000)},
            {key("status"), running ? QString() : QString::number(int(number(row, "status")))},
            {key("stream"), row.value(QLatin1String("stream")).toBool()},
            {key("dialect"), text(row, "dialect")},
            {key("session"), m_format.line(text(row, "session"), 40)},
            {key("ip"), text(row, "ip")},
            {key("finish"), m_format.line(text(row, "finish"), 30)},
            {key("error"), text(row, "error")},
            {key("errorText"), m_format.line(text(row, "error_text"), 200)},
            {key("mark"), row.value(QLatin1String("mark")).toInt()},
            {key("tags"), row.value(QLatin1String("tags")).toVariant()}};
}

} // namespace tollgate::desktop
