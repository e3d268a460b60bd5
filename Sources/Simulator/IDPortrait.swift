import Biometrics
import Imaging
package import Platform
package import Rendering

/// The portrait on an ID document, as a chip or a scanner delivers it: another day, other light, a small JPEG.
package enum IDPortrait {
    /// Photographs `person` and returns the JPEG file; equal arguments give equal files.
    ///
    /// 102×126 to 480×640 pixels, quality 60...90, the head a little turned, behind it one even colour.
    package static func jpeg(of person: Person, in portrait: Portrait, seed: UInt64) -> SecureBytes {
        var dice = Dice(seed: seed, purpose: .portrait)
        let (width, height) = sizes[Int(dice.next() % UInt64(sizes.count))]
        let warmth = Float(dice.uniform(-0.08...0.08))
        let cast = SIMD3<Float>(1 + warmth, 1, 1 - warmth)
        let detail = detail(forWidth: width)
        var picture = Backdrop.plain(
            SIMD3(repeating: Float(dice.uniform(150...225))) * cast, width: width * detail, height: height * detail)
        let head = Head(of: person, in: portrait)
        let figure = Rasteriser(head: head, texture: Texture(of: person, in: portrait, scale: 1, cast: cast))
        head.take(posture(&dice), seenBy: lens(width: width * detail, height: height * detail), litBy: light(&dice))
        figure.draw(into: &picture)
        var photograph = picture.reduced(by: detail)
        for _ in 0..<Int(dice.uniform(0...2)) { photograph.soften() }
        return photograph.encoded(quality: Int(dice.uniform(60...90)))
    }

    /// The first is the least that chips hold (ICAO 9303).
    private static let sizes = [
        (102, 126), (120, 150), (160, 200), (200, 260), (240, 320), (300, 400), (360, 480), (412, 532), (480, 640),
    ]

    /// How many times larger than the result the picture is drawn, so that no texel is skipped.
    private static func detail(forWidth width: Int) -> Int { max(1, (239 + width) / width) }

    private static func posture(_ dice: inout Dice) -> Posture {
        var posture = Posture()
        posture.pose.yaw = dice.uniform(-5...5)
        posture.pose.pitch = dice.uniform(-5...5)
        posture.pose.roll = dice.uniform(-5...5)
        posture.position = [dice.uniform(-0.6...0.6), dice.uniform(-0.8...0.8), 100]
        return posture
    }

    private static func light(_ dice: inout Dice) -> Light {
        let soft = Float(dice.uniform(0.4...0.75))
        return Light(
            soft: soft, directed: (1 - soft) * 1.4,
            direction: [Float(dice.uniform(-0.7...0.7)), Float(dice.uniform(-0.7...0)), -0.7],
            exposure: Float(dice.uniform(0.8...1.25)))
    }

    /// A face fills five ninths of the picture's width.
    private static func lens(width: Int, height: Int) -> Lens {
        Lens(
            focalLength: Float(width) * 0.56 * 100 / Head.faceWidth, centre: SIMD2(Float(width), Float(height)) * 0.5)
    }
}
