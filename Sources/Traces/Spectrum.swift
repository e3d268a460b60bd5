import Glibc
import Platform

/// The mean power spectrum of square tiles of a picture, made two tiles at a time.
///
/// Each tile is weighed by Hann's window and normalised by its own power, so that no tile speaks louder than others.
/// All memory is secure and made once.
@safe struct Spectrum: ~Copyable {
    static let side = 128

    private let real: UnsafeMutablePointer<Float>
    private let imaginary: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Float>
    private let sum: UnsafeMutablePointer<Float>
    private let window: UnsafeMutablePointer<Float>
    private let turns: UnsafeMutablePointer<SIMD2<Float>>

    init() {
        let (side, count) = (Self.side, Self.side * Self.side)
        func make(_ count: Int) -> UnsafeMutablePointer<Float> {
            unsafe SecureMemory.allocate(count * MemoryLayout<Float>.stride, holding: .frames)
                .bindMemory(to: Float.self, capacity: count)
        }
        unsafe (real, imaginary, scratch, sum) = (make(count), make(count), make(count), make(count))
        unsafe window = make(side)
        unsafe turns = SecureMemory.allocate(side * MemoryLayout<SIMD2<Float>>.stride, holding: .frames)
            .bindMemory(to: SIMD2<Float>.self, capacity: side)
        for index in 0..<side {
            let angle = 2 * Float.pi * Float(index) / Float(side)
            unsafe window[index] = (1 - cos(angle)) / 2
            unsafe turns[index] = SIMD2(cos(angle), -sin(angle))
        }
    }

    deinit {
        unsafe SecureMemory.free(real)
        unsafe SecureMemory.free(imaginary)
        unsafe SecureMemory.free(scratch)
        unsafe SecureMemory.free(sum)
        unsafe SecureMemory.free(window)
        unsafe SecureMemory.free(turns)
    }

    mutating func forget() { unsafe sum.update(repeating: 0, count: Self.side * Self.side) }

    /// Adds two tiles of 128×128 values.
    mutating func add(_ first: UnsafePointer<UInt8>, _ second: UnsafePointer<UInt8>) {
        unsafe load(first, into: real)
        unsafe load(second, into: imaginary)
        for _ in 0..<2 {
            transformColumns()
            unsafe transpose(real)
            unsafe transpose(imaginary)
        }
        addPowers()
    }

    /// The sum at a frequency, in bins of 1/128 cycles a pixel, which repeat.
    subscript(x: Int, y: Int) -> Float { unsafe sum[(y & 127) * Self.side + (x & 127)] }

    @unsafe private func load(_ tile: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<Float>) {
        let side = Self.side
        var total = 0
        for index in 0..<side * side { unsafe total += Int(tile[index]) }
        let mean = Float(total) / Float(side * side)
        for row in 0..<side {
            // Rows in the order of reversed bits, as the butterflies want them.
            let line = unsafe target + Int(UInt8(row).bitReversed >> 1) * side
            for column in 0..<side {
                unsafe line[column] = (Float(tile[row * side + column]) - mean) * window[row] * window[column]
            }
        }
    }

    /// Cooley and Tukey's butterflies (1965) over whole rows at a time; rows come in the order of reversed bits.
    private func transformColumns() {
        let side = Self.side
        var half = 1
        while half < side {
            for start in stride(from: 0, to: side, by: 2 * half) {
                for offset in 0..<half {
                    let turn = unsafe turns[offset * (side / (2 * half))]
                    let (upper, lower) = ((start + offset) * side, (start + offset + half) * side)
                    unsafe butterfly(upper, lower, turn)
                }
            }
            half *= 2
        }
    }

    @inline(__always)
    @unsafe private func butterfly(_ upper: Int, _ lower: Int, _ turn: SIMD2<Float>) {
        let (realUpper, realLower) = unsafe (real + upper, real + lower)
        let (imaginaryUpper, imaginaryLower) = unsafe (imaginary + upper, imaginary + lower)
        for column in 0..<Self.side {
            let a = unsafe realLower[column] * turn.x - imaginaryLower[column] * turn.y
            let b = unsafe realLower[column] * turn.y + imaginaryLower[column] * turn.x
            unsafe realLower[column] = realUpper[column] - a
            unsafe imaginaryLower[column] = imaginaryUpper[column] - b
            unsafe realUpper[column] += a
            unsafe imaginaryUpper[column] += b
        }
    }

    /// Rows become columns, in the order of reversed bits for the next pass.
    @unsafe private func transpose(_ plane: UnsafeMutablePointer<Float>) {
        let side = Self.side
        for row in 0..<side {
            let line = unsafe scratch + Int(UInt8(row).bitReversed >> 1) * side
            for column in 0..<side { unsafe line[column] = plane[column * side + row] }
        }
        unsafe plane.update(from: scratch, count: side * side)
    }

    /// Tells both tiles apart, as the spectrum of real values repeats mirrored, and adds their powers.
    private func addPowers() {
        // After two transpositions the planes lie in the order of reversed bits once more.
        let side = Self.side
        func place(_ x: Int, _ y: Int) -> Int { Int(UInt8(y & 127).bitReversed >> 1) * side + (x & 127) }
        func powers(_ x: Int, _ y: Int) -> (Float, Float) {
            let (here, there) = (place(x, y), place(-x, -y))
            let (a, b) = unsafe (SIMD2(real[here], imaginary[here]), SIMD2(real[there], imaginary[there]))
            let first = SIMD2(a.x + b.x, a.y - b.y) / 2
            let second = SIMD2(a.y + b.y, b.x - a.x) / 2
            return ((first * first).sum(), (second * second).sum())
        }
        var totals: (Float, Float, Float) = (0, 0, 0)
        for y in -64..<64 {
            for x in 0..<64 where x * x + y * y > 164 {
                let (first, second) = powers(x, y)
                totals = (totals.0 + first, totals.1 + second, totals.2 + 1)
            }
        }
        let (first, second) = (totals.0 / totals.2 + 1e-6, totals.1 / totals.2 + 1e-6)
        for y in 0..<side {
            for x in 0..<side {
                let powers = powers(x, y)
                unsafe sum[y * side + x] += powers.0 / first + powers.1 / second
            }
        }
    }
}

extension UInt8 {
    fileprivate var bitReversed: UInt8 {
        var value = self
        value = value >> 4 | value << 4
        value = (value & 0xCC) >> 2 | (value & 0x33) << 2
        return (value & 0xAA) >> 1 | (value & 0x55) << 1
    }
}
