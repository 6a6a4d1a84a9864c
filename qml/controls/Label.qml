// SPDX-License-Identifier: GPL-3.0-or-later
// Words. Always plain text: names, model answers and error bodies are never markup.
import QtQuick
import Tollgate

Text {
    property string role: "body" // title section body strong caption badge kpi mono

    textFormat: Text.PlainText
    color: role === "caption" ? Theme.text2 : Theme.text
    elide: Text.ElideRight
    verticalAlignment: Text.AlignVCenter
    font.family: role === "mono" || role === "kpi" ? Theme.mono : Theme.sans
    font.pixelSize: {
        switch (role) {
        case "title": return Theme.sizeTitle;
        case "section": return Theme.sizeSection;
        case "caption": return Theme.sizeCaption;
        case "badge": return Theme.sizeBadge;
        case "kpi": return Theme.sizeKpi;
        case "mono": return Math.round(Theme.sizeMono);
        default: return Theme.sizeBody;
        }
    }
    font.weight: role === "title" || role === "section" || role === "strong" || role === "kpi"
                 ? Font.DemiBold : role === "badge" ? Font.Medium : Font.Normal
}
