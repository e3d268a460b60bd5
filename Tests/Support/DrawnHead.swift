import Platform
package import Rendering

extension Portrait {
    /// A head that is drawn, not photographed: a cone of skin with a dark dot on the nose and two dark pupils.
    package static let drawn: Portrait = {
        guard
            let portrait = Portrait(
                side: DrawnHead.side, pixels: DrawnHead.pixels, points: DrawnHead.points,
                triangles: DrawnHead.triangles, outline: DrawnHead.outline)
        else { fatalError("the drawn head is wrong") }
        return portrait
    }()
}

/// The parts of `Portrait.drawn`, on a picture of 128×128 pixels.
private enum DrawnHead {
    static let side = 128
    private static let centre = SIMD2<Float>(64, 56)
    private static let nose = SIMD2<Float>(64, 62)
    private static let eyes = [SIMD2<Float>(54, 50), SIMD2<Float>(74, 50)]

    private static let oval = [
        10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
        150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
    ]
    private static let lower = [
        [33, 7, 163, 144, 145, 153, 154, 155, 133], [263, 249, 390, 373, 374, 380, 381, 382, 362],
    ]
    private static let upper = [
        [33, 246, 161, 160, 159, 158, 157, 173, 133], [263, 466, 388, 387, 386, 385, 384, 398, 362],
    ]
    private static let crease = [[247, 30, 29, 27, 28, 56, 190], [467, 260, 259, 257, 258, 286, 414]]
    private static let brow = [[113, 225, 224, 223, 222, 221, 189], [342, 445, 444, 443, 442, 441, 413]]

    /// Sines and cosines of multiples of 10°, starting at the top and going clockwise.
    private static let directions: [SIMD2<Float>] = {
        var directions = [SIMD2<Float>(0, -1)]
        for _ in 1..<36 {
            let last = directions[directions.count - 1]
            directions.append(
                SIMD2(last.x * 0.984_807_7 - last.y * 0.173_648_2, last.x * 0.173_648_2 + last.y * 0.984_807_7))
        }
        return directions
    }()

    static let points: [SIMD3<Float>] = {
        var points = Array(repeating: SIMD3(nose, -12), count: Portrait.pointCount)
        for (index, direction) in zip(oval, directions) {
            points[index] = SIMD3(centre + direction * SIMD2(20, 26), 12)
        }
        for eye in 0..<2 {
            // From the outer corner to the inner one.
            let inward: Float = eye == 0 ? 1 : -1
            for step in 0...8 {
                let x = eyes[eye].x + inward * (Float(step) - 4) * 1.3
                let lift = directions[step * 9 / 4].x * 2.5
                points[lower[eye][step]] = SIMD3(x, eyes[eye].y + lift, -4)
                points[upper[eye][step]] = SIMD3(x, eyes[eye].y - lift, -4)
                if !(1...7).contains(step) { continue }
                points[crease[eye][step - 1]] = SIMD3(x, eyes[eye].y - lift - 2, -4)
                points[brow[eye][step - 1]] = SIMD3(x, eyes[eye].y - lift - 4, -4)
            }
        }
        return points
    }()

    static let triangles: [SIMD3<UInt16>] = {
        var triangles: [SIMD3<UInt16>] = []
        func add(_ a: Int, _ b: Int, _ c: Int) { triangles.append(SIMD3(UInt16(a), UInt16(b), UInt16(c))) }
        func join(_ a: [Int], _ b: [Int]) {
            for step in 0..<a.count - 1 {
                add(a[step], a[step + 1], b[step])
                add(a[step + 1], b[step + 1], b[step])
            }
        }
        for step in oval.indices { add(4, oval[step], oval[(step + 1) % oval.count]) }
        for eye in 0..<2 {
            join(upper[eye], lower[eye])
            join(crease[eye], Array(upper[eye][1...7]))
            join(brow[eye], crease[eye])
        }
        return triangles
    }()

    static let outline: [SIMD2<Float>] =
        directions.map { centre + $0 * SIMD2(25, 31) }.filter { $0.y < 70 || abs($0.x - 64) < 8 }

    static var pixels: SecureBytes {
        var pixels = SecureBytes(count: side * side * 3, holding: .frames)
        pixels.withMutableBytes { bytes in
            for row in 0..<side {
                for column in 0..<side {
                    let colour = colour(at: SIMD2(Float(column), Float(row)))
                    for channel in 0..<3 {
                        bytes.storeBytes(
                            of: colour[channel], toByteOffset: (row * side + column) * 3 + channel, as: UInt8.self)
                    }
                }
            }
        }
        return pixels
    }

    private static func colour(at place: SIMD2<Float>) -> SIMD3<UInt8> {
        func isNear(_ spot: SIMD2<Float>, _ reach: Float) -> Bool {
            ((place - spot) * (place - spot)).sum() < reach * reach
        }
        if isNear(nose, 2.5) || eyes.contains(where: { isNear($0, 2) }) { return [20, 20, 20] }
        return [200, 160, 140]
    }
}
