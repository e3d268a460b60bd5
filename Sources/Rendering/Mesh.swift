/// One corner of a triangle on its way to the picture.
struct Corner {
    /// Pixels of the picture; the centre of the first one is at 0.5.
    var x: Float
    var y: Float
    /// Pixels of the portrait; the centre of the first one is at 0.
    var u: Float
    var v: Float
    /// Brightness in 256ths.
    var gain: Float

    /// Takes the place where `lens` sees a point, and the light that falls on it.
    @inline(__always)
    mutating func light(
        _ place: SIMD3<Float>, _ facing: SIMD3<Float>, seenBy lens: Lens, litBy light: Light
    ) {
        let spot = lens.project(place)
        (x, y) = (spot.x, spot.y)
        gain = light.gain(at: place, facing: facing)
    }
}

/// Three corners by index, clockwise where the front is seen.
struct Triangle {
    let a: Int
    let b: Int
    let c: Int
    /// Drawn after all others, whatever its depth.
    let isOnTop: Bool

    init(_ a: Int, _ b: Int, _ c: Int, isOnTop: Bool = false) {
        (self.a, self.b, self.c, self.isOnTop) = (a, b, c, isOnTop)
    }
}
