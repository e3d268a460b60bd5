import Biometrics
import Faces
import Imaging
import Rendering
import Support
import Testing

/// A simulated person in a shop, some way aside.
@Suite(.needsPack) struct TurnTests {
    private static let (width, height) = (1280, 720)

    private func jpeg(of person: Person, yaw: Double, in portrait: Portrait) throws -> [UInt8] {
        let head = Head(of: person, in: portrait)
        let texture = Texture(of: person, in: portrait, scale: 1, cast: [1, 1, 1])
        var posture = Posture()
        posture.pose.yaw = yaw
        posture.position = SIMD3(-10.4, -1.5, 48)
        let light = Light(soft: 0.8, directed: 0.3, direction: SIMD3(0.3, -0.7, -0.6), illuminatorPower: 0.2)
        head.take(posture, seenBy: Lens(width: Self.width, height: Self.height), litBy: light)
        var picture = Backdrop.shop(seed: 27003, width: Self.width, height: Self.height, cast: [1, 1, 1])
        Rasteriser(head: head, texture: texture).draw(into: &picture)
        return try picture.jpeg()
    }

    @Test func `a turn so far that the detector errs keeps its track`() throws {
        let portrait = try Portrait.astronaut(pack: TestPack.folder)
        var analyser = try FaceAnalyser.tested()
        // The detector looks at the first frame and at the thirteenth.
        for frame in 0..<14 {
            let share = min(Double(frame) / 10, 1)
            let jpeg = try jpeg(of: Person(number: 93), yaw: -12 - 12 * share, in: portrait)
            let face = try #require(try analyser.observe(jpeg, number: frame).face)
            #expect(face.track == 1 && face.presence > 0.9)
            #expect(share < 1 || (-50 ... -40).contains(face.pose.yaw))
        }
    }
}
