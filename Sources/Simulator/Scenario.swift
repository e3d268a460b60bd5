import Glibc
package import Rendering

/// Who comes to the simulated counter and what happens there.
package enum Scenario: String, Hashable, Sendable, CaseIterable {
    /// The person of the ID portrait does what is asked.
    case willing
    /// Somebody else hands in the portrait and does what is asked.
    case impostor
    /// Stands there, breathes and blinks, and answers nothing.
    case still
    /// Walks away in the middle.
    case leaves
    /// The camera is pulled off its cable after some seconds.
    case unplug
}

/// What a camera does wrong, whoever stands before it.
package enum CameraTrouble: String, Hashable, Sendable, CaseIterable {
    case none
    /// From some moment on, the same picture again and again.
    case freeze
    /// Every fourth frame only.
    case slow
}

/// Everything that one simulated counter is made from; equal setups behave equally.
package struct CounterSetup: Hashable, Sendable {
    package var scenario = Scenario.willing
    package var trouble = CameraTrouble.none
    /// Who is on the ID portrait.
    package var person = Person.original
    /// Decides all that is left to chance: 0...999 are for tuning, 1000 and above for reports.
    package var seed: UInt64
    /// Pixels, both even.
    package var width = 1280
    package var height = 720

    package init(seed: UInt64) { self.seed = seed }

    /// Who stands before the camera.
    package var visitor: Person {
        switch scenario {
        case .willing, .still, .leaves, .unplug: return person
        case .impostor:
            var dice = Dice(seed: seed, purpose: .trouble, turn: 1)
            let others = ([Person.original] + Person.suitable).filter { $0 != person }
            return others[Int(dice.next() % UInt64(others.count))]
        }
    }

    var manner: Behaviour.Manner {
        switch scenario {
        case .willing, .impostor, .unplug: .willing
        case .still: .still
        case .leaves: .leaving
        }
    }

    /// Frames until the cable is pulled or the picture freezes: sooner than any verification can end.
    var framesUntilTrouble: UInt64 {
        var dice = Dice(seed: seed, purpose: .trouble, turn: 2)
        return 30 + dice.next() % 30
    }
}

/// Light and camera at one counter on one day.
struct Conditions {
    /// Colour of the room light as factors on red, green and blue.
    let cast: SIMD3<Float>
    let jpegQuality: Int
    let noise: Float
    private let level: Float
    private let softness: Float
    private let direction: SIMD3<Float>
    private let illuminatorShare: Float
    private let drift: Sway

    init(seed: UInt64) {
        var dice = Dice(seed: seed, purpose: .conditions)
        let warmth = Float(dice.uniform(-0.07...0.07))
        self.cast = [1 + warmth, 1, 1 - warmth]
        self.jpegQuality = Int(dice.uniform(70...90))
        self.noise = Float(dice.uniform(0.7...1.4))
        self.level = Float(dice.uniform(0.4...1.6))
        self.softness = Float(dice.uniform(0.6...0.8))
        self.direction = [Float(dice.uniform(-0.5...0.5)), -0.7, -0.6]
        self.illuminatorShare = Float(dice.uniform(0.05...0.2))
        self.drift = Sway(size: 0.02, paces: 0.02...0.15, &dice)
    }

    /// The room's light at a time in seconds; a camera at `exposure` 1 is right for a room of level 1.
    func light(at time: Double, exposure: Float) -> Light {
        let now = level * Float(1 + drift.value(at: time))
        let sway = Float(drift.value(at: time + 100))
        return Light(
            soft: now * softness, directed: now * (1 - softness) * 1.5, direction: direction + SIMD3(sway, 0, 0),
            illuminatorPower: level * illuminatorShare, exposure: exposure)
    }
}

/// A camera's automatic exposure: it follows the light slowly.
struct AutoExposure {
    private(set) var factor: Float = 1

    /// Corrects by a seventh of the error, as a factor, after each frame.
    mutating func adjust(to meanLuma: Float) {
        let error = Light.linear(112 / max(meanLuma, 4))
        factor = min(max(factor * powf(error, 0.15), 0.3), 4)
    }
}
