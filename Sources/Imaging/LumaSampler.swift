extension FramePicture {
    /// Luma by a projective map: `width`×`height` values 0...255 (ITU-R BT.601) at the centres of the crop's pixels.
    ///
    /// Beyond the loaded part its edge is repeated; a place that the map throws to infinity reads the edge as well.
    package borrowing func sampleLuma(
        _ frameFromCrop: ProjectiveMap, width: Int, height: Int, into output: inout MutableSpan<Float>
    ) {
        precondition(width > 0 && height > 0 && output.count >= width * height, "the samples need more room")
        withSampler { sampler in
            unsafe output.withUnsafeMutableBufferPointer { output in
                for row in 0..<height {
                    for column in 0..<width {
                        let place = frameFromCrop.apply(SIMD2(Double(column) + 0.5, Double(row) + 0.5))
                        unsafe output[row * width + column] = sampler.luma(at: place)
                    }
                }
            }
        }
    }

    /// Copies the luma of whole pixels; `false` when not all of them are loaded at full size.
    package borrowing func copyLuma(
        x: Int, y: Int, width: Int, height: Int, into output: inout MutableSpan<UInt8>
    ) -> Bool {
        precondition(width > 0 && height > 0 && output.count >= width * height, "the pixels need more room")
        return withSampler { sampler in
            let part = sampler.part
            let isLoaded =
                part.denominator == 1 && x >= part.x && y >= part.y && x <= part.x + part.width - width
                && y <= part.y + part.height - height
            guard isLoaded else { return false }
            unsafe output.withUnsafeMutableBufferPointer { output in
                for row in 0..<height {
                    let first = (y - part.y + row) * part.width + x - part.x
                    for column in 0..<width {
                        unsafe output[row * width + column] = sampler.luma(ofPixel: first + column)
                    }
                }
            }
            return true
        }
    }
}

extension Sampler {
    /// The luma at a place of the frame, between the four pixels around it.
    @inline(__always)
    fileprivate func luma(at place: SIMD2<Double>) -> Float {
        let scale = 1 / Double(part.denominator)
        let last = SIMD2(Double(max(part.width, 1) - 1), Double(max(part.height, 1) - 1))
        let wanted = place * scale - SIMD2(Double(part.x) + 0.5, Double(part.y) + 0.5)
        // Not `clamp`: NaN must come out as a place.
        let x = wanted.x > 0 ? min(wanted.x, last.x) : 0
        let y = wanted.y > 0 ? min(wanted.y, last.y) : 0
        let (column, row) = (Int(x), Int(y))
        let (right, below) = (x < last.x ? 1 : 0, y < last.y ? max(part.width, 1) : 0)
        let first = row &* max(part.width, 1) &+ column
        let upper = SIMD2(Float(luma(ofPixel: first)), Float(luma(ofPixel: first &+ right)))
        let lower = SIMD2(Float(luma(ofPixel: first &+ below)), Float(luma(ofPixel: first &+ below &+ right)))
        let pair = upper + (lower - upper) * Float(y - Double(row))
        return pair.x + (pair.y - pair.x) * Float(x - Double(column))
    }

    /// The luma of a loaded pixel, rounded.
    @inline(__always)
    fileprivate func luma(ofPixel index: Int) -> UInt8 {
        let pixel = unsafe pixels.load(fromByteOffset: index &* 4, as: UInt32.self).littleEndian
        let (red, green, blue) = (pixel & 0xFF, pixel >> 8 & 0xFF, pixel >> 16 & 0xFF)
        return UInt8(truncatingIfNeeded: (red &* 77 &+ green &* 150 &+ blue &* 29 &+ 128) >> 8)
    }
}
