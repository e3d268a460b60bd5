package import Platform

/// What one frame of a stream has in common with those before, as blocks of 16×16 pixels show it.
///
/// Only blocks count that have texture and are neither dark nor bright: what is clipped repeats itself honestly.
package struct StreamReading: Hashable, Sendable {
    package let sequence: UInt32
    package let timestamp: Timestamp
    /// Share of the blocks that are those of the frame before, to the last bit, 0...1.
    package let equalShare: Double
    /// Whether a frame of some seconds at most, but not just before, was the same.
    package let isRepeated: Bool
    /// The median change of a block's brightness, in grey levels.
    package let brightening: Double
    /// Lower quartiles of what else changed: a block's brightness and its slope, in grey levels.
    package let change: SIMD2<Double>

    package init(
        sequence: UInt32, timestamp: Timestamp, equalShare: Double, isRepeated: Bool, brightening: Double,
        change: SIMD2<Double>
    ) {
        self.sequence = sequence
        self.timestamp = timestamp
        self.equalShare = equalShare
        self.isRepeated = isRepeated
        self.brightening = brightening
        self.change = change
    }
}
