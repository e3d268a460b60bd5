package import Imaging
import Platform

/// A grey picture and its halves, for finding the same place in two pictures.
///
/// All memory is secure and made once. Places count from the centre of the first pixel: level n has x / 2ⁿ where
/// the picture has x.
@safe package struct GreyPyramid: ~Copyable {
    static let levelCount = 3

    package let width: Int
    package let height: Int
    private let memory: UnsafeMutablePointer<Float>
    private let rows: UnsafeMutablePointer<Float>

    /// `width` and `height` are multiples of 4 and at least 32.
    package init(width: Int, height: Int) {
        precondition(
            width % 4 == 0 && height % 4 == 0 && min(width, height) >= 32, "\(width)×\(height) cannot be halved")
        self.width = width
        self.height = height
        let counts = (0..<Self.levelCount).map { GreyPlane.placeCount(width: width >> $0, height: height >> $0) }
        let pixelCount = width * height
        let bytes = (counts.reduce(0, +) + pixelCount) * MemoryLayout<Float>.stride
        let block = unsafe SecureMemory.allocate(bytes, holding: .frames)
        unsafe self.memory = block.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
        unsafe self.rows = memory + counts.reduce(0, +)
    }

    deinit { unsafe SecureMemory.free(memory) }

    /// Takes a part of `picture`, width×height pixels of a crop by a projective map.
    package mutating func fill(with picture: borrowing FramePicture, _ frameFromCrop: ProjectiveMap) {
        let (width, height) = (width, height)
        fill { span in picture.sampleLuma(frameFromCrop, width: width, height: height, into: &span) }
    }

    /// Takes what `body` writes: width×height values, row by row.
    package mutating func fill(_ body: (inout MutableSpan<Float>) -> Void) {
        var span = unsafe MutableSpan(_unsafeStart: rows, count: width * height)
        body(&span)
        let base = level(0)
        for row in 0..<height {
            unsafe base.row(row).update(from: rows + row * width, count: width)
        }
        base.repeatEdges()
        for index in 1..<Self.levelCount { level(index).fill(halving: level(index - 1)) }
    }

    /// A view of one level, which lives no longer than the pyramid.
    borrowing func level(_ index: Int) -> GreyPlane {
        var start = unsafe memory
        for above in 0..<index {
            unsafe start += GreyPlane.placeCount(width: width >> above, height: height >> above)
        }
        return unsafe GreyPlane(memory: start, width: width >> index, height: height >> index)
    }
}

/// One grey picture inside a margin that repeats its edge; a view of memory that somebody else owns.
@safe struct GreyPlane {
    /// Pixels on each side.
    static let margin = 20

    let width: Int
    let height: Int
    let stride: Int
    private let origin: UnsafeMutablePointer<Float>

    static func placeCount(width: Int, height: Int) -> Int { (width + 2 * margin) * (height + 2 * margin) }

    /// `memory` has room for `placeCount` values and outlives the view.
    @unsafe init(memory: UnsafeMutablePointer<Float>, width: Int, height: Int) {
        self.width = width
        self.height = height
        self.stride = width + 2 * Self.margin
        unsafe self.origin = memory + Self.margin * stride + Self.margin
    }

    /// The first pixel of a row; rows and columns reach `margin` pixels beyond the picture.
    @unsafe func row(_ index: Int) -> UnsafeMutablePointer<Float> {
        assert(index >= -Self.margin && index < height + Self.margin, "the plane has no row \(index)")
        return unsafe origin + index * stride
    }

    /// Fills the margin.
    func repeatEdges() {
        for index in 0..<height {
            let row = unsafe row(index)
            for column in 1...Self.margin {
                unsafe row[-column] = row[0]
                unsafe row[width - 1 + column] = row[width - 1]
            }
        }
        let whole = stride
        for index in 1...Self.margin {
            unsafe (row(-index) - Self.margin).update(from: row(0) - Self.margin, count: whole)
            unsafe (row(height - 1 + index) - Self.margin).update(from: row(height - 1) - Self.margin, count: whole)
        }
    }

    /// Every second pixel of `plane` after smoothing with 1 4 6 4 1 both ways (Burt and Adelson, 1983).
    func fill(halving plane: GreyPlane) {
        for index in 0..<height {
            let target = unsafe row(index)
            let (a, b, c) = unsafe (plane.row(2 * index - 2), plane.row(2 * index - 1), plane.row(2 * index))
            let (d, e) = unsafe (plane.row(2 * index + 1), plane.row(2 * index + 2))
            for column in 0..<width {
                var sum: Float = 0
                let weights = SIMD8<Float>(1, 4, 6, 4, 1, 0, 0, 0)
                for offset in 0..<5 {
                    let x = 2 * column - 2 + offset
                    let vertical = unsafe a[x] + e[x] + 4 * (b[x] + d[x]) + 6 * c[x]
                    sum += weights[offset] * vertical
                }
                unsafe target[column] = sum * (1 / 256)
            }
        }
        repeatEdges()
    }
}
