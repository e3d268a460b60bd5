/// What makes a face sample usable, measured natively; names follow ISO/IEC 29794-5 (OFIQ).
///
/// Pose is part of the observation itself. Each value is a plain measurement; `QualityRequirements`
/// turns them into advice.
package struct FaceQuality: Hashable, Sendable {
    /// Pixels between the eye centres.
    package var interEyeDistance: Double
    /// Mean squared Laplacian over mean squared gradient in the face region at a fixed scale; grows with focus.
    package var sharpness: Double
    /// Mean luminance of the face region, 0...255.
    package var luminanceMean: Double
    /// Share of pixels in the face region below 25, 0...1.
    package var underExposedShare: Double
    /// Share of pixels in the face region above 247, 0...1.
    package var overExposedShare: Double
    /// |left − right| / mean luminance of the two face halves, 0...2.
    package var illuminationAsymmetry: Double

    package init(
        interEyeDistance: Double, sharpness: Double, luminanceMean: Double, underExposedShare: Double,
        overExposedShare: Double, illuminationAsymmetry: Double
    ) {
        self.interEyeDistance = interEyeDistance
        self.sharpness = sharpness
        self.luminanceMean = luminanceMean
        self.underExposedShare = underExposedShare
        self.overExposedShare = overExposedShare
        self.illuminationAsymmetry = illuminationAsymmetry
    }
}
