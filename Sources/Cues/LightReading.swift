package import Biometrics
package import Platform
package import Ports

/// One change of the illuminators.
package struct LightSwitch: Hashable, Sendable {
    /// When it was begun, and when it was done for sure.
    package let begin: Timestamp
    package let end: Timestamp
    /// What is lit from then on.
    package let illuminators: Illuminators

    /// What illuminators and camera may take after `end`.
    package static let settling = Duration.milliseconds(75)

    package init(_ illuminators: Illuminators, from begin: Timestamp, to end: Timestamp) {
        self.begin = begin
        self.end = end
        self.illuminators = illuminators
    }

    /// How late pictures may show a change, beyond what their times say.
    ///
    /// A camera that halves its rate in the dark holds as many frames, which are twice as late.
    package static func delays(_ calibration: LightCalibration?) -> ClosedRange<Duration> {
        guard let calibration else { return .zero...Thresholds.Light.longestDelay }
        let delay = Duration.milliseconds(calibration.delayMilliseconds)
        return max(.zero, delay - Thresholds.Light.delaySpread)...delay + delay + Thresholds.Light.delaySpread
    }
}

/// What the illuminators did to a face.
package struct LightReading: Hashable, Sendable {
    /// Rise of the logarithm of the face's brightness under each illuminator, nearly the share of what it is without;
    /// 0 for one that was not lit.
    package let left: Double
    package let right: Double
    package let front: Double
    /// How much more the left of nose and cheeks brightens under the left illuminator than under the right one, as a
    /// multiple of what a head would show: 1 for a head, 0 for a sheet.
    package let shading: Double
    /// Standard error of `shading`.
    package let shadingError: Double
    /// Standard errors by which one part of the face shades less than `Thresholds.Light.evenShare` of what the rest does,
    /// cut below the nose, or through the middle, along the nose or across its bridge; `nil` where they cannot be
    /// compared.
    package let unevenness: Double?
    package let middleUnevenness: Double?
    /// What of the shading of each state as a whole the illuminators do not explain, on average, and what the front adds to
    /// the left or takes from it, 0 where there is none; both in the unit of `shading`.
    package let shadingSpread: Double
    package let frontShading: Double
    /// What of the brightness over time the illuminators do not explain, as a share of what they do.
    package let misfit: Double
    /// Places of the face, frames, and patterns that were measured.
    package let patchCount: Int
    package let frameCount: Int
    package let patternCount: Int
    /// Mean width of the face, as a share of the frame's.
    package let faceWidth: Double
    /// How late the pictures showed the illuminators' changes.
    package let delay: Duration
    /// Mean rise under left and right that a head must show here by the device's calibration; `nil` when unknown.
    package private(set) var expectedRise: Double?

    package init(
        left: Double, right: Double, front: Double, shading: Double, shadingError: Double,
        unevenness: Double?, middleUnevenness: Double?, shadingSpread: Double, frontShading: Double, misfit: Double,
        patchCount: Int, frameCount: Int, patternCount: Int, faceWidth: Double, delay: Duration
    ) {
        self.left = left
        self.right = right
        self.front = front
        self.shading = shading
        self.shadingError = shadingError
        (self.unevenness, self.middleUnevenness) = (unevenness, middleUnevenness)
        (self.shadingSpread, self.frontShading) = (shadingSpread, frontShading)
        self.misfit = misfit
        self.patchCount = patchCount
        (self.frameCount, self.patternCount) = (frameCount, patternCount)
        self.faceWidth = faceWidth
        self.delay = delay
    }

    /// Compares with what the device was calibrated by, in the exposure that was held.
    package mutating func expect(_ calibration: LightCalibration?, at exposure: HeldExposure?) {
        expectedRise = calibration?.expectedRise(faceWidth: faceWidth, exposure: exposure)
    }

    private var rise: Double { (left + right) / 2 }

    /// Whether hardly any light comes back where a head must send much: glass, in front of a light of its own.
    ///
    /// Where none at all comes back, the illuminators may have failed; where much of what comes back does not keep their
    /// beat, the pictures may be late.
    private var isDull: Bool {
        guard let expectedRise, expectedRise >= Thresholds.Light.leastExpected else { return false }
        return rise < Thresholds.Light.dull * expectedRise && min(left, right) > Thresholds.Light.dead * expectedRise
            && misfit * rise <= Thresholds.Light.misfit * expectedRise
    }

    private var isHead: Bool {
        isShaded(beyond: Thresholds.Light.sheet) && shading >= Thresholds.Light.head
    }

    private func isShaded(beyond sheet: Double) -> Bool {
        keepsBeat && followsSides && shadingError <= Thresholds.Light.mostError
            && shading <= Thresholds.Light.mostShading && shading - Thresholds.Light.belief * shadingError > sheet
    }

    /// Whether a head's shading is believed: under little light only where the calibration expects no more.
    private var isBelievable: Bool {
        guard isLitFromBothSides else { return false }
        guard let expectedRise else { return rise >= Thresholds.Light.amplitude }
        if rise >= Thresholds.Light.amplitude { return rise >= Thresholds.Light.believable * expectedRise }
        return rise >= Thresholds.Light.leastAmplitude
            && (rise >= Thresholds.Light.weak * expectedRise || expectedRise < Thresholds.Light.leastExpected)
    }

    /// Whether it is evenly lit, and as much as a face would be: what is washed out looks even too.
    private var isSheet: Bool {
        if let expectedRise, rise < Thresholds.Light.returned * expectedRise { return false }
        return shading + Thresholds.Light.accusation * shadingError < Thresholds.Light.sheet
    }

    /// Whether no part of the face seems to be of paper, which turns tell better where they showed every part.
    private func isWhole(_ relief: Relief) -> Bool {
        func isEven(_ unevenness: Double?, _ most: Double) -> Bool { unevenness.map { $0 <= most } ?? false }
        let isShown = relief == .low || relief == .head
        return isEven(unevenness, Thresholds.Light.mostUneven)
            && isEven(
                middleUnevenness, isShown ? Thresholds.Light.mostUnevenBesideRelief : Thresholds.Light.mostUneven)
    }

    private var isLitFromBothSides: Bool { min(left, right) >= Thresholds.Light.leastSide }

    /// A light that does not keep the beat is not the device's.
    private var keepsBeat: Bool { misfit <= Thresholds.Light.misfit }

    /// Whether every state shades as its side, and the front as neither: a screen that sees how bright the room is, and
    /// guesses the side, keeps the beat.
    private var followsSides: Bool {
        let excess = max(shadingSpread * shadingSpread - shadingError * shadingError, 0).squareRoot()
        return excess <= Thresholds.Light.spread * shading
            && abs(frontShading) <= Thresholds.Light.frontShading * shading + Thresholds.Light.belief * shadingError
    }

    /// What the light challenge says.
    ///
    /// A head's shading follows the side that is lit; a sheet, bent or not, brightens as a whole; a screen hardly at
    /// all, which only a calibrated device can tell from illuminators that are too weak. What shades as a head but is too
    /// dull for one may be a face in a sunbeam or a screen that is not smooth: not checked, as what is too weak or too
    /// bright. Too few frames, as of a slow camera: undetermined, since one more pattern gives as many again.
    ///
    /// A face of which a print hides a part has the relief or the shading of a head in the rest only. A flat nose shades
    /// less than a usual one all over: turns tell it from a sheet, and two patterns from a video that guesses some of the
    /// sides. Where its relief is flat as well, two patterns are asked for in any case; where it may be a sheet's, or shows
    /// a part that is, no shading is believed.
    package func result(beside relief: Relief) -> Cue {
        guard patchCount >= Thresholds.Light.leastPatches else { return .notChecked }
        let isStrong = rise >= Thresholds.Light.amplitude && isLitFromBothSides
        guard frameCount >= Thresholds.Light.leastFrames else { return isStrong ? .undetermined : .notChecked }
        let isFlatHead = patternCount > 1 && relief != .unread && isShaded(beyond: Thresholds.Light.wholeSheet)
        if relief.allowsHead(after: patternCount), isHead || isFlatHead {
            guard isBelievable else { return .notChecked }
            return isWhole(relief) ? .bonaFide : .undetermined
        }
        if max(left, right) >= Thresholds.Light.amplitude, !keepsBeat { return .undetermined }
        if isDull { return .attack }
        guard isStrong else { return .notChecked }
        return isSheet ? .attack : .undetermined
    }
}
