import Biometrics
import Cues
import Testing

@Suite struct LightCueTests {
    @Test(arguments: [
        (0.15, 0.15, 0.7, 0.03, 0.05, 200, 90, Cue.bonaFide), (0.15, 0.15, 0.05, 0.03, 0.05, 200, 90, .attack),
        (0.15, 0.15, 0.3, 0.03, 0.05, 200, 90, .undetermined), (0.15, 0.15, 0.45, 0.25, 0.05, 200, 90, .undetermined),
        (0.15, 0.15, 0.1, 0.1, 0.05, 200, 90, .undetermined), (0.04, 0.04, 0.7, 0.03, 0.05, 200, 90, .notChecked),
        (0.2, 0.01, 0.7, 0.03, 0.05, 200, 90, .notChecked), (0.15, 0.15, 0.7, 0.03, 0.5, 200, 90, .undetermined),
        (0.15, 0.15, 0.7, 0.03, 0.05, 20, 90, .notChecked), (0.15, 0.15, 0.7, 0.03, 0.05, 200, 20, .notChecked),
    ]) func `a head shades, a sheet does not, and what is weak says nothing`(
        left: Double, right: Double, shading: Double, error: Double, misfit: Double, patches: Int, frames: Int, cue: Cue
    ) {
        let reading = LightReading(
            left: left, right: right, front: 0, shading: shading, shadingError: error, misfit: misfit,
            patchCount: patches, frameCount: frames)
        #expect(reading.result == cue)
    }
}
