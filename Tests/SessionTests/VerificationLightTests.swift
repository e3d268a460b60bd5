import Biometrics
import Cues
import Liveness
import Platform
import Ports
import Session
import Support
import Testing

/// One for each attempt, and the spare one.
private func somePatterns() throws -> [LightPattern] {
    var generator = SeededGenerator(seed: 3)
    return try (0..<3).map { _ in try #require(LightPattern.draw(from: .all, using: &generator)) }
}

@Suite struct VerificationLightTests {
    @Test(arguments: [
        (LightReading?.some(.ofHead), LightDemand.yes, Verdict.verified, [Reason]()),
        (.some(.ofSheet), .yes, .attackSuspected, [.presentationAttack]),
        (.some(.ofSheet), .tried, .attackSuspected, [.presentationAttack]),
        (.some(.unsure), .yes, .undetermined, [.livenessUndetermined]),
        (.some(.weak), .yes, .refer, [.lightNotChecked]),
        (nil, .yes, .refer, [.lightNotChecked]), (.some(.weak), .tried, .verified, []), (nil, .no, .verified, []),
        (.some(.ofHead), .tried, .verified, []),
    ]) func `the light decides about life, as far as the policy asks for it`(
        light: LightReading?, demand: LightDemand, verdict: Verdict, reasons: [Reason]
    ) throws {
        var drive = Drive(light: demand)
        drive.cues.relief = .head
        drive.passChallenge()
        drive.handle(.compared(ProbeDecisions(samePerson: .match, reference: .match, light: light)))
        drive.finish()
        let outcome = try #require(drive.outcome)
        #expect(outcome.verdict == verdict && outcome.reasons == reasons)
    }

    @Test(arguments: [LightDemand.tried, .no])
    func `without light, depth must have shown a head`(demand: LightDemand) throws {
        var drive = Drive(light: demand)
        drive.passChallenge()
        drive.handle(.compared(ProbeDecisions(samePerson: .match, reference: .match)))
        drive.finish()
        let outcome = try #require(drive.outcome)
        #expect(outcome.verdict == .undetermined && outcome.reasons == [.livenessUndetermined])
    }

    /// Which illuminators were lit whenever a face was looked for in the light, which `face` then showed.
    private func looks(at face: FaceObservation, _ drive: inout Drive) -> [Illuminators] {
        drive.start()
        drive.show(.good(), frames: 7)
        while drive.schedule.light != .none, drive.number < 700 { drive.show(face, frames: 1) }
        drive.turnLeft()
        drive.blink()
        drive.show(.good(), frames: 6 + drive.latency)
        drive.handle(.compared(ProbeDecisions(samePerson: .match, reference: .match, light: .ofHead)))
        drive.finish()
        var (lit, looks): (Illuminators, [Illuminators]) = ([], [])
        for effect in drive.effects {
            if case .illuminate(let illuminators) = effect { lit = illuminators }
            if case .schedule(let schedule) = effect, schedule.sample?.place == .lit { looks.append(lit) }
        }
        return looks
    }

    @Test(arguments: [0, 3]) func `two looks in the dark of the light show whom it falls on`(latency: Int) throws {
        var drive = Drive(patterns: try somePatterns())
        drive.latency = latency
        #expect(looks(at: .good(), &drive) == [[], []])
        #expect(try #require(drive.outcome).verdict == .verified)
    }

    @Test func `a state is over when it was held long enough and seen often enough, frame or no frame`() throws {
        let patterns = try somePatterns()
        var drive = Drive(patterns: patterns)
        #expect(drive.verification.due == nil)
        drive.start()
        drive.show(.good(), frames: 7)
        let lit = FrameObservation.frame(drive.number - 1, nil).timestamp
        #expect(drive.lit.count == 1 && drive.verification.due == lit + LightPattern.patience)
        drive.show(.good(), frames: 7)
        let due = try #require(drive.verification.due)
        #expect(due == lit + patterns[0].states[0].hold)
        drive.handle(.ticked(at: due - .nanoseconds(1)))
        #expect(drive.lit.count == 1)
        drive.handle(.ticked(at: due))
        #expect(drive.lit.count == 2)
    }

    @Test func `a frame from before a look does not count for it`() throws {
        var drive = Drive(patterns: try somePatterns())
        drive.start()
        drive.show(.good(), frames: 7)
        while drive.sample?.place != .lit, drive.number < 300 {
            drive.number += 1
            drive.handle(.ticked(at: FrameObservation.frame(drive.number, nil).timestamp))
            if drive.sample == nil { drive.show(.good(), frames: 1) }
        }
        let sample = try #require(drive.sample)
        drive.handle(.observed(FrameReading(.frame(drive.number - 5, .good()), sample: sample)))
        #expect(drive.sample == sample)
        drive.handle(.observed(FrameReading(.frame(drive.number + 1, .good()), sample: sample)))
        #expect(drive.sample == nil && drive.schedule.light == .afresh)
    }

    @Test func `the light waits for the face that the comparison lacks, but not for long`() throws {
        let patterns = try somePatterns()
        var drive = Drive(patterns: patterns)
        drive.start()
        drive.show(.good(), frames: 7)
        while drive.lit.count < patterns[0].states.count, drive.number < 700 {
            drive.show(.good(yaw: 9), frames: 1)
        }
        drive.show(.good(yaw: 9), frames: 14)
        #expect(drive.schedule.light == .afresh)
        var patient = drive
        drive.show(.good(), frames: 2)
        #expect(drive.schedule.light == .none)
        patient.show(.good(yaw: 9), frames: 18)
        #expect(patient.schedule.light == .none)
    }

    @Test func `who is lit and not seen by the comparison is nobody`() throws {
        var drive = Drive(patterns: try somePatterns())
        #expect(looks(at: .good(yaw: 9), &drive) == [[]])
        let outcome = try #require(drive.outcome)
        #expect(outcome.verdict == .undetermined && outcome.reasons == [.personChanged])
    }

    @Test func `the illuminators go through their pattern before the challenge, each state held long enough`() throws {
        let patterns = try somePatterns()
        var drive = Drive(patterns: patterns)
        drive.start()
        drive.show(.good(), frames: 7)
        #expect(drive.schedule.light == .afresh)
        #expect(drive.prompts.last == Prompt(stage: .challenging, instruction: .lookStraight))
        drive.show(.good(), frames: 160)
        #expect(drive.prompts.last == Prompt(stage: .challenging, instruction: .turnLeft))
        #expect(drive.schedule.light == .none)
        let lit = drive.effects.compactMap { if case .illuminate(let lit) = $0 { lit } else { nil } }
        #expect(lit == patterns[0].states.map(\.illuminators) && lit.last == [])
        drive.turnLeft()
        drive.blink()
        drive.show(.good(), frames: 6)
        guard case .compare(let runs)? = drive.effects.last, let switches = runs.first, runs.count == 1 else {
            Issue.record("nothing is compared")
            return
        }
        #expect(switches.map(\.illuminators) == lit)
        for (earlier, later) in zip(switches, switches.dropFirst()) {
            #expect(later.begin - earlier.end >= LightPattern.leastHold)
        }
    }

    @Test func `a face that leaves in the light turns the illuminators off`() throws {
        let patterns = try somePatterns()
        var drive = Drive(patterns: patterns)
        drive.start()
        drive.show(.good(), frames: 7 + 15)
        let lit = drive.effects.last { if case .illuminate = $0 { true } else { false } }
        #expect(lit != .illuminate([]))
        drive.show(.good(track: 2), frames: 1)
        #expect(drive.effects.contains(.illuminate([])) && drive.effects.suffix(4).contains(.illuminate([])))
    }

    @Test func `illuminators that fail leave the light out`() throws {
        let patterns = try somePatterns()
        var drive = Drive(patterns: patterns)
        drive.canIlluminate = false
        drive.start()
        drive.show(.good(), frames: 7)
        drive.handle(.illuminationFailed(at: FrameObservation.frame(drive.number, nil).timestamp))
        drive.turnLeft()
        drive.blink()
        drive.show(.good(), frames: 6)
        #expect(drive.effects.last == .compare([]))
    }
}

@Suite struct LightAgainTests {
    private static let unsure = ProbeDecisions(samePerson: .match, reference: .match, light: .unsure)

    /// A verification whose light was played, and whose samples are compared.
    private static func compared(
        light: LightDemand = .yes, timeLimit: Duration = .seconds(30), pace: Int = 1, cues: PassiveCues = PassiveCues()
    ) throws -> Drive {
        var drive = Drive(patterns: light == .no ? [] : try somePatterns(), light: light, timeLimit: timeLimit)
        drive.cues = cues
        drive.start()
        drive.show(.good(), frames: 7)
        drive.pace = pace
        while drive.schedule.light == .afresh, drive.number < 700 { drive.show(.good(), frames: 1) }
        drive.pace = 1
        drive.turnLeft()
        drive.blink()
        drive.show(.good(), frames: 6)
        guard case .compare? = drive.effects.last else { throw Lost() }
        return drive
    }

    private struct Lost: Error {}

    @Test(arguments: [
        (LightReading.ofHead, ComparisonDecision.match, Verdict.verified, [Reason]()),
        (.ofHead, .nonMatch, .notMatched, [.nonMatch]),
        (.ofSheet, .match, .attackSuspected, [.presentationAttack]),
        (.unsure, .match, .undetermined, [.livenessUndetermined]),
        (.weak, .match, .refer, [.lightNotChecked]),
    ]) func `where the light alone is undetermined, one more pattern decides with the first`(
        both: LightReading, reference: ComparisonDecision, verdict: Verdict, reasons: [Reason]
    ) throws {
        var drive = try Self.compared()
        let before = drive.lit.count
        drive.handle(.compared(ProbeDecisions(samePerson: .match, reference: reference, light: .unsure)))
        #expect(drive.schedule.light == .further && drive.outcome == nil)
        drive.show(.good(), frames: 1)
        #expect(drive.prompts.last == Prompt(stage: .challenging, instruction: .lookStraight))
        drive.show(.good(), frames: 170)
        let lit = Array(drive.lit.dropFirst(before))
        #expect(lit.count == before && lit.last == [])
        #expect(drive.prompts.last == Prompt(stage: .comparing, instruction: .lookStraight))
        guard case .compare(let runs)? = drive.effects.last else {
            Issue.record("nothing is compared again")
            return
        }
        #expect(runs.count == 2 && runs[1].map(\.illuminators) == lit)
        #expect(runs[0].map(\.illuminators) != runs[1].map(\.illuminators))
        drive.handle(.compared(ProbeDecisions(samePerson: .match, reference: reference, light: both)))
        drive.finish()
        let outcome = try #require(drive.outcome)
        #expect(outcome.verdict == verdict && outcome.reasons == reasons)
    }

    @Test func `the second pattern is between two samples of one person`() throws {
        var drive = try Self.compared()
        let sample = try #require(drive.sample)
        drive.handle(.compared(Self.unsure))
        #expect(drive.sample == nil)
        drive.show(.good(), frames: 170)
        #expect(drive.sample?.place == .second && drive.sample != sample)
        drive.handle(.compared(ProbeDecisions(samePerson: .nonMatch, reference: .match, light: .ofHead)))
        drive.finish()
        #expect(try #require(drive.outcome).reasons == [.personChanged])
    }

    @Test(arguments: [
        (ProbeDecisions(samePerson: .match, reference: .match, light: .ofHead), Verdict.verified),
        (ProbeDecisions(samePerson: .match, reference: .match, light: .ofSheet), .attackSuspected),
        (ProbeDecisions(samePerson: .match, reference: .match, light: .weak), .refer),
        (ProbeDecisions(samePerson: .match, reference: .match, light: nil), .refer),
        (ProbeDecisions(samePerson: .nonMatch, reference: .match, light: .unsure), .attackSuspected),
        (ProbeDecisions(samePerson: .undetermined, reference: .match, light: .unsure), .undetermined),
    ]) func `no more light where it would not decide`(decisions: ProbeDecisions, verdict: Verdict) throws {
        var drive = try Self.compared()
        drive.handle(.compared(decisions))
        #expect(drive.schedule.light == .none)
        drive.finish()
        #expect(try #require(drive.outcome).verdict == verdict)
    }

    @Test func `no more light when another layer saw an attack`() throws {
        var cues = PassiveCues()
        cues.bezel = .attack
        var drive = try Self.compared(cues: cues)
        drive.handle(.compared(Self.unsure))
        #expect(drive.schedule.light == .none)
    }

    @Test func `no more light without time for it, or where the policy leaves it out`() throws {
        var late = try Self.compared(timeLimit: .seconds(9))
        late.handle(.compared(Self.unsure))
        late.finish()
        #expect(try #require(late.outcome).reasons == [.livenessUndetermined])
        var dark = try Self.compared(light: .no)
        dark.handle(.compared(Self.unsure))
        #expect(dark.lit.isEmpty)
    }

    @Test func `a slow camera's second pattern needs the time that its first one took`() throws {
        for (timeLimit, isPlayed) in [(Duration.seconds(20), false), (.seconds(40), true)] {
            var drive = try Self.compared(timeLimit: timeLimit, pace: 6)
            drive.handle(.compared(Self.unsure))
            #expect((drive.schedule.light == .further) == isPlayed)
        }
    }

    @Test func `nothing stays lit, however the second pattern ends`() throws {
        let ends: [(inout Drive) -> Void] = [
            { $0.handle(.cancelled) }, { $0.handle(.deviceStopping) },
            { $0.handle(.ticked(at: Timestamp(nanoseconds: 40_000_000_000))) },
        ]
        for end in ends {
            var drive = try Self.compared()
            drive.handle(.compared(Self.unsure))
            drive.show(.good(), frames: 15)
            end(&drive)
            drive.finish()
            #expect(drive.effects.suffix(3).contains(.darkenLamp) && drive.endings.count == 1)
        }
    }

    @Test func `a track that breaks in the second pattern starts over, and the first pattern counts no more`() throws {
        var drive = try Self.compared()
        drive.handle(.compared(Self.unsure))
        drive.show(.good(), frames: 15)
        drive.show(.good(track: 2), frames: 1)
        #expect(drive.lit.last == [])
        drive.show(.good(track: 2), frames: 8)
        #expect(drive.schedule.light == .afresh)
    }

    @Test func `illuminators that fail the second time leave the first reading`() throws {
        var drive = try Self.compared()
        drive.canIlluminate = false
        drive.handle(.compared(Self.unsure))
        drive.handle(.illuminationFailed(at: FrameObservation.frame(drive.number, nil).timestamp))
        drive.show(.good(), frames: 6)
        guard case .compare(let runs)? = drive.effects.last else {
            Issue.record("nothing is compared again")
            return
        }
        #expect(runs.count == 2 && runs[0].count > 4 && runs[1].isEmpty)
    }
}
