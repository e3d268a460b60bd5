import Platform

/// The 468 points of MediaPipe's face mesh (Kartynnik et al., 2019) as they lie in one frame, in secure memory.
///
/// x right and y down in pixels of the frame; z in the same unit, 0 near the head's middle, negative toward the
/// camera.
package struct FacePoints: ~Copyable, Sendable {
    package static let count = 468

    /// Points that have a name, by MediaPipe's numbers; left and right are the subject's own.
    package enum Index {
        package static let rightEyeOuter = 33
        package static let rightEyeInner = 133
        package static let leftEyeInner = 362
        package static let leftEyeOuter = 263
        package static let rightMouthCorner = 61
        package static let leftMouthCorner = 291
        package static let noseTip = 1
        package static let rightSide = 234
        package static let leftSide = 454
        /// The face's outline, from the top clockwise as seen in the picture.
        package static let oval = [
            10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
            149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
        ]
        /// Points that keep their place when a face moves: forehead, temples, nose, corners of the eyes, cheeks.
        package static let rigid = [
            10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 33, 263, 133, 362, 127, 356, 234, 454, 93, 323, 132, 361, 103,
            332, 54, 284, 21, 251, 162, 389, 109, 338, 67, 297, 98, 327, 50, 280, 116, 345,
        ]
    }

    /// x, y, z and a fourth number for alignment.
    private var storage: SecureBytes

    /// All points at 0.
    package init() {
        self.storage = SecureBytes(count: Self.count * MemoryLayout<SIMD4<Float>>.stride, holding: .frames)
    }

    package subscript(index: Int) -> SIMD3<Double> {
        borrowing get {
            precondition((0..<Self.count).contains(index), "the mesh has no point \(index)")
            let point = storage.withBytes { bytes in
                unsafe bytes.unsafeLoad(fromByteOffset: Self.offset(index), as: SIMD4<Float>.self)
            }
            return SIMD3(Double(point.x), Double(point.y), Double(point.z))
        }
        set {
            precondition((0..<Self.count).contains(index), "the mesh has no point \(index)")
            let point = SIMD4(Float(newValue.x), Float(newValue.y), Float(newValue.z), 0)
            storage.withMutableBytes { $0.storeBytes(of: point, toByteOffset: Self.offset(index), as: type(of: point)) }
        }
    }

    /// Point `index` in the picture's plane.
    package borrowing func place(_ index: Int) -> SIMD2<Double> {
        let point = self[index]
        return SIMD2(point.x, point.y)
    }

    /// Pixels between the sides of the face.
    package var width: Double {
        let line = place(Index.leftSide) - place(Index.rightSide)
        return (line * line).sum().squareRoot()
    }

    /// The upright rectangle around all points.
    package var box: Box {
        var (least, most) = (place(0), place(0))
        for index in 1..<Self.count {
            let place = place(index)
            least = pointwiseMin(least, place)
            most = pointwiseMax(most, place)
        }
        return Box(x: least.x, y: least.y, width: most.x - least.x, height: most.y - least.y)
    }

    private static func offset(_ index: Int) -> Int { index * MemoryLayout<SIMD4<Float>>.stride }
}
