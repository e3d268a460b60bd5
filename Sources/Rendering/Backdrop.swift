package import Imaging

/// A shop out of focus, invented by number: what stands behind the person and stays where it is.
package enum Backdrop {
    /// Paints the shop of `seed`; `cast` is the light's colour as factors on red, green and blue.
    package static func shop(seed: UInt64, width: Int, height: Int, cast: SIMD3<Float>) -> PlanarPicture {
        var dice = Dice(seed: seed, purpose: .background)
        var painting = Painting(width: 160, height: 90)
        let wall = SIMD3(Float(dice.uniform(120...190)), Float(dice.uniform(115...185)), Float(dice.uniform(110...180)))
        painting.shade(from: wall, to: wall * Float(dice.uniform(0.55...0.85)))
        for shelf in 0..<Int(dice.uniform(2...5)) {
            let y = 12 + shelf * 20 + Int(dice.uniform(0...5))
            var x = Int(dice.uniform(-10...20))
            while x < 160 {
                let (wide, high) = (Int(dice.uniform(4...16)), Int(dice.uniform(5...15)))
                let colour = SIMD3(
                    Float(dice.uniform(30...210)), Float(dice.uniform(30...200)), Float(dice.uniform(30...210)))
                if dice.chance(0.7) { painting.fill(x..<x + wide, y - high..<y, with: colour) }
                x += wide + Int(dice.uniform(0...8))
            }
            painting.fill(0..<160, y..<y + 2, with: wall * 0.5)
        }
        for _ in 0..<Int(dice.uniform(0...4)) {
            let (x, y) = (Int(dice.uniform(0...150)), Int(dice.uniform(0...20)))
            painting.fill(x..<x + 8, y..<y + 3, with: [250, 245, 235])
        }
        for _ in 0..<3 { painting.blur() }
        return painting.enlarged(width: width, height: height, cast: cast)
    }

    /// One even colour, as ID portraits have behind them.
    package static func plain(_ colour: SIMD3<Float>, width: Int, height: Int) -> PlanarPicture {
        var painting = Painting(width: 8, height: 8)
        painting.shade(from: colour, to: colour * 0.95)
        return painting.enlarged(width: width, height: height, cast: [1, 1, 1])
    }
}

/// A small picture to paint on.
private struct Painting {
    private let width: Int
    private let height: Int
    private var pixels: [SIMD3<Float>]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        self.pixels = Array(repeating: SIMD3(), count: width * height)
    }

    mutating func shade(from top: SIMD3<Float>, to bottom: SIMD3<Float>) {
        for row in 0..<height {
            let colour = top + (bottom - top) * (Float(row) / Float(height))
            for column in 0..<width { pixels[row * width + column] = colour }
        }
    }

    mutating func fill(_ columns: Range<Int>, _ rows: Range<Int>, with colour: SIMD3<Float>) {
        for row in rows.clamped(to: 0..<height) {
            for column in columns.clamped(to: 0..<width) { pixels[row * width + column] = colour }
        }
    }

    /// Means over 3 × 3.
    mutating func blur() {
        let sharp = pixels
        for row in 0..<height {
            for column in 0..<width {
                var sum = SIMD3<Float>()
                for y in row - 1...row + 1 {
                    for x in column - 1...column + 1 {
                        sum += sharp[min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)]
                    }
                }
                pixels[row * width + column] = sum / 9
            }
        }
    }

    func enlarged(width: Int, height: Int, cast: SIMD3<Float>) -> PlanarPicture {
        var picture = PlanarPicture(width: width, height: height)
        func colour(_ x: Float, _ y: Float) -> Colour {
            Colour(rgb: sample(at: SIMD2(x / Float(width), y / Float(height))) * cast)
        }
        picture.withCanvas { canvas in
            for row in 0..<height {
                for column in 0..<width {
                    let luma = colour(Float(column) + 0.5, Float(row) + 0.5).luma
                    unsafe canvas.luma[row * canvas.stride + column] = UInt8(luma)
                }
            }
            for row in 0..<canvas.chromaHeight {
                for column in 0..<canvas.chromaWidth {
                    let colour = colour(Float(column) * 2 + 1, Float(row) * 2 + 1)
                    let index = row * canvas.chromaStride + column
                    unsafe canvas.cb[index] = UInt8(colour.cb.clamped(to: 0...255))
                    unsafe canvas.cr[index] = UInt8(colour.cr.clamped(to: 0...255))
                }
            }
        }
        return picture
    }

    /// Reads between pixels; `place` runs from 0 to 1 both ways.
    private func sample(at place: SIMD2<Float>) -> SIMD3<Float> {
        let x = (place.x * Float(width) - 0.5).clamped(to: 0...Float(width) - 1.01)
        let y = (place.y * Float(height) - 0.5).clamped(to: 0...Float(height) - 1.01)
        let at = Int(y) * width + Int(x)
        let (right, down) = (x - Float(Int(x)), y - Float(Int(y)))
        let upper = pixels[at] + (pixels[at + 1] - pixels[at]) * right
        let lower = pixels[at + width] + (pixels[at + width + 1] - pixels[at + width]) * right
        return upper + (lower - upper) * down
    }
}
