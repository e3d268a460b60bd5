extension FramePicture {
    /// A colour above is clipped.
    package static let clipping: Float = 249.5

    /// Luma by a projective map: `width`×`height` values 0...255 (ITU-R BT.601) at the centres of the crop's pixels.
    ///
    /// Beyond the loaded part its edge is repeated; a place that the map throws to infinity reads the edge as well.
    package borrowing func sampleLuma(
        _ frameFromCrop: ProjectiveMap, width: Int, height: Int, into output: inout MutableSpan<Float>
    ) {
        sample(frameFromCrop, width: width, height: height, into: &output) { $0.luma }
    }

    /// The same, but 255 where a colour is clipped: skin is so in red long before its luma is 255, and its luma no longer
    /// follows the light.
    package borrowing func sampleUnclippedLuma(
        _ frameFromCrop: ProjectiveMap, width: Int, height: Int, into output: inout MutableSpan<Float>
    ) {
        sample(frameFromCrop, width: width, height: height, into: &output) { $0.unclippedLuma }
    }

    @inline(__always)
    private borrowing func sample(
        _ frameFromCrop: ProjectiveMap, width: Int, height: Int, into output: inout MutableSpan<Float>,
        _ value: (Colours) -> SIMD4<Float>
    ) {
        precondition(width > 0 && height > 0 && output.count >= width * height, "the samples need more room")
        withSampler { sampler in
            unsafe output.withUnsafeMutableBufferPointer { output in
                for row in 0..<height {
                    sampler.walk(along: row, of: frameFromCrop, count: width) { column, colours in
                        let values = value(colours)
                        for lane in 0..<min(width &- column, 4) {
                            unsafe output[row &* width &+ column &+ lane] = values[lane]
                        }
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
    /// The luma of a loaded pixel, rounded.
    @inline(__always)
    fileprivate func luma(ofPixel index: Int) -> UInt8 {
        let pixel = unsafe pixels.load(fromByteOffset: index &* 4, as: UInt32.self).littleEndian
        let (red, green, blue) = (pixel & 0xFF, pixel >> 8 & 0xFF, pixel >> 16 & 0xFF)
        return UInt8(truncatingIfNeeded: (red &* 77 &+ green &* 150 &+ blue &* 29 &+ 128) >> 8)
    }
}

extension Colours {
    /// Luma by ITU-R BT.601, 0...255.
    @inline(__always)
    fileprivate var luma: SIMD4<Float> { red * 0.299 + green * 0.587 + blue * 0.114 }

    @inline(__always)
    fileprivate var unclippedLuma: SIMD4<Float> {
        luma.replacing(with: 255, where: pointwiseMax(red, pointwiseMax(green, blue)) .> FramePicture.clipping)
    }
}
