package import Biometrics

/// How a person holds head and body at one moment.
package struct Posture: Hashable, Sendable {
    /// Turn of the head against the camera's axis.
    package var pose = HeadPose.frontal
    /// Centimetres from the camera to the middle of the head: x to the picture's right, y down, z away.
    package var position = SIMD3<Double>(0, 0, 70)
    /// 0 is as open as in the portrait, 1 is closed.
    package var leftEyeClosure = 0.0
    package var rightEyeClosure = 0.0
    /// Centimetres that the jaw is lowered, 0...1.
    package var jawDrop = 0.0

    package init() {}
}

/// A person from the shoulders up, ready to be drawn in any posture.
///
/// The face is the portrait's mesh. Rings around it carry hair, ears and neck: they turn less and lie deeper the
/// farther out they are, and the last ones, the body, stay. Thread-bound; posing allocates nothing.
package final class Head {
    /// Width of every simulated face where it is widest, whatever its shape.
    package static let faceWidth: Float = 15
    /// Distance, in face widths, from which the portrait is taken to be photographed.
    private static let portraitDistance: Float = 5

    let triangles: [Triangle]
    private let portraitPose: HeadPose
    /// Centimetres from the middle of the head as the portrait holds it, and where the surface faces.
    let rest: [SIMD3<Float>]
    let restNormals: [SIMD3<Float>]
    /// Share of the jaw's way that a point takes part in.
    private let jaw: [Float]
    /// How much of the head's turn a point takes part in, 0...1.
    private let weights: [Float]
    private let restTexture: [SIMD2<Float>]
    /// Index of the first lash point of the right and of the left eye.
    private let lashes: (right: Int, left: Int)

    private var turn = Rotation(.frontal)
    private var position = SIMD3<Float>()
    private var moved: [SIMD3<Float>]
    private(set) var corners: [Corner]
    private(set) var depths: [Float]

    package init(of person: Person, in portrait: Portrait) {
        var builder = HeadBuilder(portrait: portrait, person: person)
        builder.addRings()
        let lashes = (right: builder.addLashes(FaceIndices.rightEye), left: builder.addLashes(FaceIndices.leftEye))
        let pivot = (builder.points[FaceIndices.rightSide] + builder.points[FaceIndices.leftSide]) / 2
        let scale = Self.faceWidth / builder.ownFaceWidth
        let distance = Self.portraitDistance * builder.faceWidth
        let centimetres = builder.points.map { point in
            let offset = point - pivot
            let nearness = (distance + offset.z) / distance
            return SIMD3(offset.x * nearness, offset.y * nearness, offset.z) * scale
        }
        self.portraitPose = portrait.pose
        self.rest = centimetres
        self.restNormals = builder.normals(of: centimetres)
        self.jaw = Self.jawWeights(of: centimetres)
        self.weights = builder.weights
        self.restTexture = builder.texture
        self.triangles = builder.triangles
        self.lashes = lashes
        self.moved = centimetres
        self.corners = builder.texture.map { Corner(x: 0, y: 0, u: $0.x, v: $0.y, gain: 256) }
        self.depths = centimetres.map(\.z)
    }

    /// The lower lip and what is below it, less towards the sides.
    private static func jawWeights(of points: [SIMD3<Float>]) -> [Float] {
        let mouth = (points[FaceIndices.innerLips.upper] + points[FaceIndices.innerLips.lower]) / 2
        return points.enumerated().map { index, point in
            if index >= Portrait.pointCount { return 0 }
            let below = ((point.y - mouth.y) / 0.2).clamped(to: 0...1)
            let aside = (point.x - mouth.x) / (0.45 * faceWidth)
            return below * max(1 - aside * aside, 0)
        }
    }

    /// Places all points for one moment, seen by `lens` and lit by `light`.
    package func take(_ posture: Posture, seenBy lens: Lens, litBy light: Light) {
        for index in rest.indices {
            moved[index] = rest[index]
            moved[index].y += jaw[index] * Float(posture.jawDrop)
            (corners[index].u, corners[index].v) = (restTexture[index].x, restTexture[index].y)
        }
        close(FaceIndices.rightEye, lashes: lashes.right, by: Float(posture.rightEyeClosure))
        close(FaceIndices.leftEye, lashes: lashes.left, by: Float(posture.leftEyeClosure))
        let turn = Rotation(posture.pose - portraitPose)
        let position = SIMD3<Float>(posture.position)
        (self.turn, self.position) = (turn, position)
        for index in rest.indices {
            let weight = weights[index]
            let (point, normal) = (moved[index], restNormals[index])
            let place = position + point + (turn.apply(point) - point) * weight
            let facing = normal + (turn.apply(normal) - normal) * weight
            corners[index].light(place, facing, seenBy: lens, litBy: light)
            depths[index] = place.z
        }
    }

    /// Where the middles of the right and the left eye are seen, in pixels.
    package var eyes: (right: SIMD2<Float>, left: SIMD2<Float>) {
        func middle(_ eye: FaceIndices.Eye) -> SIMD2<Float> {
            let (outer, inner) = (corners[eye.lower[0]], corners[eye.lower[8]])
            return SIMD2(outer.x + inner.x, outer.y + inner.y) / 2
        }
        return (middle(FaceIndices.rightEye), middle(FaceIndices.leftEye))
    }

    /// Moves a point that is fixed to the head as it is posed now.
    func carry(_ point: SIMD3<Float>, facing normal: SIMD3<Float>) -> (place: SIMD3<Float>, facing: SIMD3<Float>) {
        (position + turn.apply(point), turn.apply(normal))
    }

    /// Slides the upper lid onto the lower one; the skin above follows, and its texture, not the lashes', stretches.
    private func close(_ eye: FaceIndices.Eye, lashes: Int, by closure: Float) {
        if closure <= 0 { return }
        for step in 1...7 {
            let (upper, lower, crease) = (eye.upper[step], eye.lower[step], eye.crease[step - 1])
            let gap = rest[lower] - rest[upper]
            moved[upper] += gap * (0.97 * closure)
            moved[lower] -= gap * (0.03 * closure)
            moved[crease] += gap * (0.45 * 0.97 * closure)
            moved[eye.brow[step - 1]] += gap * (0.08 * 0.97 * closure)
            moved[lashes + step] += gap * (0.97 * closure)
            moved[lashes + 9 + step] += gap * (0.97 * closure)
            let skin = restTexture[upper] + (restTexture[crease] - restTexture[upper]) * (0.85 * closure)
            (corners[upper].u, corners[upper].v) = (skin.x, skin.y)
        }
    }
}

/// A pinhole camera.
package struct Lens: Hashable, Sendable {
    /// Pixels.
    package let focalLength: Float
    package let centre: SIMD2<Float>

    /// A lens of 65° horizontal angle of view.
    package init(width: Int, height: Int) {
        self.focalLength = Float(width) * 0.78
        self.centre = SIMD2(Float(width), Float(height)) / 2
    }

    package init(focalLength: Float, centre: SIMD2<Float>) {
        self.focalLength = focalLength
        self.centre = centre
    }

    /// Maps centimetres before the camera to pixels.
    package func project(_ place: SIMD3<Float>) -> SIMD2<Float> {
        SIMD2(place.x, place.y) * (focalLength / max(place.z, 1)) + centre
    }
}

/// A turn in space with the signs of `HeadPose`.
struct Rotation {
    private let columns: (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>)

    init(_ pose: HeadPose) {
        let (yaw, pitch, roll) = (Angle(pose.yaw), Angle(pose.pitch), Angle(pose.roll))
        // Roll first, then pitch, then yaw.
        func turn(_ point: SIMD3<Float>) -> SIMD3<Float> {
            let rolled = SIMD3(
                roll.cosine * point.x - roll.sine * point.y, roll.sine * point.x + roll.cosine * point.y, point.z)
            let nodded = SIMD3(
                rolled.x, pitch.cosine * rolled.y - pitch.sine * rolled.z,
                pitch.sine * rolled.y + pitch.cosine * rolled.z)
            return SIMD3(
                yaw.cosine * nodded.x - yaw.sine * nodded.z, nodded.y, yaw.sine * nodded.x + yaw.cosine * nodded.z)
        }
        self.columns = (turn(SIMD3(1, 0, 0)), turn(SIMD3(0, 1, 0)), turn(SIMD3(0, 0, 1)))
    }

    func apply(_ point: SIMD3<Float>) -> SIMD3<Float> {
        columns.0 * point.x + columns.1 * point.y + columns.2 * point.z
    }
}
