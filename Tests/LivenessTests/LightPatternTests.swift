import Biometrics
import Liveness
import Platform
import Ports
import Support
import Testing

@Suite struct LightPatternTests {
    private static let both: [Illuminators] = [.all, [.left, .right]]

    @Test(arguments: 0..<200, both)
    func `at most three changes come in any second, with a front within four and a half`(
        seed: UInt64, illuminators: Illuminators
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let pattern = try #require(LightPattern.draw(from: illuminators, using: &generator))
        var changes: [Double] = []
        var time = Duration.zero
        for state in pattern.states {
            changes.append(time.seconds)
            time += state.hold
        }
        for first in changes { #expect(changes.count { first <= $0 && $0 < first + 1 } <= 3) }
        #expect(time.seconds <= (illuminators == .all ? 4.5 : 5.9) && time == pattern.length)
    }

    @Test(arguments: 0..<50, both)
    func `every state is brighter or darker than the one before, and there is enough of each`(
        seed: UInt64, illuminators: Illuminators
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let pattern = try #require(LightPattern.draw(from: illuminators, using: &generator))
        let lit = pattern.states.map(\.illuminators)
        #expect(lit.count == (illuminators == .all ? 13 : 17) && lit[0].isEmpty && lit[lit.count - 1].isEmpty)
        for (earlier, later) in zip(lit, lit.dropFirst()) { #expect(earlier.each.count != later.each.count) }
        func count(_ state: Illuminators) -> Int { lit.count { $0 == state } }
        #expect(count([]) >= 4 && count(.left) >= 1 && count(.right) >= 1 && count([.left, .right]) >= 1)
        #expect(count(.left) + count(.right) >= (illuminators == .all ? 4 : 7))
        #expect(illuminators == .all ? count(.front) >= 1 : count(.front) == 0)
    }

    /// As a screen must know it that senses how bright the room is, and guesses the rest.
    @Test(arguments: both) func `which single ones are lit is guessed once in a hundred draws`(
        illuminators: Illuminators
    ) {
        var generator = SeededGenerator(seed: 1)
        let orders = (0..<4000).compactMap { _ in
            LightPattern.draw(from: illuminators, using: &generator)?.states.map(\.illuminators)
                .filter { $0.each.count == 1 }
        }
        // How often two agree that are as long, weighed by how many there are of that length.
        let agreeing = Dictionary(grouping: orders, by: \.count).values.reduce(0) { sum, same in
            let counts = Dictionary(grouping: same, by: \.self).values.map(\.count)
            let pairs = counts.reduce(0) { $0 + $1 * ($1 - 1) }
            return sum + Double(pairs) / Double(max(same.count - 1, 1)) / Double(orders.count)
        }
        #expect(agreeing < 0.01, "\(agreeing)")
    }

    /// A video that guesses must know what is lit, and when.
    @Test(arguments: both) func `two draws hardly ever agree`(illuminators: Illuminators) {
        var generator = SeededGenerator(seed: 1)
        let draws = (0..<200).compactMap { _ in
            LightPattern.draw(from: illuminators, using: &generator)?.states.map(\.illuminators)
        }
        #expect(Set(draws).count >= 190)
        let pairs = draws.indices.flatMap { first in
            draws[..<first].map { second in zip(draws[first], second).count { $0 == $1 } }
        }
        // All but two states, of which the first and the last always agree.
        #expect(Double(pairs.count { $0 >= draws[0].count - 2 }) / Double(pairs.count) < 0.01)
    }

    @Test func `what is not random draws nothing`() {
        struct Constant: RandomNumberGenerator {
            func next() -> UInt64 { 0 }
        }
        var generator = Constant()
        #expect(LightPattern.draw(from: .all, using: &generator) == nil)
    }

    @Test func `a face is looked for in any two dark states but the first and the last`() throws {
        var generator = SeededGenerator(seed: 1)
        let patterns = (0..<500).compactMap { _ in LightPattern.draw(from: .all, using: &generator) }
        for pattern in patterns {
            #expect(pattern.looks.count == 2 && pattern.looks[0] < pattern.looks[1])
            #expect(pattern.looks.allSatisfy { pattern.states[$0].illuminators.isEmpty })
        }
        #expect(Set(patterns.flatMap(\.looks)) == Set(2...10))
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
