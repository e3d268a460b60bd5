import Biometrics
import Liveness
import Platform
import Ports
import Support
import Testing

@Suite struct LightPatternTests {
    @Test(arguments: 0..<200) func `at most three changes come in any second, within four and a half`(seed: UInt64)
        throws
    {
        var generator = SeededGenerator(seed: seed)
        let pattern = try #require(LightPattern.draw(from: .all, using: &generator))
        var changes: [Double] = []
        var time = Duration.zero
        for state in pattern.states {
            changes.append(time.seconds)
            time += state.hold
        }
        for first in changes { #expect(changes.count { first <= $0 && $0 < first + 1 } <= 3) }
        #expect(time.seconds <= 4.5 && time == pattern.length)
    }

    @Test(arguments: 0..<50) func `each illuminator is lit twice, between dark states`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let pattern = try #require(LightPattern.draw(from: .all, using: &generator))
        let lit = pattern.states.map(\.illuminators)
        #expect(lit.count == 13)
        for place in stride(from: 0, to: 13, by: 2) { #expect(lit[place] == []) }
        for illuminator in [Illuminators.left, .right, .front] { #expect(lit.count { $0 == illuminator } == 2) }
    }

    @Test func `all orders come`() {
        var generator = SeededGenerator(seed: 1)
        let orders = (0..<3000).compactMap { _ in
            LightPattern.draw(from: .all, using: &generator)?.states.map(\.illuminators)
        }
        #expect(Set(orders).count == 90)
    }

    @Test func `a face is looked for in any two dark states but the first and the last`() {
        var generator = SeededGenerator(seed: 1)
        let looks = (0..<500).compactMap { _ in LightPattern.draw(from: .all, using: &generator)?.looks }
        #expect(Set(looks.joined()) == [2, 4, 6, 8, 10])
        #expect(Set(looks).count == 10 && looks.allSatisfy { $0.count == 2 && $0[0] < $0[1] })
    }

    @Test(arguments: [Illuminators(), [.left], [.right, .front]])
    func `without both sides there is no pattern`(illuminators: Illuminators) {
        var generator = SeededGenerator(seed: 1)
        #expect(LightPattern.draw(from: illuminators, using: &generator) == nil)
    }
}

@Suite struct LivenessLayersTests {
    private static func layers(
        challenge: Cue = .bonaFide, light: Cue = .bonaFide, depth: Cue = .notChecked, surface: Cue = .notChecked
    ) -> LivenessLayers {
        var layers = LivenessLayers(challengeResponse: challenge)
        (layers.light, layers.depth, layers.surface) = (light, depth, surface)
        return layers
    }

    @Test(arguments: [
        (layers(), LightDemand.yes, LivenessDecision.bonaFide),
        (layers(surface: .attack), .yes, .attack), (layers(depth: .attack), .no, .attack),
        (layers(challenge: .undetermined, surface: .attack), .yes, .attack),
        (layers(challenge: .undetermined), .yes, .undetermined), (layers(light: .undetermined), .no, .undetermined),
        (layers(light: .notChecked), .yes, .withoutLight), (layers(light: .notChecked), .tried, .undetermined),
        (layers(light: .notChecked, depth: .bonaFide), .tried, .bonaFide),
        (layers(light: .notChecked, depth: .bonaFide), .no, .bonaFide),
        (layers(light: .notChecked, depth: .undetermined), .tried, .undetermined),
        (layers(depth: .undetermined), .yes, .bonaFide),
    ]) func `a sure attack wins, nothing unsure is life`(
        layers: LivenessLayers, light: LightDemand, decision: LivenessDecision
    ) {
        #expect(layers.decision(demanding: light) == decision)
    }
}
