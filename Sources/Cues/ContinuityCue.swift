package import Biometrics
import Platform

/// Whether one face was seen all the time, moving as a head can.
///
/// A picture that is cut and a person who is exchanged jump from one frame to the next. A track that was lost proves
/// nothing, as people step aside, but then nothing is sure either.
package struct ContinuityCue: Hashable, Sendable {
    private struct Sight: Hashable {
        let time: Timestamp
        let face: FaceObservation
    }

    private var last: Sight?
    private var faceFrames = 0
    /// Frames in which the face had jumped, or was another picture.
    private var jumps = 0
    /// Whether the track broke, another face came, or the face was gone.
    private var isBroken = false

    package init() {}

    /// Takes in one frame; `likeness` is the correlation of the face's pixels with those of the frame before.
    package mutating func observe(_ frame: FrameObservation, likeness: Double?) {
        guard let face = frame.face, frame.faceCount == 1 else {
            isBroken = isBroken || last != nil
            last = nil
            return
        }
        faceFrames += 1
        if let last {
            if last.face.track != face.track { isBroken = true }
            if hasJumped(from: last, to: face, at: frame.timestamp, likeness) { jumps += 1 }
        }
        last = Sight(time: frame.timestamp, face: face)
    }

    private func hasJumped(
        from last: Sight, to face: FaceObservation, at time: Timestamp, _ likeness: Double?
    ) -> Bool {
        let seconds = Double((time - last.time).nanoseconds) / 1e9
        guard seconds > 0, seconds <= Thresholds.Continuity.longestGap else { return false }
        if let likeness, likeness < Thresholds.Continuity.likeness { return true }
        let box = last.face.box
        let size = max(box.width, 1)
        let way = max(abs(face.box.centreX - box.centreX), abs(face.box.centreY - box.centreY)) / size
        let growth = abs(face.box.width / size - 1)
        return way > Thresholds.Continuity.speed * seconds + Thresholds.Continuity.slack
            || growth > Thresholds.Continuity.growth * seconds + Thresholds.Continuity.slack
    }

    /// One jump may be a frame that was lost on its way; a second one is no accident.
    package var result: Cue {
        guard faceFrames >= Thresholds.Continuity.leastFrames else { return .notChecked }
        if jumps >= Thresholds.Continuity.mostJumps { return .attack }
        return jumps > 0 || isBroken ? .undetermined : .bonaFide
    }

    /// Jumps so far, for reports.
    package var jumpCount: Int { jumps }
}
