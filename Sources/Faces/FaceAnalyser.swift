package import Biometrics
package import Frames
package import Imaging
package import Platform

/// Reads one person's face off the frames of a stream.
///
/// The mesh follows the face from frame to frame; the detector looks for it when it is lost, and every
/// 12 frames to make sure that the mesh has not drifted and that no second face is there. Steady frames
/// allocate nothing. What it holds is in secure memory and is zeroed when it is dropped. Thread-bound.
package struct FaceAnalyser: ~Copyable {
    /// What the detector and the mesh must agree on, as shares of the face's square.
    private enum Limit {
        /// Beyond this offset the mesh stays wrong while its presence stays high (measured).
        static let drift = 0.15
        /// Degrees of yaw up to which the detector is right about that: at 40° and more it saw two simulated faces, of spent
        /// seeds 26046 and 27003, 0.16...0.18 off, where the mesh was right.
        static let detectedYaw = 25.0
        /// A detection farther away is of somebody else.
        static let sameFace = 0.6
        /// A smaller one is in the background.
        static let sizeShare = 0.5
        static let presence = 0.5
        /// Pixels to which the square is decoded at least; the mesh network wants 192.
        static let decodedSide = 200.0
        static let framesBetweenChecks = 12
        /// As there may be no second face any more.
        static let framesBetweenChecksOfSeveral = 4
        /// Checks in a row without a detection that agrees, as of a head that is turned away, before the track is given up.
        static let missedChecks = 6
    }

    private struct Track {
        var square: RotatedSquare
        var framesToCheck = Limit.framesBetweenChecks
        var missedChecks = 0
    }

    /// The part of the last frame that was decoded last: the tracked face's, when there is one.
    private var picture: FramePicture
    /// The points of the last fit: of the tracked face, when there is one.
    private var mesh: FaceMesh
    private var detector: FaceDetector
    private var eyes: Eyes
    private let measures = FaceMeasures()
    private var track: Track?
    private var trackNumber = 0
    /// Faces that matter in the last frame.
    private(set) var faceCount = 0
    private var nextEye = Eyes.Side.left
    /// Whether mesh and picture belong to the last frame and show its face.
    private var hasFace = false

    /// Loads three networks, some milliseconds.
    package init(pack: ModelPack) throws(PackFault) {
        let detector = try FaceDetector(pack)
        let mesh = try FaceMesh(pack)
        let eyes = try Eyes(pack)
        self.detector = detector
        self.mesh = mesh
        self.eyes = eyes
        self.picture = FramePicture()
    }

    /// Forgets the track, as before another person; track numbers go on.
    package mutating func reset() {
        track = nil
        faceCount = 0
        hasFace = false
    }

    /// Lends the face of the last frame: its mesh and the pixels around it; `nil` when there is none.
    package borrowing func withFace<Result>(
        _ body: (borrowing FaceMesh, borrowing FramePicture) -> Result
    ) -> Result? {
        hasFace ? body(mesh, picture) : nil
    }

    /// Reads one frame; a frame that cannot be decoded leaves the track as it was.
    package mutating func observe(
        _ bytes: RawSpan, _ format: FrameFormat, timestamp: Timestamp, sequence: UInt32, eyes schedule: EyeSchedule
    ) throws(ImagingFault) -> FrameObservation {
        hasFace = false
        let presence = try follow(bytes, format)
        hasFace = presence != nil
        let face = presence.map { measure(presence: $0, schedule) }
        return FrameObservation(
            timestamp: timestamp, sequence: sequence, width: picture.width, height: picture.height,
            faceCount: faceCount, face: face)
    }

    /// Reads a frame where it lies.
    package mutating func observe(
        _ frame: borrowing FrameLease, eyes schedule: EyeSchedule
    ) throws(ImagingFault) -> FrameObservation {
        let (format, timestamp, sequence) = (frame.format, frame.timestamp, frame.sequence)
        return try frame.withBytes { bytes throws(ImagingFault) in
            try observe(bytes, format, timestamp: timestamp, sequence: sequence, eyes: schedule)
        }
    }

    /// Fits the mesh to the tracked face, or finds one; `nil` when there is none.
    private mutating func follow(_ bytes: RawSpan, _ format: FrameFormat) throws(ImagingFault) -> Double? {
        guard var track else { return try acquire(bytes, format) }
        track.framesToCheck -= 1
        let isChecked = track.framesToCheck <= 0
        let detected = isChecked ? try search(bytes, format, tracked: track.square) : nil
        try load(track.square, margin: 1, bytes, format)
        let presence = mesh.fit(track.square, of: picture)
        track.square = mesh.square
        let isContradicted = detected.map { track.square.offset(to: $0) > Limit.drift } ?? false
        if isChecked {
            track.missedChecks = detected == nil || isContradicted ? track.missedChecks + 1 : 0
            track.framesToCheck = faceCount > 1 ? Limit.framesBetweenChecksOfSeveral : Limit.framesBetweenChecks
        }
        let isBelieved = !isContradicted || abs(HeadPose(fitting: mesh).yaw) > Limit.detectedYaw
        let isKept = presence >= Limit.presence && track.square.isUsable && isBelieved
        guard isKept, track.missedChecks < Limit.missedChecks else {
            self.track = nil
            return try acquire(bytes, format)
        }
        self.track = track
        return presence
    }

    /// Starts a track on the largest face of the frame.
    private mutating func acquire(_ bytes: RawSpan, _ format: FrameFormat) throws(ImagingFault) -> Double? {
        guard let square = try search(bytes, format, tracked: nil) else { return nil }
        try load(square, margin: 1.3, bytes, format)
        return settle(on: square)
    }

    /// Fits the mesh twice, as the detector's square is rough, and starts a track there.
    private mutating func settle(on square: RotatedSquare) -> Double? {
        _ = mesh.fit(square, of: picture)
        guard mesh.square.isUsable else { return nil }
        let presence = mesh.fit(mesh.square, of: picture)
        guard presence >= Limit.presence, mesh.square.isUsable else { return nil }
        trackNumber += 1
        track = Track(square: mesh.square)
        return presence
    }

    /// Runs the detector, counts the faces that matter, and returns the square that is nearest to the tracked face's or,
    /// without a track, that of the largest one.
    private mutating func search(
        _ bytes: RawSpan, _ format: FrameFormat, tracked: RotatedSquare?
    ) throws(ImagingFault) -> RotatedSquare? {
        try picture.loadWhole(bytes, format, minimumWidth: detector.side)
        detector.searchWhole(picture)
        let found = try confirm(bytes, format, tracked: tracked)
        if let found { return found }
        // The network needs a face of 12 % of the width: look again more closely.
        let side = Double(min(picture.width, picture.height)) * 0.6
        let middle = RotatedSquare(
            centreX: Double(picture.width) / 2, centreY: Double(picture.height) / 2, side: side, angle: 0)
        let closer = tracked.map {
            RotatedSquare(centreX: $0.centreX, centreY: $0.centreY, side: 2 * $0.side, angle: 0)
        }
        let square = closer ?? middle
        let countBefore = faceCount
        try picture.loadRegion(bytes, format, box: square.bounds(margin: 1), minimumSide: detector.side)
        detector.search(square, of: picture)
        let foundCloser = try confirm(bytes, format, tracked: tracked)
        faceCount = max(faceCount, countBefore)
        return foundCloser
    }

    /// Goes through the detections, which may be false: the mesh must believe in those that are not tracked.
    ///
    /// Ends early when `goesOn`, which is told the faces so far, says so.
    private mutating func confirm(
        _ bytes: RawSpan, _ format: FrameFormat, tracked: RotatedSquare?,
        while goesOn: (_ faceCount: Int) -> Bool = { _ in true }
    ) throws(ImagingFault) -> RotatedSquare? {
        var found: RotatedSquare?
        faceCount = tracked == nil ? 0 : 1
        for index in 0..<detector.detections.count {
            guard goesOn(faceCount) else { break }
            let square = detector.detections[index].square
            if let known = tracked ?? found {
                if known.offset(to: square) < Limit.sameFace {
                    found = found.map { known.offset(to: $0) <= known.offset(to: square) ? $0 : square } ?? square
                    continue
                }
                if square.side < Limit.sizeShare * known.side { continue }
            }
            try load(square, margin: 1, bytes, format)
            guard mesh.presence(in: square, of: picture) >= Limit.presence else { continue }
            faceCount += 1
            if tracked == nil, found == nil { found = square }
        }
        return found
    }

    private mutating func load(
        _ square: RotatedSquare, margin: Double, _ bytes: RawSpan, _ format: FrameFormat
    ) throws(ImagingFault) {
        let box = square.bounds(margin: margin)
        let side = Int(Limit.decodedSide * box.width / square.side)
        try picture.loadRegion(bytes, format, box: box, minimumSide: side)
    }

    private mutating func measure(presence: Double, _ schedule: EyeSchedule) -> FaceObservation {
        FaceObservation(
            track: trackNumber, box: mesh.points.box, pose: HeadPose(fitting: mesh), eyeOpening: eyeOpening(schedule),
            presence: presence, quality: mesh.quality(measures))
    }

    private mutating func eyeOpening(_ schedule: EyeSchedule) -> EyeOpening {
        switch schedule {
        case .none: return EyeOpening(left: nil, right: nil)
        case .both:
            return EyeOpening(
                left: eyes.opening(of: .left, mesh: mesh, in: picture),
                right: eyes.opening(of: .right, mesh: mesh, in: picture))
        case .alternating:
            let side = nextEye
            let opening = eyes.opening(of: side, mesh: mesh, in: picture)
            switch side {
            case .left:
                nextEye = .right
                return EyeOpening(left: opening, right: nil)
            case .right:
                nextEye = .left
                return EyeOpening(left: nil, right: opening)
            }
        }
    }
}

extension FaceAnalyser {
    /// Reads the largest face of a JPEG portrait and stays on it until `reset`; `nil` when there is none.
    ///
    /// No track has a part in it; `faceCount` tells whether there are others, without counting them all. Asks `goesOn`
    /// between its parts, of which each decodes the picture once at most, and finds none when that says no.
    mutating func readPortrait(
        _ jpeg: RawSpan, while goesOn: () -> Bool = { true }
    ) throws(ImagingFault) -> FaceObservation? {
        reset()
        guard goesOn() else { return nil }
        let format = FrameFormat(.motionJPEG, width: 0, height: 0, stride: 0)
        try picture.loadWhole(jpeg, format, minimumWidth: detector.side)
        detector.searchWhole(picture)
        if detector.detections.isEmpty {
            // A face that fills its picture is found when there is room around it.
            let side = 1.5 * Double(max(picture.width, picture.height))
            let (middleX, middleY) = (Double(picture.width) / 2, Double(picture.height) / 2)
            detector.search(RotatedSquare(centreX: middleX, centreY: middleY, side: side, angle: 0), of: picture)
        }
        let found = try confirm(jpeg, format, tracked: nil) { faceCount in faceCount < 2 && goesOn() }
        guard let found, goesOn() else { return nil }
        try load(found, margin: 1.3, jpeg, format)
        guard let presence = settle(on: found) else { return nil }
        hasFace = true
        return measure(presence: presence, .none)
    }
}

extension FaceAnalyser {
    /// A part of the work on a tracked frame.
    package enum Stage: String, Hashable, Sendable, CaseIterable {
        /// The face's part of the frame.
        case decoding
        /// The networks' pictures of the face and of both eyes.
        case sampling
        /// Sampling, network and points.
        case mesh
        case pose
        /// Both eyes, sampling and network.
        case eyes
        case quality
        /// On the whole frame, decoding included; last, as it leaves that decoded.
        case detector
    }

    /// Does one part of the last frame's work again, so that it can be timed alone; returns a number out of its
    /// result, and `nil` when no face is tracked.
    package mutating func redo(
        _ stage: Stage, _ bytes: RawSpan, _ format: FrameFormat
    ) throws(ImagingFault) -> Double? {
        guard let square = track?.square else { return nil }
        switch stage {
        case .decoding:
            try load(square, margin: 1, bytes, format)
            return Double(picture.width)
        case .sampling:
            mesh.show(square, of: picture)
            eyes.show(.left, mesh: mesh, in: picture)
            eyes.show(.right, mesh: mesh, in: picture)
            return square.side
        case .mesh: return mesh.fit(square, of: picture)
        case .pose: return HeadPose(fitting: mesh).yaw
        case .eyes: return eyeOpening(.both).left
        case .quality: return mesh.quality(measures).sharpness
        case .detector: return try search(bytes, format, tracked: square)?.side
        }
    }
}
