// SPDX-License-Identifier: GPL-3.0-or-later
// A dialog over the window: title, body that scrolls, a foot that stays. Escape is the safe answer.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Tollgate

T.Popup {
    id: sheet

    property string title: ""
    property string note: ""
    default property alias content: body.data
    property alias foot: foot.data
    property int wide: 560
    property bool scrolls: true

    parent: T.Overlay.overlay
    anchors.centerIn: parent
    width: Math.min(wide, parent ? parent.width - 48 : wide)
    height: Math.min(implicitHeight, parent ? parent.height - 48 : implicitHeight)
    implicitHeight: head.implicitHeight + flick.contentHeight + (foot.children.length > 0 ? bottom.implicitHeight : 0) + 72
    modal: true
    focus: true
    padding: 0
    closePolicy: T.Popup.CloseOnEscape
    property Item opener: null
    onAboutToShow: opener = parent && parent.Window.window ? parent.Window.window.activeFocusItem : null
    onClosed: if (opener) opener.forceActiveFocus()

    T.Overlay.modal: Rectangle { color: Theme.dark ? "#99000000" : "#55101418" }
    background: PopupFrame { radius: Theme.radiusSheet }
    enter: Transition {
        NumberAnimation { property: "opacity"; from: 0; to: 1; duration: Theme.brisk }
    }
    contentItem: ColumnLayout {
        spacing: 0
        RowLayout {
            id: head
            Layout.fillWidth: true
            Layout.margins: Theme.s6
            Layout.bottomMargin: Theme.s4
            ColumnLayout {
                Layout.fillWidth: true
                spacing: 4
                Label { role: "title"; text: sheet.title; Accessible.role: Accessible.Heading }
                Label {
                    Layout.fillWidth: true
                    visible: sheet.note !== ""
                    color: Theme.text2
                    text: sheet.note
                    wrapMode: Text.Wrap
                }
            }
            IconButton {
                Layout.alignment: Qt.AlignTop
                symbol: "close"
                hint: qsTr("Close")
                onClicked: sheet.close()
            }
        }
        Flickable {
            id: flick
            Layout.fillWidth: true
            Layout.fillHeight: true
            contentHeight: body.implicitHeight
            contentWidth: width
            clip: true
            interactive: sheet.scrolls && contentHeight > height
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar { }
            ColumnLayout {
                id: body
                x: Theme.s6
                width: flick.width - 2 * Theme.s6
                spacing: Theme.s5
            }
        }
        Item {
            id: bottom
            visible: foot.children.length > 0
            Layout.fillWidth: true
            implicitHeight: foot.implicitHeight + 2 * Theme.s5
            Rectangle { width: parent.width; height: 1; color: Theme.border }
            RowLayout {
                id: foot
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.margins: Theme.s6
                anchors.verticalCenter: parent.verticalCenter
                spacing: Theme.s3
            }
        }
    }
}
