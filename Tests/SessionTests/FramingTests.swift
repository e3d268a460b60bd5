import Biometrics
import Ports
import Session
import Support
import Testing

@Suite struct FramingTests {
    /// Luminance of the face, inter-eye distance as a share of the frame, and whether it is near enough to be lit.
    @Test(arguments: [
        (128.0, 0.065, false), (128, 0.067, true), (200, 0.067, true), (100, 0.08, false), (100, 0.084, true),
        (50, 0.088, false), (50, 0.09, true),
    ]) func `a dark face must be nearer to be lit`(luminance: Double, share: Double, isNear: Bool) {
        var face = FaceObservation.good()
        face.quality.luminanceMean = luminance
        face.quality.interEyeDistance = share * 1280
        var requirements = FramingRequirements()
        requirements.leastInterEyeShare = 0.066
        let frame = FrameObservation.frame(0, face)
        #expect(requirements.advice(for: frame).ordered == (isNear ? [] : [.moveCloser]))
        requirements.leastInterEyeShare = 0
        #expect(requirements.advice(for: frame).ordered.isEmpty)
    }

    /// Centre of the face as a share of the frame's width, yaw, and the advice; the subject's left is the picture's right.
    @Test(arguments: [
        (0.5, 13.0, Advice.lookStraight), (0.5, -13, .lookStraight), (0.61, 13, .moveIntoCentre),
        (0.39, -13, .moveIntoCentre), (0.61, -13, .lookStraight), (0.55, 13, .lookStraight), (0.61, 11, nil),
        (0.63, 0, .moveIntoCentre), (0.37, 0, .moveIntoCentre),
    ]) func `who looks past the camera from aside is asked to the middle`(
        centre: Double, yaw: Double, advice: Advice?
    ) {
        var face = FaceObservation.good(yaw: yaw)
        face.box.x = centre * 1280 - face.box.width / 2
        let given = FramingRequirements().advice(for: .frame(0, face)).ordered
        #expect(given == (advice.map { [$0] } ?? []))
    }
    @Test func `who stood well at first may sway farther aside`() {
        var face = FaceObservation.good()
        face.box.x = 0.65 * 1280 - face.box.width / 2
        let (first, lit) = (SampleRequest(.first, attempt: 0), SampleRequest(.lit, attempt: 0))
        func taken(_ request: SampleRequest) -> SampleRequest? {
            AnalysisSchedule(eyes: .alternating, sample: request).sample(for: .frame(0, face), FramingRequirements())
        }
        #expect(taken(first) == nil)
        #expect(taken(lit) == lit)
    }
}
