import Biometrics
import Liveness
import Platform
import Ports
import Support
import Testing

@Suite struct ChallengeTests {
    @Test func `a challenge asks for both turns first, and then for one or two other steps`() {
        var generator = SeededGenerator(seed: 1)
        var seen: Set<[Instruction]> = []
        for _ in 0..<2000 {
            let challenge = Challenge.draw(using: &generator)
            #expect(Set(challenge.steps.prefix(2)) == [.turnLeft, .turnRight])
            #expect(Set(challenge.steps).count == challenge.steps.count)
            #expect([.turnLeft, .turnRight].contains(challenge.spare))
            #expect(challenge.spare != challenge.steps.last)
            seen.insert(challenge.steps)
        }
        #expect(seen.count == 4 + 4)
    }

    @Test func `a turn that got no response is asked again where both are asked, and else the spare`() throws {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<200 {
            let challenge = Challenge.draw(using: &generator)
            for step in challenge.steps {
                let isTurn = [.turnLeft, .turnRight].contains(step)
                #expect(challenge.replacement(for: step) == (isTurn ? step : challenge.spare))
            }
        }
        let set = try #require(ChallengeSet([.turnLeft, .turnRight, .blink], stepCount: 2...2))
        var oneSided = Challenge.draw(from: set, using: &generator)
        while oneSided.steps.count(where: { $0 != .blink }) == 2 {
            oneSided = Challenge.draw(from: set, using: &generator)
        }
        #expect(oneSided.replacement(for: oneSided.steps[0]) == oneSided.spare)
        #expect(oneSided.spare != oneSided.steps[0])
    }

    @Test func `three and four steps are equally frequent, and so are the orders of each`() {
        var generator = SeededGenerator(seed: 2)
        var counts: [[Instruction]: Int] = [:]
        let draws = 24_000
        for _ in 0..<draws { counts[Challenge.draw(using: &generator).steps, default: 0] += 1 }
        #expect(counts.count == 8)
        for (steps, count) in counts { #expect(abs(count - draws / 8) < 250, "\(steps)") }
    }

    @Test(
        arguments: [
            ([.turnLeft, .turnRight, .lookUp, .blink], 2...4), ([.turnLeft, .turnRight], 2...2),
            ([.lookUp, .blink], 2...2),
            ([.turnRight, .blink], 2...2), ([.turnLeft, .lookUp, .blink], 2...3),
            ([.turnLeft, .turnRight, .blink], 2...3),
            ([.turnLeft, .turnRight, .lookUp], 3...3), ([.turnLeft, .turnRight, .lookUp, .blink], 4...4),
        ] as [([Instruction], ClosedRange<Int>)])
    func `every set gives every step, and a spare that differs from the last`(
        instructions: [Instruction], stepCount: ClosedRange<Int>
    ) throws {
        let set = try #require(ChallengeSet(instructions, stepCount: stepCount))
        let turns = Set(instructions).intersection([.turnLeft, .turnRight])
        var generator = SeededGenerator(seed: 3)
        var (asked, counts, firsts): (Set<Instruction>, Set<Int>, Set<Instruction>) = ([], [], [])
        for _ in 0..<500 {
            let challenge = Challenge.draw(from: set, using: &generator)
            let steps = Set(challenge.steps)
            #expect(steps.count == challenge.steps.count)
            #expect(steps.union([challenge.spare]).isSubset(of: instructions))
            #expect(challenge.spare != challenge.steps.last)
            if steps.count < instructions.count, turns.count < 2 { #expect(!steps.contains(challenge.spare)) }
            asked.formUnion(steps)
            counts.insert(steps.count)
            firsts.insert(challenge.steps[0])
        }
        #expect(asked == Set(instructions))
        #expect(counts == Set(stepCount))
        #expect(firsts == (turns.isEmpty ? Set(instructions) : turns))
    }

    @Test(
        arguments: [
            ([], 2...2), ([.blink], 1...1), ([.lookUp, .blink], 2...4), ([.lookUp, .blink], 1...2),
            ([.blink, .blink], 2...2), ([.lookStraight, .blink], 2...2),
            ([.turnLeft, .turnRight, .lookUp, .blink], 2...5),
        ] as [([Instruction], ClosedRange<Int>)]) func `a set that is too small is none`(
            instructions: [Instruction], stepCount: ClosedRange<Int>
        )
    {
        #expect(ChallengeSet(instructions, stepCount: stepCount) == nil)
    }

    @Test func `a set does not depend on the order in which it is written`() {
        #expect(
            ChallengeSet([.blink, .turnRight, .lookUp, .turnLeft], stepCount: 3...4) == ChallengeSet.standard)
    }
}

@Suite struct StepJudgeTests {
    private let neutral = Neutral(averaging: [.good(yaw: 4, pitch: -6)])

    /// The frame at which `judge` accepts a motion that starts `delay` frames after the instruction.
    private func accepted(
        _ instruction: Instruction, yaw: Double = 0, pitch: Double = 0, delay: Int = 10
    ) throws -> Int? {
        let neutral = try #require(neutral)
        var judge = StepJudge(instruction, neutral: neutral, issuedAt: FrameObservation.frame(0, nil).timestamp)
        for number in 0..<60 {
            let share = min(max(Double(number - delay) / 10, 0), 1)
            let face = FaceObservation.good(yaw: 4 + yaw * share, pitch: -6 + pitch * share)
            if judge.accepts(face, at: FrameObservation.frame(number, nil).timestamp, blink: nil) { return number }
        }
        return nil
    }

    @Test(arguments: [
        (Instruction.turnLeft, 20.0, 0.0), (.turnRight, -20, 0), (.lookUp, 0, -12),
    ]) func `the asked motion is accepted`(instruction: Instruction, yaw: Double, pitch: Double) throws {
        #expect(try accepted(instruction, yaw: yaw, pitch: pitch) != nil)
    }

    @Test(arguments: [
        (Instruction.turnLeft, -20.0, 0.0), (.turnRight, 20, 0), (.lookUp, 0, 12), (.turnLeft, 14, 0),
        (.turnLeft, 0, -20), (.blink, 20, 0),
    ]) func `another motion is not`(instruction: Instruction, yaw: Double, pitch: Double) throws {
        #expect(try accepted(instruction, yaw: yaw, pitch: pitch) == nil)
    }

    @Test(arguments: [-20, -5, 0, 2]) func `a motion that began before a human could react is not`(
        delay: Int
    ) throws {
        #expect(try accepted(.turnLeft, yaw: 20, delay: delay) == nil)
        #expect(try accepted(.turnRight, yaw: -20, delay: delay) == nil)
        #expect(try accepted(.lookUp, pitch: -20, delay: delay) == nil)
    }

    @Test func `whoever moved too early may come back and answer`() throws {
        var judge = try StepJudge(
            .turnLeft, neutral: #require(neutral), issuedAt: FrameObservation.frame(0, nil).timestamp)
        func sees(_ yaw: Double, _ number: Int) -> (accepts: Bool, advice: Advice?) {
            let face = FaceObservation.good(yaw: 4 + yaw, pitch: -6)
            let accepts = judge.accepts(face, at: FrameObservation.frame(number, nil).timestamp, blink: nil)
            return (accepts, judge.advice(for: face))
        }
        #expect(sees(6, 0) == (false, nil))
        #expect(sees(20, 5) == (false, .lookStraight))
        #expect(sees(2, 20) == (false, nil))
        #expect(sees(20, 25) == (true, nil))
    }

    @Test(arguments: [
        (Instruction.turnLeft, 14.0, 0.0), (.turnRight, -14, 0), (.lookUp, 0, -8.5),
    ]) func `whoever comes back too soon is asked to go further`(
        instruction: Instruction, yaw: Double, pitch: Double
    ) throws {
        var judge = try StepJudge(
            instruction, neutral: #require(neutral), issuedAt: FrameObservation.frame(0, nil).timestamp)
        // There and back in twenty frames, after ten at rest.
        let advice = (0..<40).map { number in
            let share = max(1 - abs(Double(number) - 20) / 10, 0)
            let face = FaceObservation.good(yaw: 4 + yaw * share, pitch: -6 + pitch * share)
            let accepts = judge.accepts(face, at: FrameObservation.frame(number, nil).timestamp, blink: nil)
            #expect(!accepts)
            return judge.advice(for: face)
        }
        #expect(advice.prefix(22).allSatisfy { $0 == nil })
        #expect(advice.suffix(15).allSatisfy { $0 == .turnFurther })
    }

    @Test func `who comes from the other side needs no rest`() throws {
        var judge = try StepJudge(
            .turnRight, neutral: #require(neutral), issuedAt: FrameObservation.frame(0, nil).timestamp)
        let answers = (0..<16).map { number in
            // From 30° left to 30° right in half a second.
            let face = FaceObservation.good(yaw: 4 + 30 - 4 * Double(number), pitch: -6)
            let accepts = judge.accepts(face, at: FrameObservation.frame(number, nil).timestamp, blink: nil)
            #expect(judge.advice(for: face) == nil)
            return accepts
        }
        #expect(answers.firstIndex(of: true) == 12)
    }
}

@Suite struct BlinkDetectorTests {
    /// Blinks found when the eyes close to `ratio` for `closed` frames of `interval` milliseconds.
    private func blinks(closed: Int, ratio: Double = 0.3, yaw: Double = 0, interval: Int64 = 33) -> [Blink] {
        var detector = BlinkDetector()
        var found: [Blink] = []
        for number in 0..<120 {
            let opening = (60..<60 + closed).contains(number) ? 0.3 * ratio : 0.3
            let time = Timestamp(nanoseconds: Int64(number) * interval * 1_000_000)
            if let blink = detector.observe(EyeOpening(left: opening, right: opening), yaw: yaw, at: time) {
                found.append(blink)
            }
        }
        return found
    }

    @Test func `a short closure is one blink with its start and end`() {
        let found = blinks(closed: 5)
        #expect(found.map { $0.start.nanoseconds / 33_000_000 } == [60])
        #expect(found.map { $0.end.nanoseconds / 33_000_000 } == [65])
    }

    /// As the eyes are read one after the other: `opening` of the left, then of the right.
    private func blinks(alternating openings: [Double]) -> Int {
        var detector = BlinkDetector()
        return (Array(repeating: 0.3, count: 60) + openings + Array(repeating: 0.3, count: 10)).enumerated()
            .count { number, opening in
                let time = Timestamp(nanoseconds: Int64(number) * 33_000_000)
                let left = number.isMultiple(of: 2)
                return detector.observe(
                    EyeOpening(left: left ? opening : nil, right: left ? nil : opening), yaw: 0, at: time) != nil
            }
    }

    @Test func `an eye that closed must itself open again`() {
        #expect(blinks(alternating: [0.09, 0.09, 0.09, 0.09]) == 1)
        #expect(blinks(alternating: Array(repeating: [0.09, 0.3], count: 20).flatMap(\.self)) == 0)
    }

    @Test func `an eye that is no longer read hides no blink of the other`() {
        var detector = BlinkDetector()
        var count = 0
        for number in 0..<160 {
            let isClosed = (60..<62).contains(number) || (120..<125).contains(number)
            let opening = isClosed ? 0.09 : 0.3
            let blink = detector.observe(
                EyeOpening(left: number < 62 ? opening : nil, right: number < 62 ? nil : opening), yaw: 0,
                at: Timestamp(nanoseconds: Int64(number) * 33_000_000))
            if blink != nil { count += 1 }
        }
        #expect(count == 1)
    }

    @Test func `15 and 30 frames a second agree`() {
        #expect(blinks(closed: 3, interval: 66).count == blinks(closed: 6, interval: 33).count)
    }

    @Test func `a long closure, a half closure and a turned head are no blink`() {
        #expect(blinks(closed: 30).isEmpty)
        #expect(blinks(closed: 5, ratio: 0.7).isEmpty)
        #expect(blinks(closed: 5, yaw: 30).isEmpty)
    }
}
