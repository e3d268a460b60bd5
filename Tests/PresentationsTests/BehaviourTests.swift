import Biometrics
import Ports
import Presentations
import Rendering
import Simulator
import Testing

/// Lets a person live for a while at 30 frames a second.
private struct Life {
    private var behaviour: Behaviour
    private var frame = 0
    private var shown = HeardPrompt(prompt: nil, time: 0)
    var time: Double { Double(frame) / 30 }

    init(_ scenario: Scenario = .willing, seed: UInt64) {
        self.init(CounterSetup(scenario, seed: seed))
    }

    init(_ setup: CounterSetup) {
        behaviour = Behaviour(setup.habits, seed: setup.seed, visit: 1)
    }

    mutating func show(_ prompt: Prompt?) { shown = HeardPrompt(prompt: prompt, time: time) }

    mutating func live(_ seconds: Double) -> [Posture] {
        (0..<Int(seconds * 30)).map { _ in
            frame += 1
            return behaviour.posture(at: time, hearing: shown)
        }
    }
}

private func challenge(_ instruction: Instruction) -> Prompt { Prompt(stage: .challenging, instruction: instruction) }

@Suite struct BehaviourTests {
    private static let seeds: ClosedRange<UInt64> = 0...99

    @Test(arguments: seeds)
    func `nobody turns the head unless told`(seed: UInt64) {
        var life = Life(seed: seed)
        let postures = life.live(20)
        #expect(postures.allSatisfy { abs($0.pose.yaw) < 10 && abs($0.pose.pitch) < 5 })
    }

    @Test(arguments: [(Instruction.turnLeft, 1.0), (.turnRight, -1)])
    func `nearly everyone turns to the asked side within human time, and all do in the end`(
        instruction: Instruction, sign: Double
    ) {
        var prompt = 0
        for seed in Self.seeds {
            var life = Life(seed: seed)
            _ = life.live(2)
            life.show(challenge(instruction))
            let postures = life.live(12)
            let reached = postures.firstIndex { $0.pose.yaw * sign > 14 }
            let seconds = Double(reached ?? 1000) / 30
            #expect(seconds > 0.4, "seed \(seed) reacts faster than a human")
            #expect(seconds < 8, "seed \(seed) never turned")
            if seconds < 2.2 { prompt += 1 }
            #expect(postures.allSatisfy { abs($0.pose.yaw) < 40 })
        }
        #expect((85...99).contains(prompt))
    }

    @Test(arguments: seeds)
    func `a look up goes up by 10 degrees or more`(seed: UInt64) {
        var life = Life(seed: seed)
        _ = life.live(1)
        life.show(challenge(.lookUp))
        let lowest = life.live(8).map(\.pose.pitch).min() ?? 0
        #expect((-25 ... -10).contains(lowest))
    }

    @Test(arguments: seeds)
    func `when the instruction ends the head is straight again`(seed: UInt64) {
        var life = Life(seed: seed)
        life.show(challenge(.turnLeft))
        _ = life.live(4)
        life.show(nil)
        _ = life.live(4)
        #expect(life.live(3).allSatisfy { abs($0.pose.yaw) < 5 })
    }

    @Test(arguments: seeds)
    func `eyes close by nature, briefly and every few seconds`(seed: UInt64) {
        var life = Life(seed: seed)
        let closed = life.live(60).map { $0.leftEyeClosure > 0.5 }
        let blinks = zip(closed, closed.dropFirst()).count { !$0 && $1 }
        #expect((10...30).contains(blinks))
        #expect(closed.count { $0 } < 60 * 30 / 10)
    }

    @Test(arguments: seeds)
    func `who is asked to blink blinks soon`(seed: UInt64) {
        var life = Life(seed: seed)
        _ = life.live(1)
        life.show(challenge(.blink))
        #expect(life.live(6).contains { $0.leftEyeClosure > 0.9 })
    }

    @Test func `advice about the place is followed`() {
        var life = Life(seed: 3)
        _ = life.live(3)
        let before = life.live(1)[0].position
        life.show(Prompt(stage: .framing, advice: .moveCloser))
        #expect(life.live(3).last.map { $0.position.z < before.z - 5 } == true)
        life.show(Prompt(stage: .framing, advice: .moveBack))
        let near = life.live(0.1)[0].position
        #expect(life.live(3).last.map { $0.position.z > near.z + 5 } == true)
        life.show(Prompt(stage: .framing, advice: .moveIntoCentre))
        #expect(life.live(3).last.map { abs($0.position.x) < 3 } == true)
    }

    @Test(arguments: seeds)
    func `everyone arrives within two seconds and stays`(seed: UInt64) {
        var life = Life(seed: seed)
        _ = life.live(2)
        #expect(life.live(10).allSatisfy { abs($0.position.x) < 16 && (48...92).contains($0.position.z) })
    }

    @Test(arguments: 0...19 as ClosedRange<UInt64>)
    func `a still person answers nothing but breathes and blinks`(seed: UInt64) {
        var life = Life(.still, seed: seed)
        life.show(Prompt(stage: .challenging, instruction: .turnLeft, advice: .moveBack))
        let postures = life.live(12)
        #expect(postures.allSatisfy { abs($0.pose.yaw) < 5 })
        #expect(postures.contains { $0.leftEyeClosure > 0.9 })
        #expect(Set(postures).count == postures.count)
    }

    @Test(arguments: 0...19 as ClosedRange<UInt64>)
    func `a person who leaves is gone soon after the first instruction`(seed: UInt64) {
        var life = Life(.leaves, seed: seed)
        #expect(life.live(3).last.map { abs($0.position.x) < 30 } == true)
        life.show(challenge(.turnLeft))
        _ = life.live(4.5)
        #expect(life.live(1).allSatisfy { abs($0.position.x) > 100 })
    }

    @Test(arguments: seeds) func `who arrives late is not there before`(seed: UInt64) {
        var setup = CounterSetup(seed: seed)
        setup.arrival = .seconds(5)
        var life = Life(setup)
        life.show(Prompt(stage: .seeking, advice: .noFace))
        #expect(life.live(5).allSatisfy { abs($0.position.x) > 100 })
        _ = life.live(1.5)
        #expect(life.live(5).allSatisfy { abs($0.position.x) < 16 })
    }

    @Test(arguments: seeds) func `a given reaction time holds`(seed: UInt64) {
        var setup = CounterSetup(seed: seed)
        (setup.reactionTime, setup.place) = (.seconds(2), .far)
        var life = Life(setup)
        life.show(Prompt(stage: .framing, advice: .moveCloser))
        #expect(life.live(1.9).allSatisfy { $0.position.z > 180 })
        #expect(life.live(4).last.map { $0.position.z < 180 } == true)
    }
}
