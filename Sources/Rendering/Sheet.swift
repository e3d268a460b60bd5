package import Imaging

/// How a sheet is bent over a cylinder.
package struct Bend: Hashable, Sendable {
    /// Centimetres; above 0 the middle bulges towards the camera, below 0 away from it; infinite is flat.
    package let radius: Float
    /// Degrees between the cylinder's axis and the sheet's height.
    package let axis: Double

    package init(radius: Float, axis: Double) { (self.radius, self.axis) = (radius, axis) }

    package static let flat = Bend(radius: .infinity, axis: 0)

    /// Where a place on the flat sheet goes, in centimetres from its middle.
    package func place(_ place: SIMD2<Float>) -> SIMD3<Float> { apply(to: place).place }

    /// Where a place on the flat sheet goes, and where the surface faces there.
    func apply(to place: SIMD2<Float>) -> (place: SIMD3<Float>, facing: SIMD3<Float>) {
        if radius.isInfinite { return (SIMD3(place, 0), [0, 0, -1]) }
        let angle = Angle(axis)
        let across = SIMD2(angle.cosine, angle.sine)
        let offset = (place * across).sum()
        let turn = Angle(Double(offset / radius) * 180 / .pi)
        let moved = place + across * (radius * turn.sine - offset)
        return (SIMD3(moved, radius * (1 - turn.cosine)), SIMD3(across * turn.sine, -turn.cosine))
    }
}

/// Where the light comes from that the camera sees a sheet by.
package enum Shine {
    /// It scatters the light of the room, as paper does.
    case scattered(Light)
    /// It shines by itself; the picture tells how brightly.
    case own(exposure: Float)
}

/// A sheet of paper or glass with a picture on it.
///
/// Thread-bound; nothing here allocates but the initialiser.
package final class Sheet {
    /// Centimetres.
    package let size: SIMD2<Float>
    let texture: Texture
    /// Whether nothing was cut out.
    private var isWhole = true
    private var mirror = Mirror()
    private(set) var corners: [Corner]
    private var depths: [Float]
    private var order: [Int]

    /// Cells of one side, so small that each is nearly flat.
    private static let cells = 20

    /// A sheet of a picture of `columns` × `rows` texels; what lies before its middle hides that many centimetres.
    package init(size: SIMD2<Float>, columns: Int, rows: Int, hidden: SIMD2<Float> = .zero) {
        let line = Self.cells + 1
        self.size = size
        self.texture = Texture(width: columns, height: rows)
        self.corners = Array(repeating: Corner(x: 0, y: 0, u: 0, v: 0, gain: 256), count: line * line)
        self.depths = Array(repeating: 0, count: line * line)
        self.order = (0..<Self.cells * Self.cells).compactMap { cell in
            let (column, row) = (cell % Self.cells, cell / Self.cells)
            let corners = [SIMD2(column, row), SIMD2(column + 1, row + 1)]
            let isHidden = corners.allSatisfy { corner in
                let place = (SIMD2<Float>(corner) / Float(Self.cells) - 0.5) * size
                return abs(place.x) < hidden.x / 2 && abs(place.y) < hidden.y / 2
            }
            return isHidden ? nil : row * line + column
        }
    }

    /// Places the sheet for one moment; `posture` tells its middle and its turn.
    package func take(_ posture: Posture, _ bend: Bend, seenBy lens: Lens, by shine: Shine) {
        let turn = Rotation(posture.pose)
        let position = SIMD3<Float>(posture.position)
        let line = Self.cells + 1
        for index in corners.indices {
            let share = SIMD2(Float(index % line), Float(index / line)) / Float(Self.cells)
            let bent = bend.apply(to: (share - 0.5) * size)
            let (place, facing) = (position + turn.apply(bent.place), turn.apply(bent.facing))
            let spot = lens.project(place)
            corners[index].x = spot.x
            corners[index].y = spot.y
            corners[index].u = share.x * Float(texture.width) - 0.5
            corners[index].v = share.y * Float(texture.height) - 0.5
            depths[index] = place.z
            switch shine {
            case .scattered(let light): corners[index].gain = light.gain(at: place, facing: facing)
            case .own(let exposure): corners[index].gain = Light.coded(exposure)
            }
        }
        func spot(_ index: Int) -> SIMD2<Float> { SIMD2(corners[index].x, corners[index].y) }
        mirror = Mirror(
            place: position, facing: turn.apply([0, 0, -1]),
            outline: (spot(0), spot(line - 1), spot(line * line - 1), spot(line * line - line)))
        sortByDepth()
    }

    /// Draws the sheet as it is placed now; `opacity` (0...256) below 256 lets what is there shine through.
    package func draw(into picture: inout PlanarPicture, opacity: Int32 = 256) {
        picture.withCanvas { canvas in
            forEachTriangle { a, b, c in
                texture.fillLuma(
                    of: canvas, with: Slope(a, b, c, texture: texture, shrink: 1), opacity,
                    isOpaque: isWhole && opacity == 256)
                texture.fillChroma(of: canvas, with: Slope(a, b, c, texture: texture, shrink: 0.5), opacity)
            }
        }
    }

    /// Draws what the sheet's glass or gloss mirrors, a `share` of 0...1; a bent sheet counts as flat.
    package func drawGlare(of light: Light, share: Float, seenBy lens: Lens, into picture: inout PlanarPicture) {
        picture.addGlare(of: light, in: mirror, share: share, seenBy: lens)
    }

    /// Calls `body` with three corners each, far cells first.
    func forEachTriangle(_ body: (Corner, Corner, Corner) -> Void) {
        let line = Self.cells + 1
        for position in order.indices {
            let index = order[position]
            body(corners[index], corners[index + 1], corners[index + line])
            body(corners[index + 1], corners[index + line + 1], corners[index + line])
        }
    }

    /// Sorts by insertion: from one frame to the next the order hardly changes.
    private func sortByDepth() {
        for end in 1..<order.count {
            let cell = order[end]
            var place = end
            while place > 0, depths[order[place - 1]] < depths[cell] {
                order[place] = order[place - 1]
                place -= 1
            }
            order[place] = cell
        }
    }
}

// MARK: - The picture on it

/// How a sheet gives back the brightness of the picture that it shows, by gamma-coded value.
package struct ToneCurve: Sendable {
    private(set) var values: [UInt8]

    package init() { values = (0..<256).map { UInt8($0) } }

    /// Linear light becomes `offset` + `factor` × light ^ `power`.
    package mutating func set(offset: Float, factor: Float, power: Float = 1) {
        for value in values.indices {
            let light = offset + factor * Light.power(Light.linear(Float(value) / 255), power)
            values[value] = UInt8((Light.coded(light) * (255.0 / 256)).clamped(to: 0...255))
        }
    }
}

extension Sheet {
    /// Shows a picture of as many pixels as the sheet has texels; what was cut out stays so.
    package func show(_ picture: borrowing PlanarPicture, through curve: ToneCurve) {
        precondition(
            picture.width == texture.width && picture.height == texture.height, "picture and sheet differ in size")
        let (stride, width, height) = (picture.stride, texture.width, texture.height)
        unsafe picture.withPlanes { luma, blue, red in
            unsafe curve.values.withUnsafeBufferPointer { curve in
                for row in 0..<height {
                    let line = unsafe texture.texels + row * texture.stride
                    let (light, chroma) = (row * stride, row / 2 * (stride / 2))
                    for column in 0..<width {
                        let shown = unsafe UInt32(curve[Int(luma[light + column])])
                        let tint = unsafe (UInt32(blue[chroma + column / 2]), UInt32(red[chroma + column / 2]))
                        unsafe line[column] = line[column] & 0x00FF_0000 | tint.0 << 24 | tint.1 << 8 | shown
                    }
                }
            }
        }
    }

    /// Makes the whole sheet one colour.
    package func paint(_ colour: SIMD3<Float>) {
        let texel = Colour(rgb: colour).texel(opacity: 1)
        unsafe texture.texels.update(repeating: texel, count: texture.height * texture.stride)
    }

    /// Cuts away all texels for which `isGone` is true.
    package func cut(where isGone: (SIMD2<Float>) -> Bool) {
        isWhole = false
        for row in 0..<texture.height {
            for column in 0..<texture.width where isGone([Float(column), Float(row)]) {
                unsafe texture.texels[row * texture.stride + column] &= 0xFF00_FFFF
            }
        }
    }
}
