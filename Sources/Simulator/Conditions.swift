import Glibc
import Platform
import Ports
import Presentations
import Rendering

/// Light and camera at one counter on one day.
struct Conditions {
    /// What is unusual about the room light, and for how many seconds of a visit.
    private let roomLight: RoomLight
    private let roomLightSeconds: Double
    /// Colour of the room light as factors on red, green and blue.
    let cast: SIMD3<Float>
    let jpegQuality: Int
    let noise: Float
    let exposureBias: Float
    /// Seconds for which the sensor gathers light.
    let shutter: Double
    /// Nanoseconds.
    let frameInterval: Int64
    private let level: Float
    private let softness: Float
    private let direction: SIMD3<Float>
    private let illuminatorShare: Float
    private let behind: Float
    private let drift: Sway

    init(_ setup: CounterSetup) {
        var dice = Dice(seed: setup.seed, purpose: .conditions)
        self.roomLight = setup.roomLight
        self.roomLightSeconds = setup.roomLightTime?.seconds ?? .infinity
        let warmth = Float(dice.uniform(-0.07...0.07))
        self.cast = [1 + warmth, 1, 1 - warmth]
        self.jpegQuality = Int(dice.uniform(70...90))
        let noise = Float(dice.uniform(0.7...1.4))
        self.level = Float(dice.uniform(0.4...1.6))
        let softness = Float(dice.uniform(0.6...0.8))
        let direction = SIMD3<Float>(Float(dice.uniform(-0.5...0.5)), -0.7, -0.6)
        let share = Float(dice.uniform(0.12...0.4))
        self.illuminatorShare = setup.illuminatorShare.map { Float($0) } ?? share
        let condition = setup.condition
        self.exposureBias = condition.exposureBias
        self.noise = condition == .strongNoise ? noise * 3 : noise
        self.shutter = condition == .motionBlur ? 0.048 : 0.016
        self.frameInterval = condition == .halfRate ? 66_666_667 : 33_333_333
        self.softness = condition == .sunlight ? 0.4 : softness
        self.direction = condition == .sunlight ? [direction.x < 0 ? -0.8 : 0.8, -0.5, -0.4] : direction
        self.behind = condition == .backLight ? 4 : 1
        self.drift = Sway(size: 0.02, paces: 0.02...0.15, &dice)
    }

    /// What one illuminator gives to a face, in the unit of the room's level.
    var illuminatorPower: Float { level * illuminatorShare }

    /// The room's light at a time in seconds; a camera at `exposure` 1 is right for a room of level 1.
    func light(at time: Double, exposure: Float) -> Light {
        let now = level * Float(1 + drift.value(at: time)) * (time < roomLightSeconds ? roomLight.factor : 1)
        let sway = Float(drift.value(at: time + 100))
        var light = Light(
            soft: now * softness, directed: now * (1 - softness) * 1.5, direction: direction + SIMD3(sway, 0, 0),
            illuminatorPower: illuminatorPower, exposure: exposure)
        light.behind = behind
        return light
    }
}

/// A camera's exposure: it follows the light slowly, unless it is held.
struct Exposure {
    /// Frames after which pictures show what was ordered.
    private static let lateness = 2

    private(set) var factor: Float = 1
    /// What it was when its hold began; `nil` while it is not held.
    private(set) var held: Float?
    private var ordered: (factor: Float, frames: Int)?
    private let bias: Float

    /// `bias` is what is aimed at, as a factor on a right exposure.
    init(bias: Float) { self.bias = bias }

    /// Begins or ends a hold; one that goes on stays as it is.
    mutating func hold(at share: Float?) {
        guard let share else { return (held, ordered) = (nil, nil) }
        if held != nil { return }
        (held, ordered) = (factor, (factor * share, Self.lateness))
    }

    /// Corrects by a seventh of the error, as a factor, after each frame.
    mutating func adjust(to meanLuma: Float) {
        guard held == nil else { return followOrder() }
        let error = bias * Light.linear(112 / max(meanLuma, 4))
        factor = min(max(factor * powf(error, 0.15), 0.3), 4)
    }

    private mutating func followOrder() {
        guard let order = ordered else { return }
        ordered = (order.factor, order.frames - 1)
        if order.frames == 1 { (factor, ordered) = (order.factor, nil) }
    }
}

extension RoomLight {
    /// On the light of a usual room: beyond what a camera's exposure makes up for.
    fileprivate var factor: Float {
        switch self {
        case .usual: 1
        case .dark: 0.01
        case .bright: 40
        }
    }
}
