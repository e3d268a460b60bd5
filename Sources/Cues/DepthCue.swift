package import Biometrics

/// The parallax of one turned face against the neutral one, as sums over its points.
package struct DepthPair: Hashable, Sendable {
    /// Change of pose in degrees.
    package let yaw: Double
    package let pitch: Double
    package let pointCount: Int
    /// ⟨E, M⟩: the parallax that was seen, times the one that a head would show.
    package let agreement: Double
    /// ⟨M, M⟩: the parallax that a head would show, squared.
    package let expected: Double

    package init(yaw: Double, pitch: Double, pointCount: Int, agreement: Double, expected: Double) {
        self.yaw = yaw
        self.pitch = pitch
        self.pointCount = pointCount
        self.agreement = agreement
        self.expected = expected
    }
}

/// Whether the face has the depth of a head: parallax that neither a homography nor a cylinder explains.
///
/// A flat picture's motion is a homography (Hartley and Zisserman, 2004, chapter 13), a bent one's nearly a homography
/// and a cylinder. The gain over a turn, Σ⟨E, M⟩ / Σ⟨M, M⟩, is 1 for a head that turned as far as it seems and 0
/// for a sheet. A video of a turning head has its parallax: this cue cannot tell it.
package struct DepthCue: Hashable, Sendable {
    private enum Direction: Hashable {
        case left, right, up, down

        init(_ pair: DepthPair) {
            self =
                abs(pair.yaw) >= abs(pair.pitch)
                ? (pair.yaw > 0 ? .left : .right) : (pair.pitch > 0 ? .down : .up)
        }
    }

    private struct Turn: Hashable {
        let direction: Direction
        var pairCount = 0
        var pointCount = 0
        var agreement = 0.0
        var expected = 0.0

        var reading: Cue {
            let isReadable =
                pairCount >= Thresholds.Depth.leastPairs
                && pointCount >= Thresholds.Depth.leastPoints * pairCount && expected > 0
            guard isReadable else { return .notChecked }
            let gain = agreement / expected
            if gain < Thresholds.Depth.sheet { return .attack }
            return gain > Thresholds.Depth.head ? .bonaFide : .undetermined
        }
    }

    private var turn: Turn?
    /// Turns that ended with a reading, by what they said.
    private var heads = 0
    private var sheets = 0
    private var unsure = 0

    package init() {}

    /// Takes in one pair; a change of direction ends a turn.
    package mutating func observe(_ pair: DepthPair) {
        let direction = Direction(pair)
        if turn?.direction != direction { endTurn() }
        var turn = turn ?? Turn(direction: direction)
        turn.pairCount += 1
        turn.pointCount += pair.pointCount
        turn.agreement += pair.agreement
        turn.expected += pair.expected
        self.turn = turn
    }

    /// The head is back where it was.
    package mutating func endTurn() {
        switch turn?.reading {
        case .bonaFide: heads += 1
        case .attack: sheets += 1
        case .undetermined: unsure += 1
        case .notChecked, nil: break
        }
        turn = nil
    }

    /// The gain over the turn that goes on, for reports; `nil` before its first pair.
    package var gain: Double? {
        turn.flatMap { $0.expected > 0 ? $0.agreement / $0.expected : nil }
    }

    /// A sheet is sure only when two turns agree, since glasses and expressions can hide one head in fifty.
    package var result: Cue {
        var whole = self
        whole.endTurn()
        if whole.sheets >= Thresholds.Depth.agreeingTurns && whole.heads == 0 { return .attack }
        if whole.heads > 0 && whole.sheets == 0 { return .bonaFide }
        return whole.heads + whole.sheets + whole.unsure > 0 ? .undetermined : .notChecked
    }
}
