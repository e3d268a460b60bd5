import Biometrics
import Imaging
package import Ports
package import Rendering

/// Something that stands before the camera: a person, and one day a print, a screen or a mask.
///
/// Thread-bound. `live` and `draw` allocate nothing.
protocol Subject: AnyObject {
    /// Lives on to `time`, which never falls, hearing what the device says.
    func live(until time: Double, hearing heard: HeardPrompt)
    func draw(into picture: inout PlanarPicture, seenBy lens: Lens, litBy light: Light)
    /// How the subject's head is held now.
    var posture: Posture { get }
}

/// A live person.
final class LivePerson: Subject {
    private(set) var posture = Posture()
    private var earlier = Posture()
    private var behaviour: Behaviour
    private var figure: Figure
    /// Takes the person's place as soon as the challenge begins.
    private var successor: Figure?

    /// How a person looks.
    private struct Figure {
        let head: Head
        let body: Rasteriser

        init(_ person: Person, in portrait: Portrait, cast: SIMD3<Float>, textureScale: Int) {
            self.head = Head(of: person, in: portrait)
            self.body = Rasteriser(
                head: head, texture: Texture(of: person, in: portrait, scale: textureScale, cast: cast))
        }
    }

    /// Seconds for which the sensor gathers light, about half of it before the frame's time.
    private static let shutter = 0.016

    init(_ setup: CounterSetup, visit: UInt64, in portrait: Portrait, cast: SIMD3<Float>) {
        func figure(_ person: Person) -> Figure {
            Figure(person, in: portrait, cast: cast, textureScale: setup.width > 640 ? 2 : 1)
        }
        self.behaviour = Behaviour(setup, visit: visit)
        self.figure = figure(setup.firstPerson)
        self.successor = setup.secondPerson.map(figure)
    }

    func live(until time: Double, hearing heard: HeardPrompt) {
        earlier = behaviour.posture(at: time - Self.shutter / 2, hearing: heard)
        posture = behaviour.posture(at: time, hearing: heard)
        if heard.prompt?.stage == .challenging, let next = successor.take() { figure = next }
    }

    /// Draws the person; who moves fast is drawn twice, a little apart, as motion blurs.
    func draw(into picture: inout PlanarPicture, seenBy lens: Lens, litBy light: Light) {
        let isFast = isFast(seenBy: lens)
        figure.head.take(isFast ? earlier : posture, seenBy: lens, litBy: light)
        figure.body.draw(into: &picture)
        if !isFast { return }
        figure.head.take(posture, seenBy: lens, litBy: light)
        figure.body.draw(into: &picture, opacity: 128)
    }

    private func isFast(seenBy lens: Lens) -> Bool {
        let turn = posture.pose - earlier.pose
        let step = posture.position - earlier.position
        // The nose is about a hand's breadth from the axis of the neck.
        let path = 0.17 * (turn.yaw.magnitude + turn.pitch.magnitude) + step.x.magnitude + step.y.magnitude
        return path * Double(lens.focalLength) / max(posture.position.z, 1) > 0.7
    }
}

/// What is true about one frame, for tests and for the evaluator; no part of the device knows it.
package struct GroundTruth: Hashable, Sendable {
    package let sequence: UInt32
    package let posture: Posture
    package let illuminators: Illuminators
    /// Where the middle of the head is, in pixels of the frame.
    package let centre: SIMD2<Float>
    /// Width of the face, in pixels of the frame.
    package let faceWidth: Float
}

/// The room before the camera, frame by frame.
///
/// Thread-bound; a frame allocates nothing.
final class Scene {
    var picture: PlanarPicture
    private let backdrop: PlanarPicture
    private let sensor = Sensor()
    private let subject: any Subject
    private let conditions: Conditions
    private let lens: Lens
    private let seed: UInt64
    private var exposure = AutoExposure()
    /// Whether the exposure stays as it is.
    var holdsExposure = false

    init(subject: any Subject, conditions: Conditions, setup: CounterSetup) {
        self.subject = subject
        self.conditions = conditions
        self.seed = setup.seed
        self.lens = Lens(width: setup.width, height: setup.height)
        self.picture = PlanarPicture(width: setup.width, height: setup.height)
        self.backdrop = Backdrop.shop(
            seed: setup.seed, width: setup.width, height: setup.height, cast: conditions.cast)
    }

    /// Lets the subject live on, whether or not the frame is taken.
    func advance(to time: Double, hearing heard: HeardPrompt) { subject.live(until: time, hearing: heard) }

    /// Takes the picture of this moment.
    func expose(at time: Double, frame: UInt64, illuminators: Illuminators) {
        var light = conditions.light(at: time, exposure: exposure.factor)
        light.illuminators = illuminators
        sensor.expose(backdrop, at: light.backdropIrradiance * exposure.factor, into: &picture)
        subject.draw(into: &picture, seenBy: lens, litBy: light)
        let mean = sensor.meter(&picture)
        sensor.addNoise(
            to: &picture, strength: conditions.noise * exposure.factor.squareRoot(), seed: seed, frame: frame)
        if !holdsExposure { exposure.adjust(to: mean) }
    }

    func truth(sequence: UInt32, illuminators: Illuminators) -> GroundTruth {
        let place = SIMD3<Float>(subject.posture.position)
        return GroundTruth(
            sequence: sequence, posture: subject.posture, illuminators: illuminators, centre: lens.project(place),
            faceWidth: Head.faceWidth * lens.focalLength / max(place.z, 1))
    }
}
