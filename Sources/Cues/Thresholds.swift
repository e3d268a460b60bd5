/// Where the passive cues draw their lines, each with the measurement behind it.
///
/// They hold for the pack's mesh network and for pictures of 640×480 to 1280×720.
package enum Thresholds {
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
