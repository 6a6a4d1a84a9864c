// SPDX-License-Identifier: GPL-3.0-or-later
// Colours, sizes and fonts of the window, each under one name. Switched live; light, dark and high
// contrast are designed apart, none is derived from another.
pragma Singleton
import QtQuick
import Tollgate.App

QtObject {
    readonly property bool contrast: Prefs.theme === "contrast"
    readonly property bool dark: contrast || Prefs.theme === "dark"
                                 || (Prefs.theme === "system" && System.dark)
    readonly property real scale: Prefs.scale
    readonly property bool patterns: Prefs.patterns || contrast

    function pick(inLight: color, inDark: color, inContrast: color): color {
        return contrast ? inContrast : dark ? inDark : inLight;
    }

    // Surfaces
    readonly property color bg: pick("#F6F7F9", "#14161A", "#000000")
    readonly property color surface: pick("#FFFFFF", "#1B1E24", "#000000")
    readonly property color raised: pick("#FFFFFF", "#232830", "#000000")
    readonly property color sunken: pick("#EEF0F3", "#101215", "#0A0A0A")
    readonly property color hover: pick("#F1F3F6", "#21262E", "#1F1F1F")
    readonly property color selected: pick("#E8EEFC", "#1E2B4A", "#00264D")
    readonly property color border: pick("#D9DDE3", "#323842", "#9A9A9A")
    readonly property color borderStrong: pick("#7B8492", "#707A88", "#FFFFFF")

    // Words
    readonly property color text: pick("#14181F", "#ECEFF3", "#FFFFFF")
    readonly property color text2: pick("#4A5361", "#B4BCC8", "#FFFFFF")
    readonly property color text3: pick("#626C7A", "#949DAA", "#E0E0E0")
    readonly property color disabledText: pick("#9AA3B0", "#5C6572", "#9A9A9A")

    // The one accent
    readonly property color accent: pick("#2F5FD8", "#7FA6FF", "#8CB4FF")
    readonly property color accentHover: pick("#264FB8", "#9DBBFF", "#B3CDFF")
    readonly property color accentPressed: pick("#1E4199", "#6A93F0", "#FFFFFF")
    readonly property color accentText: pick("#FFFFFF", "#0D1424", "#000000")
    readonly property color focus: pick("#2F5FD8", "#9DBBFF", "#FFFF00")

    // States; each is always shown with a shape and a word as well
    readonly property color ok: pick("#15703B", "#5CCB86", "#7CFFB0")
    readonly property color okSoft: pick("#E3F4E9", "#173423", "#000000")
    readonly property color warn: pick("#8A5300", "#F0B355", "#FFD27A")
    readonly property color warnSoft: pick("#FCF0DA", "#3A2B12", "#000000")
    readonly property color err: pick("#B3261E", "#FF8A80", "#FF9D94")
    readonly property color errSoft: pick("#FCE8E6", "#43201D", "#000000")
    readonly property color errText: pick("#FFFFFF", "#2B0B08", "#000000")
    readonly property color info: pick("#1F5FA8", "#79B8F2", "#9CCBFF")
    readonly property color infoSoft: pick("#E4EFFA", "#17304A", "#000000")
    readonly property color live: pick("#7A3FC2", "#C6A1F7", "#D9BFFF")
    readonly property color liveSoft: pick("#F1E8FB", "#30224A", "#000000")

    function tone(name: string): color {
        switch (name) {
        case "ok": return ok;
        case "warn": return warn;
        case "err": return err;
        case "info": return info;
        case "live": return live;
        case "accent": return accent;
        default: return text2;
        }
    }
    function toneSoft(name: string): color {
        switch (name) {
        case "ok": return okSoft;
        case "warn": return warnSoft;
        case "err": return errSoft;
        case "info": return infoSoft;
        case "live": return liveSoft;
        case "accent": return selected;
        default: return sunken;
        }
    }

    // Data
    readonly property var series: dark
        ? ["#4C96F8", "#DB9F6C", "#52DCC4", "#CDBEFA", "#F2E08A", "#D94F80", "#2C8A24", "#6064C8"]
        : ["#1F5DC2", "#C97B3F", "#2E9788", "#9C80C8", "#7D6B00", "#C42C66", "#33571F", "#2E1899"]
    readonly property color seriesOther: "#767E8A"
    readonly property var heat: dark
        ? ["#22304A", "#2A4575", "#35609F", "#4C86D6", "#7FB0FF", "#C4DBFF"]
        : ["#E4ECFA", "#B9CEF4", "#86AAEA", "#4F82DA", "#1F5DC2", "#163F86"]

    // Room, in pixels at scale 1
    readonly property int s1: 2
    readonly property int s2: 4
    readonly property int s3: 8
    readonly property int s4: 12
    readonly property int s5: 16
    readonly property int s6: 24
    readonly property int s7: 32
    readonly property int s8: 48
    readonly property int radius: 4
    readonly property int radiusCard: 6
    readonly property int radiusSheet: 10
    readonly property int control: Math.round(32 * scale)
    readonly property int controlSmall: Math.round(28 * scale)
    readonly property int controlLarge: Math.round(36 * scale)
    readonly property int row: Math.round((Prefs.density === "comfortable" ? 40 : 32) * scale)
    readonly property int rowTall: Math.round(52 * scale)

    function px(atScaleOne: real): int {
        return Math.round(atScaleOne * scale);
    }

    // Words' sizes
    readonly property int sizeTitle: Math.round(20 * scale)
    readonly property int sizeSection: Math.round(15 * scale)
    readonly property int sizeBody: Math.round(13 * scale)
    readonly property int sizeCaption: Math.round(12 * scale)
    readonly property int sizeBadge: Math.round(11 * scale)
    readonly property int sizeKpi: Math.round(26 * scale)
    readonly property real sizeMono: 12.5 * scale
    readonly property string sans: System.sansFamily
    readonly property string mono: System.monoFamily

    // Motion, in milliseconds; none where it is not wanted
    readonly property int quick: Prefs.reducedMotion ? 0 : 50
    readonly property int brisk: Prefs.reducedMotion ? 0 : 100
    readonly property int calm: Prefs.reducedMotion ? 0 : 200
}
