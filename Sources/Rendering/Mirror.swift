import Imaging

/// A flat piece of glass or gloss with four corners.
struct Mirror {
    /// Centimetres before the camera, and a direction of length 1 towards the mirrored side.
    var place = SIMD3<Float>()
    var facing = SIMD3<Float>(0, 0, -1)
    /// Pixels, clockwise.
    var outline = (SIMD2<Float>(), SIMD2<Float>(), SIMD2<Float>(), SIMD2<Float>())

    func contains(_ spot: SIMD2<Float>) -> Bool {
        func isRight(of from: SIMD2<Float>, _ to: SIMD2<Float>) -> Bool {
            (to.x - from.x) * (spot.y - from.y) - (to.y - from.y) * (spot.x - from.x) >= 0
        }
        return isRight(of: outline.0, outline.1) && isRight(of: outline.1, outline.2)
            && isRight(of: outline.2, outline.3) && isRight(of: outline.3, outline.0)
    }
}

extension PlanarPicture {
    /// Adds a `share` of each source of light where the mirror shows it: at its image behind the mirror.
    mutating func addGlare(of light: Light, in mirror: Mirror, share: Float, seenBy lens: Lens) {
        for index in 0..<Light.sourceCount {
            let source = light.source(index)
            let height = ((source.place - mirror.place) * mirror.facing).sum()
            let image = source.place - mirror.facing * (2 * height)
            if source.power <= 0 || height <= 0 || image.z < 1 { continue }
            let radius = (source.radius * lens.focalLength / image.z).clamped(to: 1.5...200)
            addSpot(share * source.power * light.exposure, at: lens.project(image), radius: radius, inside: mirror)
        }
    }

    /// Adds linear `light` that fades to nothing at twice the radius.
    private mutating func addSpot(_ light: Float, at middle: SIMD2<Float>, radius: Float, inside mirror: Mirror) {
        let reach = radius * 2
        withCanvas { canvas in
            func span(_ value: Float, below count: Int) -> Range<Int> {
                let last = Float(count)
                return Int((value - reach).clamped(to: 0...last))..<Int((value + reach).clamped(to: 0...last))
            }
            let columns = span(middle.x, below: canvas.width)
            for row in span(middle.y, below: canvas.height) {
                for column in columns {
                    let spot = SIMD2(Float(column), Float(row)) + 0.5
                    let offset = spot - middle
                    let nearness = 1 - (offset * offset).sum() / (reach * reach)
                    if nearness <= 0 || !mirror.contains(spot) { continue }
                    let index = row * canvas.stride + column
                    let before = unsafe Light.linear(Float(canvas.luma[index]) / 255)
                    let after = Light.coded(before + light * nearness * nearness * nearness)
                    unsafe canvas.luma[index] = UInt8(min(after * (255.0 / 256), 255))
                }
            }
        }
    }
}
