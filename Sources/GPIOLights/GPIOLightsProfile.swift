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

    package init(
        chip: String, privacyLamp: PrivacyLamp, left: Line? = nil, right: Line? = nil, front: Line? = nil
    ) {
        self.chip = chip
        self.privacyLamp = privacyLamp
        self.left = left
        self.right = right
        self.front = front
    }
}
