/// Plain arithmetic on pictures of rows, columns and channels, to compare XNNPACK with.
struct Picture: Equatable {
    var height: Int
    var width: Int
    var channels: Int
    var values: [Float]

    init(_ height: Int, _ width: Int, _ channels: Int, _ values: [Float]? = nil) {
        self.height = height
        self.width = width
        self.channels = channels
        self.values = values ?? Array(repeating: 0, count: height * width * channels)
    }

    var shape: [Int] { [1, height, width, channels] }

    subscript(row: Int, column: Int, channel: Int) -> Float {
        get { values[(row * width + column) * channels + channel] }
        set { values[(row * width + column) * channels + channel] = newValue }
    }

    /// Visits every result of a window with the input places that it covers; those outside are left out.
    func sliding(
        _ height: Int, _ width: Int, stride: Int, isSame: Bool, channels: Int,
        _ body: (_ channel: Int, _ places: [(row: Int, column: Int, inWindow: Int)]) -> Float
    ) -> Picture {
        func steps(_ input: Int, _ size: Int) -> Int {
            isSame ? (input + stride - 1) / stride : (input - size) / stride + 1
        }
        func start(_ input: Int, _ size: Int) -> Int {
            isSame ? -max((steps(input, size) - 1) * stride + size - input, 0) / 2 : 0
        }
        var output = Picture(steps(self.height, height), steps(self.width, width), channels)
        for row in 0..<output.height {
            for column in 0..<output.width {
                var places: [(row: Int, column: Int, inWindow: Int)] = []
                for y in 0..<height {
                    for x in 0..<width {
                        let place = (
                            start(self.height, height) + row * stride + y,
                            start(self.width, width) + column * stride + x
                        )
                        guard (0..<self.height).contains(place.0), (0..<self.width).contains(place.1) else { continue }
                        places.append((place.0, place.1, y * width + x))
                    }
                }
                for channel in 0..<channels { output[row, column, channel] = body(channel, places) }
            }
        }
        return output
    }
}

/// Numbers between −1 and 1 that repeat in every run (a linear congruential generator).
func samples(_ count: Int, seed: UInt64 = 1) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
    }
}
