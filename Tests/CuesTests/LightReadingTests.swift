import Biometrics
import Cues
import Ports
import Support
import Testing

@Suite struct LightCueTests {
    @Test(arguments: [(190.0, 0.2176), (120, 0.598), (95, 1), (40, 1), (0, 1)])
    func `a face is exposed so that light can be seen on it`(luminance: Double, share: Double) {
        var face = FaceObservation.good()
        face.quality.luminanceMean = luminance
        #expect(abs(LightExposure.share(for: face) - share) < 0.001)
    }

    @Test(arguments: [
        (0.15, 0.15, 0.7, 0.03, 0.05, 200, 90, Cue.bonaFide), (0.15, 0.15, 0.05, 0.03, 0.05, 200, 90, .attack),
        (0.15, 0.15, 0.3, 0.03, 0.05, 200, 90, .undetermined), (0.15, 0.15, 0.6, 0.2, 0.05, 200, 90, .undetermined),
        (0.15, 0.15, 0.7, 0.2, 0.05, 200, 90, .bonaFide), (0.15, 0.15, 1.5, 0.27, 0.05, 200, 90, .undetermined),
        (0.15, 0.15, -0.05, 0.1, 0.05, 200, 90, .undetermined), (0.15, 0.15, -0.1, 0.1, 0.05, 200, 90, .attack),
        (0.04, 0.04, 0.7, 0.03, 0.05, 200, 90, .notChecked), (0.28, 0.02, 0.7, 0.03, 0.05, 200, 90, .notChecked),
        (0.15, 0.15, 0.7, 0.03, 0.5, 200, 90, .undetermined), (0.15, 0.15, 0.7, 0.03, 0.05, 20, 90, .notChecked),
        (0.28, -0.02, 0.7, 0.03, 0.5, 200, 90, .undetermined), (0.04, -0.02, 0.7, 0.03, 0.5, 200, 90, .notChecked),
        (0.15, 0.15, 0.7, 0.03, 0.05, 200, 29, .undetermined), (0.15, 0.15, 0.05, 0.03, 0.05, 200, 29, .undetermined),
        (0.04, 0.04, 0.7, 0.03, 0.05, 200, 29, .notChecked),
    ]) func `a head shades, a sheet does not, and what is weak says nothing`(
        left: Double, right: Double, shading: Double, error: Double, misfit: Double, patches: Int, frames: Int, cue: Cue
    ) {
        let reading = LightReading(
            left: left, right: right, shading: shading, shadingError: error, misfit: misfit, patchCount: patches,
            frameCount: frames)
        #expect(reading.result(beside: .unread) == cue)
    }

    /// Shading and its error beside a relief; what one pattern says, and what two.
    @Test(arguments: [
        (0.3, 0.05, Relief.head, Cue.undetermined, Cue.bonaFide), (0.3, 0.05, .low, .undetermined, .bonaFide),
        (0.3, 0.05, .unsure, .undetermined, .undetermined), (0.3, 0.05, .flat, .undetermined, .bonaFide),
        (0.3, 0.05, .unread, .undetermined, .undetermined), (0.3, 0.05, .sheet, .undetermined, .undetermined),
        (0.3, 0.05, .partial, .undetermined, .undetermined), (0.3, 0.13, .head, .undetermined, .undetermined),
        (0.14, 0.05, .head, .undetermined, .undetermined), (0.0, 0.01, .head, .attack, .attack),
        (0.1, 0.02, .partial, .attack, .attack), (0.1, 0.02, .unsure, .attack, .attack),
        (0.8, 0.05, .unsure, .undetermined, .undetermined), (0.8, 0.05, .unread, .bonaFide, .bonaFide),
        (0.8, 0.05, .flat, .undetermined, .bonaFide), (0.8, 0.05, .partial, .undetermined, .undetermined),
    ]) func `a face that shades little passes beside its relief, after two patterns, and a partial one never`(
        shading: Double, error: Double, relief: Relief, cue: Cue, second: Cue
    ) {
        func result(patterns: Int) -> Cue {
            LightReading(left: 0.15, right: 0.15, shading: shading, shadingError: error, patternCount: patterns)
                .result(beside: relief)
        }
        #expect(result(patterns: 1) == cue)
        #expect(result(patterns: 2) == second)
    }

    /// Error of the shading, its spread over the states, and what the front shades; a head's shading is 0.8.
    @Test(arguments: [
        (0.03, 0.1, 0.1, Cue.bonaFide), (0.03, 0.3, 0.0, .undetermined), (0.25, 0.3, 0.0, .bonaFide),
        (0.03, 0.0, 0.2, .undetermined), (0.03, 0.0, -0.2, .undetermined), (0.1, 0.0, 0.2, .bonaFide),
    ]) func `what guesses the side is no head`(error: Double, spread: Double, front: Double, cue: Cue) {
        let reading = LightReading(
            left: 0.15, right: 0.15, shading: 0.8, shadingError: error, shadingSpread: spread, frontShading: front)
        #expect(reading.result(beside: .unread) == cue)
    }

    /// Below the nose and through the middle; what is said beside a relief of which all was seen, and without one.
    @Test(
        arguments: [
            (-3.0, -3.0, Cue.bonaFide, Cue.bonaFide), (1.2, 1.2, .bonaFide, .bonaFide),
            (1.3, -3, .undetermined, .undetermined), (-3, 1.3, .bonaFide, .undetermined),
            (-3, 2.4, .bonaFide, .undetermined), (-3, 2.6, .undetermined, .undetermined),
            (nil, -3, .undetermined, .undetermined), (-3, nil, .undetermined, .undetermined),
        ] as [(Double?, Double?, Cue, Cue)])
    func `a face that shades on one half only is no whole head`(
        below: Double?, middle: Double?, cue: Cue, alone: Cue
    ) {
        let reading = LightReading(
            left: 0.15, right: 0.15, shading: 0.8, shadingError: 0.03, unevenness: below, middleUnevenness: middle,
            patternCount: 2)
        #expect(reading.result(beside: .head) == cue)
        #expect(reading.result(beside: .unread) == alone)
        #expect(reading.result(beside: .flat) == alone)
    }

    /// Rise, shading, what the calibration makes expect, and what is said.
    private static let expectations: [(Double, Double, Double?, Cue)] = [
        (0.02, 0.3, 0.15, .attack), (0.16, 0.0, 0.3, .attack), (0.14, 0.0, 0.3, .undetermined),
        (0.044, 0.3, 0.3, .attack), (0.046, 0.3, 0.3, .notChecked), (0.03, 0.3, 0.15, .notChecked),
        (0.07, 0.3, 0.3, .undetermined),
        (0.08, 0.3, 0.12, .undetermined), (0.054, 0.3, 0.12, .undetermined),
        (0.04, 0.3, 0.07, .notChecked), (0.04, 0.3, 0.09, .notChecked), (0.005, 0.3, 0.15, .notChecked),
        // What shades as a head does.
        (0.04, 0.7, 0.15, .notChecked), (0.07, 0.7, 0.3, .notChecked), (0.08, 0.7, 0.3, .bonaFide),
        (0.045, 0.7, 0.1, .bonaFide),
        (0.04, 0.7, 0.07, .bonaFide), (0.04, 0.7, nil, .notChecked), (0.028, 0.7, 0.05, .notChecked),
    ]

    @Test(arguments: expectations)
    func `what hardly brightens where a head must is a screen, unless all is dark or the light is little`(
        rise: Double, shading: Double, expected: Double?, cue: Cue
    ) {
        var reading = LightReading(left: rise, right: rise, shading: shading, shadingError: 0.03)
        let exposure = HeldExposure(time: 160, gain: 4)
        let calibration = expected.map {
            LightCalibration(
                delayMilliseconds: 0, left: $0, right: $0, front: 0, faceWidth: 0.2, exposure: exposure)
        }
        reading.expect(calibration, at: exposure)
        #expect(reading.expectedRise == expected)
        #expect(reading.result(beside: .unread) == cue)
    }

    /// As a share of the rise; what is expected is eight times as much.
    @Test(arguments: [(2.7, Cue.attack), (2.9, .notChecked)])
    func `a person whose pictures are late is no screen`(misfit: Double, cue: Cue) {
        var reading = LightReading(left: 0.025, right: 0.025, shading: 0.1, shadingError: 0.5, misfit: misfit)
        let exposure = HeldExposure(time: 160, gain: nil)
        let calibration = LightCalibration(
            delayMilliseconds: 0, left: 0.2, right: 0.2, front: 0, faceWidth: 0.2, exposure: exposure)
        reading.expect(calibration, at: exposure)
        #expect(reading.result(beside: .unread) == cue)
    }
}

extension LightReading {
    /// One pattern, read well, of a face in the middle distance.
    fileprivate init(
        left: Double, right: Double, shading: Double, shadingError: Double, unevenness: Double? = -1,
        middleUnevenness: Double? = -1, shadingSpread: Double = 0, frontShading: Double = 0, misfit: Double = 0.05,
        patchCount: Int = 200, frameCount: Int = 90, patternCount: Int = 1
    ) {
        self.init(
            left: left, right: right, front: 0, shading: shading, shadingError: shadingError,
            unevenness: unevenness, middleUnevenness: middleUnevenness, shadingSpread: shadingSpread,
            frontShading: frontShading, misfit: misfit, patchCount: patchCount, frameCount: frameCount,
            patternCount: patternCount, faceWidth: 0.2, delay: .zero)
    }
}
