// SPDX-License-Identifier: GPL-3.0-or-later
// A chart as an item of Qt Quick: paints it, follows the pointer and the keyboard, and offers what
// it shows to QML as values (tooltip, legend, table) and to files.
#pragma once

#include "chart.h"
#include "charttheme.h"

#include <QPointer>
#include <QQuickPaintedItem>
#include <QTimer>
#include <QUrl>

#include <memory>

namespace tollgate::charts {

class ChartItem : public QQuickPaintedItem
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("is what charts have in common")
    Q_PROPERTY(tollgate::charts::ChartTheme *theme READ theme WRITE setTheme NOTIFY themeChanged)
    Q_PROPERTY(QVariant source READ source WRITE setSource NOTIFY sourceChanged)
    Q_PROPERTY(QStringList hiddenKeys READ hiddenKeys WRITE setHiddenKeys NOTIFY sourceChanged)
    Q_PROPERTY(QVariantMap colors READ colors WRITE setColors NOTIFY sourceChanged) // key: 0 to 7
    Q_PROPERTY(QVariantMap about READ about WRITE setAbout NOTIFY aboutChanged)
    Q_PROPERTY(bool zoomable MEMBER m_zoomable NOTIFY zoomableChanged)
    Q_PROPERTY(bool zoomed MEMBER m_zoomed NOTIFY zoomedStateChanged) // there is a zoom to reset

    Q_PROPERTY(bool empty READ isEmpty NOTIFY contentChanged)
    Q_PROPERTY(QVariantList legend READ legend NOTIFY contentChanged)
    Q_PROPERTY(QVariantMap table READ table NOTIFY contentChanged)
    Q_PROPERTY(QString words READ words NOTIFY contentChanged)
    Q_PROPERTY(double wantedHeight READ wantedHeight NOTIFY contentChanged)
    Q_PROPERTY(QRectF plotRect READ plotRect NOTIFY placesChanged)

    Q_PROPERTY(int cursorColumn READ cursorColumn NOTIFY cursorChanged)
    Q_PROPERTY(int cursorRow READ cursorRow NOTIFY cursorChanged)
    Q_PROPERTY(QRectF cursorRect READ cursorRect NOTIFY placesChanged)
    Q_PROPERTY(QString cursorKey READ cursorKey NOTIFY cursorChanged)
    Q_PROPERTY(bool byKeyboard READ isByKeyboard NOTIFY cursorChanged)
    Q_PROPERTY(QVariantMap tip READ tip NOTIFY cursorChanged)
    Q_PROPERTY(QString spoken READ spokenText NOTIFY cursorChanged)
    // The time that another chart's cursor stands on, in microseconds; -1 for none.
    Q_PROPERTY(double crosshairUs READ crosshairUs WRITE setCrosshairUs NOTIFY crosshairChanged)
    Q_PROPERTY(double crosshairX READ crosshairX NOTIFY placesChanged) // -1 for none
    Q_PROPERTY(QRectF selection READ selection NOTIFY selectionChanged)

public:
    explicit ChartItem(QQuickItem *parent = nullptr);
    ~ChartItem() override;

    [[nodiscard]] ChartTheme *theme() const { return m_theme; }
    void setTheme(ChartTheme *theme);
    [[nodiscard]] QVariant source() const { return m_source; }
    void setSource(const QVariant &source);
    [[nodiscard]] QStringList hiddenKeys() const { return m_hidden; }
    void setHiddenKeys(const QStringList &keys);
    [[nodiscard]] QVariantMap colors() const { return m_colors; }
    void setColors(const QVariantMap &colors);
    [[nodiscard]] QVariantMap about() const { return m_about; }
    void setAbout(const QVariantMap &about);

    [[nodiscard]] bool isEmpty() const { return chart().empty(); }
    [[nodiscard]] QVariantList legend() const;
    [[nodiscard]] QVariantMap table() const;
    [[nodiscard]] QString words() const { return chart().words(look()); }
    [[nodiscard]] double wantedHeight() const { return chart().wantedHeight(look()); }
    [[nodiscard]] QRectF plotRect() const { return chart().plot(look(), size()); }
    [[nodiscard]] int cursorColumn() const { return m_cursor.column; }
    [[nodiscard]] int cursorRow() const { return m_cursor.row; }
    [[nodiscard]] QRectF cursorRect() const { return chart().rectOf(m_cursor, look(), size()); }
    [[nodiscard]] QString cursorKey() const { return chart().keyOf(m_cursor); }
    [[nodiscard]] bool isByKeyboard() const { return m_byKeyboard; }
    [[nodiscard]] QVariantMap tip() const;
    [[nodiscard]] QString spokenText() const;
    [[nodiscard]] double crosshairUs() const { return double(m_crosshairUs); }
    void setCrosshairUs(double us);
    [[nodiscard]] double crosshairX() const;
    [[nodiscard]] QRectF selection() const { return m_selection; }

    Q_INVOKABLE void moveCursor(int column, int row);
    Q_INVOKABLE void clearCursor();
    Q_INVOKABLE QByteArray png(int scale) const;
    Q_INVOKABLE QByteArray svg() const;
    Q_INVOKABLE QString csv() const;
    Q_INVOKABLE QString json() const;
    Q_INVOKABLE QString fileName(const QString &extension) const;
    // Into a file; what kind is told by its name. An empty text, or why it could not be written.
    Q_INVOKABLE QString exportTo(const QUrl &file, int scale) const;
    Q_INVOKABLE void copyTable() const; // tab separated, to the clipboard
    Q_INVOKABLE void copyImage() const;

    void paint(QPainter *painter) override;

Q_SIGNALS:
    void themeChanged();
    void sourceChanged();
    void aboutChanged();
    void zoomableChanged();
    void zoomedStateChanged();
    void contentChanged();
    void placesChanged();
    void cursorChanged();
    void crosshairChanged();
    void crosshairMoved(double us); // -1 where the cursor left
    void selectionChanged();
    void drilled(int column, int row, const QString &key, double fromUs, double toUs, QPointF at);
    void zoomRequested(double fromUs, double toUs);
    void zoomReset();
    void lassoed(QRectF values);

protected:
    [[nodiscard]] virtual std::unique_ptr<Chart> makeChart() const = 0;
    // Rows are counted downwards (a list, a heat map), or upwards (a stack).
    [[nodiscard]] virtual bool rowsGoDown() const { return true; }
    [[nodiscard]] virtual bool selectsAreas() const { return false; }
    void rebuild();

    [[nodiscard]] const Chart &chart() const;
    [[nodiscard]] const Look &look() const { return m_look; }
    [[nodiscard]] QSet<QString> hiddenSet() const;
    [[nodiscard]] ChartData coloured(ChartData data) const;

    void keyPressEvent(QKeyEvent *event) override;
    void hoverMoveEvent(QHoverEvent *event) override;
    void hoverLeaveEvent(QHoverEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void mouseUngrabEvent() override;
    void focusOutEvent(QFocusEvent *event) override;
    void geometryChange(const QRectF &now, const QRectF &before) override;

private:
    void setCursorMark(Mark mark, bool byKeyboard);
    void setSelection(const QRectF &selection);
    bool moveByKey(int key, bool extend);
    void extendTo(int column);
    bool finishSelection();
    void drill();

    QPointer<ChartTheme> m_theme;
    Look m_look;
    QVariant m_source;
    QStringList m_hidden;
    QVariantMap m_colors;
    QVariantMap m_about;
    bool m_zoomable = true;
    bool m_zoomed = false;
    mutable std::unique_ptr<Chart> m_chart; // made when first looked at
    Mark m_cursor;
    bool m_byKeyboard = false;
    qint64 m_crosshairUs = -1;
    QRectF m_selection;
    QPointF m_pressed;
    bool m_dragging = false;
    int m_anchor = -1; // where a selection by keyboard began
    QTimer m_click; // a click that may yet become a double one
};

} // namespace tollgate::charts
