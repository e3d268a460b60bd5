package import Biometrics
import Glibc

/// How a face must be exposed for its brightness to follow the illuminators.
package enum LightExposure {
    /// At what share of itself the camera's exposure is held while `face` is lit; at most 1.
    package static func share(for face: FaceObservation) -> Double {
        min(pow(Thresholds.Light.luminance / max(face.quality.luminanceMean, 1), 2.2), 1)
    }
}
