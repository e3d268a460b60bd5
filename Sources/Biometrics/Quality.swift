/// What makes a face sample usable, measured natively; names follow ISO/IEC 29794-5 (OFIQ).
///
/// Pose is part of the observation itself. Each value is a plain measurement; `FramingRequirements`
/// turns them into advice.
package struct FaceQuality: Hashable, Sendable {
    /// Pixels between the eye centres.
    package var interEyeDistance: Double
    /// Mean squared Laplacian over mean squared gradient of the face region on a grid of 64×64 means.
    ///
    /// Blur takes from the first faster than from the second; the grid makes near and far faces compare.
    /// Faces 100...500 pixels wide read above 0.4 in focus; one of 150 pixels blurred by σ = 4 pixels below 0.15.
    package var sharpness: Double
    /// Mean luminance of the face region, 0...255.
    package var luminanceMean: Double
    /// Share of the face region with a luminance below 25, 0...1.
    package var underExposedShare: Double
    /// Share of the face region with a luminance above 247, 0...1.
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
