import Biometrics
import Cues
import Liveness
import Platform
import Ports
import Session
import Support
import Testing

@Suite struct VerificationPropertyTests {
    private static let fault = CameraFault.unplugged(name: "front")

    /// All events that the world can send at any time.
    private func randomEvent(_ number: Int, using generator: inout SeededGenerator) -> Verification.Event {
        let face: FaceObservation? =
            [
                nil, .good(), .good(), .good(yaw: 20), .good(eyes: 0.05), .good(track: 2),
            ].randomElement(using: &generator) ?? nil
        let frame = FrameObservation.frame(number, face, faces: Bool.random(using: &generator) ? 1 : 2)
        let sample = SampleRequest(
            Bool.random(using: &generator) ? .first : .second, attempt: Int.random(in: 0...1, using: &generator))
        let events: [Verification.Event] = [
            .requested, .referenceAccepted, .referenceRefused, .lampLit, .lampFailed(.chipMissing(chip: "x")),
            .captureStarted(at: frame.timestamp), .captureFailed(Self.fault), .captureStopped,
            .observed(FrameReading(frame, sample: sample)), .observed(FrameReading(frame, sample: sample)),
            .observed(FrameReading(frame)),
            .compared(ProbeDecisions(samePerson: .match, reference: .match)),
            .compared(ProbeDecisions(samePerson: .match, reference: .match, light: .unsure)),
            .ticked(at: frame.timestamp), .cancelled, .deviceStopping,
            .illuminated(LightSwitch([.left], from: frame.timestamp, to: frame.timestamp)),
            .illuminationFailed(at: frame.timestamp),
        ]
        return events.randomElement(using: &generator) ?? .requested
    }

    @Test(arguments: 0..<400) func `no order of events leaves camera or lamp on`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let challenges = (0..<2).map { _ in Challenge.draw(using: &generator) }
        let patterns = (0..<3).compactMap { _ in
            seed.isMultiple(of: 2) ? LightPattern.draw(from: .all, using: &generator) : nil
        }
        var verification = Verification(policy: VerificationPolicy(), challenges: challenges, patterns: patterns)
        var (isLampLit, isCameraOn, endings) = (false, false, 0)

        func send(_ event: Verification.Event) {
            switch event {
            case .captureFailed, .captureStopped: isCameraOn = false
            default: break
            }
            for effect in verification.handle(event) {
                switch effect {
                case .lightLamp: isLampLit = true
                case .darkenLamp:
                    #expect(!isCameraOn, "the lamp went dark while the camera was on")
                    isLampLit = false
                case .startCapture:
                    #expect(isLampLit, "the camera started in the dark")
                    isCameraOn = true
                // It says that the lamp is lit as well.
                case .illuminate: #expect(isLampLit && isCameraOn)
                case .conclude:
                    endings += 1
                    #expect(!isLampLit && !isCameraOn, "it ended with something left on")
                default: break
                }
            }
        }

        send(.requested)
        for number in 0..<Int.random(in: 0...400, using: &generator) { send(randomEvent(number, using: &generator)) }
        send(.cancelled)
        send(.captureStopped)
        #expect(verification.hasEnded)
        #expect(endings == 1)
        #expect(!isLampLit && !isCameraOn)
    }
}
