package import Ports

/// Which GPIO lines drive which light; a board profile fills it in.
package struct GPIOLightsProfile: Hashable, Sendable {
    /// One output line, by the name that `gpioinfo` prints.
    package struct Line: Hashable, Sendable {
        package var name: String
        /// Lit at the low level.
        package var isActiveLow: Bool

        package init(name: String, isActiveLow: Bool = false) {
            self.name = name
            self.isActiveLow = isActiveLow
        }
    }

    package enum PrivacyLamp: Hashable, Sendable {
        case line(Line)
        /// The camera lights a lamp of its own whenever it is on; no line is needed.
        case cameraWired
    }

    /// The chip's device node, or its label, which survives a change of the node's number.
    package var chip: String
    package var privacyLamp: PrivacyLamp
    /// Left and right as the subject sees them; `nil` where the device has none.
    package var left: Line?
    package var right: Line?
    package var front: Line?
    /// The indicators by colour; `nil` where the device has none.
    package var green: Line?
    package var yellow: Line?
    package var red: Line?
    package var white: Line?

    package init(
        chip: String, privacyLamp: PrivacyLamp, left: Line? = nil, right: Line? = nil, front: Line? = nil,
        green: Line? = nil, yellow: Line? = nil, red: Line? = nil, white: Line? = nil
    ) {
        self.chip = chip
        self.privacyLamp = privacyLamp
        self.left = left
        self.right = right
        self.front = front
        self.green = green
        self.yellow = yellow
        self.red = red
        self.white = white
    }

    /// The lights that hang on lines.
    package var fixtures: LightState {
        var fixtures = LightState(privacyLamp: privacyLamp != .cameraWired)
        if left != nil { fixtures.illuminators.insert(.left) }
        if right != nil { fixtures.illuminators.insert(.right) }
        if front != nil { fixtures.illuminators.insert(.front) }
        if green != nil { fixtures.indicators.insert(.green) }
        if yellow != nil { fixtures.indicators.insert(.yellow) }
        if red != nil { fixtures.indicators.insert(.red) }
        if white != nil { fixtures.indicators.insert(.white) }
        return fixtures
    }
}
