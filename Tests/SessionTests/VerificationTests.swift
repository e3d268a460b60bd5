import Biometrics
import Cues
import Liveness
import Platform
import Ports
import Session
import Support
import Testing

@Suite struct VerificationTests {
    @Test(arguments: [
        (ComparisonDecision.match, ComparisonDecision.match, Verdict.verified, []),
        (.match, .nonMatch, .notMatched, [Reason.nonMatch]),
        (.match, .undetermined, .refer, [.comparisonUndetermined]),
        (.undetermined, .match, .undetermined, [.personChanged]),
        (.nonMatch, .match, .attackSuspected, [.personChanged]),
    ])
    func `the comparisons of a passed challenge give the verdict`(
        samePerson: ComparisonDecision, reference: ComparisonDecision, verdict: Verdict, reasons: [Reason]
    ) throws {
        var drive = Drive()
        drive.passChallenge()
        #expect(drive.effects.last == .compare([]))
        drive.handle(.compared(ProbeDecisions(samePerson: samePerson, reference: reference, light: .ofHead)))
        drive.finish()
        let outcome = try #require(drive.outcome)
        #expect(outcome.verdict == verdict)
        #expect(outcome.reasons == reasons)
        #expect(outcome.steps.map(\.instruction) == [.turnLeft, .blink])
        #expect(outcome.layers.challengeResponse == .bonaFide && outcome.layers.light == .bonaFide)
    }

    private static func sign(_ show: (inout PassiveCues) -> Void) -> PassiveCues {
        var cues = PassiveCues()
        show(&cues)
        return cues
    }

    @Test(arguments: [
        sign { $0.bezel = .attack }, sign { $0.surround = .attack }, sign { $0.continuity = .attack },
        sign { $0.injection = .attack },
    ]) func `one sign of an attack outweighs every comparison`(cues: PassiveCues) throws {
        var drive = Drive()
        drive.cues = cues
        drive.passChallenge()
        drive.handle(.compared(ProbeDecisions(samePerson: .match, reference: .match, light: .ofHead)))
        drive.finish()
        let outcome = try #require(drive.outcome)
        #expect(outcome.verdict == .attackSuspected && outcome.reasons == [.presentationAttack])
        #expect(outcome.layers.all.count { $0 == .attack } == 1 && outcome.layers.light == .bonaFide)
        #expect((outcome.layers.surface == .attack) == (cues.bezel == .attack))
        #expect((outcome.layers.surround == .attack) == (cues.surround == .attack))
        #expect((outcome.layers.injection == .attack) == (cues.injection == .attack))
    }

    @Test func `an attack that does not answer the challenge is one all the same`() throws {
        var drive = Drive()
        drive.cues.relief = .sheet
        drive.start()
        drive.show(.good(), frames: 7 + 2 * 181)
        drive.finish()
        let outcome = try #require(drive.outcome)
        #expect(outcome.verdict == .attackSuspected && outcome.reasons == [.presentationAttack])
        #expect(outcome.layers.depth == .attack)
    }

    @Test func `the customer is led through the stages in order`() {
        var drive = Drive()
        drive.start()
        drive.show(nil, frames: 3)
        drive.show(.good(yaw: 20), frames: 3)
        drive.show(.good(), frames: 7)
        drive.turnLeft()
        drive.blink()
        #expect(
            drive.prompts == [
                Prompt(stage: .seeking, advice: .noFace), Prompt(stage: .framing, advice: .lookStraight),
                Prompt(stage: .framing), Prompt(stage: .challenging, instruction: .turnLeft),
                Prompt(stage: .challenging, instruction: .blink),
                Prompt(stage: .challenging, instruction: .blink, advice: .lookStraight),
                Prompt(stage: .challenging, instruction: .blink),
                Prompt(stage: .comparing, instruction: .lookStraight),
            ])
    }

    @Test func `the lamp is lit before the camera and darkened after it`() {
        var drive = Drive()
        drive.passChallenge()
        drive.handle(.compared(ProbeDecisions(samePerson: .match, reference: .match)))
        drive.finish()
        let order = drive.effects.filter { [.lightLamp, .startCapture, .stopCapture, .darkenLamp].contains($0) }
        #expect(order == [.lightLamp, .startCapture, .stopCapture, .darkenLamp])
    }

    @Test func `a step without response is replaced once, then there is no verdict about the person`() throws {
        var drive = Drive()
        drive.start()
        drive.show(.good(), frames: 7 + 181)
        #expect(drive.prompts.last?.instruction == .turnRight)
        drive.show(.good(), frames: 181)
        drive.finish()
        let outcome = try #require(drive.outcome)
        #expect(outcome.verdict == .undetermined)
        #expect(outcome.reasons == [.noResponse])
        #expect(
            outcome.steps == [
                StepRecord(instruction: .turnLeft, responded: false),
                StepRecord(instruction: .turnRight, responded: false),
            ])
    }

    @Test func `of two turns none is replaced by the other`() {
        var drive = Drive(steps: [.turnLeft, .turnRight, .blink], spare: .turnLeft)
        drive.start()
        drive.show(.good(), frames: 7)
        drive.turnLeft()
        drive.show(.good(), frames: 185)
        #expect(drive.prompts.last?.instruction == .turnRight)
        drive.show(.good(yaw: -20), frames: 3)
        drive.show(.good(), frames: 185)
        #expect(drive.prompts.map(\.instruction).suffix(2) == [.blink, .blink])
    }

    @Test func `the step that was asked last is told of, however it ends`() throws {
        for (timeLimit, face) in [(Duration.seconds(3), FaceObservation.good()), (.seconds(30), .good(track: 2))] {
            var drive = Drive(timeLimit: timeLimit)
            drive.start()
            drive.show(.good(), frames: 7)
            drive.turnLeft()
            drive.show(face, frames: 80)
            drive.show(.good(track: 3), frames: 20)
            drive.finish()
            let steps = try #require(drive.outcome).steps
            #expect(steps.last?.responded == false, "\(steps)")
        }
    }

    @Test func `a broken track starts over once with the next challenge`() throws {
        var drive = Drive()
        drive.start()
        drive.show(.good(track: 1), frames: 7)
        drive.show(.good(track: 2), frames: 1)
        #expect(drive.sample == SampleRequest(.first, attempt: 1))
        drive.show(.good(track: 2), frames: 7)
        drive.show(nil, frames: 1)
        drive.finish()
        #expect(try #require(drive.outcome).reasons == [.trackBroken])
    }

    @Test func `who leaves a challenge has failed it`() throws {
        var drive = Drive()
        drive.start()
        drive.show(.good(), frames: 7)
        drive.show(nil, frames: 901)
        drive.finish()
        #expect(try #require(drive.outcome).reasons == [.timeLimit, .trackBroken, .noFace])
    }

    @Test func `who answered every step and is not compared has responded all the same`() throws {
        var drive = Drive(timeLimit: .seconds(5))
        drive.start()
        drive.cues.continuity = .bonaFide
        drive.show(.good(), frames: 7)
        drive.turnLeft()
        drive.blink()
        drive.show(.good(yaw: 9), frames: 200)
        drive.finish()
        let outcome = try #require(drive.outcome)
        #expect(outcome.reasons.first == .timeLimit && outcome.layers.challengeResponse == .bonaFide)
        #expect(outcome.verdict == .undetermined && outcome.layers.continuity == .undetermined)
    }

    @Test func `nothing starts over after a sure attack`() throws {
        var drive = Drive()
        drive.start()
        drive.show(.good(), frames: 7)
        drive.cues.relief = .sheet
        drive.show(.good(), frames: 1)
        drive.show(nil, frames: 1)
        #expect(drive.effects.last == .stopCapture)
        drive.finish()
        let outcome = try #require(drive.outcome)
        #expect(outcome.verdict == .attackSuspected && outcome.reasons == [.presentationAttack])
    }

    @Test(arguments: [(5, Ending.cancelled), (8, .abandoned)])
    func `who hangs up once something was asked has tried`(frames: Int, ending: Ending) {
        var drive = Drive()
        drive.start()
        drive.show(.good(), frames: frames)
        drive.handle(.cancelled)
        drive.finish()
        #expect(drive.endings == [ending])
    }

    @Test(arguments: [
        (nil, 0, Reason.noFace), (FaceObservation.good(), 2, .severalFaces), (.good(yaw: 40), 1, .poorQuality),
    ])
    func `the time limit tells what was wrong`(face: FaceObservation?, faces: Int, reason: Reason) throws {
        var drive = Drive()
        drive.start()
        drive.show(face, frames: 901, faces: faces)
        drive.finish()
        let outcome = try #require(drive.outcome)
        #expect(outcome.verdict == .undetermined)
        #expect(outcome.reasons == [.timeLimit, reason])
        #expect(outcome.layers.challengeResponse == .notChecked)
    }

    @Test func `the first sample waits until the head is still`() {
        var drive = Drive(steps: [.turnLeft])
        drive.start()
        for yaw in stride(from: -11.0, to: 11, by: 1) { drive.show(.good(yaw: yaw), frames: 1) }
        #expect(drive.prompts.last?.stage == .framing)
        drive.show(.good(yaw: 10), frames: 12)
        #expect(drive.prompts.last?.stage == .challenging)
    }

    @Test func `a turned head is asked back before it can blink`() {
        var drive = Drive(steps: [.turnLeft, .blink])
        drive.start()
        drive.show(.good(), frames: 7)
        drive.turnLeft()
        drive.show(.good(yaw: 25), frames: 3)
        #expect(drive.prompts.last == Prompt(stage: .challenging, instruction: .blink, advice: .lookStraight))
        drive.blink()
        #expect(drive.prompts.last?.stage == .comparing)
    }

    @Test func `a turn that falls short is asked further until it is enough`() {
        var drive = Drive(steps: [.turnLeft, .blink])
        drive.start()
        drive.show(.good(), frames: 13)
        drive.show(.good(yaw: 12), frames: 3)
        drive.show(.good(yaw: 1), frames: 3)
        #expect(drive.prompts.last == Prompt(stage: .challenging, instruction: .turnLeft, advice: .turnFurther))
        drive.turnLeft()
        #expect(drive.prompts.last == Prompt(stage: .challenging, instruction: .blink, advice: .lookStraight))
    }

    @Test func `the second sample waits for the neutral pose and open eyes`() {
        var drive = Drive(steps: [.turnLeft])
        drive.start()
        drive.show(.good(), frames: 7)
        drive.turnLeft()
        drive.show(.good(yaw: 10), frames: 10)
        drive.show(.good(eyes: 0.18), frames: 10)
        #expect(!drive.effects.contains(.compare([])))
        drive.show(.good(yaw: 5, eyes: 0.25), frames: 6)
        #expect(drive.effects.last == .compare([]))
    }

    @Test func `frames from before the start are not looked at`() {
        var drive = Drive()
        for event in [.requested, .referenceAccepted, .lampLit] as [Verification.Event] { drive.handle(event) }
        drive.handle(.captureStarted(at: FrameObservation.frame(100, nil).timestamp))
        let before = drive.effects.count
        drive.show(.good(), frames: 99)
        #expect(drive.effects.count == before)
    }

    @Test func `reports come at most ten times a second`() {
        var drive = Drive()
        drive.start()
        drive.show(.good(yaw: 20), frames: 90)
        let reports = drive.effects.filter { if case .report = $0 { true } else { false } }
        #expect((22...30).contains(reports.count))
    }

    @Test func `an unusable portrait leaves lamp and camera alone`() {
        var drive = Drive()
        drive.handle(.requested)
        drive.handle(.referenceRefused)
        #expect(drive.effects == [.checkReference, .conclude(.referenceRefused)])
    }

    @Test func `a lamp that cannot be lit keeps the camera off`() {
        let fault = LightsFault.chipMissing(chip: "gpiochip0")
        var drive = Drive()
        for event in [.requested, .referenceAccepted, .lampFailed(fault)] as [Verification.Event] {
            drive.handle(event)
        }
        #expect(drive.effects == [.checkReference, .lightLamp, .darkenLamp, .conclude(.lightsUnavailable(fault))])
    }

    @Test func `a lamp that goes out on its own takes the camera off`() {
        let fault = LightsFault.chipMissing(chip: "gpiochip0")
        var drive = Drive()
        let events: [Verification.Event] = [
            .requested, .referenceAccepted, .lampLit, .captureStarted(at: Timestamp(nanoseconds: 0)),
            .lampFailed(fault), .captureStopped,
        ]
        for event in events { drive.handle(event) }
        let ending: [Verification.Effect] = [
            .show(nil), .stopCapture, .darkenLamp, .conclude(.lightsUnavailable(fault)),
        ]
        #expect(drive.effects.suffix(4) == ending)
    }

    @Test func `a camera that does not start is an error, one that fails later is no verdict about the person`() throws
    {
        let fault = CameraFault.unplugged(name: "front")
        var early = Drive()
        for event in [.requested, .referenceAccepted, .lampLit, .captureFailed(fault)] as [Verification.Event] {
            early.handle(event)
        }
        #expect(early.endings == [.cameraUnavailable(fault)])
        var late = Drive()
        late.start()
        late.show(.good(), frames: 10)
        late.handle(.captureFailed(fault))
        #expect(try #require(late.outcome).reasons == [.cameraFault])
    }
}
