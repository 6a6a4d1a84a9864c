// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Tollgate
import Tollgate.App

Card {
    title: "Tollgate " + System.version
    Label {
        Layout.fillWidth: true
        wrapMode: Text.Wrap
        color: Theme.text2
        text: qsTr("A desktop gateway to every LLM API. Free software under the GNU General Public License, version 3 or later.")
    }
    FormRow {
        label: qsTr("Profile")
        hint: qsTr("Holds the database and what the window remembers; provider keys are in the system's keychain.")
        RowLayout {
            CopyField { Layout.fillWidth: true; text: Backend.profileFolder; what: qsTr("Folder") }
            Button { symbol: "folder"; text: qsTr("Open folder"); onClicked: System.openFolder(Backend.profileFolder) }
        }
    }
}
