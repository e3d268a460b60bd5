import Biometrics
import Glibc
import Imaging
import Ports
import Rendering

/// A photograph that somebody tilts, bends or waves before the camera.
///
/// The hand answers instructions and advice as a head would: it turns the print to the asked side.
final class HeldPrint: Subject {
    private(set) var posture = Posture()
    private var earlier = Posture()
    private var hand: Behaviour
    private let sheet: Sheet
    private let bend: Bend
    private let gloss: Float
    private let wave: Wave?

    /// A steady swing of the hand.
    struct Wave {
        let yaw: Double
        let aside: Double
        let pace: Double
    }

    init(_ print: Print, bend: Bend, wave: Wave?, habits: Habits, seed: UInt64) {
        self.hand = Behaviour(habits, seed: seed, visit: 1)
        self.sheet = print.sheet
        self.gloss = print.gloss
        self.bend = bend
        self.wave = wave
    }

    func live(until time: Double, hearing heard: HeardPrompt, seeing illuminators: Illuminators) {
        earlier = swung(hand.posture(at: time - 0.008, hearing: heard), at: time - 0.008, heard)
        posture = swung(hand.posture(at: time, hearing: heard), at: time, heard)
    }

    private func swung(_ posture: Posture, at time: Double, _ heard: HeardPrompt) -> Posture {
        guard let wave, heard.prompt?.stage == .challenging else { return posture }
        var posture = posture
        let phase = sin(2 * .pi * wave.pace * time)
        posture.pose.yaw += wave.yaw * phase
        posture.position.x += wave.aside * phase
        return posture
    }

    /// Draws the sheet twice, a little apart, as motion blurs.
    func draw(into picture: inout PlanarPicture, seenBy lens: Lens, litBy light: Light) {
        sheet.take(earlier, bend, seenBy: lens, by: .scattered(light))
        sheet.draw(into: &picture)
        sheet.take(posture, bend, seenBy: lens, by: .scattered(light))
        sheet.draw(into: &picture, opacity: 128)
        sheet.drawGlare(of: light, share: gloss, seenBy: lens, into: &picture)
    }
}

/// A photograph with holes or of a part of the face, held against the own face of somebody else.
final class WornPrint: Subject {
    private let wearer: LivePerson
    private let sheet: Sheet
    private let eyes: SIMD2<Float>
    private let bend: Bend
    private let gloss: Float

    init(_ print: Print, bend: Bend, wornBy wearer: LivePerson) {
        self.wearer = wearer
        self.sheet = print.sheet
        self.eyes = print.eyes
        self.gloss = print.gloss
        self.bend = bend
    }

    var posture: Posture { wearer.posture }

    func live(until time: Double, hearing heard: HeardPrompt, seeing illuminators: Illuminators) {
        wearer.live(until: time, hearing: heard, seeing: illuminators)
    }

    func draw(into picture: inout PlanarPicture, seenBy lens: Lens, litBy light: Light) {
        wearer.draw(into: &picture, seenBy: lens, litBy: light)
        var front = wearer.posture
        let (yaw, pitch) = (front.pose.yaw * .pi / 180, front.pose.pitch * .pi / 180)
        // From the middle of the head to just before the tip of the nose.
        let way = 8.6
        front.position += [way * sin(yaw) * cos(pitch), way * sin(pitch), -way * cos(yaw) * cos(pitch)]
        let place = SIMD3<Float>(front.position)
        let miss = (wearer.eyes - lens.project(place + SIMD3(eyes, 0))) * (place.z / lens.focalLength)
        front.position += SIMD3(Double(miss.x), Double(miss.y), 0)
        sheet.take(front, bend, seenBy: lens, by: .scattered(light))
        sheet.draw(into: &picture)
        sheet.drawGlare(of: light, share: gloss, seenBy: lens, into: &picture)
    }
}

/// A printed photograph.
struct Print {
    let sheet: Sheet
    /// Where the middle between the eyes is, in centimetres from the sheet's own.
    let eyes: SIMD2<Float>
    let gloss: Float

    /// What is cut away of a print that is worn.
    enum Cut {
        case nothing, eyes
        /// All that lies beyond a line through `place`, in centimetres from the middle between the eyes, on the side to
        /// which `way` points.
        case half(place: SIMD2<Float>, way: SIMD2<Float>)
    }

    /// A print of `width` centimetres, its face `faceWidth` wide, or as large as life where it is worn.
    init(
        of person: Person, in portrait: Portrait, width: Float, faceWidth: Float?, cut: Cut = .nothing, seed: UInt64
    ) {
        var dice = Dice(seed: seed, purpose: .instrument, turn: 1)
        let (columns, rows) = (720, 960)
        let perCentimetre = Float(columns) / width
        // Eyes lie 53 cm before a camera that sees the head's middle at 60.
        let focalLength = perCentimetre * (faceWidth.map { $0 / Head.faceWidth * 60 } ?? 53)
        let footage = Footage(
            of: person, in: portrait, columns: columns, rows: rows, focalLength: focalLength, seed: seed,
            performance: Performance(.still, seed: seed))
        if faceWidth != nil {
            footage.live(until: 1, hearing: HeardPrompt(prompt: nil, time: 0), seeing: [])
        } else {
            footage.hold(Posture.frontal(at: 60))
        }
        footage.develop(frame: 0)
        var curve = ToneCurve()
        let black = Float(dice.uniform(0.015...0.06))
        curve.set(offset: black, factor: Float(dice.uniform(0.75...0.95)) - black)
        self.sheet = Sheet(size: [width, width * 4 / 3], columns: columns, rows: rows)
        self.gloss = dice.chance(0.5) ? 0 : Float(dice.uniform(0.01...0.04))
        sheet.show(footage.picture, through: curve)
        let eyes = footage.figure.head.eyes
        let middle = (eyes.right + eyes.left) / 2
        self.eyes = (middle - SIMD2(Float(columns), Float(rows)) / 2) / perCentimetre
        switch cut {
        case .nothing: break
        case .eyes:
            let radii = SIMD2<Float>(1.9, 1.1) * perCentimetre
            sheet.cut { place in
                [eyes.right, eyes.left].contains { eye in
                    let offset = (place - eye) / radii
                    return (offset * offset).sum() < 1
                }
            }
        case .half(let place, let way):
            let line = middle + place * perCentimetre
            sheet.cut { (($0 - line) * way).sum() > 0 }
        }
    }
}

extension Posture {
    /// Straight before a camera so many centimetres away.
    static func frontal(at distance: Double) -> Posture {
        var posture = Posture()
        posture.position = [0, 0, distance]
        return posture
    }
}
