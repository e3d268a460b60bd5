/// Where the passive cues draw their lines, each with the measurement behind it.
///
/// They hold for the pack's mesh network and for pictures of 640×480 to 1280×720.
package enum Thresholds {
    /// From simulated heads, sheets and screens under illuminators of 5...20 % of the ambient light.
    package enum Light {
        /// Mean rise of the face's brightness from which the shading is sure.
        package static let amplitude = 0.05
        /// Heads: 0.45...1.37.
        package static let head = 0.40
        /// Flat, convex, concave and oblique sheets: -0.44...0.21 at 10 % and more.
        package static let sheet = 0.22
        package static let misfit = 0.35
        package static let leastPatches = 60
        package static let leastFrames = 30
    }

    package enum Depth {
        /// Degrees of turn against the neutral pose; less shows too little parallax, more hides half of the points.
        package static let turn = 8.0...30.0
        package static let leastPairs = 5
        package static let leastPoints = 20
        /// Flat, bent and waved sheets: -0.08...0.33 over 28 turns.
        package static let sheet = 0.25
        /// Heads: 0.45...0.95 over nine turns of real people, 1.17...1.34 simulated.
        package static let head = 0.40
        /// 2 % of the windows of real heads fall below 0.20.
        package static let agreeingTurns = 2
    }
}
