package import Biometrics
import Glibc
package import Imaging
import Platform

/// Fits 468 points to a face: MediaPipe's face landmark network (Kartynnik et al., 2019).
package struct FaceMesh: ~Copyable {
    typealias Point = FacePoints.Index

    private var network: PackedNetwork
    /// Where the last fit found the face.
    package private(set) var points = FacePoints()

    init(_ pack: ModelPack) throws(PackFault) {
        let network = try PackedNetwork(pack, .mesh, outputs: [FacePoints.count * 3, 1])
        guard FaceMeasures.canMeasure(size: network.side) else {
            throw .unusable(file: "the mesh network", detail: "its side of \(network.side) is no multiple of 96")
        }
        self.network = network
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
        network.withOutput(0) { numbers in
            for index in 0..<FacePoints.count {
                let place = map.apply(Double(numbers[3 * index]), Double(numbers[3 * index + 1]))
                points[index] = SIMD3(place.x, place.y, Double(numbers[3 * index + 2]) * map.scale)
            }
        }
        return presence
    }

    /// The quality of the face in the square that was fitted last.
    borrowing func quality(_ measures: borrowing FaceMeasures) -> FaceQuality {
        network.quality(measures, interEyeDistance: interEyeDistance)
    }

    /// The square in which to look for the face in the next frame.
    package var square: RotatedSquare {
        .aroundFace(points.box, leftEye: points.place(Point.rightEyeOuter), rightEye: points.place(Point.leftEyeOuter))
    }

    /// Pixels of the frame between the centres of the eyes.
    var interEyeDistance: Double {
        let right = (points.place(Point.rightEyeOuter) + points.place(Point.rightEyeInner)) / 2
        let left = (points.place(Point.leftEyeOuter) + points.place(Point.leftEyeInner)) / 2
        let line = left - right
        return (line * line).sum().squareRoot()
    }
}
