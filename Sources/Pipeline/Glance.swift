import Biometrics
package import Frames
package import Imaging
import Platform

/// A frame as a technician's tools see it: a coarse grid of luminance.
///
/// Its memory is secure and made once. Thread-bound.
@safe package struct Glance: ~Copyable {
    package static let columns = 96
    package static let rows = 54

    private var picture = FramePicture()
    private let grid: UnsafeMutablePointer<Float>

    package init() {
        let memory = unsafe SecureMemory.allocate(Self.count * MemoryLayout<Float>.stride, holding: .frames)
        unsafe grid = memory.bindMemory(to: Float.self, capacity: Self.count)
    }

    deinit { unsafe SecureMemory.free(grid) }

    private static var count: Int { columns * rows }

    /// Reads the whole frame.
    package mutating func look(at frame: borrowing FrameLease) throws(ImagingFault) {
        let format = frame.format
        try frame.withBytes { bytes throws(ImagingFault) in
            try picture.loadWhole(bytes, format, minimumWidth: Self.columns)
        }
        let scale = (
            x: Double(picture.width) / Double(Self.columns), y: Double(picture.height) / Double(Self.rows)
        )
        let map = ProjectiveMap(AffineMap(a: scale.x, b: 0, tx: 0, c: 0, d: scale.y, ty: 0))
        var span = unsafe MutableSpan(_unsafeStart: grid, count: Self.count)
        picture.sampleLuma(map, width: Self.columns, height: Self.rows, into: &span)
    }

    /// Mean luminance of each part of the picture, 8 beside 6, row by row.
    package var parts: [Double] {
        var sums = [Double](repeating: 0, count: 48)
        for row in 0..<Self.rows {
            for column in 0..<Self.columns {
                sums[row * 6 / Self.rows * 8 + column * 8 / Self.columns] += Double(
                    unsafe grid[row * Self.columns + column])
            }
        }
        return sums.map { $0 * 48 / Double(Self.count) }
    }

    /// Share of the places that are brighter than 250, 0...1.
    package var overExposedShare: Double {
        var count = 0
        for index in 0..<Self.count where unsafe grid[index] > 250 { count += 1 }
        return Double(count) / Double(Self.count)
    }
}
