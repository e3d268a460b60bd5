import Biometrics
import Imaging
package import Ports
import Presentations
package import Rendering

/// What is true about one frame, for tests and for the evaluator; no part of the device knows it.
package struct GroundTruth: Hashable, Sendable {
    package let sequence: UInt32
    package let posture: Posture
    package let illuminators: Illuminators
    /// Where the middle of the head is, in pixels of the frame.
    package let centre: SIMD2<Float>
    /// Width of the face, in pixels of the frame.
    package let faceWidth: Float

    init(sequence: UInt32, posture: Posture, illuminators: Illuminators, seenBy lens: Lens) {
        let place = SIMD3<Float>(posture.position)
        self.sequence = sequence
        self.posture = posture
        self.illuminators = illuminators
        self.centre = lens.project(place)
        self.faceWidth = Head.faceWidth * lens.focalLength / max(place.z, 1)
    }
}

/// Where the frames of a simulated camera come from.
///
/// Thread-bound; a frame allocates nothing.
protocol FrameSource: AnyObject {
    var posture: Posture { get }
    /// Holds the exposure at a share of what it is; `nil` lets it follow the light again.
    func holdExposure(at share: Float?)
    /// What it was when its hold began, as a factor on what is right for a usual room; `nil` while it is not held.
    var heldExposure: Float? { get }
    /// Lets time pass, whether or not the frame is taken.
    func advance(to time: Double, hearing heard: HeardPrompt, seeing illuminators: Illuminators)
    /// Takes the picture of this moment.
    func expose(at time: Double, frame: UInt64, illuminators: Illuminators)
    /// Writes the picture as a JPEG file and returns its size.
    func encode(
        with encoder: inout JPEGEncoder, quality: Int, into file: inout MutableRawSpan
    ) throws(ImagingFault) -> Int
}

/// The room before the camera, frame by frame.
final class Scene: FrameSource {
    private var picture: PlanarPicture
    private let backdrop: PlanarPicture
    private let sensor = Sensor()
    private let subject: any Subject
    private let conditions: Conditions
    private let lens: Lens
    private let seed: UInt64
    private var exposure: Exposure
    var heldExposure: Float? { exposure.held }

    init(subject: any Subject, conditions: Conditions, setup: CounterSetup) {
        self.subject = subject
        self.conditions = conditions
        self.seed = setup.seed
        self.lens = Lens(width: setup.width, height: setup.height)
        self.exposure = Exposure(bias: conditions.exposureBias)
        self.picture = PlanarPicture(width: setup.width, height: setup.height)
        self.backdrop = Backdrop.shop(
            seed: setup.seed, width: setup.width, height: setup.height, cast: conditions.cast)
    }

    var posture: Posture { subject.posture }

    func holdExposure(at share: Float?) { exposure.hold(at: share) }

    func encode(
        with encoder: inout JPEGEncoder, quality: Int, into file: inout MutableRawSpan
    ) throws(ImagingFault) -> Int {
        try encoder.encode(picture, quality: quality, into: &file)
    }

    func advance(to time: Double, hearing heard: HeardPrompt, seeing illuminators: Illuminators) {
        subject.live(until: time, hearing: heard, seeing: illuminators)
    }

    func expose(at time: Double, frame: UInt64, illuminators: Illuminators) {
        var light = conditions.light(at: time, exposure: exposure.factor)
        light.illuminators = illuminators
        sensor.expose(backdrop, at: light.backdropIrradiance * exposure.factor, into: &picture)
        subject.draw(into: &picture, seenBy: lens, litBy: light)
        let mean = sensor.meter(&picture)
        sensor.addNoise(
            to: &picture, strength: conditions.noise * exposure.factor.squareRoot(), seed: seed, frame: frame)
        exposure.adjust(to: mean)
    }
}

/// A video in the place of the camera's pictures.
final class InjectedScene: FrameSource {
    private let injection: Injection
    private var hasNews = true
    var heldExposure: Float? { nil }

    init(_ injection: Injection) { self.injection = injection }

    var posture: Posture { injection.posture }

    /// What it is exposed by was decided when the video was made.
    func holdExposure(at share: Float?) {}

    func encode(
        with encoder: inout JPEGEncoder, quality: Int, into file: inout MutableRawSpan
    ) throws(ImagingFault) -> Int {
        try encoder.encode(injection.picture, quality: quality, into: &file)
    }

    func advance(to time: Double, hearing heard: HeardPrompt, seeing illuminators: Illuminators) {
        hasNews = injection.live(until: time, hearing: heard)
    }

    func expose(at time: Double, frame: UInt64, illuminators: Illuminators) {
        if hasNews { injection.develop(frame: frame) }
    }
}
