// SPDX-License-Identifier: GPL-3.0-or-later
// A vendor as its initials in its colour, on a tile that keeps both readable in either theme.
import QtQuick
import Tollgate

Rectangle {
    id: tile

    property string initials: ""
    property color colour: Theme.text2
    property int size: Math.round(28 * Theme.scale)

    implicitWidth: size
    implicitHeight: size
    radius: Theme.radiusCard
    color: Theme.sunken
    border.width: 1
    border.color: Theme.border

    Label {
        anchors.centerIn: parent
        text: tile.initials
        font.family: Theme.sans
        font.pixelSize: Math.round(tile.size * (tile.initials.length > 2 ? 0.32 : 0.4))
        font.weight: Font.Bold
        color: readable(tile.colour)

        // The vendor's colour, lightened or darkened till it can be read on the tile.
        function readable(colour: color): color {
            let shade = colour;
            for (let i = 0; i < 12 && contrast(shade, Theme.sunken) < 4.5; ++i)
                shade = Theme.dark ? Qt.lighter(shade.hslLightness < 0.08 ? "#333333" : shade, 1.2)
                                   : Qt.darker(shade, 1.15);
            return contrast(shade, Theme.sunken) < 4.5 ? Theme.text : shade;
        }
        function channel(part: real): real {
            return part <= 0.03928 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
        }
        function luminance(of: color): real {
            return 0.2126 * channel(of.r) + 0.7152 * channel(of.g) + 0.0722 * channel(of.b);
        }
        function contrast(a: color, b: color): real {
            const one = luminance(a), two = luminance(b);
            return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
        }
    }
}
