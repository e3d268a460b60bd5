import Glibc
package import Imaging

/// What makes a display look unlike what it shows: grid, refresh, and the glass before it.
package struct Display: Hashable, Sendable {
    /// Display pixels per centimetre.
    package var density: Float = 100
    /// Depth of the pixel grid as far as the lens resolves it, 0...1; the sensor's own grid makes moiré of it.
    package var grid: Float = 0
    /// Depth of the dark bands between the frames of the display, 0...1, their number on the picture's height, and
    /// how many of them pass in a second.
    package var bandDepth: Float = 0
    package var bandCount: Float = 1
    package var bandPace: Float = 0

    package init() {}
}

extension Sheet {
    /// Draws grid and bands of the display over the placed sheet, at a time in seconds.
    package func overlay(_ display: Display, at time: Double, in picture: inout PlanarPicture) {
        if display.grid <= 0, display.bandDepth <= 0 { return }
        // Display pixels per texel, both in 65536ths.
        let columns = Int(display.density * size.x / Float(texture.width) * 65536)
        let rows = Int(display.density * size.y / Float(texture.height) * 65536)
        let depth = Int32(display.grid * 4096 / 2)
        picture.withCanvas { canvas in
            forEachTriangle { a, b, c in
                let slope = Slope(a, b, c, texture: texture, shrink: 1)
                slope.forEachRow(width: canvas.width, height: canvas.height, stride: canvas.stride) { run in
                    var run = run
                    let row = Float(run.at / canvas.stride) / Float(canvas.height)
                    let band = wave(row * display.bandCount + Float(time) * display.bandPace) * display.bandDepth
                    let level = Int32(4096 * (1 - display.bandDepth / 2 + band / 2))
                    let line = unsafe canvas.luma + run.at
                    for column in 0..<run.count {
                        let (x, y) = ((Int(run.u) &* columns) >> 16, (Int(run.v) &* rows) >> 16)
                        let ripple = (depth &* (triangle(x) &+ triangle(y))) >> 9
                        let lit = unsafe (Int32(line[column]) &* (level &- depth &+ ripple)) >> 12
                        unsafe line[column] = UInt8(truncatingIfNeeded: min(max(lit, 0), 255))
                        run.advance()
                    }
                }
            }
        }
    }
}

/// A triangular wave of `phase` in 65536ths of its period, -256...256.
@inline(__always)
private func triangle(_ phase: Int) -> Int32 {
    let place = Int32(truncatingIfNeeded: phase & 0xFFFF)
    return abs(place &- 32768) >> 6 &- 256
}

private func wave(_ phase: Float) -> Float { cosf(2 * .pi * (phase - phase.rounded(.down))) }
