package import Biometrics

/// Whether the face lies inside the straight edges of a screen or a sheet.
///
/// Shelves and door frames give two long sides, often enough opposite ones; a third straight side around a face is a
/// device. It only denies: what fills the frame shows no edge. The rule is our own.
package struct BezelCue: Hashable, Sendable {
    private var frameCount = 0
    private var framedCount = 0

    package init() {}

    /// Takes in how much of each side of a rectangle around the face is a straight edge, 0...1.
    package mutating func observe(_ sides: SIMD4<Double>) {
        frameCount += 1
        if Self.third(of: sides) >= Thresholds.Bezel.side { framedCount += 1 }
    }

    /// The third best side.
    package static func third(of sides: SIMD4<Double>) -> Double {
        let (low, high) = (sides.lowHalf, sides.highHalf)
        let (least, other) = (min(low.min(), high.min()), max(low.min(), high.min()))
        return max(least, min(other, min(low.max(), high.max())))
    }

    /// Share of the frames that show a frame around the face, for reports; `nil` before the first.
    package var share: Double? { frameCount > 0 ? Double(framedCount) / Double(frameCount) : nil }

    package var result: Cue {
        guard let share, frameCount >= Thresholds.Bezel.leastFrames else { return .notChecked }
        return share >= Thresholds.Bezel.share ? .attack : .undetermined
    }
}
