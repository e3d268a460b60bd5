package import Biometrics
import Glibc
package import Imaging
import Platform

/// Fits 468 points to a face: MediaPipe's face landmark network (Kartynnik et al., 2019).
package struct FaceMesh: ~Copyable {
    package static let pointCount = 468

    /// Points that other parts need, by MediaPipe's numbers; left and right are the subject's own.
    package enum Point {
        package static let rightEyeOuter = 33
        package static let rightEyeInner = 133
        package static let leftEyeInner = 362
        package static let leftEyeOuter = 263
    }

    private var network: PackedNetwork
    /// x, y and z in pixels of the frame, and a fourth number for alignment.
    private var points: SecureBytes

    init(_ pack: ModelPack) throws(PackFault) {
        let network = try PackedNetwork(pack, .mesh, outputs: [Self.pointCount * 3, 1])
        guard FaceMeasures.canMeasure(size: network.side) else {
            throw .unusable(file: "the mesh network", detail: "its side of \(network.side) is no multiple of 96")
        }
        self.network = network
        self.points = SecureBytes(count: Self.pointCount * MemoryLayout<SIMD4<Float>>.stride, holding: .frames)
    }

    /// How much the network believes that `square` holds a face, 0...1; the fitted points stay as they are.
    mutating func presence(in square: RotatedSquare, of picture: borrowing FramePicture) -> Double {
        network.run(on: square, of: picture)
        return network.withOutput(1) { 1 / (1 + exp(-Double($0[0]))) }
    }

    /// Does only that part of `presence` that comes before the network.
    mutating func show(_ square: RotatedSquare, of picture: borrowing FramePicture) {
        network.show(square, of: picture)
    }

    /// Fits the points to the face in `square` and returns the network's belief that there is one, 0...1.
    mutating func fit(_ square: RotatedSquare, of picture: borrowing FramePicture) -> Double {
        let presence = presence(in: square, of: picture)
        let map = AffineMap.frameFromCrop(square, size: network.side)
        let scale = Float(map.scale)
        network.withOutput(0) { numbers in
            points.withMutableBytes { bytes in
                for index in 0..<Self.pointCount {
                    let place = map.apply(Double(numbers[3 * index]), Double(numbers[3 * index + 1]))
                    bytes.storeBytes(
                        of: SIMD4(Float(place.x), Float(place.y), numbers[3 * index + 2] * scale, 0),
                        toByteOffset: index * MemoryLayout<SIMD4<Float>>.stride, as: SIMD4<Float>.self)
                }
            }
        }
        return presence
    }

    /// The quality of the face in the square that was fitted last.
    borrowing func quality(_ measures: borrowing FaceMeasures) -> FaceQuality {
        network.quality(measures, interEyeDistance: interEyeDistance)
    }

    /// Point `index`: x right and y down in pixels of the frame; z in the same unit, 0 near the head's middle,
    /// negative toward the camera.
    package borrowing func point(_ index: Int) -> SIMD3<Double> {
        precondition((0..<Self.pointCount).contains(index), "the mesh has no point \(index)")
        let point = points.withBytes { bytes in
            unsafe bytes.unsafeLoad(fromByteOffset: index * MemoryLayout<SIMD4<Float>>.stride, as: SIMD4<Float>.self)
        }
        return SIMD3(Double(point.x), Double(point.y), Double(point.z))
    }

    /// Point `index` in the picture's plane.
    package borrowing func place(_ index: Int) -> SIMD2<Double> {
        let point = point(index)
        return SIMD2(point.x, point.y)
    }

    /// The upright rectangle around all points.
    package var box: Box {
        var (least, most) = (place(0), place(0))
        for index in 1..<Self.pointCount {
            let place = place(index)
            least = pointwiseMin(least, place)
            most = pointwiseMax(most, place)
        }
        return Box(x: least.x, y: least.y, width: most.x - least.x, height: most.y - least.y)
    }

    /// The square in which to look for the face in the next frame.
    package var square: RotatedSquare {
        .aroundFace(box, leftEye: place(Point.rightEyeOuter), rightEye: place(Point.leftEyeOuter))
    }

    /// Pixels of the frame between the centres of the eyes.
    var interEyeDistance: Double {
        let right = (place(Point.rightEyeOuter) + place(Point.rightEyeInner)) / 2
        let left = (place(Point.leftEyeOuter) + place(Point.leftEyeInner)) / 2
        let line = left - right
        return (line * line).sum().squareRoot()
    }
}
