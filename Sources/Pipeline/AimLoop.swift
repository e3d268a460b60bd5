package import Biometrics
package import Faces
import Frames
import Imaging
package import Platform
package import Ports

/// Shows a technician where the camera looks: coarse, grey, with every face flat.
package struct AimLoop: Sendable {
    /// One look.
    package struct View: Hashable, Sendable {
        /// 0...255, row by row: `Glance.rows` of `Glance.columns`.
        package var points: [UInt8]
        /// Of the frame, in pixels.
        package var width: Int
        package var height: Int
        package var faceCount: Int
        /// The largest face as numbers.
        package var face: FaceObservation?
    }

    package enum Failure: Error, Hashable, Sendable {
        case camera(CameraTrial.Failure)
        case pack(PackFault)

        package var fault: any Fault {
            switch self {
            case .camera(let failure): failure.fault
            case .pack(let fault): fault
            }
        }
    }

    /// At most ten looks a second.
    private static let interval = Duration.milliseconds(95)

    private let camera: any Camera
    private let lights: any Lights
    private let pack: ModelPack
    private let time: any TimeSource
    private let stop: StopFlag

    package init(
        camera: any Camera, lights: any Lights, pack: ModelPack, time: any TimeSource, stop: StopFlag
    ) {
        self.camera = camera
        self.lights = lights
        self.pack = pack
        self.time = time
        self.stop = stop
    }

    /// Goes on until told to stop, and returns with camera and lamp off.
    package func run(report: (View) -> Void) throws(Failure) {
        var viewer = try makeViewer()
        do throws(CameraTrial.Failure) {
            let camera = try LitCamera(camera, lights, time)
            var last: Timestamp?
            while !stop.isRaised {
                guard let frame = try camera.next() else { continue }
                if let last, frame.timestamp - last < Self.interval { continue }
                last = frame.timestamp
                let view = try camera.read { () throws(ImagingFault) in try viewer.look(at: frame) }
                if let view { report(view) }
            }
        } catch { throw .camera(error) }
    }
}

extension AimLoop {
    private func makeViewer() throws(Failure) -> Viewer {
        do throws(PackFault) { return try Viewer(pack) } catch { throw .pack(error) }
    }
}

/// Looks at frames, and covers the faces.
private struct Viewer: ~Copyable {
    /// Looks for which a face stays covered that is no longer found, as when it turns away.
    private static let coveredLooks = 20
    /// A box is of the features only; the head is larger.
    private static let margin = 0.4

    private var glance = Glance()
    private var finder: FaceFinder
    private var analyser: FaceAnalyser
    private var recent: [[Box]] = []

    init(_ pack: ModelPack) throws(PackFault) {
        let finder = try FaceFinder(pack: pack)
        let analyser = try FaceAnalyser(pack: pack)
        self.finder = finder
        self.analyser = analyser
    }

    mutating func look(at frame: borrowing FrameLease) throws(ImagingFault) -> AimLoop.View {
        let observation = try analyser.observe(frame, eyes: .none)
        let format = frame.format
        var boxes = try frame.withBytes { bytes throws(ImagingFault) in try finder.boxes(in: bytes, format) }
        if let face = observation.face { boxes.append(face.box) }
        recent.append(boxes)
        if recent.count > Self.coveredLooks { recent.removeFirst() }
        try glance.look(at: frame)
        for box in recent.joined() { glance.flatten(box.widened(by: Self.margin)) }
        return AimLoop.View(
            points: glance.points(), width: observation.width, height: observation.height,
            faceCount: observation.faceCount, face: observation.face)
    }
}

extension Box {
    /// Grown on each side by a share of its size.
    fileprivate func widened(by share: Double) -> Box {
        Box(
            x: x - width * share, y: y - height * share, width: width * (1 + 2 * share),
            height: height * (1 + 2 * share))
    }
}
