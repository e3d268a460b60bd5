package import Imaging
package import Platform

/// An image sensor: lays the backdrop at the present brightness, measures the exposure, adds noise.
///
/// Thread-bound; nothing here allocates but the initialiser.
@safe package final class Sensor {
    /// Normal noise in 16ths of its deviation, read from a random place on for each row.
    @unsafe private let noise: UnsafeMutablePointer<Int8>
    private let noiseCount = 1 << 16
    private let longestRow = 4096

    package init() {
        unsafe self.noise = SecureMemory.allocate(noiseCount + longestRow, holding: .simulation)
            .bindMemory(to: Int8.self, capacity: noiseCount + longestRow)
        var dice = Dice(seed: 0, purpose: .noise)
        for index in 0..<noiseCount + longestRow {
            // The sum of eight evenly spread bytes is as good as normal; its deviation is 209.
            var (sum, bits) = (-1020, dice.next())
            for _ in 0..<8 {
                sum += Int(bits & 255)
                bits >>= 8
            }
            unsafe noise[index] = Int8(sum * 32 / 209 / 2)
        }
    }

    deinit { unsafe SecureMemory.free(noise) }

    /// Copies `backdrop` to `picture` at `exposure`, a factor on linear light.
    package func expose(_ backdrop: borrowing PlanarPicture, at exposure: Float, into picture: inout PlanarPicture) {
        precondition(
            picture.stride == backdrop.stride && picture.rows == backdrop.rows, "backdrop and picture differ in size")
        // In 4096ths, which fit 16 bits as vector units like them.
        let gain = UInt32((Light.coded(exposure) * 16).clamped(to: 0...24_000))
        let count = picture.stride * picture.rows
        unsafe backdrop.withPlanes { luma, blue, red in
            picture.withCanvas { canvas in
                for index in 0..<count {
                    let lit = unsafe (UInt32(luma[index]) << 8 &* gain) >> 16
                    unsafe canvas.luma[index] = UInt8(
                        truncatingIfNeeded: min(UInt16(truncatingIfNeeded: lit) >> 4, 255))
                }
                unsafe tint(blue, by: gain, into: canvas.cb, count / 4)
                unsafe tint(red, by: gain, into: canvas.cr, count / 4)
            }
        }
    }

    @unsafe private func tint(
        _ source: UnsafePointer<UInt8>, by gain: UInt32, into target: UnsafeMutablePointer<UInt8>, _ count: Int
    ) {
        for index in 0..<count {
            let lit = unsafe ((Int32(source[index]) &- 128) << 8 &* Int32(gain)) >> 16
            let chroma = 128 &+ (Int16(truncatingIfNeeded: lit) >> 4)
            unsafe target[index] = UInt8(truncatingIfNeeded: min(max(chroma, 0), 255))
        }
    }

    /// Mean luma of the picture's middle, 0...255.
    package func meter(_ picture: inout PlanarPicture) -> Float {
        var (sum, count) = (0, 0)
        picture.withCanvas { canvas in
            for row in stride(from: canvas.height / 4, to: canvas.height * 3 / 4, by: 8) {
                for column in stride(from: canvas.width / 4, to: canvas.width * 3 / 4, by: 8) {
                    unsafe sum += Int(canvas.luma[row * canvas.stride + column])
                    count += 1
                }
            }
        }
        return Float(sum) / Float(max(count, 1))
    }

    /// Adds shot and read noise; `strength` 1 is a small sensor at twice its base gain.
    package func addNoise(to picture: inout PlanarPicture, strength: Float, seed: UInt64, frame: UInt64) {
        var dice = Dice(seed: seed, purpose: .noise, turn: frame)
        let level = Int16((strength * 64).clamped(to: 0...370))
        picture.withCanvas { canvas in
            for row in 0..<canvas.height {
                unsafe scatter(over: canvas.luma + row * canvas.stride, canvas.width, level, &dice)
            }
            for row in 0..<canvas.chromaHeight {
                unsafe scatter(over: canvas.cb + row * canvas.chromaStride, canvas.chromaWidth, level / 2, &dice)
                unsafe scatter(over: canvas.cr + row * canvas.chromaStride, canvas.chromaWidth, level / 2, &dice)
            }
        }
    }

    @unsafe private func scatter(
        over line: UnsafeMutablePointer<UInt8>, _ count: Int, _ level: Int16, _ dice: inout Dice
    ) {
        let start = unsafe noise + Int(dice.next() & UInt64(noiseCount - 1))
        for index in 0..<min(count, longestRow) {
            let value = unsafe Int16(line[index])
            // Gamma makes shot noise nearly even over the codes and read noise stand out in the dark.
            let deviation = ((24 &+ (max(72 &- value, 0) &* 5) >> 3) &* level) >> 6
            let change = unsafe (Int16(start[index]) &* deviation &+ 128) >> 8
            unsafe line[index] = UInt8(truncatingIfNeeded: min(max(value &+ change, 0), 255))
        }
    }
}

/// The planes of a picture while something is drawn on them.
///
/// Lent by `withCanvas` only and must not leave its closure. Drawing loops run over plain pointers, since a bounds
/// check per pixel would cost more than the pixel; whoever writes them proves that they stay inside.
@safe struct Canvas {
    /// Pixels.
    let width: Int
    let height: Int
    /// Bytes from one luma row to the next; chroma rows have half of it.
    let stride: Int
    @unsafe let luma: UnsafeMutablePointer<UInt8>
    @unsafe let cb: UnsafeMutablePointer<UInt8>
    @unsafe let cr: UnsafeMutablePointer<UInt8>

    var chromaWidth: Int { width / 2 }
    var chromaHeight: Int { height / 2 }
    var chromaStride: Int { stride / 2 }
}

extension PlanarPicture {
    mutating func withCanvas(_ draw: (Canvas) -> Void) {
        let (width, height, stride) = (width, height, stride)
        withMutablePlanes { luma, blue, red in
            unsafe luma.withUnsafeMutableBufferPointer { luma in
                unsafe blue.withUnsafeMutableBufferPointer { blue in
                    unsafe red.withUnsafeMutableBufferPointer { red in
                        guard let luma = luma.baseAddress, let blue = blue.baseAddress,
                            let red = red.baseAddress
                        else { return }
                        unsafe draw(
                            Canvas(width: width, height: height, stride: stride, luma: luma, cb: blue, cr: red))
                    }
                }
            }
        }
    }
}

extension PlanarPicture {
    /// A picture `factor` times smaller, each pixel the mean of the square that it replaces.
    package mutating func reduced(by factor: Int) -> PlanarPicture {
        var small = PlanarPicture(width: width / factor, height: height / factor)
        withCanvas { from in
            small.withCanvas { to in
                unsafe reduce(from.luma, from.stride, to.luma, to.width, to.height, to.stride, factor)
                unsafe reduce(
                    from.cb, from.chromaStride, to.cb, to.chromaWidth, to.chromaHeight, to.chromaStride, factor)
                unsafe reduce(
                    from.cr, from.chromaStride, to.cr, to.chromaWidth, to.chromaHeight, to.chromaStride, factor)
            }
        }
        return small
    }

    /// Blurs the luma as a lens slightly out of focus does: 1–2–1 along rows, then along columns.
    package mutating func soften() {
        withCanvas { canvas in
            for row in 0..<canvas.height {
                unsafe smooth(canvas.luma + row * canvas.stride, step: 1, count: canvas.width)
            }
            for column in 0..<canvas.width {
                unsafe smooth(canvas.luma + column, step: canvas.stride, count: canvas.height)
            }
        }
    }

    /// The picture as a JPEG file.
    package borrowing func encoded(quality: Int) -> SecureBytes {
        var encoder = JPEGEncoder(maximumWidth: width)
        var file = SecureBytes(count: stride * rows * 2 + 4096, holding: .simulation)
        // Twice the pixels always hold a file; an empty one would be refused by every reader.
        let count = file.withMutableBytes { (try? encoder.encode(self, quality: quality, into: &$0)) ?? 0 }
        return file.withBytes { SecureBytes(copying: $0.extracting(first: count), holding: .simulation) }
    }
}

@unsafe private func reduce(
    _ source: UnsafePointer<UInt8>, _ sourceStride: Int, _ target: UnsafeMutablePointer<UInt8>, _ width: Int,
    _ height: Int, _ stride: Int, _ factor: Int
) {
    for row in 0..<height {
        for column in 0..<width {
            var sum = factor * factor / 2
            for y in 0..<factor {
                for x in 0..<factor {
                    unsafe sum += Int(source[(row * factor + y) * sourceStride + column * factor + x])
                }
            }
            unsafe target[row * stride + column] = UInt8(sum / (factor * factor))
        }
    }
}

@unsafe private func smooth(_ line: UnsafeMutablePointer<UInt8>, step: Int, count: Int) {
    var before = unsafe Int(line[0])
    for index in 0..<count {
        let here = unsafe Int(line[index * step])
        let after = unsafe Int(line[min(index + 1, count - 1) * step])
        unsafe line[index * step] = UInt8((before + 2 * here + after + 2) / 4)
        before = here
    }
}
