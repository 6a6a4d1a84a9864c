// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done to several channels at once; told before it is done.
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Rectangle {
    id: bar

    property var names: []
    property var wish: null // fields that were told and not yet applied
    property string told: ""
    signal cleared()

    implicitHeight: Theme.px(44)
    radius: Theme.radiusCard
    color: Theme.selected

    onNamesChanged: wish = null
    function tell(fields: var) {
        Backend.call("channel update", Object.assign({ ids: names, dry_run: true }, fields), (answer, error) => {
            wish = error ? null : fields;
            told = error ? error.message
                : qsTr("%1 change, %2 stay as they are").arg(answer.changed.length).arg(answer.skipped.length);
        });
    }
    function apply() {
        const fields = wish;
        wish = null;
        Backend.call("channel update", Object.assign({ ids: names }, fields), (answer, error) => {
            told = error ? error.message : "";
            if (!error)
                Toasts.show(answer.changed.length === 1 ? qsTr("1 channel changed") : qsTr("%1 channels changed").arg(answer.changed.length));
        });
    }
    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.s4
        anchors.rightMargin: Theme.s3
        spacing: Theme.s3
        Label { role: "strong"; text: qsTr("%1 selected").arg(bar.names.length) }
        Label { Layout.fillWidth: true; color: Theme.text2; text: bar.told }
        Button { small: true; visible: bar.wish === null; text: qsTr("Switch on"); onClicked: bar.tell({ enabled: true }) }
        Button { small: true; visible: bar.wish === null; text: qsTr("Switch off"); onClicked: bar.tell({ enabled: false }) }
        Button { small: true; visible: bar.wish === null; text: qsTr("Weight 1"); onClicked: bar.tell({ weight: 1 }) }
        Button { small: true; kind: "primary"; visible: bar.wish !== null; text: qsTr("Apply"); onClicked: bar.apply() }
        Button { small: true; visible: bar.wish !== null; text: qsTr("Cancel"); onClicked: { bar.wish = null; bar.told = ""; } }
        IconButton { symbol: "close"; hint: qsTr("Clear selection"); onClicked: { bar.told = ""; bar.cleared(); } }
    }
}
