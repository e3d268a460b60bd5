import Biometrics
import Cues
import Testing

@Suite struct SurroundCueTests {
    private static let wall = SurroundPair(motion: 3, miss: 3, following: 0, isCameraStill: true)
    private static let telephone = SurroundPair(motion: 3, miss: 0.6, following: 0.8, isCameraStill: true)

    private static func result(_ pairs: [SurroundPair]) -> Cue {
        var cue = SurroundCue()
        for pair in pairs { cue.observe(pair) }
        return cue.result
    }

    private static func repeated(_ pair: SurroundPair, _ count: Int = Thresholds.Surround.leastPairs)
        -> [SurroundPair]
    { Array(repeating: pair, count: count) }

    @Test func `a wall stands still, a telephone goes along`() {
        #expect(Self.result(Self.repeated(Self.wall)) == .undetermined)
        #expect(Self.result(Self.repeated(Self.telephone)) == .attack)
    }

    @Test func `few pairs say nothing`() {
        #expect(Self.result(Self.repeated(Self.telephone, Thresholds.Surround.leastPairs - 1)) == .notChecked)
        #expect(Self.result([]) == .notChecked)
    }

    @Test func `what goes along while the camera may have moved is no sign`() {
        let trembling = SurroundPair(motion: 3, miss: 0.2, following: 1, isCameraStill: false)
        #expect(Self.result(Self.repeated(trembling, 50)) == .notChecked)
        #expect(Self.result(Self.repeated(trembling, 50) + Self.repeated(Self.wall)) == .undetermined)
    }

    @Test func `a few places that go along, or many that half do, are no sign`() {
        let passer = SurroundPair(motion: 3, miss: 0.6, following: 0.3, isCameraStill: true)
        let slow = SurroundPair(motion: 3, miss: 1.9, following: 0.9, isCameraStill: true)
        #expect(Self.result(Self.repeated(passer, 20)) == .undetermined)
        #expect(Self.result(Self.repeated(slow, 20)) == .undetermined)
    }

    @Test func `large motions weigh more`() {
        let large = SurroundPair(motion: 20, miss: 20, following: 0, isCameraStill: true)
        #expect(Self.result(Self.repeated(Self.telephone, 8) + [large, large]) == .undetermined)
    }
}
