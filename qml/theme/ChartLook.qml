// SPDX-License-Identifier: GPL-3.0-or-later
// The window's theme as charts take it.
import QtQuick
import Tollgate
import Tollgate.App
import Tollgate.Charts

ChartTheme {
    surface: Theme.surface
    border: Theme.border
    borderStrong: Theme.borderStrong
    text: Theme.text
    text2: Theme.text2
    accent: Theme.accent
    ok: Theme.ok
    warn: Theme.warn
    err: Theme.err
    other: Theme.seriesOther
    series: Theme.series
    heat: Theme.heat
    patterns: Theme.patterns
    reducedMotion: Prefs.reducedMotion
    sans: Theme.sans
    mono: Theme.mono
    scale: Theme.scale
    locale: Qt.locale().name
    zone: System.zone
}
