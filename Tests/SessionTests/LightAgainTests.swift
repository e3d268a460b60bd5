import Biometrics
import Cues
import Liveness
import Platform
import Ports
import Session
import Support
import Testing

@Suite struct LightAgainTests {
    private static let unsure = ProbeDecisions(samePerson: .match, reference: .match, light: .unsure)

    /// A verification whose light was played, and whose samples are compared.
    private static func compared(
        light: LightDemand = .yes, timeLimit: Duration = .seconds(30), pace: Int = 1, cues: PassiveCues = PassiveCues(),
        leastInterEyeShare: Double = 0
    ) throws -> Drive {
        var drive = Drive(
            patterns: light == .no ? [] : try somePatterns(), light: light, timeLimit: timeLimit,
            leastInterEyeShare: leastInterEyeShare)
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
        (.weak, .match, .undetermined, [.livenessUndetermined]),
    ]) func `where the light alone is undetermined, one more pattern decides with the first`(
        both: LightReading, reference: ComparisonDecision, verdict: Verdict, reasons: [Reason]
    ) throws {
        var drive = try Self.compared()
        let before = drive.lit.count
        drive.handle(.compared(ProbeDecisions(samePerson: .match, reference: reference, light: .unsure)))
        drive.show(.good(), frames: 1)
        #expect(drive.schedule.light == .further && drive.outcome == nil)
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

    @Test(arguments: [Relief.unsure, .partial])
    func `no more light beside a relief that no light makes a head's`(relief: Relief) throws {
        var cues = PassiveCues()
        cues.relief = relief
        var drive = try Self.compared(cues: cues)
        drive.handle(.compared(Self.unsure))
        drive.finish()
        #expect(drive.outcome?.verdict == .undetermined)
    }

    @Test func `a nearer face is waited for before the second pattern, but not for long`() throws {
        var drive = try Self.compared(leastInterEyeShare: 0.08)
        drive.handle(.compared(Self.unsure))
        drive.show(.good(), frames: 60)
        #expect(drive.prompts.last == Prompt(stage: .challenging, instruction: .lookStraight, advice: .moveCloser))
        #expect(drive.schedule == AnalysisSchedule(eyes: .none, sample: nil))
        var patient = drive
        drive.show(.good(interEyeDistance: 130), frames: 1)
        #expect(drive.schedule.light == .further)
        #expect(drive.prompts.last == Prompt(stage: .challenging, instruction: .lookStraight))
        patient.show(.good(), frames: 29)
        #expect(patient.schedule.light == .none)
        patient.show(.good(), frames: 2)
        #expect(patient.schedule.light == .further)
    }

    @Test func `nobody is waited for without time`() throws {
        var drive = try Self.compared(timeLimit: .seconds(13), leastInterEyeShare: 0.08)
        drive.handle(.compared(Self.unsure))
        drive.show(.good(), frames: 45)
        #expect(drive.schedule.light == .further)
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
            drive.show(.good(), frames: 1)
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

    @Test(arguments: [0, 15, 170]) func `nobody starts over to be rid of a light that was open`(frames: Int) throws {
        var drive = try Self.compared(leastInterEyeShare: frames == 0 ? 0.08 : 0)
        drive.handle(.compared(Self.unsure))
        drive.show(.good(), frames: frames)
        drive.show(.good(track: 2), frames: 1)
        guard case .compare? = drive.effects.last else {
            Issue.record("what was lit is not read")
            return
        }
        drive.handle(.compared(ProbeDecisions(samePerson: .undetermined, reference: .match, light: .ofSheet)))
        drive.finish()
        #expect(try #require(drive.outcome).verdict == .attackSuspected)
    }

    @Test func `illuminators that fail the second time leave the first reading`() throws {
        var drive = try Self.compared()
        drive.canIlluminate = false
        drive.handle(.compared(Self.unsure))
        drive.show(.good(), frames: 1)
        drive.handle(.illuminationFailed(at: FrameObservation.frame(drive.number, nil).timestamp))
        drive.show(.good(), frames: 6)
        guard case .compare(let runs)? = drive.effects.last else {
            Issue.record("nothing is compared again")
            return
        }
        #expect(runs.count == 2 && runs[0].count > 4 && runs[1].isEmpty)
        drive.handle(.compared(ProbeDecisions(samePerson: .match, reference: .match, light: .ofHead)))
        drive.finish()
        #expect(try #require(drive.outcome).reasons == [.livenessUndetermined])
    }
}
