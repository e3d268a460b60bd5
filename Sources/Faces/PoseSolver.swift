import Biometrics
import Glibc

extension HeadPose {
    /// The turn that brings the canonical face onto the mesh's rigid points with the least squared error.
    init(fitting mesh: borrowing FaceMesh) {
        let (face, points) = (CanonicalFace.rigidPlaces, FacePoints.Index.rigid)
        let share = 1 / Double(face.count)
        var (faceCentre, meshCentre) = (SIMD3<Double>.zero, SIMD3<Double>.zero)
        for index in face.indices {
            faceCentre += face[index] * share
            meshCentre += mesh.points[points[index]] * share
        }
        var covariance = CrossCovariance()
        for index in face.indices {
            covariance.add(face[index] - faceCentre, mesh.points[points[index]] - meshCentre)
        }
        self.init(rotating: covariance.bestRotation())
    }

    /// Reads the angles of `rotation` as `HeadPose` defines them: roll first, then pitch, then yaw.
    init(rotating rotation: Quaternion) {
        let nose = rotation.rotate(SIMD3(0, 0, -1))
        let yaw = atan2(nose.x, -nose.z)
        let pitch = atan2(nose.y, (nose.x * nose.x + nose.z * nose.z).squareRoot())
        // The axis toward the picture's right, turned back by yaw and pitch, keeps the roll alone.
        let right = rotation.rotate(SIMD3(1, 0, 0))
        let level = SIMD3(cos(yaw), 0, sin(yaw))
        let down = SIMD3(-sin(yaw) * sin(pitch), cos(pitch), cos(yaw) * sin(pitch))
        let roll = atan2((right * down).sum(), (right * level).sum())
        self.init(yaw: yaw * 180 / .pi, pitch: pitch * 180 / .pi, roll: roll * 180 / .pi)
    }
}

/// A rotation as a unit quaternion: x, y, z and the real part w.
struct Quaternion {
    let parts: SIMD4<Double>

    func rotate(_ vector: SIMD3<Double>) -> SIMD3<Double> {
        let axis = SIMD3(parts.x, parts.y, parts.z)
        let twice = 2 * cross(axis, vector)
        return vector + parts.w * twice + cross(axis, twice)
    }

    private func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }
}

/// Σ a·bᵀ over pairs of points, and the rotation that it tells (Horn, Journal of the Optical Society A 4, 1987).
struct CrossCovariance {
    private var x = SIMD3<Double>.zero
    private var y = SIMD3<Double>.zero
    private var z = SIMD3<Double>.zero

    mutating func add(_ from: SIMD3<Double>, _ to: SIMD3<Double>) {
        x += from.x * to
        y += from.y * to
        z += from.z * to
    }

    /// The rotation R that makes Σ |R a − b|² least.
    func bestRotation() -> Quaternion {
        var matrix = Symmetric4(
            rows: [
                SIMD4(x.x - y.y - z.z, x.y + y.x, z.x + x.z, y.z - z.y),
                SIMD4(x.y + y.x, y.y - x.x - z.z, y.z + z.y, z.x - x.z),
                SIMD4(z.x + x.z, y.z + z.y, z.z - x.x - y.y, x.y - y.x),
                SIMD4(y.z - z.y, z.x - x.z, x.y - y.x, x.x + y.y + z.z),
            ])
        return Quaternion(parts: matrix.mainEigenvector())
    }
}

/// A symmetric matrix that is turned into its diagonal (Jacobi's method).
private struct Symmetric4 {
    var rows: InlineArray<4, SIMD4<Double>>
    private var vectors: InlineArray<4, SIMD4<Double>> = [
        SIMD4(1, 0, 0, 0), SIMD4(0, 1, 0, 0), SIMD4(0, 0, 1, 0), SIMD4(0, 0, 0, 1),
    ]

    init(rows: InlineArray<4, SIMD4<Double>>) { self.rows = rows }

    /// The eigenvector of the greatest eigenvalue, of length 1.
    mutating func mainEigenvector() -> SIMD4<Double> {
        // Convergence is quadratic: six rounds reach the precision of Double.
        for _ in 0..<6 {
            for first in 0..<3 {
                for second in first + 1..<4 { clear(first, second) }
            }
        }
        var best = 0
        for index in 1..<4 where rows[index][index] > rows[best][best] { best = index }
        return vectors[best]
    }

    /// Turns the plane of two axes so that their common element becomes 0.
    private mutating func clear(_ first: Int, _ second: Int) {
        let shared = rows[first][second]
        guard abs(shared) > .leastNormalMagnitude else { return }
        let ratio = (rows[second][second] - rows[first][first]) / (2 * shared)
        let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (ratio * ratio + 1).squareRoot())
        let cosine = 1 / (tangent * tangent + 1).squareRoot()
        let sine = tangent * cosine
        func turn(_ a: SIMD4<Double>, _ b: SIMD4<Double>) -> (SIMD4<Double>, SIMD4<Double>) {
            (cosine * a - sine * b, sine * a + cosine * b)
        }
        (rows[first], rows[second]) = turn(rows[first], rows[second])
        for index in 0..<4 {
            let (a, b) = (rows[index][first], rows[index][second])
            rows[index][first] = cosine * a - sine * b
            rows[index][second] = sine * a + cosine * b
        }
        (vectors[first], vectors[second]) = turn(vectors[first], vectors[second])
    }
}

/// An average head, to measure a head's turn against.
///
/// Our own numbers: the mean of 87 meshes that the landmark network fitted to portraits, each moved, turned and
/// scaled onto the others, then made symmetric. Unit: about half a face's width; x right, y down, z away.
enum CanonicalFace {
    /// Where the points of `FacePoints.Index.rigid` lie, in its order.
    static let rigidPlaces: [SIMD3<Double>] = [
        SIMD3(0, -0.59463, -0.12032),
        SIMD3(0, -0.42319, -0.17444),
        SIMD3(0, -0.23048, -0.22462),
        SIMD3(0, -0.13933, -0.21849),
        SIMD3(0, -0.07031, -0.21837),
        SIMD3(0, 0.00052, -0.27446),
        SIMD3(0, 0.07292, -0.336),
        SIMD3(0, 0.14024, -0.40345),
        SIMD3(0, 0.21279, -0.47407),
        SIMD3(0, 0.30626, -0.50907),
        SIMD3(0, 0.38207, -0.49187),
        SIMD3(-0.49999, -0.00255, 0.0284),
        SIMD3(0.49999, -0.00255, 0.0284),
        SIMD3(-0.19424, 0.00255, -0.0284),
        SIMD3(0.19424, 0.00255, -0.0284),
        SIMD3(-0.77767, 0.11205, 0.56799),
        SIMD3(0.77767, 0.11205, 0.56799),
        SIMD3(-0.77134, 0.27676, 0.60591),
        SIMD3(0.77134, 0.27676, 0.60591),
        SIMD3(-0.76456, 0.43922, 0.59724),
        SIMD3(0.76456, 0.43922, 0.59724),
        SIMD3(-0.74531, 0.61063, 0.55368),
        SIMD3(0.74531, 0.61063, 0.55368),
        SIMD3(-0.54905, -0.46643, 0.08308),
        SIMD3(0.54905, -0.46643, 0.08308),
        SIMD3(-0.65751, -0.35234, 0.2145),
        SIMD3(0.65751, -0.35234, 0.2145),
        SIMD3(-0.72615, -0.21455, 0.33888),
        SIMD3(0.72615, -0.21455, 0.33888),
        SIMD3(-0.76351, -0.06764, 0.46985),
        SIMD3(0.76351, -0.06764, 0.46985),
        SIMD3(-0.20876, -0.58588, -0.10125),
        SIMD3(0.20876, -0.58588, -0.10125),
        SIMD3(-0.38523, -0.54663, -0.03314),
        SIMD3(0.38523, -0.54663, -0.03314),
        SIMD3(-0.20703, 0.43944, -0.22702),
        SIMD3(0.20703, 0.43944, -0.22702),
        SIMD3(-0.55073, 0.33335, -0.06814),
        SIMD3(0.55073, 0.33335, -0.06814),
        SIMD3(-0.70388, 0.19555, 0.14964),
        SIMD3(0.70388, 0.19555, 0.14964),
    ]
}
