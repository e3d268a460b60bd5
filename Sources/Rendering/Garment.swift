import Glibc
package import Imaging

/// What a person wears on the head.
package enum Wear: String, Hashable, Sendable, CaseIterable {
    case glasses, hat, mask
}

/// Something worn: a few triangles of one colour that move with the head.
///
/// Thread-bound; nothing here allocates but the initialiser.
package final class Garment {
    private let head: Head
    private let texture: Texture
    private let points: [SIMD3<Float>]
    private let normals: [SIMD3<Float>]
    private let triangles: [Triangle]
    /// Four points around each lens.
    private let glasses: [Int]
    private var corners: [Corner]
    private var mirrors: [Mirror]

    package init(_ wear: Wear, on head: Head) {
        var shape = GarmentShape(head)
        var colour = SIMD3<Float>(28, 24, 30)
        switch wear {
        case .glasses: shape.addGlasses()
        case .hat:
            shape.addHat()
            colour = [70, 60, 110]
        case .mask:
            shape.addMask()
            colour = [190, 205, 220]
        }
        self.head = head
        self.points = shape.points
        self.normals = shape.normals
        self.triangles = shape.triangles
        self.glasses = shape.glasses
        self.texture = Texture(width: 4, height: 4)
        unsafe texture.texels.update(repeating: Colour(rgb: colour).texel(opacity: 1), count: 4 * texture.stride)
        self.corners = Array(repeating: Corner(x: 0, y: 0, u: 0, v: 0, gain: 256), count: shape.points.count)
        self.mirrors = Array(repeating: Mirror(), count: shape.glasses.count / 4)
    }

    /// Draws the garment on the head as it is posed now.
    package func draw(into picture: inout PlanarPicture, seenBy lens: Lens, litBy light: Light, opacity: Int32 = 256) {
        for index in points.indices {
            let (place, facing) = head.carry(points[index], facing: normals[index])
            corners[index].light(place, facing, seenBy: lens, litBy: light)
        }
        picture.withCanvas { canvas in
            for index in triangles.indices {
                let triangle = triangles[index]
                let (a, b, c) = (corners[triangle.a], corners[triangle.b], corners[triangle.c])
                // What turns its back is hidden by what turns its front.
                if (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) <= 0 { continue }
                texture.fillLuma(
                    of: canvas, with: Slope(a, b, c, texture: texture, shrink: 1), opacity, isOpaque: opacity == 256)
                texture.fillChroma(of: canvas, with: Slope(a, b, c, texture: texture, shrink: 0.5), opacity)
            }
        }
        for index in mirrors.indices {
            func corner(_ number: Int) -> SIMD2<Float> {
                let corner = corners[glasses[index * 4 + number]]
                return SIMD2(corner.x, corner.y)
            }
            let first = glasses[index * 4]
            let middle = (points[first] + points[glasses[index * 4 + 2]]) / 2
            let (place, facing) = head.carry(middle, facing: normals[first])
            mirrors[index] = Mirror(
                place: place, facing: facing, outline: (corner(0), corner(1), corner(2), corner(3)))
            picture.addGlare(of: light, in: mirrors[index], share: 0.05, seenBy: lens)
        }
    }
}

/// A garment cut to one head, in centimetres from its middle.
private struct GarmentShape {
    private let head: Head
    private(set) var points: [SIMD3<Float>] = []
    private(set) var normals: [SIMD3<Float>] = []
    private(set) var triangles: [Triangle] = []
    private(set) var glasses: [Int] = []

    init(_ head: Head) { self.head = head }

    /// Rims, a bridge, and temples that end at the ears.
    mutating func addGlasses() {
        let left = addRim(FaceIndices.leftEye)
        let right = addRim(FaceIndices.rightEye)
        addBar(points[right.inner], points[left.inner], thickness: 0.3)
        addBar(head.rest[FaceIndices.rightSide] + [0, -2.5, 0], points[right.outer], thickness: 0.4)
        addBar(points[left.outer], head.rest[FaceIndices.leftSide] + [0, -2.5, 0], thickness: 0.4)
    }

    /// Adds the rim before one eye; returns the points that are nearest to nose and temple.
    private mutating func addRim(_ eye: FaceIndices.Eye) -> (inner: Int, outer: Int) {
        let (outer, inner) = (head.rest[eye.lower[0]], head.rest[eye.lower[8]])
        let middle = (outer + inner) / 2 - [0, 0, 1.6]
        let side: Float = outer.x > inner.x ? 1 : -1
        // Lenses look a little down and outwards.
        let facing = SIMD3<Float>(side * 0.06, 0.12, -0.99)
        let first = points.count
        for step in 0..<24 {
            let angle = Angle(Double(step) * 15)
            for size: Float in [1, 1.16] {
                add(middle + SIMD3(angle.cosine * 2.5, angle.sine * 1.9, 0) * size, facing)
            }
        }
        for step in 0..<24 {
            let (here, next) = (first + step * 2, first + (step + 1) % 24 * 2)
            add(here, here + 1, next + 1)
            add(here, next + 1, next)
        }
        // Clockwise as the camera sees it, from the upper left.
        glasses += [15, 21, 3, 9].map { first + $0 * 2 }
        let (rightmost, leftmost) = (first + 1, first + 25)
        return side > 0 ? (leftmost, rightmost) : (rightmost, leftmost)
    }

    /// Adds a strip from a place to another one on its right.
    private mutating func addBar(_ from: SIMD3<Float>, _ to: SIMD3<Float>, thickness: Float) {
        let first = points.count
        for place in [from, to] {
            add(place - [0, thickness / 2, 0], [0, 0, -1])
            add(place + [0, thickness / 2, 0], [0, 0, -1])
        }
        add(first, first + 2, first + 3)
        add(first, first + 3, first + 1)
    }

    /// A cap over all above the middle of the forehead, with a short brim.
    mutating func addHat() {
        let brow = head.rest[FaceIndices.forehead] + [0, 1.6, 0]
        let width = Head.faceWidth * 0.62
        let first = points.count
        let (turns, levels) = (32, 7)
        for level in 0..<levels {
            let height = Angle(Double(level) * 88 / Double(levels - 1))
            for step in 0..<turns {
                let angle = Angle(Double(step) * 360 / Double(turns))
                let out = SIMD3(angle.sine * height.cosine, -height.sine, -angle.cosine * height.cosine)
                add(SIMD3(0, brow.y, 4) + out * SIMD3(width, 8.5, width + 3), out)
            }
        }
        for level in 0..<levels - 1 {
            for step in 0..<turns {
                let (here, next) = (first + level * turns + step, first + level * turns + (step + 1) % turns)
                add(here, here + turns, next + turns)
                add(here, next + turns, next)
            }
        }
        let brim = points.count
        for step in -6...6 {
            let angle = Angle(Double(step) * 10)
            let edge = SIMD3(angle.sine * width, brow.y, 4 - angle.cosine * (width + 3))
            add(edge, [0, -0.5, -0.86])
            add(edge + [angle.sine * 2, 1, -angle.cosine * 5], [0, -0.5, -0.86])
        }
        for step in 0..<12 {
            let here = brim + step * 2
            add(here, here + 2, here + 3)
            add(here, here + 3, here + 1)
        }
    }

    /// The lower half of the face, half a centimetre before it.
    mutating func addMask() {
        let edge = head.rest[FaceIndices.noseBridge].y
        let first = points.count
        for index in 0..<Portrait.pointCount {
            let normal = head.restNormals[index]
            add(head.rest[index] + normal * 0.5, normal)
        }
        for triangle in head.triangles where max(triangle.a, triangle.b, triangle.c) < Portrait.pointCount {
            let lowest = min(head.rest[triangle.a].y, head.rest[triangle.b].y, head.rest[triangle.c].y)
            if lowest > edge { add(first + triangle.a, first + triangle.b, first + triangle.c) }
        }
    }

    private mutating func add(_ point: SIMD3<Float>, _ normal: SIMD3<Float>) {
        points.append(point)
        normals.append(normal)
    }

    private mutating func add(_ a: Int, _ b: Int, _ c: Int) { triangles.append(Triangle(a, b, c)) }
}
