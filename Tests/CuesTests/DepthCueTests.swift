import Biometrics
import Cues
import Testing

@Suite struct DepthCueTests {
    private static func turn(_ yaw: Double, gain: Double, pairs: Int = 6, points: Int = 40) -> [DepthPair] {
        (0..<pairs).map { _ in
            DepthPair(yaw: yaw, pitch: 0, pointCount: points, agreement: gain * 0.02, expected: 0.02)
        }
    }

    private static func cue(_ turns: [DepthPair]...) -> Cue {
        var cue = DepthCue()
        for turn in turns {
            for pair in turn { cue.observe(pair) }
            cue.endTurn()
        }
        return cue.result
    }

    @Test func `a head is known from one turn`() {
        #expect(Self.cue(Self.turn(15, gain: 0.9)) == .bonaFide)
        #expect(Self.cue(Self.turn(15, gain: 0.45), Self.turn(-15, gain: 0.3)) == .bonaFide)
    }

    @Test func `a sheet is sure only when turns to two sides agree`() {
        #expect(Self.cue(Self.turn(15, gain: 0.1)) == .undetermined)
        #expect(Self.cue(Self.turn(15, gain: 0.1), Self.turn(-15, gain: 0.1)) == .attack)
        #expect(Self.cue(Self.turn(15, gain: -0.3), Self.turn(15, gain: 0)) == .undetermined)
        #expect(Self.cue(Self.turn(15, gain: 0.1), Self.turn(-15, gain: 0.9)) == .undetermined)
    }

    @Test func `a slanting movement is one turn`() {
        let pairs = (0..<12).map { number in
            DepthPair(
                yaw: 5 + Double(number), pitch: 12 - Double(number), pointCount: 40, agreement: 0.001, expected: 0.02)
        }
        #expect(Self.cue(pairs) == .undetermined)
        #expect(Self.cue(pairs, Self.turn(-15, gain: 0.1)) == .attack)
    }

    @Test func `a head may read as a sheet once`() {
        let turns = [Self.turn(15, gain: 0.9), Self.turn(-15, gain: 0.1), Self.turn(15, gain: 0.9)]
        #expect(Self.cue(turns[0], turns[1], turns[2]) == .bonaFide)
        #expect(Self.cue(turns[0], turns[1], Self.turn(-15, gain: 0.1)) == .undetermined)
    }

    @Test func `too few pairs or points say nothing`() {
        #expect(Self.cue() == .notChecked)
        #expect(Self.cue(Self.turn(15, gain: 0.9, pairs: 4)) == .notChecked)
        #expect(Self.cue(Self.turn(15, gain: 0.9, points: 19)) == .notChecked)
    }

    @Test func `a change of direction ends a turn`() {
        var cue = DepthCue()
        for pair in Self.turn(15, gain: 0, pairs: 3) + Self.turn(-15, gain: 0, pairs: 3) { cue.observe(pair) }
        #expect(cue.result == .notChecked)
    }

    @Test func `pairs weigh as much as they can tell`() {
        var cue = DepthCue()
        for pair in Self.turn(15, gain: 0.1) { cue.observe(pair) }
        cue.observe(DepthPair(yaw: 25, pitch: 0, pointCount: 40, agreement: 0.9, expected: 1))
        #expect(cue.result == .bonaFide)
    }
}
