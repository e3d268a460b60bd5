import Biometrics
package import Ports
package import Rendering

/// A prompt and when it was shown, in seconds of the presentation.
package struct HeardPrompt: Hashable, Sendable {
    package var prompt: Prompt?
    package var time: Double

    package init(prompt: Prompt?, time: Double) {
        self.prompt = prompt
        self.time = time
    }
}

/// What a person at the counter does, second by second: hears, reacts late, moves, errs, breathes and blinks.
///
/// The person knows of the device only what `HeardPrompt` says. All times are seconds since the camera was switched on
/// and must not fall. Allocates nothing after its initialiser.
package struct Behaviour {
    private let habits: Habits
    private var dice: Dice
    private var instruction = Channel<Instruction>()
    private var advice = Channel<Advice>()
    private var steps: [Step] = []
    private var stepCount = 0

    private var yaw = Glide(at: 0)
    private var pitch = Glide(at: 0)
    private var x: Glide
    private var y: Glide
    private var z: Glide
    private var unrest = Glide(at: 1)
    private var lids: Lids
    private let sways: Sways
    private let arrival: Double
    private var departure: Double?
    /// Degrees that a turn or a look goes farther than by habit.
    private var effort = 0.0

    private struct Sways {
        let x, y, z, yaw, pitch, roll, breath, speech: Sway
    }

    /// A head movement that has been decided on.
    private struct Step {
        var start: Double
        var length: Double
        var yaw: Double
        var pitch: Double
    }

    /// Equal arguments make equal lives.
    package init(_ habits: Habits, seed: UInt64, visit: UInt64) {
        var dice = Dice(seed: seed, purpose: .behaviour, turn: visit)
        var voice = Dice(seed: seed, purpose: .speech, turn: visit)
        self.habits = habits
        self.arrival = habits.arrival ?? 0
        let isUsual = habits.manner != .still && !habits.isReady && habits.held == nil
        let isWellPlaced = !isUsual || dice.chance(0.4)
        let place = isWellPlaced ? dice.uniform(-2...2) : dice.uniform(-11...11)
        self.x = Glide(at: place)
        self.y = Glide(at: dice.uniform(-2...4))
        self.z = Glide(at: isWellPlaced ? dice.uniform(58...68) : dice.uniform(52...88))
        if isUsual, dice.chance(0.3) {
            x = Glide(at: dice.chance(0.5) ? 75 : -75)
            x.go(to: place, from: 0.1, taking: dice.uniform(0.9...1.5))
        }
        self.lids = Lids(gap: habits.blinkGap, &dice)
        let size = habits.unrest
        self.sways = Sways(
            x: Sway(size: 0.25 * size, paces: 0.1...0.5, &dice), y: Sway(size: 0.12 * size, paces: 0.1...0.5, &dice),
            z: Sway(size: 0.35 * size, paces: 0.1...0.5, &dice), yaw: Sway(size: 0.7 * size, paces: 0.1...0.9, &dice),
            pitch: Sway(size: 0.6 * size, paces: 0.1...0.9, &dice),
            roll: Sway(size: 0.5 * size, paces: 0.1...0.7, &dice),
            breath: Sway(size: 0.1, paces: 0.22...0.3, &dice), speech: Sway(size: 0.5, paces: 1.5...5, &voice))
        self.dice = dice
        steps.reserveCapacity(8)
        if !isWellPlaced { yaw = Glide(at: dice.uniform(-6...6)) }
        choose(habits.place)
        if let held = habits.held { (y, z) = (Glide(at: dice.uniform(-1...1)), Glide(at: dice.uniform(held))) }
        if habits.arrival != nil {
            let place = x.target
            x = Glide(at: Self.outside)
            x.go(to: place, from: arrival, taking: 1.2)
        }
    }

    /// Centimetres aside, where the camera sees nobody.
    private static let outside = 120.0

    private mutating func choose(_ place: Place) {
        switch place {
        case .usual: break
        case .far: (x, z) = (Glide(at: 0), Glide(at: 190))
        case .near: (x, z) = (Glide(at: 0), Glide(at: 24))
        case .aside: (x, z) = (Glide(at: 28), Glide(at: 62))
        }
    }

    /// Lives on to `time` and returns the posture there.
    package mutating func posture(at time: Double, hearing heard: HeardPrompt) -> Posture {
        if habits.manner != .still, time >= arrival { listen(to: heard) }
        if let started = instruction.due(at: time) { follow(started, at: time) }
        if let started = advice.due(at: time) { heed(started, at: time) }
        leaveIfDue(at: time)
        while stepCount > 0, steps[0].start <= time { takeStep() }
        return posture(at: time)
    }

    private mutating func posture(at time: Double) -> Posture {
        var posture = Posture()
        let restlessness = unrest.value(at: time)
        let turn = yaw.value(at: time)
        posture.pose.yaw = turn + sways.yaw.value(at: time) * restlessness
        posture.pose.pitch = pitch.value(at: time) + sways.pitch.value(at: time) * restlessness
        posture.pose.roll = sways.roll.value(at: time) * restlessness - turn * 0.06
        posture.position.x = x.value(at: time) + sways.x.value(at: time) * restlessness + turn * 0.03
        posture.position.y = y.value(at: time) + sways.y.value(at: time) * restlessness + sways.breath.value(at: time)
        posture.position.z = z.value(at: time) + sways.z.value(at: time) * restlessness
        let closure = lids.closure(at: time, &dice)
        (posture.leftEyeClosure, posture.rightEyeClosure) = (closure, closure * 0.98)
        if habits.talks { posture.jawDrop = min(max(sways.speech.value(at: time), 0), 1) }
        return posture
    }
}

// MARK: - Hearing

extension Behaviour {
    /// One kind of message, heard at once and understood after a reaction time.
    private struct Channel<Message: Equatable> {
        private(set) var shown: Message?
        var understood: Message?
        /// When `shown` is acted upon, again and again while it stays.
        var nextAction: Double?

        mutating func due(at time: Double) -> Message?? {
            guard let action = nextAction, action <= time else { return nil }
            nextAction = nil
            understood = shown
            return .some(shown)
        }

        /// Notes what is shown; true when it is news.
        mutating func notice(_ message: Message?) -> Bool {
            if message == shown { return false }
            shown = message
            return true
        }
    }

    private mutating func listen(to heard: HeardPrompt) {
        if instruction.notice(heard.prompt?.instruction) {
            instruction.nextAction = heard.time + reactionTime()
            // Now and then somebody needs longer.
            if dice.chance(0.03) { instruction.nextAction? += dice.uniform(1...1.8) }
        }
        if advice.notice(heard.prompt?.advice) { advice.nextAction = heard.time + reactionTime() }
    }

    private mutating func reactionTime() -> Double {
        habits.reactionTime ?? dice.uniform(0.35...0.8) + dice.uniform(0...0.4)
    }
}

// MARK: - Doing

extension Behaviour {
    private mutating func follow(_ message: Instruction?, at time: Double) {
        stepCount = 0
        if habits.manner == .leaving, departure == nil, message != nil { departure = time + dice.uniform(0.2...1) }
        guard let message else { return turnHead(toYaw: 0, pitch: 0, at: time) }
        // Now and then somebody misses a request and does it only when it stays.
        if dice.chance(0.02) {
            instruction.nextAction = time + dice.uniform(2...3)
            return
        }
        switch message {
        case .lookStraight: turnHead(toYaw: 0, pitch: 0, at: time)
        case .turnLeft: nod(toYaw: dice.uniform(habits.turn) + effort, pitch: dice.uniform(-2...2), at: time)
        case .turnRight: nod(toYaw: -dice.uniform(habits.turn) - effort, pitch: dice.uniform(-2...2), at: time)
        case .lookUp: nod(toYaw: dice.uniform(-2...2), pitch: -dice.uniform(habits.look) - effort, at: time)
        case .blink:
            lids.blink(at: time, for: dice.uniform(0.25...0.4), &dice)
            instruction.nextAction = time + dice.uniform(1.2...2.2)
        }
    }

    /// Centimetres from the camera that advice can lead to.
    private var reach: ClosedRange<Double> { habits.held.map { $0.lowerBound * 0.8...$0.upperBound * 1.3 } ?? 45...110 }

    private mutating func heed(_ message: Advice?, at time: Double) {
        guard let message else { return unrest.go(to: 1, from: time, taking: 0.5) }
        let length = dice.uniform(0.5...0.9)
        switch message {
        case .moveCloser:
            // Who stands far away takes a longer step.
            let step = dice.uniform(7...13) * max(z.target / 70, 1)
            z.go(to: max(z.target - step, reach.lowerBound), from: time, taking: length)
        case .moveBack:
            z.go(to: min(z.target + dice.uniform(7...13), reach.upperBound), from: time, taking: length)
        case .moveIntoCentre, .noFace:
            x.go(to: dice.uniform(-1.5...1.5), from: time, taking: length)
            y.go(to: dice.uniform(-1.5...1.5), from: time, taking: length)
        case .lookStraight: turnHead(toYaw: 0, pitch: 0, at: time)
        case .holdStill: unrest.go(to: 0.4, from: time, taking: 0.3)
        case .turnFurther:
            effort = dice.uniform(3...6)
            instruction.nextAction = time
            return
        case .openEyes, .severalFaces, .tooDark, .tooBright: break
        }
        advice.nextAction = time + length + dice.uniform(0.4...0.9)
    }

    /// Turns the head one way, holds it and comes back; again while the instruction stays.
    private mutating func nod(toYaw yaw: Double, pitch: Double, at time: Double) {
        var start = time
        if dice.chance(0.03), abs(yaw) > 5 {
            // The wrong side first, until it is noticed.
            let length = dice.uniform(0.4...0.6)
            add(Step(start: start, length: length, yaw: -yaw * 0.5, pitch: 0))
            start += length + dice.uniform(0.2...0.5)
        }
        let length = dice.uniform(0.4...0.9) * habits.slowness
        add(Step(start: start, length: length, yaw: yaw, pitch: pitch))
        let back = start + length + dice.uniform(0.3...0.8)
        let backLength = dice.uniform(0.4...0.9) * habits.slowness
        add(Step(start: back, length: backLength, yaw: dice.uniform(-1.5...1.5), pitch: dice.uniform(-1...1)))
        instruction.nextAction = back + backLength + dice.uniform(1...2)
    }

    private mutating func turnHead(toYaw yaw: Double, pitch: Double, at time: Double) {
        stepCount = 0
        add(Step(start: time, length: dice.uniform(0.4...0.7) * habits.slowness, yaw: yaw, pitch: pitch))
    }

    private mutating func add(_ step: Step) {
        // Written in place, so that nothing grows after the first time.
        if stepCount < steps.count { steps[stepCount] = step } else { steps.append(step) }
        stepCount += 1
    }

    private mutating func takeStep() {
        let step = steps[0]
        yaw.go(to: step.yaw, from: step.start, taking: step.length)
        pitch.go(to: step.pitch, from: step.start, taking: step.length)
        for index in 1..<max(stepCount, 1) { steps[index - 1] = steps[index] }
        stepCount -= 1
    }

    private mutating func leaveIfDue(at time: Double) {
        if habits.manner == .leaving, departure == nil, time > 8 { departure = time }
        guard let due = departure, due <= time, abs(x.target) < 100 else { return }
        x.go(to: x.target < 0 ? -Self.outside : Self.outside, from: due, taking: 1.4)
        turnHead(toYaw: x.target < 0 ? -35 : 35, pitch: 0, at: due)
    }
}
