// SPDX-License-Identifier: GPL-3.0-or-later
// The log as a list: the newest rows in memory, older ones from disk as one scrolls, new ones as
// they happen. A row keeps its place while it is looked at: away from the top, what is new waits
// and is counted. A filter that makes no sense leaves the last one that did in force.
#pragma once

#include "app/desktop/format.h"
#include "app/desktop/query.h"

#include <QAbstractListModel>
#include <QHash>
#include <QJsonObject>
#include <QTimer>
#include <QtQml/qqmlregistration.h>

#include <vector>

namespace tollgate::desktop {

class RequestsModel : public QAbstractListModel, public QQmlParserStatus
{
    Q_OBJECT
    Q_INTERFACES(QQmlParserStatus)
    QML_ELEMENT
    Q_PROPERTY(QString filter READ filter WRITE setFilter NOTIFY filterChanged)
    Q_PROPERTY(QString applied READ applied NOTIFY appliedChanged) // the last that made sense
    Q_PROPERTY(QVariantMap fault READ fault NOTIFY faultChanged) // {at, length, message, hint}
    Q_PROPERTY(bool active READ active WRITE setActive NOTIFY activeChanged)
    Q_PROPERTY(bool live READ live WRITE setLive NOTIFY liveChanged) // new rows are shown
    Q_PROPERTY(bool atTop READ atTop WRITE setAtTop NOTIFY atTopChanged)
    Q_PROPERTY(int waiting READ waiting NOTIFY waitingChanged) // new rows that are not shown yet
    Q_PROPERTY(double matching READ matching NOTIFY matchingChanged) // -1: not counted yet
    Q_PROPERTY(bool matchingCapped READ matchingCapped NOTIFY matchingChanged)
    Q_PROPERTY(bool loading READ loading NOTIFY loadingChanged)
    Q_PROPERTY(bool ready READ ready NOTIFY readyChanged)
    Q_PROPERTY(bool more READ more NOTIFY moreChanged) // older ones are on disk
    Q_PROPERTY(double searchedToUs READ searchedToUs NOTIFY moreChanged) // 0: without a gap
    Q_PROPERTY(QString trouble READ trouble NOTIFY troubleChanged)
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Role { EntryRole = Qt::UserRole, IdRole, RunningRole };

    explicit RequestsModel(QObject *parent = nullptr);

    [[nodiscard]] QString filter() const { return m_filter; }
    void setFilter(const QString &filter);
    [[nodiscard]] QString applied() const { return m_applied; }
    [[nodiscard]] QVariantMap fault() const { return m_fault; }
    [[nodiscard]] bool active() const { return m_active; }
    void setActive(bool active);
    [[nodiscard]] bool live() const { return m_live; }
    void setLive(bool live);
    [[nodiscard]] bool atTop() const { return m_atTop; }
    void setAtTop(bool atTop);
    [[nodiscard]] int waiting() const { return int(m_waiting.size()); }
    [[nodiscard]] double matching() const { return m_matching; }
    [[nodiscard]] bool matchingCapped() const { return m_capped; }
    [[nodiscard]] bool loading() const { return m_page.loading(); }
    [[nodiscard]] bool ready() const { return m_ready; }
    [[nodiscard]] bool more() const { return m_more; }
    [[nodiscard]] double searchedToUs() const { return m_searchedToUs; }
    [[nodiscard]] QString trouble() const { return m_trouble; }
    [[nodiscard]] int count() const { return int(m_rows.size()); }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;

    // The row of a request, or -1; its members as the call "log page" gives them.
    Q_INVOKABLE int indexOf(const QString &id) const;
    Q_INVOKABLE QVariantMap rowAt(int index) const;
    // Shows what waits.
    Q_INVOKABLE void catchUp();
    Q_INVOKABLE void refresh();
    // Marks, tags, comment of a row were changed elsewhere.
    Q_INVOKABLE void note(const QString &id, int mark, const QStringList &tags);

    void classBegin() override { }
    void componentComplete() override;

Q_SIGNALS:
    void filterChanged();
    void appliedChanged();
    void faultChanged();
    void activeChanged();
    void liveChanged();
    void atTopChanged();
    void waitingChanged();
    void matchingChanged();
    void loadingChanged();
    void readyChanged();
    void moreChanged();
    void troubleChanged();
    void countChanged();

private:
    void ask();
    void takePage();
    void takeCount();
    void takeEvent(const QJsonObject &event);
    void follow();
    void setFault(const QVariantMap &fault);
    void replaceAll(const QJsonArray &rows);
    void append(const QJsonArray &rows);
    void put(const QJsonObject &row);
    void insertByTime(const QJsonObject &row);
    void remove(const QString &id);
    void renumberFrom(std::size_t row);
    void trim();
    [[nodiscard]] QVariantMap entryOf(const QJsonObject &row) const;

    Format m_format;
    Query m_page;
    Query m_counting;
    Query m_following;
    QTimer m_typing;
    std::vector<QJsonObject> m_rows; // newest first
    QHash<QString, int> m_places; // by id, into m_rows
    std::vector<QJsonObject> m_waiting; // in order of arrival
    QString m_filter;
    QString m_asked; // the filter of the page that is on its way
    QString m_applied;
    QString m_next;
    QString m_trouble;
    QVariantMap m_fault;
    double m_matching = -1;
    double m_searchedToUs = 0;
    bool m_capped = false;
    bool m_active = false;
    bool m_live = true;
    bool m_atTop = true;
    bool m_ready = false;
    bool m_more = false;
    bool m_older = false; // the page on its way goes below
    bool m_complete = false;
};

} // namespace tollgate::desktop
