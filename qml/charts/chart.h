// SPDX-License-Identifier: GPL-3.0-or-later
// What every chart is: a value that paints itself, knows where its points are and says them in
// words.
//
// Charts are painted with QPainter, not with nodes of the scene graph. One piece of code is then
// the chart on the screen, in a PNG and in an SVG; text stays text; hatches and dashes need no
// textures; and it looks the same where Qt Quick renders in software (remote desktops, virtual
// machines, tests), which does not draw custom geometry at all. The price is a texture to upload
// when the data change or the window is resized. What moves with the pointer (cursor, crosshair,
// tooltip) is laid over it in QML, so that a hover repaints nothing here.
#pragma once

#include "chartdata.h"
#include "look.h"

#include <QRectF>
#include <QSizeF>
#include <QVariant>

#include <vector>

class QPainter;

namespace tollgate::charts {

// Where the keyboard's or the pointer's cursor stands. A row of -1 is a whole column.
struct Mark
{
    int column = -1;
    int row = -1;
    bool operator==(const Mark &) const = default;
};

struct TipRow
{
    QString key;
    QString label;
    int slot = -1;
    Tone tone = Tone::None;
    QString value;
    QString share;
};

struct Tip
{
    QString title;
    std::vector<TipRow> rows; // at most ten, largest first
    int more = 0;
    QString total;
};

struct LegendRow
{
    QString key;
    QString label;
    int slot = -1;
    Tone tone = Tone::None;
    QString value;
    QString share;
    bool hidden = false;
};

// The same numbers as the chart, as rows to read.
struct Table
{
    QStringList headers;
    std::vector<QStringList> rows;
};

// The same numbers as they are stored, for files: texts, integers, or nothing.
struct RawTable
{
    QStringList headers;
    std::vector<QVariantList> rows;
};

class Chart
{
public:
    Chart() = default;
    Chart(const Chart &) = delete;
    Chart &operator=(const Chart &) = delete;
    virtual ~Chart() = default;

    [[nodiscard]] virtual bool empty() const = 0;
    [[nodiscard]] virtual int columns() const = 0;
    [[nodiscard]] virtual int rows() const = 0;
    [[nodiscard]] virtual QRectF plot(const Look &look, QSizeF size) const = 0;
    // What lies under a point of the item, and where a mark lies in it.
    [[nodiscard]] virtual Mark hit(QPointF at, const Look &look, QSizeF size) const = 0;
    [[nodiscard]] virtual QRectF rectOf(Mark mark, const Look &look, QSizeF size) const = 0;
    // The time of a column, where columns are time.
    [[nodiscard]] virtual std::optional<Bucket> bucketOf(int) const { return {}; }
    [[nodiscard]] virtual QString keyOf(Mark) const { return {}; }
    [[nodiscard]] virtual Tip tip(Mark mark, const Look &look) const = 0;
    // A tooltip may show more than the mark alone: a whole column.
    [[nodiscard]] virtual Mark tipMark(Mark mark) const { return mark; }
    [[nodiscard]] virtual std::vector<LegendRow> legend(const Look &) const { return {}; }
    [[nodiscard]] virtual Table table(const Look &look) const = 0;
    [[nodiscard]] virtual RawTable raw() const = 0;
    // What the chart says in one sentence, where it does.
    [[nodiscard]] virtual QString words(const Look &) const { return {}; }
    // How high it wants to be, for those that grow with their rows.
    [[nodiscard]] virtual double wantedHeight(const Look &) const { return 0; }

    virtual void paint(QPainter &painter, const Look &look, QSizeF size) const = 0;
};

[[nodiscard]] QColor colourOf(int slot, Tone tone, const Look &look);
// What a screen reader says of a point: "Mon, 3 Aug 2026. gpt-5: $1.20, 40.1 %. Total $3.00".
[[nodiscard]] QString spoken(const Tip &tip);
[[nodiscard]] QString isoTime(qint64 us, const QTimeZone &zone);
// A fill in a series' colour, with its pattern where patterns are on or the tone asks for one.
void paintMark(QPainter &painter, const QRectF &area, int slot, Tone tone, const Look &look);

} // namespace tollgate::charts
