package import Biometrics
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

    /// Gives everything that `box`, in pixels of the frame, touches its mean.
    package mutating func flatten(_ box: Box) {
        func place(_ value: Double, of count: Int, in size: Int) -> Int {
            let share = value / Double(max(size, 1)) * Double(count)
            return share.isFinite ? Int(min(max(share, 0), Double(count))) : 0
        }
        func range(_ start: Double, _ length: Double, of count: Int, in size: Int) -> Range<Int> {
            let first = place(start, of: count, in: size)
            return first..<max(first, min(place(start + length, of: count, in: size) + 1, count))
        }
        let columns = range(box.x, box.width, of: Self.columns, in: picture.width)
        let rows = range(box.y, box.height, of: Self.rows, in: picture.height)
        guard !columns.isEmpty, !rows.isEmpty else { return }
        var sum: Float = 0
        for row in rows { for column in columns { sum += unsafe grid[row * Self.columns + column] } }
        let mean = sum / Float(columns.count * rows.count)
        for row in rows { for column in columns { unsafe grid[row * Self.columns + column] = mean } }
    }

    /// The grid row by row, for a technician's eyes; every face must be flat by now.
    package func points() -> [UInt8] {
        (0..<Self.count).map { UInt8(min(max(unsafe grid[$0], 0), 255)) }
    }
}
