package import Imaging
import Ports
package import Rendering

/// A prepared video in the place of the camera's pictures, as a virtual camera or a box on the cable delivers it.
///
/// It knows nothing of the room's light. Thread-bound.
package final class Injection {
    package var picture: PlanarPicture
    private let kind: Kind
    private let footage: Footage
    private let beginning: Performance
    private let codec: Codec?
    private let sensor = Sensor()
    private let seed: UInt64
    private let addedNoise: Float
    private let loopLength: Int
    /// How far the loop has been played, in frames of a thirtieth of a second.
    private var place = 0
    private var hasPicture = false

    package enum Kind: Hashable, Sendable {
        /// A video of three to six seconds, again and again, to the last bit.
        case looped
        /// Clips by an operator's keys; the picture stands still while the next one is sought.
        case frozen
        /// Clips by an operator's keys that do not fit together.
        case cut
        /// Clips by an operator's keys that fit together, decoded, with noise added to hide it.
        case noisy
    }

    init(_ kind: Kind, plan: AttackPlan, width: Int, height: Int) {
        var dice = Dice(seed: plan.seed, purpose: .instrument, turn: 2)
        let (plot, jump): (Performance.Plot, ClosedRange<Double>)
        switch kind {
        case .looped: (plot, jump) = (.acting, 0...0)
        case .frozen, .noisy: (plot, jump) = (.operated, 0...0.3)
        case .cut: (plot, jump) = (.operated, 1...4)
        }
        self.kind = kind
        self.seed = plan.seed
        self.beginning = Performance(plot, seed: plan.seed, jumpSize: dice.uniform(jump))
        self.loopLength = Int(dice.uniform(90...180))
        self.addedNoise = kind == .noisy ? Float(dice.uniform(0.5...1.2)) : 0
        self.codec = kind == .noisy || dice.chance(0.7) ? Codec(width: width, height: height, &dice) : nil
        self.picture = PlanarPicture(width: width, height: height)
        self.footage = Footage(
            of: plan.victim, in: plan.portrait, columns: width, rows: height,
            focalLength: Lens(width: width, height: height).focalLength, seed: plan.seed, performance: beginning)
    }

    package var posture: Posture { footage.posture }

    /// Plays on to `time`; false when the picture stays what it was.
    package func live(until time: Double, hearing heard: HeardPrompt) -> Bool {
        if kind == .looped {
            let next = Int((time * 30).rounded()) % loopLength
            if next < place { footage.play(beginning) }
            place = next
            footage.live(until: Double(next) / 30, hearing: heard, seeing: [])
            return true
        }
        footage.live(until: time, hearing: heard, seeing: [])
        return !(kind == .frozen && footage.isWaiting && hasPicture)
    }

    /// Makes the picture of the moment that was last played.
    package func develop(frame: UInt64) {
        hasPicture = true
        let number = kind == .looped ? UInt64(place) : frame
        footage.develop(frame: number)
        if let codec {
            codec.code(footage.picture, number: number)
            sensor.expose(codec.picture, at: 1, into: &picture)
        } else {
            sensor.expose(footage.picture, at: 1, into: &picture)
        }
        if addedNoise > 0 { sensor.addNoise(to: &picture, strength: addedNoise, seed: ~seed, frame: frame) }
    }
}

/// What inter-frame video compression does to a picture: blocks that hardly change are repeated until the next key
/// frame, and fine noise is lost.
private final class Codec {
    private(set) var picture: PlanarPicture
    private let keyInterval: UInt64
    /// Sum of differences over a quarter of a block's luma, below which the block is repeated.
    private let patience: Int

    private static let block = 16

    init(width: Int, height: Int, _ dice: inout Dice) {
        self.picture = PlanarPicture(width: width, height: height)
        self.keyInterval = [12, 15, 25, 30, 50][Int(dice.next() % 5)]
        self.patience = Int(dice.uniform(2...4) * 64)
    }

    /// Replaces what has changed since the picture before.
    func code(_ source: borrowing PlanarPicture, number: UInt64) {
        let isKey = number % keyInterval == 0
        let (rows, stride, block, patience) = (source.rows, source.stride, Self.block, patience)
        unsafe source.withPlanes { luma, blue, red in
            picture.withMutablePlanes { heldLuma, heldBlue, heldRed in
                for start in Swift.stride(from: 0, to: rows * stride, by: stride * block) {
                    for corner in Swift.stride(from: start, to: start + stride, by: block) {
                        var difference = 0
                        for place in 0..<64 {
                            let index = corner + place / 8 * 2 * stride + place % 8 * 2
                            difference += unsafe abs(Int(luma[index]) - Int(heldLuma[index]))
                        }
                        if !isKey, difference < patience { continue }
                        for place in 0..<256 {
                            let index = corner + place / 16 * stride + place % 16
                            let (new, old) = unsafe (Int(luma[index]), Int(heldLuma[index]))
                            // Small differences are halved: most of them are noise.
                            heldLuma[index] = UInt8(!isKey && abs(new - old) < 12 ? (new + old) / 2 : new)
                        }
                        let (row, column) = (corner / stride, corner % stride)
                        for place in 0..<64 {
                            let index = (row / 2 + place / 8) * (stride / 2) + column / 2 + place % 8
                            heldBlue[index] = unsafe blue[index]
                            heldRed[index] = unsafe red[index]
                        }
                    }
                }
            }
        }
    }
}
