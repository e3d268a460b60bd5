import Biometrics
import Cues
import Liveness
import Platform
import Ports
import Session
import Support
import Testing

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

    /// Face before the first pattern, and before the second.
    @Test func `the exposure is held while a pattern goes on, by how bright the face is`() throws {
        var drive = Drive(patterns: try somePatterns())
        var bright = FaceObservation.good()
        bright.quality.luminanceMean = 190
        drive.start()
        drive.show(bright, frames: 5)
        #expect(drive.schedule.exposure == nil)
        drive.show(bright, frames: 2)
        while drive.schedule.light != .none, drive.number < 700 {
            #expect(drive.schedule.exposure == LightExposure.share(for: bright))
            drive.show(.good(), frames: 1)
        }
        #expect(drive.schedule.exposure == nil)
        drive.turnLeft()
        drive.blink()
        drive.show(.good(), frames: 6)
        drive.handle(.compared(ProbeDecisions(samePerson: .match, reference: .match, light: .unsure)))
        #expect(drive.schedule.exposure == nil)
        drive.show(.good(), frames: 2)
        #expect(drive.schedule.light == .further && drive.schedule.exposure == LightExposure.share(for: .good()))
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

    @Test func `the light waits for one face that the comparison lacks, but not for long`() throws {
        let patterns = try somePatterns()
        var drive = Drive(patterns: patterns)
        drive.start()
        drive.show(.good(), frames: 7)
        func isLook(_ effect: Verification.Effect) -> Bool {
            if case .schedule(let schedule) = effect { schedule.sample?.place == .lit } else { false }
        }
        while !drive.effects.contains(where: isLook), drive.number < 300 { drive.show(.good(), frames: 1) }
        drive.show(.good(), frames: 1)
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
        #expect(looks(at: .good(yaw: 9), &drive) == [[], []])
        let outcome = try #require(drive.outcome)
        #expect(outcome.verdict == .undetermined && outcome.reasons == [.personChanged])
    }

    @Test func `who shows the face only when everybody knows that the light is over is nobody`() throws {
        let patterns = try somePatterns()
        var drive = Drive(patterns: patterns)
        drive.start()
        drive.show(.good(), frames: 7)
        while drive.lit.count < patterns[0].states.count, drive.number < 700 {
            drive.show(.good(yaw: 9), frames: 1)
        }
        #expect(drive.sample == nil)
        drive.show(.good(), frames: 12)
        #expect(drive.schedule.light == .none)
        drive.turnLeft()
        drive.blink()
        drive.show(.good(), frames: 6)
        drive.handle(.compared(ProbeDecisions(samePerson: .match, reference: .match, light: .ofHead)))
        drive.finish()
        #expect(try #require(drive.outcome).reasons == [.personChanged])
    }

    /// A verification whose customer was lit and then left.
    private func gone() throws -> Drive {
        var drive = Drive(patterns: try somePatterns())
        drive.start()
        drive.show(.good(), frames: 7)
        while drive.schedule.light != .none, drive.number < 700 { drive.show(.good(), frames: 1) }
        drive.turnLeft()
        drive.show(.good(track: 2), frames: 1)
        return drive
    }

    @Test func `what the light read is asked before the challenge starts over`() throws {
        var drive = try gone()
        guard case .compare(let runs)? = drive.effects.last else {
            Issue.record("what was lit is not read")
            return
        }
        #expect(runs.count == 1 && runs[0].count > 4)
        var attacker = drive
        drive.handle(.compared(ProbeDecisions(samePerson: .undetermined, reference: .undetermined, light: .unsure)))
        #expect(drive.sample == SampleRequest(.first, attempt: 1))
        drive.show(.good(track: 2), frames: 8)
        #expect(drive.schedule.light == .afresh)
        attacker.handle(.compared(ProbeDecisions(samePerson: .undetermined, reference: .undetermined, light: .ofSheet)))
        attacker.finish()
        #expect(try #require(attacker.outcome).verdict == .attackSuspected)
    }

    @Test func `who leaves and hangs up while the light is read has tried`() throws {
        let endings: [(Verification.Event, [Ending])] = [
            (.cancelled, [.abandoned]),
            (.lampFailed(.chipMissing(chip: "a")), [.lightsUnavailable(.chipMissing(chip: "a"))]),
        ]
        for (event, ending) in endings {
            var drive = try gone()
            drive.handle(event)
            drive.finish()
            #expect(drive.endings == ending)
        }
    }

    /// A verification whose customer was lit and then answered nothing.
    private func unanswered() throws -> Drive {
        var drive = Drive(patterns: try somePatterns())
        drive.start()
        drive.show(.good(), frames: 7)
        while drive.schedule.light != .none, drive.number < 700 { drive.show(.good(), frames: 1) }
        drive.show(.good(), frames: 2 * 181)
        return drive
    }

    @Test(arguments: [
        (LightReading?.some(.ofSheet), Verdict.attackSuspected, [Reason.presentationAttack], Cue.attack),
        (.some(.ofHead), .undetermined, [.noResponse], .bonaFide), (nil, .undetermined, [.noResponse], .notChecked),
    ]) func `who was lit and answers nothing is judged by the light`(
        light: LightReading?, verdict: Verdict, reasons: [Reason], cue: Cue
    ) throws {
        var drive = try unanswered()
        guard case .compare(let runs)? = drive.effects.last else {
            Issue.record("the light is not read")
            return
        }
        #expect(runs.count == 1 && drive.endings.isEmpty)
        drive.show(.good(), frames: 2)
        drive.handle(.compared(ProbeDecisions(samePerson: .undetermined, reference: .undetermined, light: light)))
        drive.finish()
        let outcome = try #require(drive.outcome)
        #expect(outcome.verdict == verdict && outcome.reasons == reasons)
        #expect(outcome.layers.light == cue && outcome.layers.challengeResponse == .undetermined)
    }

    @Test(arguments: [
        Verification.Event.cancelled, .deviceStopping, .captureFailed(.unplugged(name: "video0")), .captureStopped,
        .lampFailed(.chipMissing(chip: "gpiochip0")),
    ]) func `a verification ends also while only its light is read`(event: Verification.Event) throws {
        var drive = try unanswered()
        drive.handle(event)
        drive.finish()
        #expect(drive.endings.count == 1 && drive.effects.suffix(3).contains(.darkenLamp))
        if let outcome = drive.outcome { #expect(outcome.reasons == [.noResponse]) }
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
