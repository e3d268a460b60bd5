/// Where the cues draw their lines, each with the measurement behind it or the word that there is none.
///
/// They hold for the pack's mesh network and for pictures of 640×480 to 1280×720.
package enum Thresholds {
    /// By a prototype's simulated heads, sheets and screens under illuminators of 5...20 % of the ambient light; no real
    /// illuminator was measured.
    package enum Light {
        /// Mean rise of the face's brightness from which the shading is sure.
        package static let amplitude = 0.05
        /// Heads: 0.45...1.37.
        package static let head = 0.40
        /// Flat, convex, concave and oblique sheets: -0.44...0.21 at 10 % and more.
        package static let sheet = 0.22
        /// Twenty simulated heads read 0.01...0.13; the line is assumed, as are the next two.
        package static let misfit = 0.35
        package static let leastPatches = 60
        package static let leastFrames = 30
    }

    package enum Depth {
        /// Degrees of turn against the neutral pose; less shows too little parallax, more hides half of the points.
        package static let turn = 8.0...30.0
        package static let leastPairs = 5
        package static let leastPoints = 20
        /// Drawn sheets, flat and bent, stay below; a prototype read -0.08...0.33 over 28 simulated turns.
        ///
        /// No real print was measured; one phone read 0.00 over too few pairs to count.
        package static let sheet = 0.25
        /// Twelve clips of real heads with any turn read 0.25...1.01 over all their pairs, eleven of them above 0.43; the
        /// least is one with glasses that glare.
        ///
        /// The line was drawn on the same clips.
        package static let head = 0.40
        /// In a prototype 2 % of the windows of real heads fell below 0.20.
        package static let agreeingTurns = 2
    }

    package enum Bezel {
        /// Share of a side that straight edges cover; the prototype's line.
        package static let side = 0.6
        /// Share of frames: two phones in hands 0.71 and 0.80, 20 live clips 0.00 but for one of 0.08; the
        /// line was drawn on the same clips.
        package static let share = 0.35
        package static let leastFrames = 4
    }

    package enum Moire {
        /// Live clips read 2.2...6.0 on average, two phones out of focus 3.1 and 3.4; a prototype read 11 to 12
        /// on a simulated replay in focus, and the line is its.
        package static let peak = 8.0
        package static let countedPeak = 7.0
        package static let leastPeaks = 3
        package static let leastReadings = 3
    }
}
