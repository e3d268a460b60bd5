/// Grows the portrait's face mesh into a head with shoulders, in pixels of the portrait.
struct HeadBuilder {
    private(set) var points: [SIMD3<Float>]
    private(set) var weights: [Float]
    /// Pixels of the portrait, whatever the shape.
    private(set) var texture: [SIMD2<Float>]
    private(set) var triangles: [Triangle]
    /// Pixels; of the portrait.
    let faceWidth: Float

    private let portrait: Portrait
    private let warp: ShapeWarp
    private let centre: SIMD2<Float>

    init(portrait: Portrait, person: Person) {
        let warp = ShapeWarp(person.shape, face: portrait.points)
        self.portrait = portrait
        self.warp = warp
        self.faceWidth = warp.faceWidth
        self.centre = warp.centre
        self.points = portrait.points.map { warp.apply(to: $0) }
        self.weights = Array(repeating: 1, count: portrait.points.count)
        self.texture = portrait.points.map { SIMD2($0.x, $0.y) }
        self.triangles = []
        for corners in portrait.triangles { add(Int(corners.x), Int(corners.y), Int(corners.z)) }
    }

    /// Pixels of the portrait; of the person, where it is widest.
    var ownFaceWidth: Float {
        let columns = points.prefix(Portrait.pointCount).map(\.x)
        return (columns.max() ?? 0) - (columns.min() ?? 0)
    }

    /// Adds what surrounds the face, from the hairline out to the picture's edge.
    mutating func addRings() {
        var inner = FaceIndices.oval
        for ring in Ring.all {
            let outer = FaceIndices.oval.map { addPoint(of: ring, over: portrait.points[$0]) }
            for index in inner.indices {
                let next = (index + 1) % inner.count
                add(inner[index], inner[next], outer[index])
                add(inner[next], outer[next], outer[index])
            }
            inner = outer
        }
    }

    /// Adds a strip along the upper lid that carries the lashes when the lid moves; returns its first point.
    ///
    /// Nine points above the lid's edge and nine just below; on an open eye the strip shows what is there anyway.
    mutating func addLashes(_ eye: FaceIndices.Eye) -> Int {
        let first = points.count
        let reach = faceWidth * 0.012
        for side: Float in [-1, 0.4] {
            for index in eye.upper {
                let lid = portrait.points[index]
                points.append(points[index] + SIMD3(0, side * reach, 0))
                weights.append(1)
                texture.append(SIMD2(lid.x, lid.y + side * reach))
            }
        }
        for step in 0..<8 {
            add(first + step, first + step + 1, first + 9 + step, isLash: true)
            add(first + step + 1, first + 10 + step, first + 9 + step, isLash: true)
        }
        return first
    }

    /// Mean directions of the triangles around each point, of length 1, towards the camera.
    func normals(of points: [SIMD3<Float>]) -> [SIMD3<Float>] {
        var normals = Array(repeating: SIMD3<Float>(0, 0, -1e-6), count: points.count)
        for triangle in triangles {
            let (a, b, c) = (points[triangle.a], points[triangle.b], points[triangle.c])
            let normal = cross(c - a, b - a)
            for corner in [triangle.a, triangle.b, triangle.c] { normals[corner] += normal }
        }
        return normals.map { $0 / ($0 * $0).sum().squareRoot() }
    }

    private mutating func addPoint(of ring: Ring, over rim: SIMD3<Float>) -> Int {
        let offset = SIMD2(rim.x, rim.y) - centre
        let last = Float(portrait.side - 1)
        let place = (centre + offset * ring.scale).clamped(lowerBound: [0, 0], upperBound: [last, last])
        let down = ((offset.y / faceWidth + 0.25) / 0.6).clamped(to: 0...1)
        points.append(warp.apply(to: SIMD3(place, rim.z * 0.6 + faceWidth * ring.depth)))
        weights.append(ring.crownWeight + (ring.neckWeight - ring.crownWeight) * down)
        texture.append(place)
        return points.count - 1
    }

    /// Adds a triangle, turned so that the portrait shows its front.
    private mutating func add(_ a: Int, _ b: Int, _ c: Int, isLash: Bool = false) {
        let (u, v, w) = (texture[a], texture[b], texture[c])
        let area = (v.x - u.x) * (w.y - u.y) - (v.y - u.y) * (w.x - u.x)
        triangles.append(
            area > 0 ? Triangle(a, b, c, isOnTop: isLash) : Triangle(a, c, b, isOnTop: isLash))
    }
}

/// One ring around the face.
private struct Ring {
    /// Times the face's own border.
    let scale: Float
    /// Face widths behind the middle of the head.
    let depth: Float
    /// Share of the head's turn, above the ears and below them.
    let crownWeight: Float
    let neckWeight: Float

    static let all = [
        Ring(scale: 1.18, depth: 0.10, crownWeight: 1, neckWeight: 1),
        Ring(scale: 1.38, depth: 0.28, crownWeight: 1, neckWeight: 0.8),
        Ring(scale: 1.62, depth: 0.42, crownWeight: 0.95, neckWeight: 0.4),
        Ring(scale: 2.1, depth: 0.5, crownWeight: 0.8, neckWeight: 0),
        Ring(scale: 2.6, depth: 0.5, crownWeight: 0, neckWeight: 0),
        Ring(scale: 3.2, depth: 0.5, crownWeight: 0, neckWeight: 0),
        Ring(scale: 4, depth: 0.5, crownWeight: 0, neckWeight: 0),
        Ring(scale: 5, depth: 0.5, crownWeight: 0, neckWeight: 0),
        Ring(scale: 7, depth: 0.5, crownWeight: 0, neckWeight: 0),
    ]
}

/// The smooth change of space that turns the portrait's face into another person's.
private struct ShapeWarp {
    let faceWidth: Float
    let centre: SIMD2<Float>
    private let pulls: [Pull]
    private let stretch: SIMD2<Float>

    /// A change around one place that fades with distance.
    private struct Pull {
        let centre: SIMD2<Float>
        let reach: Float
        var shift = SIMD3<Float>()
        var stretch = SIMD3<Float>()
    }

    init(_ changes: [ShapeChange], face: [SIMD3<Float>]) {
        let sides = face[FaceIndices.leftSide] - face[FaceIndices.rightSide]
        let width = (sides * sides).sum().squareRoot()
        let centre = face.reduce(SIMD2<Float>()) { $0 + SIMD2($1.x, $1.y) } / Float(face.count)
        func middle(_ indices: Int...) -> SIMD2<Float> {
            indices.reduce(SIMD2<Float>()) { $0 + SIMD2(face[$1].x, face[$1].y) } / Float(indices.count)
        }
        let (rightEye, leftEye) = (middle(33, 133), middle(263, 362))
        let (nose, mouth, chin) = (middle(FaceIndices.noseTip), middle(61, 291), middle(152))
        var pulls: [Pull] = []
        var stretch = SIMD2<Float>(1, 1)
        for change in changes {
            let amount = change.amount
            func pull(
                _ at: SIMD2<Float>, _ reach: Float, shift: SIMD3<Float> = SIMD3(), stretch: SIMD3<Float> = SIMD3()
            ) {
                pulls.append(
                    Pull(centre: at, reach: reach * width, shift: shift * amount * width, stretch: stretch * amount))
            }
            switch change.feature {
            case .faceWidth: stretch.x += amount
            case .faceHeight: stretch.y += amount
            case .jawWidth: pull((chin + mouth) / 2, 0.38, stretch: [1, 0, 0])
            case .chinLength: pull(chin, 0.25, shift: [0, 1, 0])
            case .cheekWidth: pull((nose + mouth) / 2, 0.4, stretch: [1, 0, 0])
            case .eyeDistance:
                pull(rightEye, 0.2, shift: [-1, 0, 0])
                pull(leftEye, 0.2, shift: [1, 0, 0])
            case .eyeHeight: pull((rightEye + leftEye) / 2, 0.3, shift: [0, 1, 0])
            case .eyeSize:
                pull(rightEye, 0.14, stretch: [1, 1, 0])
                pull(leftEye, 0.14, stretch: [1, 1, 0])
            case .noseLength: pull(nose, 0.17, shift: [0, 1, 0])
            case .noseWidth: pull(nose, 0.13, stretch: [1, 0, 0])
            case .noseDepth: pull(nose, 0.2, shift: [0, 0, -0.5])
            case .mouthWidth: pull(mouth, 0.2, stretch: [1, 0, 0])
            case .mouthHeight: pull(mouth, 0.22, shift: [0, 1, 0])
            case .mouthFullness: pull(mouth, 0.13, stretch: [0, 1, 0])
            case .mouthCorners:
                pull(middle(61), 0.13, shift: [0, 1, 0])
                pull(middle(291), 0.13, shift: [0, 1, 0])
            case .browHeight:
                pull(middle(105, 52), 0.13, shift: [0, -1, 0])
                pull(middle(334, 282), 0.13, shift: [0, -1, 0])
            case .foreheadWidth: pull(middle(10, 151), 0.4, stretch: [1, 0, 0])
            }
        }
        self.faceWidth = width
        self.centre = centre
        self.pulls = pulls
        self.stretch = stretch
    }

    func apply(to point: SIMD3<Float>) -> SIMD3<Float> {
        var moved = point
        for pull in pulls {
            let offset = SIMD2(point.x, point.y) - pull.centre
            let nearness = (offset * offset).sum() / (pull.reach * pull.reach)
            // A bell with finite reach, so that the body stays.
            let strength = nearness < 4 ? (1 - nearness / 4) * (1 - nearness / 4) : 0
            moved += (pull.shift + SIMD3(offset, 0) * pull.stretch) * strength
        }
        let spread = (SIMD2(moved.x, moved.y) - centre) * stretch + centre
        return SIMD3(spread, moved.z)
    }
}

private func cross(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

/// Which points of MediaPipe's face mesh lie where; right and left are the subject's own.
enum FaceIndices {
    /// The face's border, clockwise from the top of the forehead as the picture shows it.
    static let oval = [
        10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
        150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
    ]
    static let rightSide = 234
    static let leftSide = 454
    static let noseTip = 4
    static let forehead = 10
    static let noseBridge = 195
    static let innerLips = (upper: 13, lower: 14)

    static let rightEye = Eye(
        lower: [33, 7, 163, 144, 145, 153, 154, 155, 133], upper: [33, 246, 161, 160, 159, 158, 157, 173, 133],
        crease: [247, 30, 29, 27, 28, 56, 190], brow: [113, 225, 224, 223, 222, 221, 189])
    static let leftEye = Eye(
        lower: [263, 249, 390, 373, 374, 380, 381, 382, 362], upper: [263, 466, 388, 387, 386, 385, 384, 398, 362],
        crease: [467, 260, 259, 257, 258, 286, 414], brow: [342, 445, 444, 443, 442, 441, 413])

    static let brows = [70, 63, 105, 66, 107, 46, 53, 52, 65, 55, 300, 293, 334, 296, 336, 276, 283, 282, 295, 285]
    static let lips = [61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91]
    static let beard = [164, 92, 322, 18, 200, 152, 176, 400, 150, 379, 136, 365, 172, 397, 204, 424, 214, 434]
    static let sockets = [226, 31, 228, 229, 230, 231, 232, 244, 446, 261, 448, 449, 450, 451, 452, 464]
    static let cheeks = [187, 207, 213, 411, 427, 433]

    /// Rows of points around one eye, each from the outer to the inner corner.
    struct Eye {
        /// Both share their first and last point.
        let lower: [Int]
        let upper: [Int]
        /// Skin above the seven inner points of `upper`: the fold of the lid, then below the brow.
        let crease: [Int]
        let brow: [Int]
    }
}
