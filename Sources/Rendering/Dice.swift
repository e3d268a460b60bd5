import Glibc

/// Chance that repeats itself: SplitMix64 (Steele, Lea and Flood, 2014).
package struct Dice: RandomNumberGenerator {
    private var state: UInt64

    /// Different `purpose`s of one seed are independent of each other.
    package init(seed: UInt64, purpose: Purpose, turn: UInt64 = 0) {
        self.state = seed &* 0xD134_2543_DE82_EF95 &+ purpose.rawValue &* 0xA24B_AED4_963E_E407
        self.state = next() ^ (turn &* 0x9FB2_1C65_1E98_DF25)
        _ = next()
    }

    /// What the numbers are for.
    package enum Purpose: UInt64 {
        case conditions, background, behaviour, noise, person, portrait, trouble, challenge, speech
        case instrument, footage, hand
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    package mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + Double(next() >> 11) * 0x1p-53 * (range.upperBound - range.lowerBound)
    }

    package mutating func chance(_ probability: Double) -> Bool { uniform(0...1) < probability }

    /// Exponentially distributed, as waiting times are.
    package mutating func waiting(mean: Double) -> Double { -mean * log(1 - uniform(0...0.999_999)) }
}
