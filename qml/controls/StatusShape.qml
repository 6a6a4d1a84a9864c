// SPDX-License-Identifier: GPL-3.0-or-later
// A state told by its shape: disc, ring, dashed, half, triangle, bars, square, cross, check, hourglass,
// gauge, clock, blocked, retry, spinner, replay, person.
import QtQuick
import QtQuick.Shapes
import Tollgate

Item {
    id: shape

    property string shape: "disc"
    property color color: Theme.text2
    property int size: Math.round(10 * Theme.scale)

    implicitWidth: size
    implicitHeight: size

    readonly property var paths: ({
        "disc": ["M0 5a5 5 0 1 0 10 0a5 5 0 1 0-10 0z", true],
        "ring": ["M1 5a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", false],
        "dashed": ["M1 5a4 4 0 0 1 2-3.46M5 1a4 4 0 0 1 3.46 2M9 5a4 4 0 0 1-2 3.46M5 9a4 4 0 0 1-3.46-2", false],
        "half": ["M5 0a5 5 0 0 0 0 10zM5 0a5 5 0 0 1 0 10L5 8.7a3.7 3.7 0 0 0 0 -7.4z", true],
        "triangle": ["M5 0L10 9.5L0 9.5zM4.3 3.2L5.7 3.2L5.5 6.3L4.5 6.3zM4.3 7.2L5.7 7.2L5.7 8.5L4.3 8.5z", true],
        "bars": ["M1.5 0L4 0L4 10L1.5 10zM6 0L8.5 0L8.5 10L6 10z", true],
        "square": ["M1 1L9 1L9 9L1 9z", false],
        "solid": ["M1 1L9 1L9 9L1 9z", true],
        "cross": ["M1.5 1.5L8.5 8.5M8.5 1.5L1.5 8.5", false],
        "check": ["M1 5.5L4 8.5L9 2", false],
        "hourglass": ["M1.5 0.5L8.5 0.5L5 5L8.5 9.5L1.5 9.5L5 5z", false],
        "gauge": ["M0.8 7.5a4.5 4.5 0 1 1 8.4 0M5 6.5L7.5 3.5", false],
        "clock": ["M1 5a4 4 0 1 0 8 0a4 4 0 1 0-8 0zM5 2.6L5 5L6.8 6", false],
        "blocked": ["M1 5a4 4 0 1 0 8 0a4 4 0 1 0-8 0zM2.3 2.3L7.7 7.7", false],
        "retry": ["M8.7 3.2a4.2 4.2 0 1 0 0.5 2.6M9.2 0.8L9 3.5L6.3 3.2", false],
        "replay": ["M2 0.8L9 5L2 9.2z", false],
        "person": ["M3 3a2 2 0 1 0 4 0a2 2 0 1 0-4 0zM1 9.5c0-4 8-4 8 0", false],
        "spinner": ["M5 1a4 4 0 0 1 4 4", false]
    })
    readonly property var drawn: paths[shape.shape] !== undefined ? paths[shape.shape] : paths.disc

    Shape {
        id: canvas
        width: 10
        height: 10
        anchors.centerIn: parent
        scale: shape.size / 10
        layer.enabled: true
        layer.samples: 4
        layer.textureSize: Qt.size(40, 40)
        layer.smooth: true
        ShapePath {
            strokeColor: shape.drawn[1] ? "transparent" : shape.color
            strokeWidth: shape.drawn[1] ? -1 : 1.5
            fillColor: shape.drawn[1] ? shape.color : "transparent"
            fillRule: ShapePath.OddEvenFill
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: shape.drawn[0] }
        }
        RotationAnimator on rotation {
            running: shape.shape === "spinner" && shape.visible && Theme.calm > 0
            from: 0
            to: 360
            duration: 900
            loops: Animation.Infinite
        }
    }
}
