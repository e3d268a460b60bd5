/// The parallax of one turned face against the neutral one, as sums over its points.
package struct DepthPair: Hashable, Sendable {
    /// Change of pose in degrees.
    package let yaw: Double
    package let pitch: Double
    package let pointCount: Int
    package let sums: DepthSums

    package init(yaw: Double, pitch: Double, pointCount: Int, sums: DepthSums) {
        self.yaw = yaw
        self.pitch = pitch
        self.pointCount = pointCount
        self.sums = sums
    }
}

/// Whether the face has the depth of a head: parallax that neither a homography nor a cylinder explains.
///
/// A flat picture's motion is a homography (Hartley and Zisserman, 2004, chapter 13), a bent one's nearly a homography
/// and a cylinder. The gain over a turn, Σ⟨E, M⟩ / Σ⟨M, M⟩, is 1 for a head that turned as far as it seems and 0
/// for a sheet. A video of a turning head has its parallax: this cue cannot tell it.
package struct DepthCue: Hashable, Sendable {
    /// To which sides turns went; a set of bits, since a frame must allocate nothing.
    private struct Sides: OptionSet, Hashable {
        let rawValue: UInt8

        static let left = Sides(rawValue: 1)
        static let right = Sides(rawValue: 2)
        static let up = Sides(rawValue: 4)
        static let down = Sides(rawValue: 8)

        var count: Int { rawValue.nonzeroBitCount }
    }

    private struct Turn: Hashable {
        /// Sums over its pairs.
        var yaw = 0.0
        var pitch = 0.0
        var pairCount = 0
        var pointCount = 0
        var sums = DepthSums()

        var side: Sides { abs(yaw) >= abs(pitch) ? (yaw > 0 ? .left : .right) : (pitch > 0 ? .down : .up) }

        /// Whether the head has gone past where it came from; a slanting movement is one turn.
        func isBehind(_ pair: DepthPair) -> Bool { yaw * pair.yaw + pitch * pair.pitch < 0 }

        /// `nil` when it cannot be read.
        var gain: Double? {
            let isReadable =
                pairCount >= Thresholds.Depth.leastPairs && pointCount >= Thresholds.Depth.leastPoints * pairCount
            return isReadable ? sums.gain : nil
        }
    }

    private var turn: Turn?
    /// Turns that ended with a reading, and which of them read as a head, or flat.
    private var readings = 0
    private var heads = 0
    private var flats = 0
    /// To which sides turns went that read as flat as a sheet.
    private var sheetSides: Sides = []
    /// Over all pairs.
    private var sums = DepthSums()

    package init() {}

    /// Takes in one pair; one to the other side ends a turn.
    package mutating func observe(_ pair: DepthPair) {
        if turn?.isBehind(pair) ?? false { endTurn() }
        var turn = turn ?? Turn()
        turn.yaw += pair.yaw
        turn.pitch += pair.pitch
        turn.pairCount += 1
        turn.pointCount += pair.pointCount
        turn.sums += pair.sums
        self.turn = turn
        sums += pair.sums
    }

    /// The head is back where it was.
    package mutating func endTurn() {
        guard let ended = turn else { return }
        turn = nil
        guard let gain = ended.gain else { return }
        readings += 1
        if gain > Thresholds.Depth.head { heads += 1 }
        if gain < Thresholds.Depth.flat { flats += 1 }
        if gain < Thresholds.Depth.sheet { sheetSides.insert(ended.side) }
    }

    /// The gain over all pairs, for reports; `nil` before the first.
    package var gain: Double? { sums.gain }

    /// What all turns tell, with the one that is not over.
    ///
    /// A sheet is sure only when turns to two sides agree, since glasses and expressions can hide one head in fifty,
    /// and the same ones to the same side; for that reason a head may read as a sheet once, when it does not over all
    /// turns.
    package var relief: Relief {
        var whole = self
        whole.endTurn()
        return whole.reliefOfEndedTurns
    }

    private var reliefOfEndedTurns: Relief {
        if readings == 0 { return .unread }
        if heads == 0, sheetSides.count >= Thresholds.Depth.agreeingSides { return .sheet }
        if sums.isPartial { return .partial }
        let gain = gain ?? 0
        if sums.showsAllParts {
            if heads > flats, flats == 0 || gain > Thresholds.Depth.head { return .head }
            if sheetSides.isEmpty, gain >= Thresholds.Depth.flat { return .low }
        }
        return gain >= Thresholds.Depth.sheet ? .flat : .unsure
    }
}
