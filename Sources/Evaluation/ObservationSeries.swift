package import Biometrics
import Liveness
import Platform

/// What was read off the faces of a clip, frame by frame; finds events in it.
package struct ObservationSeries: Sendable {
    package enum Direction: String, Hashable, Sendable { case left, right, up, down }

    /// A turn of the head; `left` is the subject's own.
    package struct Turn: Hashable, Sendable {
        package let direction: Direction
        package let frames: ClosedRange<Int>
        /// The largest change from the neutral pose, in degrees; signed as in `HeadPose`.
        package let peak: Double
    }

    private struct Reading: Sendable {
        let face: FaceObservation
        let timestamp: Timestamp
    }

    /// `nil` for a frame without a face.
    package private(set) var frames: [FaceObservation?] = []
    private var readings: [Reading?] = []

    package init() {}

    /// Adds the next frame; `nil` for one that could not be read.
    package mutating func append(_ observation: FrameObservation?) {
        let reading = observation.flatMap { seen in seen.face.map { Reading(face: $0, timestamp: seen.timestamp) } }
        readings.append(reading)
        frames.append(reading?.face)
    }

    /// The frames of each blink, first and last included.
    package func blinks() -> [ClosedRange<Int>] {
        var detector = BlinkDetector()
        var found: [ClosedRange<Int>] = []
        for (index, reading) in readings.enumerated() {
            guard let reading else { continue }
            let blink = detector.observe(reading.face.eyeOpening, yaw: reading.face.pose.yaw, at: reading.timestamp)
            guard let blink else { continue }
            let start = readings[...index].lastIndex { ($0?.timestamp ?? blink.end) <= blink.start } ?? index
            found.append(start...index)
        }
        return found
    }

    /// The turns of the head; what it does when the face is lost in a turn counts as turning on.
    package func turns(frameRate: Double) -> [Turn] {
        let window = Int(TurnRule.neutralWindow * frameRate)
        let yaw = AngleTrack(readings.map { $0?.face.pose.yaw }, window: window)
        let pitch = AngleTrack(readings.map { $0?.face.pose.pitch }, window: window)
        let patience = Int(TurnRule.longestLoss * frameRate)
        let sideways = yaw.excursions(patience: patience).filter(\.isSidewaysTurn)
        let upAndDown = pitch.excursions(patience: patience).filter(\.isNod)
        let turns =
            sideways.map { Turn(direction: $0.peak > 0 ? .left : .right, frames: $0.frames, peak: $0.peak) }
            + upAndDown.map { Turn(direction: $0.peak > 0 ? .down : .up, frames: $0.frames, peak: $0.peak) }
        return turns.sorted { $0.frames.lowerBound < $1.frames.lowerBound }
    }
}

/// When a change of pose is a turn; degrees and seconds, tuned on 20 clips at 15 to 30 frames a second.
private enum TurnRule {
    /// A turn of 20° reads 18° to 19°, from the camera and from neutral alike unless the person sits askew.
    static let leastYaw = 17.5
    static let leastYawChange = 15.0
    /// Neutral pitch wanders more, with the gaze and with speech.
    static let leastPitchChange = 20.0
    static let onset = 8.0
    static let rest = 2.0
    /// From here a lost face has turned out of sight.
    static let lossAngle = 12.0
    static let longestLoss = 3.0
    /// A turn is over when this share of its peak is left.
    static let heldShare = 0.75
    /// Neutral is the median over so many seconds before and after.
    static let neutralWindow = 10.0
}

/// A stretch in which one angle left neutral.
private struct Excursion {
    let frames: ClosedRange<Int>
    /// The largest change from neutral, and the angle itself there.
    let peak: Double
    let angle: Double
    let losesFace: Bool

    var isSidewaysTurn: Bool {
        losesFace
            || (abs(peak) >= TurnRule.leastYawChange && abs(angle) >= TurnRule.leastYaw && peak.sign == angle.sign)
    }
    var isNod: Bool { abs(peak) >= TurnRule.leastPitchChange }
}

/// One angle of the head over a clip, without single-frame spikes, and its change from neutral.
private struct AngleTrack {
    private let angles: [Double?]
    private let changes: [Double?]

    init(_ raw: [Double?], window: Int) {
        let angles = raw.indices.map { index in
            raw[index].flatMap { _ in median(raw[max(index - 1, 0)...min(index + 1, raw.count - 1)].compactMap(\.self))
            }
        }
        // Neutral moves slowly: once in half a second's frames is enough.
        let step = max(window / 20, 1)
        let neutrals = stride(from: 0, to: raw.count, by: step).map { index in
            median(raw[max(index - window, 0)...min(index + window, raw.count - 1)].compactMap(\.self)) ?? 0
        }
        self.angles = angles
        self.changes = angles.indices.map { index in angles[index].map { $0 - neutrals[index / step] } }
    }

    func excursions(patience: Int) -> [Excursion] {
        var found: [Excursion] = []
        var index = 0
        while index < changes.count {
            guard let change = changes[index], abs(change) >= TurnRule.onset else {
                index += 1
                continue
            }
            let (excursion, next) = follow(from: index, side: change > 0 ? 1 : -1, patience: patience)
            found.append(excursion)
            index = max(next, index + 1)
        }
        return found
    }

    /// Follows one side of neutral until the angle comes back, or the face stays away.
    private func follow(from start: Int, side: Double, patience: Int) -> (Excursion, next: Int) {
        var (peak, peakIndex, last, index, losesFace) = (0.0, start, start, start, false)
        while index < changes.count {
            if let change = changes[index] {
                if side * change < TurnRule.onset { break }
                if side * change > side * peak { (peak, peakIndex) = (change, index) }
                last = index
            } else {
                if let before = changes[last], side * before >= TurnRule.lossAngle { losesFace = true }
                if index - last > patience { break }
            }
            index += 1
        }
        let held = (peakIndex..<index).first {
            changes[$0].map { side * $0 < TurnRule.heldShare * side * peak } ?? false
        }
        let end = held ?? min(index, changes.count - 1)
        let frames = onset(before: start, side: side)...max(end, start)
        return (Excursion(frames: frames, peak: peak, angle: angles[peakIndex] ?? 0, losesFace: losesFace), index)
    }

    /// Goes back to where the motion began.
    private func onset(before start: Int, side: Double) -> Int {
        var index = start
        while index > 0, let earlier = changes[index - 1], let later = changes[index],
            side * earlier > TurnRule.rest, side * earlier <= side * later + 0.3
        { index -= 1 }
        return index
    }
}
