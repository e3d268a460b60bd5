package import Platform

/// What was read off one face in one frame.
package struct FaceObservation: Hashable, Sendable {
    /// Grows by one whenever the track breaks, so equal numbers mean an unbroken track.
    package var track: Int
    /// The mesh's bounding box in pixels of the frame.
    package var box: Box
    package var pose: HeadPose
    package var eyeOpening: EyeOpening
    /// The mesh network's own belief that a face is there, 0...1.
    ///
    /// A presence test, not a quality.
    package var presence: Double
    package var quality: FaceQuality

    package init(
        track: Int, box: Box, pose: HeadPose, eyeOpening: EyeOpening, presence: Double, quality: FaceQuality
    ) {
        self.track = track
        self.box = box
        self.pose = pose
        self.eyeOpening = eyeOpening
        self.presence = presence
        self.quality = quality
    }
}

/// What was read off one frame.
package struct FrameObservation: Hashable, Sendable {
    package var timestamp: Timestamp
    package var sequence: UInt32
    /// Pixels of the frame.
    package var width: Int
    package var height: Int
    /// Faces that mattered in the last detector run; it runs every few frames, sooner while it sees several.
    package var faceCount: Int
    /// The tracked face; `nil` when there is none.
    package var face: FaceObservation?

    package init(
        timestamp: Timestamp, sequence: UInt32, width: Int, height: Int, faceCount: Int, face: FaceObservation?
    ) {
        self.timestamp = timestamp
        self.sequence = sequence
        self.width = width
        self.height = height
        self.faceCount = faceCount
        self.face = face
    }
}
