package import Biometrics
package import Cues
package import Faces
package import Frames
import Imaging
import Platform
package import Session
import Traces

/// Looks for the signs of a presentation attack, each as often as it matters.
///
/// All memory is made once; a frame allocates nothing. Thread-bound.
package struct CueWatch: ~Copyable {
    /// Between two pairs of the depth cue.
    private static let depthInterval = Duration.milliseconds(60)
    /// Between two looks at the surface; each of the two cues has every second one.
    private static let surfaceInterval = Duration.milliseconds(250)
    /// Between two looks at the surround of a moving face, and for how long the first can be compared with.
    private static let surroundInterval = Duration.milliseconds(95)
    private static let surroundPatience = Duration.milliseconds(250)
    /// Pairs a turn; more tell nothing new.
    private static let mostPairs = 10

    private var depthGauge = DepthGauge()
    private var depth = DepthCue()
    private var neutral: (pose: HeadPose, track: Int)?
    private var comparedAt: Timestamp?
    private var pairCount = 0
    /// Parts of the frame that the analyser did not load.
    private var picture = FramePicture()
    private var bezelGauge = BezelGauge()
    private var bezel = BezelCue()
    private var moireGauge = MoireGauge()
    private var moire = MoireCue()
    private var nextSurface = SurfaceTurn.bezel
    private var surfaceSeenAt: Timestamp?
    private var surroundGauge = SurroundGauge()
    private var surround = SurroundCue()
    /// Where the face was when it was last asked whether it moves.
    private var place: (centre: SIMD2<Double>, track: Int, time: Timestamp)?
    /// Of a camera's own stream; a recording was cut and coded by whoever made it.
    private let isLiveStream: Bool
    private var streamGauge = StreamGauge()
    private var injection = InjectionCue()
    private var continuity = ContinuityCue()
    private var light = LightGauge()
    private var lightWatch = LightWatch.none

    /// The surface cues take turns, so that no frame has both.
    private enum SurfaceTurn {
        case bezel, moire
    }

    /// Looks at a recording, or else at what a camera delivers.
    package init(isLiveStream: Bool = false) { self.isLiveStream = isLiveStream }

    package var cues: PassiveCues {
        var cues = PassiveCues()
        cues.relief = depth.relief
        cues.bezel = bezel.result
        cues.moire = moire.result
        cues.surround = surround.result
        cues.continuity = continuity.result
        cues.injection = injection.result
        return cues
    }

    /// What was measured so far, for whoever sets thresholds; never on the frame path.
    package var readings: [String: Double] {
        var readings: [String: Double] = [:]
        readings["depthGain"] = depth.gain
        readings["bezelShare"] = bezel.share
        readings["moirePeak"] = moire.meanPeak
        readings["surroundMiss"] = surround.missShare
        readings["surroundFollowing"] = surround.followingShare
        return readings
    }

    /// Takes the last face as the neutral one that turns are measured against; what was seen before of turns, surface
    /// and surround counts no more, since it may have been somebody else's.
    package mutating func takeNeutral(_ observation: FrameObservation, of analyser: borrowing FaceAnalyser) {
        guard let face = observation.face else { return }
        neutral = (face.pose, face.track)
        depth = DepthCue()
        (bezel, moire, surround) = (BezelCue(), MoireCue(), SurroundCue())
        pairCount = 0
        analyser.withFace { mesh, picture in
            depthGauge.takeNeutral(mesh.points, pose: face.pose, square: mesh.square, of: picture)
        }
    }

    /// Looks at one frame that `analyser` has just read.
    package mutating func observe(
        _ bytes: RawSpan, _ format: FrameFormat, _ observation: FrameObservation, light lightWatch: LightWatch = .none,
        by analyser: borrowing FaceAnalyser
    ) {
        if lightWatch == .afresh, self.lightWatch == .none { light.forget() }
        self.lightWatch = lightWatch
        if isLiveStream { watchStream(observation, analyser) }
        if let reading = moireGauge.advance() { moire.observe(reading) }
        guard let face = observation.face else { return }
        watchDepth(face, at: observation.timestamp, analyser)
        let isDue = surfaceSeenAt.map { observation.timestamp - $0 >= Self.surfaceInterval } ?? true
        if isDue, !moireGauge.isBusy {
            surfaceSeenAt = observation.timestamp
            watchSurface(face, bytes, format, analyser)
        }
        watchSurround(face, at: observation.timestamp, bytes, format, analyser)
        guard lightWatch != .none else { return }
        analyser.withFace { mesh, picture in
            light.observe(mesh.points, pose: face.pose, square: mesh.square, of: picture, at: observation.timestamp)
        }
    }

    /// What the illuminators did, by when they changed in each pattern, in pictures that may be so late.
    package func lightReading(_ runs: [[LightSwitch]], late delays: ClosedRange<Duration>) -> LightReading? {
        light.reading(runs, late: delays)
    }

    private mutating func watchStream(_ observation: FrameObservation, _ analyser: borrowing FaceAnalyser) {
        continuity.observe(observation.face, at: observation.timestamp)
        let reading = analyser.withFace { _, picture in
            streamGauge.observe(picture, sequence: observation.sequence, at: observation.timestamp)
        }
        if let reading = reading ?? nil { injection.observe(reading) }
    }

    private mutating func watchSurface(
        _ face: FaceObservation, _ bytes: RawSpan, _ format: FrameFormat, _ analyser: borrowing FaceAnalyser
    ) {
        switch nextSurface {
        case .bezel:
            nextSurface = .moire
            let found = analyser.withFace { mesh, _ in (mesh.square, mesh.points.width) }
            guard let (square, width) = found, load(BezelGauge.region(around: square), BezelGauge.side, bytes, format)
            else { return }
            bezel.observe(bezelGauge.sides(around: square, box: face.box, faceWidth: width, of: picture))
        case .moire:
            nextSurface = .bezel
            let (frameWidth, frameHeight) =
                analyser.withFace { _, picture in (picture.width, picture.height) } ?? (0, 0)
            guard
                let region = MoireGauge.region(around: face.box, frameWidth: frameWidth, frameHeight: frameHeight),
                load(region, Int(region.width), bytes, format)
            else { return }
            moireGauge.start(region, of: picture)
        }
    }

    private mutating func watchSurround(
        _ face: FaceObservation, at time: Timestamp, _ bytes: RawSpan, _ format: FrameFormat,
        _ analyser: borrowing FaceAnalyser
    ) {
        let last = place
        if let last, time - last.time < Self.surroundInterval { return }
        let centre = SIMD2(face.box.centreX, face.box.centreY)
        place = (centre, face.track, time)
        guard let last, last.track == face.track, time - last.time <= Self.surroundPatience,
            Self.hasMoved(from: last.centre, to: centre, analyser), loadWhole(bytes, format)
        else { return surroundGauge.forget() }
        let pair = analyser.withFace { mesh, _ in surroundGauge.observe(mesh.points, of: picture) }
        if let pair = pair ?? nil { surround.observe(pair) }
    }

    private static func hasMoved(
        from: SIMD2<Double>, to: SIMD2<Double>, _ analyser: borrowing FaceAnalyser
    ) -> Bool {
        let scale = analyser.withFace { _, picture in
            SurroundGauge.scale(frameWidth: picture.width, frameHeight: picture.height)
        }
        let way = (to - from) / (scale ?? 1)
        return (way * way).sum() > Thresholds.Surround.leastMotion * Thresholds.Surround.leastMotion
    }

    private mutating func loadWhole(_ bytes: RawSpan, _ format: FrameFormat) -> Bool {
        do {
            try picture.loadWhole(bytes, format, minimumWidth: SurroundGauge.width)
            return true
        } catch { return false }
    }

    /// Loads a part of the frame; a frame that the analyser could read is read here as well, unless it is too large.
    private mutating func load(_ box: Box, _ side: Int, _ bytes: RawSpan, _ format: FrameFormat) -> Bool {
        do {
            try picture.loadRegion(bytes, format, box: box, minimumSide: side)
            return true
        } catch { return false }
    }

    private mutating func watchDepth(_ face: FaceObservation, at time: Timestamp, _ analyser: borrowing FaceAnalyser) {
        guard let neutral, neutral.track == face.track else { return }
        let change = face.pose - neutral.pose
        let angle = (change.yaw * change.yaw + change.pitch * change.pitch).squareRoot()
        if angle < Thresholds.Depth.turn.lowerBound { endTurn() }
        guard Thresholds.Depth.turn.contains(angle), pairCount < Self.mostPairs else { return }
        if let last = comparedAt, time - last < Self.depthInterval { return }
        comparedAt = time
        pairCount += 1
        let pair = analyser.withFace { mesh, picture in
            depthGauge.measure(mesh.points, pose: face.pose, of: picture)
        }
        if let pair = pair ?? nil { depth.observe(pair) }
    }

    private mutating func endTurn() {
        depth.endTurn()
        pairCount = 0
    }
}
