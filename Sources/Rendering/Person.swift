import Glibc

/// Who stands before the camera: the person of the portrait, or an artificial one made of her by number.
package struct Person: Hashable, Sendable {
    /// 0 is the person of the portrait.
    package let number: Int
    /// 1 is wholly the artificial person; less is more alike the one of the portrait, as a relative may be.
    package let share: Float
    /// Exponent on the skin's pixels, above 1 is darker.
    package let darkness: Float

    package init(number: Int, share: Float = 1, darkness: Float = 1) {
        self.number = number
        self.share = share
        self.darkness = darkness
    }

    package static let original = Person(number: 0)
    /// The person of the portrait with skin that reflects about a third of the light.
    package static let darkSkinned = Person(number: 0, darkness: 2.8)

    /// Artificial persons whose templates lie at least 0.70 from the portrait's and from each other's.
    package static let suitable = [93, 139, 388, 483, 501, 621].map { Person(number: $0) }

    /// Changes of shape, each a share of the face width.
    var shape: [ShapeChange] {
        var dice = Dice(seed: UInt64(bitPattern: Int64(number)), purpose: .person, turn: 1)
        return ShapeChange.Feature.allCases.map { feature in
            ShapeChange(feature: feature, amount: number == 0 ? 0 : share * Float(dice.swing(feature.reach)))
        }
    }

    /// Changes of colour.
    var tone: Tone? {
        if self == .original { return nil }
        let share = number == 0 ? 0 : share
        var dice = Dice(seed: UInt64(bitPattern: Int64(number)), purpose: .person, turn: 2)
        func factor(_ value: Double) -> Float { 1 + (Float(value) - 1) * share }
        return Tone(
            skin: factor(dice.uniform(0.75...1.9)) * darkness, skinWarmth: Float(dice.uniform(-0.06...0.12)) * share,
            hair: factor(dice.uniform(0.2...1.4)), hairColour: factor(dice.uniform(0...1.2)),
            brow: factor(dice.uniform(0.25...1.3)), beard: factor(dice.chance(0.5) ? dice.uniform(0.55...0.85) : 1),
            socket: factor(dice.uniform(0.65...1.15)), cheek: factor(dice.uniform(0.7...1.15)),
            lip: factor(dice.uniform(0.7...1.1)))
    }
}

/// One smooth change of a face's shape.
struct ShapeChange {
    let feature: Feature
    /// Share of the face width, or of the feature's own size where it is scaled.
    let amount: Float

    enum Feature: CaseIterable {
        case faceWidth, faceHeight, jawWidth, chinLength, cheekWidth, eyeDistance, eyeHeight, eyeSize
        case noseLength, noseWidth, noseDepth, mouthWidth, mouthHeight, mouthFullness, mouthCorners, browHeight,
            foreheadWidth

        /// The greatest amount that still looks like a face.
        var reach: Double {
            switch self {
            case .faceWidth, .faceHeight: 0.09
            case .jawWidth: 0.26
            case .chinLength: 0.09
            case .cheekWidth: 0.15
            case .eyeDistance: 0.06
            case .eyeHeight: 0.055
            case .eyeSize: 0.28
            case .noseLength: 0.07
            case .noseWidth: 0.42
            case .noseDepth: 0.2
            case .mouthWidth: 0.26
            case .mouthHeight: 0.05
            case .mouthFullness: 0.3
            case .mouthCorners: 0.035
            case .browHeight: 0.045
            case .foreheadWidth: 0.1
            }
        }
    }
}

extension Dice {
    /// Mostly far from 0, so that persons differ: uniform over both outer thirds.
    fileprivate mutating func swing(_ reach: Double) -> Double {
        let size = uniform(0.6...1) * reach
        return chance(0.5) ? size : -size
    }
}

/// How an artificial person's colours differ from the portrait's.
struct Tone {
    /// Exponent on the skin's pixels, above 1 is darker.
    let skin: Float
    /// Share of red gained and of blue lost.
    let skinWarmth: Float
    /// Factor on the hair's brightness.
    let hair: Float
    /// Saturation of the hair, 0 is grey.
    let hairColour: Float
    /// Factors on the brightness of single places.
    let brow: Float
    let beard: Float
    let socket: Float
    let cheek: Float
    let lip: Float
}

/// A tone laid over one portrait.
struct ToneMap {
    private let tone: Tone
    private let body: Mask
    private let face: Mask
    private let brows: [SIMD2<Float>]
    private let beard: [SIMD2<Float>]
    private let lips: [SIMD2<Float>]
    private let sockets: [SIMD2<Float>]
    private let cheeks: [SIMD2<Float>]
    private let faceWidth: Float
    private let top: Float
    private let chin: Float

    init(_ tone: Tone, of portrait: Portrait, body: Mask) {
        func places(_ indices: [Int]) -> [SIMD2<Float>] {
            indices.map { SIMD2(portrait.points[$0].x, portrait.points[$0].y) }
        }
        let oval = places(FaceIndices.oval)
        self.tone = tone
        self.body = body
        self.face = Mask(polygon: oval, side: portrait.side, softness: 3)
        self.brows = places(FaceIndices.brows)
        self.beard = places(FaceIndices.beard)
        self.lips = places(FaceIndices.lips)
        self.sockets = places(FaceIndices.sockets)
        self.cheeks = places(FaceIndices.cheeks)
        self.faceWidth = portrait.points[FaceIndices.leftSide].x - portrait.points[FaceIndices.rightSide].x
        self.top = oval.map(\.y).min() ?? 0
        self.chin = oval.map(\.y).max() ?? 0
    }

    /// Colours one pixel of the portrait anew.
    func apply(to colour: SIMD3<Float>, at place: SIMD2<Float>) -> SIMD3<Float> {
        let neck = ((chin - place.y) / (0.3 * faceWidth)).clamped(to: 0...1)
        if place.y > chin + 0.1 * faceWidth { return colour }
        let face = face.sample(at: place)
        let hair = (body.sample(at: place) - face).clamped(to: 0...1) * neck
        var result = colour
        if hair > 0 { result += (hairColour(result) - result) * hair }
        if face > 0 { result += (skinColour(result, at: place) - result) * face }
        return result
    }

    private func hairColour(_ colour: SIMD3<Float>) -> SIMD3<Float> {
        let grey = (colour * SIMD3(0.299, 0.587, 0.114)).sum()
        return (SIMD3(repeating: grey) + (colour - grey) * tone.hairColour) * tone.hair
    }

    private func skinColour(_ colour: SIMD3<Float>, at place: SIMD2<Float>) -> SIMD3<Float> {
        let grey = (colour * SIMD3(0.299, 0.587, 0.114)).sum()
        let darker = powf(max(grey, 1) / 235, tone.skin - 1)
        var result = colour * darker * SIMD3(1 + tone.skinWarmth, 1, 1 - tone.skinWarmth)
        let lips = nearness(of: place, to: lips, within: 0.07)
        result *= 1 + (tone.lip - 1) * lips
        result *= 1 + (tone.brow - 1) * nearness(of: place, to: brows, within: 0.1)
        result *= 1 + (tone.socket - 1) * nearness(of: place, to: sockets, within: 0.15)
        result *= 1 + (tone.cheek - 1) * nearness(of: place, to: cheeks, within: 0.2)
        result *= 1 + (tone.beard - 1) * nearness(of: place, to: beard, within: 0.26) * (1 - lips)
        return result
    }

    /// 1 at any of `places`, 0 from `reach` face widths on.
    private func nearness(of place: SIMD2<Float>, to places: [SIMD2<Float>], within reach: Float) -> Float {
        let square = places.reduce(Float.infinity) { min($0, (($1 - place) * ($1 - place)).sum()) }
        let distance = square / (reach * reach * faceWidth * faceWidth)
        return distance < 1 ? (1 - distance) * (1 - distance) : 0
    }
}
