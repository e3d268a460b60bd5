import Biometrics
import Imaging
import Ports
import Rendering

/// A video on a display that is held, or stands, before the camera.
///
/// The display shines by itself; of the device's light it gives back what glass does.
final class Replay: Subject {
    private(set) var posture: Posture
    private var hand: Behaviour?
    private let footage: Footage
    private let screen: Sheet
    private let body: Sheet
    private let display: Display
    private let traits: DisplayTraits
    private let frameRate: Double
    private var curve = ToneCurve()
    private var now = 0.0
    private var shownFrame = -1
    private var nextFrame = 0

    /// `hand` is `nil` for a stand, which holds the display at `posture` for good.
    init(_ footage: Footage, on traits: DisplayTraits, hand: Behaviour?, at posture: Posture, frameRate: Double) {
        self.footage = footage
        self.traits = traits
        self.display = traits.display
        self.hand = hand
        self.posture = posture
        self.frameRate = frameRate
        self.screen = Sheet(size: traits.size, columns: footage.picture.width, rows: footage.picture.height)
        self.body = Sheet(size: traits.size + 2 * traits.bezel, columns: 4, rows: 4, hidden: traits.size)
        body.paint(traits.bodyColour)
    }

    func live(until time: Double, hearing heard: HeardPrompt, seeing illuminators: Illuminators) {
        now = time
        if let moved = hand?.posture(at: time, hearing: heard) { posture = moved }
        // A video shows the same picture until its next one.
        nextFrame = Int(time * frameRate)
        footage.live(until: Double(nextFrame) / frameRate, hearing: heard, seeing: illuminators)
    }

    func draw(into picture: inout PlanarPicture, seenBy lens: Lens, litBy light: Light) {
        if nextFrame != shownFrame { footage.develop(frame: UInt64(nextFrame)) }
        shownFrame = nextFrame
        let place = SIMD3<Float>(posture.position)
        let scattered = traits.diffuse * light.irradiance(at: place, facing: [0, 0, -1])
        let brightness = traits.brightness * (light.soft + light.directed)
        let (offset, peak) = (scattered + traits.glow * brightness, scattered + (1 + traits.glow) * brightness)
        curve.set(offset: offset / peak, factor: brightness / peak, power: traits.gamma)
        screen.show(footage.picture, through: curve)
        body.take(posture, .flat, seenBy: lens, by: .scattered(light))
        body.draw(into: &picture)
        screen.take(posture, .flat, seenBy: lens, by: .own(exposure: peak * light.exposure))
        screen.draw(into: &picture)
        screen.overlay(display, at: now, in: &picture)
        screen.drawGlare(of: light, share: traits.mirror, seenBy: lens, into: &picture)
    }
}

/// One display and how it is set.
struct DisplayTraits: Hashable, Sendable {
    /// Centimetres, without the bezel.
    var size: SIMD2<Float>
    /// Centimetres around the picture.
    var bezel: Float
    var bodyColour: SIMD3<Float>
    /// Of white, on a sheet of paper in the same room.
    var brightness: Float
    /// Of black, as a share of white.
    var glow: Float
    /// Exponent on linear light, above 1 for more contrast.
    var gamma: Float
    /// Shares of light that come back scattered, and mirrored.
    var diffuse: Float
    var mirror: Float
    var display: Display

    /// A display of that size and `density` in pixels per centimetre, set by chance.
    init(size: SIMD2<Float>, bezel: ClosedRange<Double>, density: ClosedRange<Double>, _ dice: inout Dice) {
        self.size = size
        self.bezel = Float(dice.uniform(bezel))
        let grey = Float(dice.chance(0.8) ? dice.uniform(8...35) : dice.uniform(170...225))
        self.bodyColour = SIMD3(repeating: grey)
        self.brightness = Float(dice.uniform(0.7...1.6))
        self.glow = Float(dice.uniform(0.002...0.02))
        self.gamma = Float(dice.uniform(0.85...1.2))
        self.diffuse = Float(dice.uniform(0.01...0.02))
        self.mirror = Float(dice.uniform(0.01...0.05))
        self.display = Display()
        display.density = Float(dice.uniform(density))
        // Out of focus the lens resolves no grid.
        display.grid = dice.chance(0.5) ? 0 : Float(dice.uniform(0.01...0.12))
        display.bandDepth = dice.chance(0.6) ? 0 : Float(dice.uniform(0.01...0.08))
        display.bandCount = Float(dice.uniform(0.5...3))
        display.bandPace = Float(dice.uniform(-4...4))
    }
}
