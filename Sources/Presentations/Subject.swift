import Biometrics
package import Imaging
package import Ports
package import Rendering

/// Something that is presented to the camera: a person, or what somebody holds before it instead.
///
/// Thread-bound. `live` and `draw` allocate nothing.
package protocol Subject: AnyObject {
    /// Lives on to `time`, which never falls, hearing what the device says and seeing which illuminators are lit.
    func live(until time: Double, hearing heard: HeardPrompt, seeing illuminators: Illuminators)
    func draw(into picture: inout PlanarPicture, seenBy lens: Lens, litBy light: Light)
    /// How the subject's head, or what stands for it, is held now.
    var posture: Posture { get }
}

/// How a person looks, ready to be drawn.
struct Figure {
    let head: Head
    private let body: Rasteriser
    private let garment: Garment?

    init(_ person: Person, in portrait: Portrait, cast: SIMD3<Float>, textureScale: Int, wearing wear: Wear? = nil) {
        self.head = Head(of: person, in: portrait)
        self.body = Rasteriser(
            head: head, texture: Texture(of: person, in: portrait, scale: textureScale, cast: cast))
        self.garment = wear.map { [head] in Garment($0, on: head) }
    }

    func draw(
        _ posture: Posture, into picture: inout PlanarPicture, seenBy lens: Lens, litBy light: Light,
        opacity: Int32 = 256
    ) {
        head.take(posture, seenBy: lens, litBy: light)
        body.draw(into: &picture, opacity: opacity)
        garment?.draw(into: &picture, seenBy: lens, litBy: light, opacity: opacity)
    }
}

/// A live person.
package final class LivePerson: Subject {
    package private(set) var posture = Posture()
    private var earlier = Posture()
    private var behaviour: Behaviour
    private var figure: Figure
    /// Takes the person's place as soon as the challenge begins, and gives it back after it where it is only `lent`.
    private var successor: Figure?
    private let isLent: Bool
    private var hasChanged = false
    /// Seconds for which the sensor gathers light, about half of it before the frame's time.
    private let shutter: Double

    package init(
        _ person: Person, replacedBy successor: Person? = nil, isLent: Bool = false, in portrait: Portrait,
        cast: SIMD3<Float>, textureScale: Int, behaviour: Behaviour, wearing wear: Wear? = nil, shutter: Double = 0.016
    ) {
        func figure(_ person: Person) -> Figure {
            Figure(person, in: portrait, cast: cast, textureScale: textureScale, wearing: wear)
        }
        self.behaviour = behaviour
        self.shutter = shutter
        self.figure = figure(person)
        self.successor = successor.map(figure)
        self.isLent = isLent
    }

    /// Where the middle between the eyes was last drawn, in pixels.
    var eyes: SIMD2<Float> {
        let eyes = figure.head.eyes
        return (eyes.right + eyes.left) / 2
    }

    package func live(until time: Double, hearing heard: HeardPrompt, seeing illuminators: Illuminators) {
        earlier = behaviour.posture(at: time - shutter / 2, hearing: heard)
        posture = behaviour.posture(at: time, hearing: heard)
        changePlaces(heard.prompt?.stage)
    }

    private func changePlaces(_ stage: Stage?) {
        guard let other = successor, stage == (hasChanged ? .comparing : .challenging) else { return }
        if hasChanged, !isLent { return }
        (figure, successor) = (other, hasChanged ? nil : figure)
        hasChanged = true
    }

    /// Draws the person; who moves fast is drawn several times, a little apart, as motion blurs.
    package func draw(into picture: inout PlanarPicture, seenBy lens: Lens, litBy light: Light) {
        let path = Self.path(from: earlier, to: posture, seenBy: lens)
        if path <= 0.7 { return figure.draw(posture, into: &picture, seenBy: lens, litBy: light) }
        // The middle between two is their mean; each one after the first weighs as much as those below it together.
        let count = path > 6 ? 4 : 2
        for number in 0..<count {
            figure.draw(
                Posture.between(earlier, posture, share: Double(number) / Double(count - 1)), into: &picture,
                seenBy: lens, litBy: light,
                opacity: 256 / Int32(number + 1))
        }
    }

    /// Pixels that the face moves.
    private static func path(from earlier: Posture, to later: Posture, seenBy lens: Lens) -> Double {
        let turn = later.pose - earlier.pose
        let step = later.position - earlier.position
        // The nose is about a hand's breadth from the axis of the neck.
        let path = 0.17 * (turn.yaw.magnitude + turn.pitch.magnitude) + step.x.magnitude + step.y.magnitude
        return path * Double(lens.focalLength) / max(later.position.z, 1)
    }
}

extension Posture {
    /// A posture on the way from one to another, at a `share` of 0...1.
    static func between(_ from: Posture, _ to: Posture, share: Double) -> Posture {
        func mean(_ from: Double, _ to: Double) -> Double { from + (to - from) * share }
        var posture = to
        posture.pose.yaw = mean(from.pose.yaw, to.pose.yaw)
        posture.pose.pitch = mean(from.pose.pitch, to.pose.pitch)
        posture.pose.roll = mean(from.pose.roll, to.pose.roll)
        posture.position = from.position + (to.position - from.position) * share
        posture.leftEyeClosure = mean(from.leftEyeClosure, to.leftEyeClosure)
        posture.rightEyeClosure = mean(from.rightEyeClosure, to.rightEyeClosure)
        posture.jawDrop = mean(from.jawDrop, to.jawDrop)
        return posture
    }
}
