import Biometrics
import Frames
import Imaging
import Platform
import Support
import Testing

@Suite struct FramePictureTests {
    private let whole = RotatedSquare(centreX: 32, centreY: 32, side: 64, angle: 0)

    private func loaded(_ jpeg: [UInt8], minimumWidth: Int = 1000) throws -> FramePicture {
        var picture = FramePicture(maximumPixels: 1280 * 720)
        try unsafe picture.loadWhole(jpeg.span.bytes, motionJPEG, minimumWidth: minimumWidth)
        return picture
    }

    @Test func `red stays red and blue stays blue in every format`() throws {
        let jpeg = try Pictures.jpeg(Pictures.gradient(width: 64, height: 64))
        let picture = try loaded(jpeg)
        let samples = picture.rgb(whole, size: 64)
        // Cr grows to the right, Cb downward.
        let (topRight, bottomLeft) = ((2 * 64 + 61) * 3, (61 * 64 + 2) * 3)
        #expect(samples[topRight] > samples[topRight + 2] + 40)
        #expect(samples[bottomLeft + 2] > samples[bottomLeft] + 40)
        for pixelFormat in [PixelFormat.yuyv, .nv12] {
            let format = FrameFormat(pixelFormat, width: 64, height: 64, stride: pixelFormat == .yuyv ? 128 : 64)
            var picture = FramePicture()
            let red = Pictures.raw(format, luma: 82, blue: 90, red: 240)
            try unsafe picture.loadWhole(red.span.bytes, format, minimumWidth: 64)
            let samples = picture.rgb(whole, size: 8)
            #expect(samples[0] > 250 && samples[1] < 5 && samples[2] < 5)
        }
    }

    @Test func `values fill the asked range`() throws {
        let format = FrameFormat(.grey, width: 64, height: 64, stride: 64)
        var picture = FramePicture()
        let white = Pictures.raw(format, luma: 255, blue: 0, red: 0)
        try unsafe picture.loadWhole(white.span.bytes, format, minimumWidth: 64)
        #expect(picture.rgb(whole, size: 4, low: -1, high: 1).allSatisfy { $0 == 1 })
        let black = Pictures.raw(format, luma: 0, blue: 0, red: 0)
        try unsafe picture.loadWhole(black.span.bytes, format, minimumWidth: 64)
        #expect(picture.rgb(whole, size: 4, low: -1, high: 1).allSatisfy { $0 == -1 })
        var samples = [Float](repeating: 0, count: 4 * 4 * 3)
        var span = samples.mutableSpan
        picture.sample(.identity, size: 4, mean: [122, 117, 104], scale: 256, into: &span)
        #expect(Array(samples[..<3]) == [-122 / 256, -117 / 256, -104 / 256] as [Float])
    }

    /// A ramp from left to right in luma alone, which JPEG keeps.
    private func ramp() throws -> FramePicture {
        let format = FrameFormat(.grey, width: 64, height: 64, stride: 64)
        let bytes: [UInt8] = (0..<64 * 64).map { (place: Int) -> UInt8 in UInt8(place % 64 * 3 + place / 64) }
        var picture = FramePicture()
        try unsafe picture.loadWhole(bytes.span.bytes, format, minimumWidth: 64)
        return picture
    }

    @Test func `the crop of the whole frame is the frame, pixel by pixel`() throws {
        let samples = try ramp().rgb(whole, size: 64)
        for index in 0..<64 * 64 {
            let expected = Float(index % 64 * 3 + index / 64)
            #expect(samples[index * 3] == expected)
        }
    }

    @Test func `a mirrored crop swaps left and right`() throws {
        let picture = try ramp()
        let (plain, mirrored) = (picture.rgb(whole, size: 64), picture.rgb(whole, size: 64, mirrored: true))
        for row in [0, 31, 63] {
            for column in 0..<64 { #expect(plain[(row * 64 + column) * 3] == mirrored[(row * 64 + 63 - column) * 3]) }
        }
    }

    @Test func `a clockwise angle looks at the frame turned clockwise`() throws {
        // A quarter turn: the crop's right edge lies at the frame's bottom.
        let square = RotatedSquare(centreX: 32, centreY: 32, side: 64, angle: .pi / 2)
        let samples = try ramp().rgb(square, size: 64)
        let right = samples[(32 * 64 + 63) * 3]
        let left = samples[(32 * 64) * 3]
        #expect(right - left == 63)
    }

    @Test func `outside the frame the border is repeated`() throws {
        let square = RotatedSquare(centreX: -100, centreY: 32, side: 64, angle: 0)
        let samples = try ramp().rgb(square, size: 64)
        #expect(samples[32 * 64 * 3] == 32)
    }

    @Test(arguments: [1, 2, 4]) func `a decoded region equals the same place of the whole frame`(scale: Int) throws {
        let jpeg = try Pictures.jpeg(Pictures.gradient(width: 640, height: 480))
        let square = RotatedSquare(centreX: 300, centreY: 250, side: 160, angle: 0.2)
        let expected = try loaded(jpeg).rgb(square, size: 40)
        var picture = FramePicture()
        let box = Box(x: 180, y: 130, width: 240, height: 240)
        try unsafe picture.loadRegion(jpeg.span.bytes, motionJPEG, box: box, minimumSide: 240 / scale)
        #expect(picture.width == 640 && picture.height == 480)
        let samples = picture.rgb(square, size: 40)
        for (sample, expected) in zip(samples, expected) { #expect(abs(sample - expected) < 4) }
    }

    @Test(
        arguments: [640, 320, 160],
        [
            Box(x: 0, y: 0, width: 640, height: 480), Box(x: 37, y: 1, width: 161, height: 77),
            Box(x: 16, y: 255, width: 99, height: 33), Box(x: 401, y: 301, width: 500, height: 500),
        ]) func `a region has exactly the pixels of the whole frame`(wholeWidth: Int, box: Box) throws
    {
        let jpeg = try Pictures.jpeg(Pictures.gradient(width: 640, height: 480))
        var picture = try loaded(jpeg, minimumWidth: wholeWidth)
        let square = RotatedSquare(
            centreX: min(box.centreX, 600), centreY: min(box.centreY, 440), side: 24, angle: 0)
        let expected = picture.rgb(square, size: 24)
        // Another scale in between leaves other parts of libjpeg behind.
        try unsafe picture.loadWhole(jpeg.span.bytes, motionJPEG, minimumWidth: 80)
        let side = Int(box.width) * wholeWidth / 640
        try unsafe picture.loadRegion(jpeg.span.bytes, motionJPEG, box: box, minimumSide: side)
        #expect(picture.rgb(square, size: 24) == expected)
    }

    @Test func `a chip is black beyond the frame`() throws {
        let format = FrameFormat(.grey, width: 64, height: 64, stride: 64)
        var picture = FramePicture()
        let white = Pictures.raw(format, luma: 255, blue: 0, red: 0)
        try unsafe picture.loadWhole(white.span.bytes, format, minimumWidth: 64)
        var samples = [Float](repeating: 5, count: 10 * 10 * 3)
        var span = samples.mutableSpan
        let shifted = AffineMap(a: 1, b: 0, tx: -4, c: 0, d: 1, ty: 60)
        picture.sample(shifted, size: 10, mean: [55, 55, 55], scale: 100, into: &span)
        for (index, sample) in samples.enumerated() {
            let (x, y) = (index / 3 % 10, index / 30)
            #expect(sample == (x >= 4 && y < 4 ? 2 : -0.55))
        }
    }

    @Test func `wild maps sample the border`() throws {
        let picture = try ramp()
        for value in [Double.nan, .infinity, -.infinity, 1e300, -1e300] {
            let square = RotatedSquare(centreX: value, centreY: value, side: value, angle: value)
            #expect(picture.rgb(square, size: 8).allSatisfy { (0...255).contains($0) })
        }
    }

    @Test func `after a fault the picture is black`() throws {
        let jpeg = try Pictures.jpeg(Pictures.gradient(width: 64, height: 64))
        var picture = try loaded(jpeg)
        #expect(throws: ImagingFault.self) {
            try unsafe picture.loadWhole(Array(jpeg[..<200]).span.bytes, motionJPEG, minimumWidth: 64)
        }
        #expect(picture.rgb(whole, size: 4).allSatisfy { $0 == 0 })
    }

    @Test func `raw frames scale by averaging`() throws {
        let format = FrameFormat(.grey, width: 64, height: 64, stride: 80)
        let bytes: [UInt8] = (0..<80 * 64).map { (place: Int) -> UInt8 in place % 2 == 0 ? 0 : 200 }
        var picture = FramePicture()
        try unsafe picture.loadWhole(bytes.span.bytes, format, minimumWidth: 32)
        #expect(picture.rgb(whole, size: 32).allSatisfy { $0 == 100 })
    }

    @Test func `letterbox bars are at the low value and the map leads back`() throws {
        let jpeg = try Pictures.jpeg(Pictures.gradient(width: 640, height: 320))
        let picture = try loaded(jpeg)
        var samples = [Float](repeating: 5, count: 128 * 128 * 3)
        var span = samples.mutableSpan
        let map = picture.letterbox(size: 128, low: -1, high: 1, into: &span)
        #expect(samples[0] == -1 && samples[31 * 128 * 3] == -1 && samples[33 * 128 * 3] != -1)
        let centre = map.apply(64, 64)
        #expect(centre.x == 320 && centre.y == 160)
    }

    @Test(arguments: [
        (PixelFormat.motionJPEG, 0), (.yuyv, 2560), (.nv12, 1280), (.grey, 1280),
    ]) func `loading and sampling a frame allocates nothing`(pixelFormat: PixelFormat, stride: Int) throws {
        let format = FrameFormat(pixelFormat, width: 1280, height: 720, stride: stride)
        let bytes =
            pixelFormat == .motionJPEG
            ? try Pictures.jpeg(Pictures.gradient(width: 1280, height: 720))
            : Pictures.raw(format, luma: 100, blue: 100, red: 100)
        var picture = FramePicture()
        let measures = FaceMeasures()
        var samples = [Float](repeating: 0, count: 192 * 192 * 3)
        let square = RotatedSquare(centreX: 600, centreY: 350, side: 400, angle: 0.1)
        let box = Box(x: 380, y: 130, width: 440, height: 440)
        func cycle() {
            try? unsafe picture.loadRegion(bytes.span.bytes, format, box: box, minimumSide: 200)
            var span = samples.mutableSpan
            picture.sample(square, size: 192, low: 0, high: 1, into: &span)
            _ = measures.quality(ofCrop: samples.span, size: 192, low: 0, high: 1, interEyeDistance: 100)
        }
        cycle()
        #expect(allocations(during: cycle) == 0)
    }

    /// In a process of its own, since all tests of a process share the count.
    @Test func `a dropped picture leaves no secure memory behind`() async {
        await #expect(processExitsWith: .success) {
            let before = SecureMemory.allocatedByteCount
            do {
                let picture = FramePicture()
                precondition(SecureMemory.allocatedByteCount > before + 1 << 20 && picture.width == 0)
            }
            precondition(SecureMemory.allocatedByteCount == before)
        }
    }
}

@Suite struct QualityTests {
    /// A face-sized texture: a grid of soft dots, blurred by `sigma` pixels.
    private func quality(dotPeriod: Double, luma: Double = 120, asymmetry: Double = 0) throws -> FaceQuality {
        var picture = PlanarPicture(width: 320, height: 320)
        let stride = picture.stride
        picture.withMutablePlanes { plane, _, _ in
            for y in 0..<320 {
                for x in 0..<320 {
                    let wave = sine(Double(x) / dotPeriod) * sine(Double(y) / dotPeriod)
                    let side = x < 160 ? 1 + asymmetry / 2 : 1 - asymmetry / 2
                    plane[y * stride + x] = UInt8(min(max((luma + 40 * wave) * side, 0), 255))
                }
            }
        }
        let jpeg = try Pictures.jpeg(picture)
        var frame = FramePicture()
        try unsafe frame.loadWhole(jpeg.span.bytes, motionJPEG, minimumWidth: 320)
        return quality(frame, side: 300, interEyeDistance: 90)
    }

    /// Measures the face of `side` pixels in the middle of a frame.
    private func quality(_ frame: borrowing FramePicture, side: Double, interEyeDistance: Double) -> FaceQuality {
        let square = RotatedSquare(
            centreX: Double(frame.width) / 2, centreY: Double(frame.height) / 2, side: side * 1.5, angle: 0)
        let samples = frame.rgb(square, size: 192, low: 0, high: 1)
        return FaceMeasures().quality(
            ofCrop: samples.span, size: 192, low: 0, high: 1, interEyeDistance: interEyeDistance)
    }

    /// A triangle wave of period 1, which needs no Foundation.
    private func sine(_ turns: Double) -> Double { 1 - 4 * abs(turns - (turns + 0.5).rounded(.down)) }

    /// Rectangles of all sizes, as they would be after a lens that blurs by `blur` box passes of 5 pixels.
    private func sharpness(blur: Int, noise: Int = 0) throws -> Double {
        var generator = SeededGenerator(seed: 7)
        let side = 160
        var luma = [Int](repeating: 128, count: side * side)
        for _ in 0..<120 {
            let (left, top) = (Int.random(in: 0..<side, using: &generator), Int.random(in: 0..<side, using: &generator))
            let size = Int.random(in: 3...40, using: &generator)
            let shade = Int.random(in: 60...200, using: &generator)
            for y in top..<min(top + size, side) {
                for x in left..<min(left + size, side) { luma[y * side + x] = shade }
            }
        }
        for pass in 0..<blur * 2 {
            let step = pass % 2 == 0 ? 1 : side
            let before = luma
            for index in 2 * step..<side * side - 2 * step {
                luma[index] = (-2...2).reduce(0) { $0 + before[index + $1 * step] } / 5
            }
        }
        let bytes = luma.map { UInt8(min(max($0 + Int.random(in: -noise...noise, using: &generator), 0), 255)) }
        let format = FrameFormat(.grey, width: side, height: side, stride: side)
        var frame = FramePicture()
        try unsafe frame.loadWhole(bytes.span.bytes, format, minimumWidth: side)
        return quality(frame, side: 150, interEyeDistance: 60).sharpness
    }

    @Test func `a blur of four pixels is told from focus, noise or not`() throws {
        // Eight box passes of variance 2 are a Gaussian of sigma 4.
        let (sharp, blurred, noisy) = try (sharpness(blur: 0), sharpness(blur: 8), sharpness(blur: 8, noise: 6))
        #expect(sharp > 0.4)
        #expect(blurred < 0.15)
        #expect(noisy < sharp / 2)
    }

    @Test func `fine detail is sharper than coarse detail`() throws {
        #expect(try quality(dotPeriod: 12).sharpness > 2 * quality(dotPeriod: 60).sharpness)
    }

    @Test func `exposure and asymmetry are read`() throws {
        let dark = try quality(dotPeriod: 30, luma: 5)
        #expect(dark.underExposedShare > 0.5 && dark.luminanceMean < 30)
        let bright = try quality(dotPeriod: 30, luma: 253)
        #expect(bright.overExposedShare > 0.3 && bright.overExposedShare < 1)
        #expect(try quality(dotPeriod: 30, asymmetry: 0.5).illuminationAsymmetry > 0.3)
        #expect(try quality(dotPeriod: 30).illuminationAsymmetry < 0.05)
        #expect(try quality(dotPeriod: 30).interEyeDistance == 90)
    }
}
