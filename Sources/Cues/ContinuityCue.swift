package import Biometrics
import Glibc
package import Platform

/// Whether the face moves as a head can, or is cut from one place to another.
///
/// A head that rests cannot lie elsewhere and rest one frame later: at two times the acceleration of gravity, more than a
/// neck gives, it moves 5 mm from rest to rest in a thirtieth of a second, and four times that in twice the time.
package struct ContinuityCue: Sendable {
    private struct Place: Sendable {
        let track: Int
        let centre: SIMD2<Double>
        let height: Double
        let time: Timestamp
    }

    /// From one frame to the next: how far in face heights, and in how many seconds.
    private struct Move: Sendable {
        let length: Double
        let time: Double
    }

    private var last: Place?
    private var moves = InlineArray<5, Move?>(repeating: nil)
    private var moveCount = 0
    private var cutCount = 0

    package init() {}

    package mutating func observe(_ face: FaceObservation?, at time: Timestamp) {
        let place = face.map {
            Place(
                track: $0.track, centre: SIMD2($0.box.centreX, $0.box.centreY), height: $0.box.height, time: time)
        }
        for index in 0..<4 { moves[index] = moves[index + 1] }
        moves[4] = Self.move(from: last, to: place)
        last = place
        if moves[4] != nil { moveCount += 1 }
        if isMiddleCut { cutCount += 1 }
    }

    private static func move(from earlier: Place?, to later: Place?) -> Move? {
        guard let earlier, let later, earlier.track == later.track else { return nil }
        let time = (later.time - earlier.time).seconds
        guard time > 0, time < 0.1 else { return nil }
        let path = later.centre - earlier.centre
        let height = (earlier.height + later.height) / 2
        return Move(length: (path * path).sum().squareRoot() / max(height, 1), time: time)
    }

    /// Whether the middle one of five moves is a leap between rests.
    private var isMiddleCut: Bool {
        guard let a = moves[0], let b = moves[1], let leap = moves[2], let c = moves[3], let d = moves[4] else {
            return false
        }
        let limit = Thresholds.Continuity.leap * leap.time * leap.time
        let around = max(a.length, b.length, c.length, d.length)
        return leap.length >= limit && leap.length >= Thresholds.Continuity.rest * around
    }

    package var result: Cue {
        guard moveCount >= Thresholds.Continuity.leastMoves else { return .notChecked }
        return cutCount >= Thresholds.Continuity.leastCuts ? .attack : .undetermined
    }
}
