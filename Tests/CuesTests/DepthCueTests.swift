import Biometrics
import Cues
import Testing

@Suite struct DepthCueTests {
    private static func turn(_ yaw: Double, gain: Double, pairs: Int = 6, points: Int = 40) -> [DepthPair] {
        (0..<pairs).map { _ in
            DepthPair(yaw: yaw, pitch: 0, pointCount: points, sums: .even(gain: gain, expected: 0.02))
        }
    }

    private static func relief(_ turns: [DepthPair]...) -> Relief {
        var cue = DepthCue()
        for turn in turns {
            for pair in turn { cue.observe(pair) }
            cue.endTurn()
        }
        return cue.relief
    }

    @Test func `a head is known from one turn`() {
        #expect(Self.relief(Self.turn(15, gain: 0.9)) == .head)
        #expect(Self.relief(Self.turn(15, gain: 0.45), Self.turn(-15, gain: 0.3)) == .head)
    }

    @Test func `a sheet is sure only when turns to two sides agree`() {
        #expect(Self.relief(Self.turn(15, gain: 0.1)) == .unsure)
        #expect(Self.relief(Self.turn(15, gain: 0.1), Self.turn(-15, gain: 0.1)) == .sheet)
        #expect(Self.relief(Self.turn(15, gain: -0.3), Self.turn(15, gain: 0)) == .unsure)
        #expect(Self.relief(Self.turn(15, gain: 0.1), Self.turn(-15, gain: 0.9)) == .flat)
    }

    @Test func `a flat face is none that a sheet cannot be, and no sheet for sure`() {
        #expect(Self.relief(Self.turn(15, gain: 0.2), Self.turn(-15, gain: 0.2)) == .flat)
        #expect(Self.relief(Self.turn(15, gain: 0.12), Self.turn(-15, gain: 0.2)) == .flat)
        #expect(Self.relief(Self.turn(15, gain: 0.08), Self.turn(-15, gain: 0.2)) == .unsure)
        #expect(Self.relief(Self.turn(15, gain: 0.2), Self.turn(15, gain: 0.2)) == .flat)
        #expect(Self.relief(Self.turn(15, gain: 0.3), Self.turn(-15, gain: 0.35)) == .low)
        #expect(Self.relief(Self.turn(15, gain: 0.2), Self.turn(-15, gain: 0.38)) == .low)
        #expect(Self.relief(Self.turn(15, gain: 0.1), Self.turn(-15, gain: 0.7)) == .flat)
        #expect(Self.relief(Self.turn(15, gain: 0.2), Self.turn(-15, gain: 0.5)) == .low)
    }

    /// A turn to either side of a face whose parts have gains of their own; `shared` is what both bend together.
    private static func relief(of number: Int = 1, part: Double, rest: Double, shared: Double = 0) -> Relief {
        let expected = (part: 0.008, rest: 0.012)
        let whole = expected.part + 2 * shared + expected.rest
        let agreement = part * (expected.part + shared) + rest * (expected.rest + shared)
        var sums = DepthSums.even(gain: agreement / whole, expected: whole)
        sums.partAgreement[number] = part * expected.part + rest * shared
        sums.partExpected[number] = expected.part
        sums.partShared[number] = expected.part + shared
        let turns = [15.0, -15].map { yaw in
            (0..<6).map { _ in DepthPair(yaw: yaw, pitch: 0, pointCount: 40, sums: sums) }
        }
        return relief(turns[0], turns[1])
    }

    @Test(arguments: [0, -0.004, 0.003])
    func `a face of which a part has less relief than the rest is partial`(shared: Double) {
        #expect(Self.relief(part: 0.9, rest: 0.9, shared: shared) == .head)
        #expect(Self.relief(part: 0.41, rest: 1, shared: shared) == .head)
        #expect(Self.relief(part: 0.39, rest: 1, shared: shared) == .partial)
        #expect(Self.relief(part: -0.3, rest: 0.8, shared: shared) == .partial)
        #expect(Self.relief(part: 2, rest: 0.5, shared: shared) == .head)
        #expect(Self.relief(part: 0.05, rest: 0.3, shared: shared) == .partial)
        #expect(Self.relief(part: 0.2, rest: 0.3, shared: shared) != .partial)
        #expect(Self.relief(part: -0.2, rest: 0.1, shared: shared) == .sheet)
        #expect(Self.relief(part: 0.1, rest: -0.2, shared: shared) == .sheet)
        // A chin is flatter than it seems on some faces.
        #expect(Self.relief(of: 2, part: 0.31, rest: 1, shared: shared) == .head)
        #expect(Self.relief(of: 2, part: 0.29, rest: 1, shared: shared) == .partial)
    }

    @Test(arguments: 0..<3) func `a face is flat of which turns show too little of a part`(number: Int) {
        func relief(_ share: Double) -> Relief {
            var sums = DepthSums.even(gain: 0.9, expected: 0.02)
            sums.partAgreement[number] = 0.9 * share * 0.02
            (sums.partExpected[number], sums.partShared[number]) = (share * 0.02, share * 0.02)
            return Self.relief((0..<6).map { _ in DepthPair(yaw: 15, pitch: 0, pointCount: 40, sums: sums) })
        }
        #expect(relief(0.06) == .head)
        #expect(relief(0.04) == .flat)
        #expect(relief(0) == .flat)
    }

    @Test func `reliefs are told as cues`() {
        #expect(
            Relief.allCases.map(\.cue)
                == [.notChecked, .attack, .undetermined, .undetermined, .undetermined, .undetermined, .bonaFide])
    }

    @Test func `a slanting movement is one turn`() {
        let pairs = (0..<12).map { number in
            DepthPair(
                yaw: 5 + Double(number), pitch: 12 - Double(number), pointCount: 40,
                sums: .even(gain: 0.05, expected: 0.02))
        }
        #expect(Self.relief(pairs) == .unsure)
        #expect(Self.relief(pairs, Self.turn(-15, gain: 0.1)) == .sheet)
    }

    @Test func `a head may read as a sheet once`() {
        let turns = [Self.turn(15, gain: 0.9), Self.turn(-15, gain: 0.1), Self.turn(15, gain: 0.9)]
        #expect(Self.relief(turns[0], turns[1], turns[2]) == .head)
        #expect(Self.relief(turns[0], turns[1], Self.turn(-15, gain: 0.1)) == .flat)
    }

    @Test func `too few pairs or points say nothing`() {
        #expect(Self.relief() == .unread)
        #expect(Self.relief(Self.turn(15, gain: 0.9, pairs: 4)) == .unread)
        #expect(Self.relief(Self.turn(15, gain: 0.9, points: 19)) == .unread)
    }

    @Test func `a change of direction ends a turn`() {
        var cue = DepthCue()
        for pair in Self.turn(15, gain: 0, pairs: 3) + Self.turn(-15, gain: 0, pairs: 3) { cue.observe(pair) }
        #expect(cue.relief == .unread)
    }

    @Test func `pairs weigh as much as they can tell`() {
        var cue = DepthCue()
        for pair in Self.turn(15, gain: 0.1) { cue.observe(pair) }
        cue.observe(DepthPair(yaw: 25, pitch: 0, pointCount: 40, sums: .even(gain: 0.9, expected: 1)))
        #expect(cue.relief == .head)
    }
}

extension DepthSums {
    /// Of a face whose parts have one gain.
    fileprivate static func even(gain: Double, expected: Double) -> DepthSums {
        let part = SIMD3(repeating: 0.4 * expected)
        return DepthSums(
            agreement: gain * expected, expected: expected, partAgreement: gain * part, partExpected: part,
            partShared: part)
    }
}
