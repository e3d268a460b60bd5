import Biometrics
import Glibc
import Imaging

/// The mesh's points in pixels of a crop, counted from the centre of the first one; 0 at first.
struct CropPoints: ~Copyable {
    struct Point {
        var place: SIMD2<Double>
        /// In pixels of the frame.
        var depth: Double
    }

    private var points = SecureArray<Point>(count: FacePoints.count)

    /// `map` maps the crop to the frame.
    mutating func take(_ points: borrowing FacePoints, _ map: AffineMap) {
        let determinant = map.a * map.d - map.b * map.c
        for index in 0..<FacePoints.count {
            let point = points[index]
            let (x, y) = (point.x - map.tx, point.y - map.ty)
            let place = SIMD2(map.d * x - map.b * y, map.a * y - map.c * x) / determinant - 0.5
            self.points[index] = Point(place: place, depth: point.z)
        }
    }

    subscript(index: Int) -> SIMD2<Double> { points[index].place }

    /// In pixels of the frame.
    func depth(_ index: Int) -> Double { points[index].depth }

    func distance(_ first: Int, _ second: Int) -> Double {
        let line = self[first] - self[second]
        return (line * line).sum().squareRoot()
    }

    /// The depth of the surface at a place, in pixels of the frame: of the four nearest points, nearer ones more.
    func depth(at place: SIMD2<Double>) -> Double {
        var nearest = SIMD4<Double>(repeating: .infinity)
        var depth = SIMD4<Double>.zero
        for index in 0..<FacePoints.count {
            let point = points[index]
            let line = point.place - place
            let square = (line * line).sum()
            let farthest = nearest.max()
            if square >= farthest { continue }
            for lane in 0..<4 where nearest[lane] == farthest {
                (nearest[lane], depth[lane]) = (square, point.depth)
                break
            }
        }
        let weights = 1 / (nearest + 1)
        return (weights * depth).sum() / weights.sum()
    }
}

/// Where a face is stiff: inside its outline, but neither eyes nor mouth.
struct FaceMask {
    private var oval = InlineArray<36, SIMD2<Double>>(repeating: .zero)
    /// Centre and half axes of what is left out.
    private var holes = InlineArray<3, (centre: SIMD2<Double>, radii: SIMD2<Double>)>(repeating: (.zero, .zero))

    init(_ points: borrowing CropPoints, faceWidth: Double) {
        var centre = SIMD2<Double>.zero
        for index in FacePoints.Index.oval { centre += points[index] / 36 }
        for index in FacePoints.Index.oval.indices {
            oval[index] = centre + (points[FacePoints.Index.oval[index]] - centre) * 0.93
        }
        leaveOut(0, points, FacePoints.Index.rightEyeOuter, FacePoints.Index.rightEyeInner) { (0.62 * $0, 0.36 * $0) }
        leaveOut(1, points, FacePoints.Index.leftEyeOuter, FacePoints.Index.leftEyeInner) { (0.62 * $0, 0.36 * $0) }
        leaveOut(2, points, FacePoints.Index.rightMouthCorner, FacePoints.Index.leftMouthCorner) {
            (0.6 * $0, 0.13 * faceWidth)
        }
    }

    private mutating func leaveOut(
        _ hole: Int, _ points: borrowing CropPoints, _ first: Int, _ second: Int,
        _ radii: (_ width: Double) -> (Double, Double)
    ) {
        let (x, y) = radii(points.distance(first, second))
        holes[hole] = ((points[first] + points[second]) / 2, SIMD2(x, y))
    }

    func shows(_ place: SIMD2<Float>) -> Bool {
        let place = SIMD2<Double>(place)
        for index in 0..<3 {
            let offset = (place - holes[index].centre) / holes[index].radii
            if (offset * offset).sum() < 1 { return false }
        }
        return isInsideOval(place)
    }

    /// Counts the edges to the right of the place.
    private func isInsideOval(_ place: SIMD2<Double>) -> Bool {
        var isInside = false
        var previous = oval[35]
        for index in 0..<36 {
            let corner = oval[index]
            if (corner.y > place.y) != (previous.y > place.y) {
                let crossing = previous.x + (place.y - previous.y) / (corner.y - previous.y) * (corner.x - previous.x)
                if place.x < crossing { isInside.toggle() }
            }
            previous = corner
        }
        return isInside
    }
}
