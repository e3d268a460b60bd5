package import Biometrics
import Liveness
import Platform

/// What was read off the faces of a clip, frame by frame; finds events in it.
package struct ObservationSeries: Sendable {
    package enum Direction: String, Hashable, Sendable { case left, right, up, down }

    /// A turn of the head and back; `left` is the subject's own.
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

    /// The turns of at least `TurnRule.leastPeak`.
    package func turns(frameRate: Double) -> [Turn] { [] }
}
