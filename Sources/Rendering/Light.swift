import Glibc
package import Ports

/// An angle's two coordinates.
struct Angle {
    let sine: Float
    let cosine: Float

    init(_ degrees: Double) {
        self.sine = Float(sin(degrees * .pi / 180))
        self.cosine = Float(cos(degrees * .pi / 180))
    }
}

/// The light on a person: soft and directed room light, and the device's illuminators.
///
/// A face in the room light alone has irradiance near 1. Lambert's law throughout.
package struct Light: Hashable, Sendable {
    /// Room light from all sides.
    package var soft: Float
    /// Room light from one side, and the direction towards it.
    package var directed: Float
    package var direction: SIMD3<Float>
    /// Irradiance that one illuminator adds on a face 55 cm away that looks at it.
    package var illuminatorPower: Float
    package var illuminators: Illuminators
    /// Factor of the camera's exposure.
    package var exposure: Float
    /// How much brighter the room is behind the subject than before it.
    package var behind: Float = 1

    package init(
        soft: Float, directed: Float, direction: SIMD3<Float>, illuminatorPower: Float = 0,
        illuminators: Illuminators = [], exposure: Float = 1
    ) {
        self.soft = soft
        self.directed = directed
        self.direction = direction / (direction * direction).sum().squareRoot()
        self.illuminatorPower = illuminatorPower
        self.illuminators = illuminators
        self.exposure = exposure
    }

    /// Centimetres from the lens; the subject's left is the picture's right.
    private static let left = SIMD3<Float>(12, 0, 0)
    private static let right = SIMD3<Float>(-12, 0, 0)
    private static let front = SIMD3<Float>(0, 5, 0)

    /// Linear light that falls on a place of the given direction.
    package func irradiance(at place: SIMD3<Float>, facing normal: SIMD3<Float>) -> Float {
        var sum = soft + directed * max((direction * normal).sum(), 0)
        if illuminators.contains(.left) { sum += lamp(Self.left, at: place, facing: normal) }
        if illuminators.contains(.right) { sum += lamp(Self.right, at: place, facing: normal) }
        if illuminators.contains(.front) { sum += lamp(Self.front, at: place, facing: normal) }
        return sum
    }

    /// Where mirrors may show a source of light, and what fills half of a soft spot's width there, in centimetres.
    ///
    /// Illuminators that are dark have no `power`; the room's lamp is as far away as a ceiling.
    func source(_ index: Int) -> (place: SIMD3<Float>, radius: Float, power: Float) {
        func power(_ lamp: Illuminators) -> Float { illuminators.contains(lamp) ? illuminatorPower * 60 : 0 }
        switch index {
        case 0: return (Self.left, 0.6, power(.left))
        case 1: return (Self.right, 0.6, power(.right))
        case 2: return (Self.front, 0.6, power(.front))
        default: return (direction * 200, 25, directed * 10)
        }
    }

    static let sourceCount = 4

    /// Irradiance as a factor on gamma-coded pixels, in 256ths.
    func gain(at place: SIMD3<Float>, facing normal: SIMD3<Float>) -> Float {
        Self.coded(irradiance(at: place, facing: normal) * exposure)
    }

    /// Linear light on what stands some metres behind the subject, where illuminators reach little.
    package var backdropIrradiance: Float {
        (soft + directed * 0.6) * behind + illuminatorPower * 0.06 * Float(illuminators.rawValue.nonzeroBitCount)
    }

    /// A factor on gamma-coded pixels as one on linear light.
    package static func linear(_ coded: Float) -> Float { powf(max(coded, 0), 2.2) }

    static func power(_ base: Float, _ exponent: Float) -> Float { exponent == 1 ? base : powf(base, exponent) }

    /// A factor on linear light as a factor on gamma-coded pixels, in 256ths.
    static func coded(_ factor: Float) -> Float { 256 * powf(max(factor, 0), 1 / 2.2) }

    private func lamp(_ source: SIMD3<Float>, at place: SIMD3<Float>, facing normal: SIMD3<Float>) -> Float {
        let ray = source - place
        let square = (ray * ray).sum()
        let cosine = max((ray * normal).sum(), 0) / square.squareRoot()
        return illuminatorPower * cosine * (55 * 55) / square
    }
}

extension Comparable {
    func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}
