import Glibc

/// A rotated square of the frame.
///
/// Centre and side in pixels of the frame, where pixel i covers [i, i+1); the angle in radians, clockwise
/// as seen in the picture (x right, y down).
package struct RotatedSquare: Hashable, Sendable {
    package var centreX: Double
    package var centreY: Double
    package var side: Double
    package var angle: Double

    package init(centreX: Double, centreY: Double, side: Double, angle: Double) {
        self.centreX = centreX
        self.centreY = centreY
        self.side = side
        self.angle = angle
    }
}

/// An affine map of the plane: (x, y) ↦ (a·x + b·y + tx, c·x + d·y + ty).
package struct AffineMap: Hashable, Sendable {
    package var a: Double
    package var b: Double
    package var tx: Double
    package var c: Double
    package var d: Double
    package var ty: Double

    package init(a: Double, b: Double, tx: Double, c: Double, d: Double, ty: Double) {
        self.a = a
        self.b = b
        self.tx = tx
        self.c = c
        self.d = d
        self.ty = ty
    }

    package static let identity = AffineMap(a: 1, b: 0, tx: 0, c: 0, d: 1, ty: 0)

    /// Maps the pixels of a crop of `size`×`size` pixels to the frame that it was cut from.
    package static func frameFromCrop(_ square: RotatedSquare, size: Int) -> AffineMap {
        let scale = square.side / Double(size)
        let (cosine, sine) = (cos(square.angle) * scale, sin(square.angle) * scale)
        let half = Double(size) / 2
        return AffineMap(
            a: cosine, b: -sine, tx: square.centreX - cosine * half + sine * half,
            c: sine, d: cosine, ty: square.centreY - sine * half - cosine * half)
    }

    /// The same crop seen in a mirror: its left edge is the crop's right one.
    package func mirrored(size: Int) -> AffineMap {
        AffineMap(a: -a, b: b, tx: tx + a * Double(size), c: -c, d: d, ty: ty + c * Double(size))
    }

    /// The same map for what begins `x` and `y` further on.
    package func starting(atX x: Double, y: Double) -> AffineMap {
        let (x, y) = apply(x, y)
        return AffineMap(a: a, b: b, tx: x, c: c, d: d, ty: y)
    }

    package func apply(_ x: Double, _ y: Double) -> (x: Double, y: Double) { (a * x + b * y + tx, c * x + d * y + ty) }

    /// How many pixels of the target one pixel step covers.
    package var scale: Double { (a * a + c * c).squareRoot() }
}

/// A projective map of the plane: (x, y) ↦ `affine`(x, y) / (e·x + f·y + 1).
package struct ProjectiveMap: Hashable, Sendable {
    package var affine: AffineMap
    package var e: Double
    package var f: Double

    package init(_ affine: AffineMap, e: Double = 0, f: Double = 0) {
        self.affine = affine
        self.e = e
        self.f = f
    }

    package func apply(_ place: SIMD2<Double>) -> SIMD2<Double> {
        let (x, y) = affine.apply(place.x, place.y)
        return SIMD2(x, y) / (e * place.x + f * place.y + 1)
    }
}
