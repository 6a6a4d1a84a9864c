// SPDX-License-Identifier: GPL-3.0-or-later
// How a chart is moved in, by pointer and by keyboard. Each thing that the pointer can do has a
// key.
#include "chartitem.h"
#include "scatter.h"

#include <QGuiApplication>
#include <QHoverEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QStyleHints>

#include <algorithm>
#include <cmath>

namespace tollgate::charts {

void ChartItem::setCursorMark(Mark mark, bool byKeyboard)
{
    if (mark.column < 0 || mark.column >= chart().columns())
        mark = {};
    if (m_cursor == mark && m_byKeyboard == byKeyboard)
        return;
    const bool moved = m_cursor.column != mark.column;
    m_cursor = mark;
    m_byKeyboard = byKeyboard;
    Q_EMIT cursorChanged();
    Q_EMIT placesChanged();
    if (moved) {
        const auto bucket = chart().bucketOf(mark.column);
        Q_EMIT crosshairMoved(bucket ? double(bucket->fromUs) : -1.0);
    }
}

void ChartItem::moveCursor(int column, int row)
{
    setCursorMark({column, row}, true);
}

void ChartItem::clearCursor()
{
    m_anchor = -1;
    setSelection({});
    setCursorMark({}, false);
}

void ChartItem::setSelection(const QRectF &selection)
{
    if (m_selection == selection)
        return;
    m_selection = selection;
    Q_EMIT selectionChanged();
}

// A selection by keyboard covers whole columns, from where Shift was first held.
void ChartItem::extendTo(int column)
{
    if (m_anchor < 0)
        m_anchor = m_cursor.column;
    setCursorMark({column, -1}, true);
    const QRectF plot = plotRect();
    const auto middle = [this](int at) {
        return chart().rectOf({at, -1}, look(), size()).center().x();
    };
    const double half = plot.width() / std::max(1, chart().columns()) / 2;
    const double left = std::max(plot.left(), middle(std::min(m_anchor, column)) - half);
    const double right = std::min(plot.right(), middle(std::max(m_anchor, column)) + half);
    setSelection(QRectF(left, plot.top(), right - left, plot.height()));
}

bool ChartItem::moveByKey(int key, bool extend)
{
    const int last = chart().columns() - 1;
    if (last < 0)
        return false;
    Mark to = m_cursor;
    // Rows without a column in between: a list is walked with the arrows that point along it.
    const int down = rowsGoDown() ? 1 : -1;
    const bool list = last == 0 && chart().rows() > 1;
    const int leastRow = list ? 0 : -1;
    switch (key) {
    case Qt::Key_Left:
        to.column = to.column < 0 ? last : std::max(0, to.column - 1);
        break;
    case Qt::Key_Right:
        to.column = to.column < 0 ? (list ? 0 : last) : std::min(last, to.column + 1);
        break;
    case Qt::Key_Home:
        to.column = 0;
        break;
    case Qt::Key_End:
        to.column = last;
        break;
    case Qt::Key_Down:
    case Qt::Key_Up:
        if (to.column < 0)
            to = {list ? 0 : last, leastRow};
        else
            to.row = std::clamp(to.row + (key == Qt::Key_Down ? down : -down), leastRow,
                                chart().rows() - 1);
        break;
    default:
        return false;
    }
    if (list && (key == Qt::Key_Home || key == Qt::Key_End))
        to = {0, key == Qt::Key_Home ? 0 : chart().rows() - 1};
    if (extend && m_zoomable && !list && to.column != m_cursor.column && m_cursor.column >= 0) {
        extendTo(to.column);
        return true;
    }
    m_anchor = -1;
    setSelection({});
    setCursorMark(to, true);
    return true;
}

void ChartItem::keyPressEvent(QKeyEvent *event)
{
    const int key = event->key();
    const bool enter = key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Space;
    bool used = false;
    if (enter && m_cursor.column >= 0) {
        if (!finishSelection())
            drill();
        used = true;
    } else if (key == Qt::Key_Escape && (m_cursor.column >= 0 || !m_selection.isEmpty())) {
        clearCursor();
        used = true;
    } else if (key == Qt::Key_Backspace && m_zoomed) {
        Q_EMIT zoomReset();
        used = true;
    } else if (!(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier))) {
        used = moveByKey(key, event->modifiers() & Qt::ShiftModifier);
    }
    event->setAccepted(used);
}

void ChartItem::hoverMoveEvent(QHoverEvent *event)
{
    setCursorMark(chart().hit(event->position(), look(), size()), false);
}

void ChartItem::hoverLeaveEvent(QHoverEvent *)
{
    if (!m_byKeyboard)
        setCursorMark({}, false);
}

void ChartItem::focusOutEvent(QFocusEvent *event)
{
    QQuickPaintedItem::focusOutEvent(event);
    if (m_byKeyboard)
        clearCursor();
}

void ChartItem::mousePressEvent(QMouseEvent *event)
{
    forceActiveFocus(Qt::MouseFocusReason);
    m_pressed = event->position();
    m_dragging = false;
    event->accept();
}

void ChartItem::mouseMoveEvent(QMouseEvent *event)
{
    const QRectF plot = plotRect();
    const QPointF moved = event->position() - m_pressed;
    const double far = QGuiApplication::styleHints()->startDragDistance();
    const bool meant = selectsAreas() ? moved.manhattanLength() > far : std::abs(moved.x()) > far;
    if (!m_dragging && m_zoomable && meant && chart().columns() > 1 && plot.contains(m_pressed)) {
        m_dragging = true;
        setKeepMouseGrab(true);
    }
    if (m_dragging) {
        QRectF area = QRectF(m_pressed, event->position()).normalized();
        if (!selectsAreas()) {
            area.setTop(plot.top());
            area.setBottom(plot.bottom());
        }
        setSelection(area & plot);
    }
    setCursorMark(chart().hit(event->position(), look(), size()), false);
}

void ChartItem::mouseReleaseEvent(QMouseEvent *event)
{
    setKeepMouseGrab(false);
    if (m_dragging) {
        m_dragging = false;
        finishSelection();
        return;
    }
    setCursorMark(chart().hit(event->position(), look(), size()), false);
    // Where a double click means something, a click waits to see whether it becomes one.
    if (m_zoomed)
        m_click.start(QGuiApplication::styleHints()->mouseDoubleClickInterval());
    else
        drill();
}

void ChartItem::mouseDoubleClickEvent(QMouseEvent *event)
{
    m_click.stop();
    if (m_zoomed)
        Q_EMIT zoomReset();
    event->accept();
}

void ChartItem::mouseUngrabEvent()
{
    m_dragging = false;
    setSelection({});
}

bool ChartItem::finishSelection()
{
    const QRectF area = m_selection;
    m_anchor = -1;
    setSelection({});
    if (area.isEmpty())
        return false;
    if (selectsAreas()) {
        if (const auto *scatter = dynamic_cast<const Scatter *>(&chart()))
            Q_EMIT lassoed(scatter->valuesIn(area, look(), size()));
        return true;
    }
    std::optional<qint64> from;
    qint64 to = 0;
    for (int column = 0; column < chart().columns(); ++column) {
        const double middle = chart().rectOf({column, -1}, look(), size()).center().x();
        const auto bucket = chart().bucketOf(column);
        if (!bucket || middle < area.left() || middle > area.right())
            continue;
        from = from.value_or(bucket->fromUs);
        to = bucket->toUs;
    }
    if (from && to > *from)
        Q_EMIT zoomRequested(double(*from), double(to));
    return true;
}

void ChartItem::drill()
{
    if (m_cursor.column < 0)
        return;
    const Bucket bucket = chart().bucketOf(m_cursor.column).value_or(Bucket());
    Q_EMIT drilled(m_cursor.column, m_cursor.row, cursorKey(), double(bucket.fromUs),
                   double(bucket.toUs), cursorRect().center());
}

} // namespace tollgate::charts
