// SPDX-License-Identifier: GPL-3.0-or-later
// image://icon/NAME/RRGGBB: the drawings of resources/icons in the colour asked for, at the size
// asked for. Any thread.
#pragma once

#include <QQuickImageProvider>

namespace tollgate::desktop {

class Icons final : public QQuickImageProvider
{
public:
    Icons();
    QImage requestImage(const QString &id, QSize *size, const QSize &requested) override;

    // Null where there is no such drawing.
    [[nodiscard]] static QImage draw(const QString &name, const QColor &colour, const QSize &size);
};

} // namespace tollgate::desktop
