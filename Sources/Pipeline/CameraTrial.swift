package import Biometrics
package import Faces
import Frames
import Imaging
package import Platform
package import Ports

/// Streams for a technician's examination and measures the frames.
package struct CameraTrial: Sendable {
    /// What the camera delivered.
    package struct Figures: Hashable, Sendable {
        package var frameCount = 0
        /// Counted by the driver, and never seen.
        package var lostCount = 0
        package var brokenCount = 0
        package var unreadableCount = 0
        /// From the first frame to the last.
        package var time = Duration.zero
        /// Mean luminance without illuminators, 0...255.
        package var luminance = 0.0
        package var overExposedShare = 0.0
        /// By how much each illuminator that the device has brightens some part of the picture, each time at least.
        package var gains: [Illuminators: Double] = [:]
        /// Of the sharpest face; `nil` when none was in sight, or without networks.
        package var face: FaceQuality?

        package init() {}

        /// Frames a second; 0 when there were too few.
        package var rate: Double {
            time > .zero ? Double(frameCount + lostCount + brokenCount - 1) / time.seconds : 0
        }
    }

    package enum Failure: Error, Hashable, Sendable {
        case camera(CameraFault)
        case lights(LightsFault)

        package var fault: any Fault {
            switch self {
            case .camera(let fault): fault
            case .lights(let fault): fault
            }
        }
    }

    /// Frames until the exposure has settled, and frames that are then measured.
    private static let settlingFrames = 15
    private static let measuredFrames = 15
    /// Each illuminator is switched so often, so that a person who moves is not taken for its light.
    private static let cycles = 3
    private static let framesPerState = 4
    /// At least so long, as no more than three flashes a second are harmless to everyone.
    private static let stateTime = Duration.milliseconds(170)
    private static let faceFrames = 8

    private let camera: any Camera
    private let lights: any Lights
    private let pack: ModelPack?
    private let time: any TimeSource
    private let stop: StopFlag

    /// Without a pack no face is looked for.
    package init(
        camera: any Camera, lights: any Lights, pack: ModelPack?, time: any TimeSource, stop: StopFlag
    ) {
        self.camera = camera
        self.lights = lights
        self.pack = pack
        self.time = time
        self.stop = stop
    }

    /// Returns after some five seconds, with camera and lights off.
    package func run() throws(Failure) -> Figures {
        var view = View(try LitCamera(camera, lights, time), time)
        try view.pass(Self.settlingFrames, stop)
        try view.measure(Self.measuredFrames, stop)
        for illuminator in lights.fixtures.illuminators.each { try view.illuminate(illuminator, stop) }
        // Behind the rest: a slow network makes no frame count as lost.
        if let pack { try view.seekFace(pack, stop) }
        return view.figures
    }

    /// The frames as they come.
    private struct View: ~Copyable {
        private let camera: LitCamera
        private let time: any TimeSource
        private var glance = Glance()
        private var sequence = SequenceWatch()
        private var firstTime: Timestamp?
        private(set) var figures = Figures()

        init(_ camera: LitCamera, _ time: any TimeSource) {
            self.camera = camera
            self.time = time
        }

        mutating func pass(_ count: Int, _ stop: StopFlag) throws(Failure) {
            for _ in 0..<count where !stop.isRaised { _ = try next() }
        }

        mutating func measure(_ count: Int, _ stop: StopFlag) throws(Failure) {
            let parts = try meanParts(of: count, stop)
            figures.luminance = parts.reduce(0, +) / Double(max(parts.count, 1))
        }

        /// Finds the gain of the part that gains most, of its cycles the one with the least.
        mutating func illuminate(_ illuminator: Illuminators, _ stop: StopFlag) throws(Failure) {
            var least: [Double] = []
            for _ in 0..<CameraTrial.cycles {
                let dark = try settledParts(stop)
                if stop.isRaised { return }
                try camera.show(illuminator)
                let gains = zip(try settledParts(stop), dark).map { $0 - $1 }
                try camera.show([])
                least = least.isEmpty ? gains : zip(least, gains).map { min($0, $1) }
            }
            figures.gains[illuminator] = least.max() ?? 0
        }

        /// Keeps the sharpest face, since people move; a pack that cannot be used finds none.
        mutating func seekFace(_ pack: ModelPack, _ stop: StopFlag) throws(Failure) {
            guard var analyser = try? FaceAnalyser(pack: pack) else { return }
            for _ in 0..<CameraTrial.faceFrames where !stop.isRaised {
                guard let frame = try camera.next() else { continue }
                let seen = try camera.read { () throws(ImagingFault) in try analyser.observe(frame, eyes: .none) }
                guard let quality = seen?.face?.quality else { continue }
                if quality.sharpness > figures.face?.sharpness ?? 0 { figures.face = quality }
            }
        }

        /// Leaves out the first frames after a switch: they may be exposed before it.
        private mutating func settledParts(_ stop: StopFlag) throws(Failure) -> [Double] {
            let end = time.now() + CameraTrial.stateTime
            try pass(2, stop)
            let parts = try meanParts(of: CameraTrial.framesPerState - 2, stop)
            while time.now() < end, !stop.isRaised { _ = try next() }
            return parts
        }

        private mutating func meanParts(of count: Int, _ stop: StopFlag) throws(Failure) -> [Double] {
            var (sums, seen) = ([Double](), 0.0)
            for _ in 0..<count where !stop.isRaised {
                guard try next() else { continue }
                let parts = glance.parts
                sums = sums.isEmpty ? parts : zip(sums, parts).map { $0 + $1 }
                seen += 1
                figures.overExposedShare = max(figures.overExposedShare, glance.overExposedShare)
            }
            return sums.map { $0 / seen }
        }

        /// Looks at the next frame; `false` when it was broken.
        private mutating func next() throws(Failure) -> Bool {
            guard let frame = try camera.next() else {
                figures.brokenCount += 1
                sequence.noteDropped()
                return false
            }
            figures.frameCount += 1
            figures.lostCount += sequence.lostCount(before: frame.sequence)
            firstTime = firstTime ?? frame.timestamp
            if let firstTime { figures.time = frame.timestamp - firstTime }
            let isRead = try camera.read { () throws(ImagingFault) in try glance.look(at: frame) } != nil
            if !isRead { figures.unreadableCount += 1 }
            return isRead
        }
    }
}

/// A camera that is on, under a lit privacy lamp; dropping it switches the camera off, then the lamp.
///
/// One that shows nothing for `CaptureLoop.frameTimeout` is at fault, whatever it sends.
final class LitCamera {
    private let name: String
    private let lights: any Lights
    private let time: any TimeSource
    private let stream: any CameraStream
    private let pool: FramePool
    /// Since when no frame could be used, and how many of them could not be decoded.
    private var uselessSince: Timestamp?
    private var unreadableCount = 0

    /// The camera stays off when the lamp cannot be lit.
    init(_ camera: any Camera, _ lights: any Lights, _ time: any TimeSource) throws(CameraTrial.Failure) {
        do throws(LightsFault) { try lights.show(LightState(privacyLamp: true)) } catch {
            try? lights.show(.dark)
            throw .lights(error)
        }
        do throws(CameraFault) { stream = try camera.startStreaming() } catch {
            try? lights.show(.dark)
            throw .camera(error)
        }
        self.name = camera.name
        self.lights = lights
        self.time = time
        self.pool = FramePool(capacity: 2, bytesPerFrame: camera.maximumFrameByteCount)
    }

    deinit {
        stream.stop()
        // What cannot be turned off is told by the next check.
        try? lights.show(.dark)
    }

    /// Holds the exposure at a share of what it is, and returns what it was where the camera tells it.
    func holdExposure(at share: Double) -> HeldExposure? {
        stream.holdExposure(at: share)
        return stream.heldExposure
    }

    func show(_ illuminators: Illuminators) throws(CameraTrial.Failure) {
        do throws(LightsFault) {
            try lights.show(LightState(privacyLamp: true, illuminators: illuminators))
        } catch { throw .lights(error) }
    }

    /// `nil` when a frame came and was broken; none is handed out beside a lamp that went out.
    func next() throws(CameraTrial.Failure) -> FrameLease? {
        let frame: FrameLease?
        do throws(CameraFault) {
            frame = try stream.nextFrame(from: pool, within: CaptureLoop.frameTimeout)
        } catch { throw .camera(error) }
        do throws(LightsFault) { try lights.check() } catch { throw .lights(error) }
        if frame == nil { try demandUse() }
        return frame
    }

    /// Looks at a frame that was handed out; `nil` when it cannot be decoded.
    func read<Seen>(_ look: () throws(ImagingFault) -> Seen) throws(CameraTrial.Failure) -> Seen? {
        do throws(ImagingFault) {
            let seen = try look()
            (uselessSince, unreadableCount) = (nil, 0)
            return seen
        } catch {
            unreadableCount += 1
            try demandUse()
            return nil
        }
    }

    private func demandUse() throws(CameraTrial.Failure) {
        let now = time.now()
        let since = uselessSince ?? now
        uselessSince = since
        guard now - since >= CaptureLoop.frameTimeout else { return }
        throw .camera(
            unreadableCount > 0
                ? .unreadable(name: name, frames: unreadableCount)
                : .stalled(name: name, after: CaptureLoop.frameTimeout))
    }
}
