import Biometrics
package import Imaging
package import Ports
package import Rendering

/// What a photograph or a video shows: a person before a backdrop, taken elsewhere on another day.
///
/// Thread-bound; after the first frame nothing here allocates.
package final class Footage {
    package private(set) var picture: PlanarPicture
    package private(set) var posture = Posture()
    let figure: Figure
    private let backdrop: PlanarPicture
    private let sensor = Sensor()
    private let lens: Lens
    private var light: Light
    private let noise: Float
    private let seed: UInt64
    private var performance: Performance
    private var forged: ForgedLight?

    /// A picture of `columns` × `rows` pixels through a lens of that focal length in pixels.
    package init(
        of person: Person, in portrait: Portrait, columns: Int, rows: Int, focalLength: Float, seed: UInt64,
        performance: Performance, forging forged: ForgedLight? = nil
    ) {
        var dice = Dice(seed: seed, purpose: .footage)
        let warmth = Float(dice.uniform(-0.07...0.07))
        let cast = SIMD3<Float>(1 + warmth, 1, 1 - warmth)
        let soft = Float(dice.uniform(0.55...0.85))
        self.light = Light(
            soft: soft, directed: (1 - soft) * 1.5, direction: [Float(dice.uniform(-0.5...0.5)), -0.7, -0.6],
            illuminatorPower: Float(dice.uniform(0.1...0.25)), exposure: Float(dice.uniform(0.9...1.15)))
        self.noise = Float(dice.uniform(0.3...1.2))
        self.lens = Lens(focalLength: focalLength, centre: SIMD2(Float(columns), Float(rows)) / 2)
        self.picture = PlanarPicture(width: columns, height: rows)
        self.backdrop = Backdrop.shop(seed: seed ^ 0x5EED, width: columns, height: rows, cast: cast)
        self.figure = Figure(
            person, in: portrait, cast: cast, textureScale: Float(columns) < focalLength ? 2 : 1)
        self.seed = seed
        self.performance = performance
        self.forged = forged
    }

    /// Plays on to `time`, which may fall back only where the performance is given anew.
    package func live(until time: Double, hearing heard: HeardPrompt, seeing illuminators: Illuminators) {
        posture = performance.posture(at: time, hearing: heard)
        if let lit = forged?.illuminators(at: time, seeing: illuminators) { light.illuminators = lit }
    }

    /// Plays `performance` from now on.
    func play(_ performance: Performance) { self.performance = performance }

    /// Shows the person in one posture.
    func hold(_ posture: Posture) { self.posture = posture }

    /// Whether an operator is about to switch to another clip.
    var isWaiting: Bool { performance.isWaiting }

    /// Draws the moment that was last played; equal `frame` numbers have equal noise.
    package func develop(frame: UInt64) {
        sensor.expose(backdrop, at: light.backdropIrradiance * light.exposure, into: &picture)
        figure.draw(posture, into: &picture, seenBy: lens, litBy: light)
        sensor.addNoise(to: &picture, strength: noise, seed: seed, frame: frame)
    }
}

/// Who decides what a recorded person does.
package struct Performance {
    private let plot: Plot
    private var behaviour: Behaviour
    private var dice: Dice
    private var shown = HeardPrompt(prompt: nil, time: 0)
    private var nextCue: Double
    private var jump = Posture()
    private let jumpSize: Double

    package enum Plot: Hashable, Sendable {
        /// Nobody: the person looks on.
        case still
        /// Chance, as in a video that was taken without knowing the challenge.
        case acting
        /// The clip's order: left, right, up and blink, each for 1.4 s.
        case cycling
        /// An operator with keys, who reads the device's screen and switches to the clip that fits.
        case operated
    }

    /// `jumpSize` is how far two clips of an operator lie apart, in centimetres.
    package init(_ plot: Plot, seed: UInt64, jumpSize: Double = 0) {
        var habits = Habits()
        habits.isReady = true
        switch plot {
        case .still: habits.manner = .still
        case .acting, .cycling: break
        // The clip begins where the movement begins.
        case .operated: habits.reactionTime = 0.1
        }
        self.plot = plot
        self.jumpSize = jumpSize
        self.dice = Dice(seed: seed, purpose: .footage, turn: 1)
        self.behaviour = Behaviour(habits, seed: seed, visit: 1 << 20)
        self.nextCue = plot == .acting || plot == .cycling ? dice.uniform(0.3...2) : .infinity
        jump.position = SIMD3()
    }

    mutating func posture(at time: Double, hearing heard: HeardPrompt) -> Posture {
        switch plot {
        case .still: break
        case .acting: if time >= nextCue { improvise(at: time) }
        case .cycling: if time >= nextCue { cycle(at: time) }
        case .operated: operate(at: time, hearing: heard)
        }
        var posture = behaviour.posture(at: time, hearing: shown)
        // Videos are framed when they are taken.
        posture.position = [posture.position.x * 0.5, posture.position.y * 0.3, 60 + (posture.position.z - 63) * 0.3]
        posture.position += jump.position
        posture.pose.yaw += jump.pose.yaw
        return posture
    }

    private mutating func improvise(at time: Double) {
        let all: [Instruction] = [.turnLeft, .turnRight, .turnLeft, .turnRight, .lookUp, .blink]
        let pick = all[Int(dice.next() % UInt64(all.count))]
        shown = HeardPrompt(prompt: Prompt(stage: .challenging, instruction: pick), time: time)
        nextCue = time + dice.uniform(1.8...3.4)
    }

    private mutating func cycle(at time: Double) {
        let all: [Instruction] = [.turnLeft, .turnRight, .lookUp, .blink]
        let last = shown.prompt?.instruction.flatMap(all.firstIndex) ?? 3
        shown = HeardPrompt(prompt: Prompt(stage: .challenging, instruction: all[(last + 1) % 4]), time: time)
        nextCue = time + 1.4
    }

    private mutating func operate(at time: Double, hearing heard: HeardPrompt) {
        if heard.prompt?.instruction != shown.prompt?.instruction, nextCue == .infinity {
            nextCue = heard.time + dice.uniform(0.4...0.8)
        }
        if time < nextCue { return }
        nextCue = .infinity
        shown = HeardPrompt(prompt: heard.prompt, time: time)
        let size = jumpSize
        jump.position = [dice.uniform(-size...size), dice.uniform(-size...size), dice.uniform(-size...size)]
        jump.pose.yaw = dice.uniform(-size...size)
    }

    /// Whether a clip is about to be switched.
    var isWaiting: Bool { plot == .operated && nextCue < .infinity }
}

/// How the light of a video is changed to look like the device's.
package struct ForgedLight {
    package enum Kind: Hashable, Sendable {
        /// In the device's own rhythm, through states as the device draws them; a photodiode that sees it begin starts it.
        case guessed
        /// A photodiode tells at all times how bright the device's light is, but not from which side it comes.
        case followed
    }

    /// Seconds; at 30 frames a second the device changes its light with every eleventh.
    private static let hold = 11.0 / 30
    /// Seconds that the device is dark at most between two changes of one pattern.
    private static let pause = 1.0
    private static let length = 13

    private let kind: Kind
    private let lag: Double
    private var dice: Dice
    private var lit: Illuminators = []
    /// States that are still to come, and when the next does.
    private var order: [Illuminators] = []
    private var next = Double.infinity
    private var lastReal = -Double.infinity
    /// How many illuminators the device has lit.
    private var brightness = 0
    /// Guesses that are still to come: about as many of each as the device draws.
    private var bag: [Illuminators] = []

    package init(_ kind: Kind, seed: UInt64) {
        self.kind = kind
        self.dice = Dice(seed: seed, purpose: .footage, turn: 2)
        self.lag = kind == .guessed ? dice.uniform(0...0.03) : dice.uniform(0.02...0.1)
    }

    mutating func illuminators(at time: Double, seeing real: Illuminators) -> Illuminators {
        switch kind {
        case .guessed: guess(at: time, seeing: real)
        case .followed: follow(at: time, seeing: real)
        }
        return lit
    }

    private mutating func guess(at time: Double, seeing real: Illuminators) {
        if !real.isEmpty {
            if time > lastReal + Self.pause { (order, next) = (walk(), time + lag) }
            lastReal = time
        }
        if time < next { return }
        lit = order.popLast() ?? []
        next = order.isEmpty ? .infinity : next + Self.hold
    }

    private mutating func follow(at time: Double, seeing real: Illuminators) {
        if real.each.count != brightness { (brightness, next) = (real.each.count, time + lag) }
        if time < next { return }
        next = .infinity
        lit = brightness == 0 ? [] : brightness > 1 ? [.left, .right] : draw()
    }

    private mutating func draw() -> Illuminators {
        if bag.isEmpty { bag = [.left, .left, .right, .right, .front] }
        return bag.remove(at: Int(dice.next() % UInt64(bag.count)))
    }

    /// The states behind the first in reversed order, with as much of each as the device wants.
    private mutating func walk() -> [Illuminators] {
        let (single, sides): ([Illuminators], Illuminators) = ([.left, .right, .front], [.left, .right])
        while true {
            var walk: [Illuminators] = [[]]
            while walk.count < Self.length {
                let last = walk[walk.count - 1]
                let others = last.isEmpty ? single + [sides] : last == sides ? single + [[]] : [[], sides]
                walk.append(others[Int(dice.next() % UInt64(others.count))])
            }
            func count(_ state: Illuminators) -> Int { walk.count { $0 == state } }
            if walk[walk.count - 1].isEmpty, count([]) >= 4, count(sides) >= 1, count(.left) >= 1, count(.right) >= 1,
                count(.left) + count(.right) >= 4, count(.front) >= 1
            {
                return walk.dropFirst().reversed()
            }
        }
    }
}
