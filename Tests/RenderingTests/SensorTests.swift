import Imaging
import Rendering
import Support
import Testing

@Suite struct SensorTests {
    private let sensor = Sensor()

    private func picture(exposure: Float = 1, noise: Float = 1, frame: UInt64 = 0) -> [UInt8] {
        let wall = Backdrop.plain([120, 120, 120], width: 320, height: 180)
        var picture = PlanarPicture(width: 320, height: 180)
        sensor.expose(wall, at: exposure, into: &picture)
        sensor.addNoise(to: &picture, strength: noise, seed: 1, frame: frame)
        return picture.withMutablePlanes { luma, _, _ in (0..<320 * 180).map { luma[$0] } }
    }

    private func mean(_ pixels: [UInt8]) -> Double {
        Double(pixels.reduce(0) { $0 + Int($1) }) / Double(pixels.count)
    }

    @Test func `noise differs from frame to frame and repeats with its seed`() {
        #expect(picture(frame: 1) == picture(frame: 1))
        #expect(picture(frame: 1) != picture(frame: 2))
    }

    @Test func `noise has the promised strength and moves no mean`() {
        let (clean, noisy) = (picture(noise: 0), picture(noise: 2))
        let squares = zip(clean, noisy).map { (Double($0) - Double($1)) * (Double($0) - Double($1)) }
        let deviation = (squares.reduce(0, +) / Double(squares.count)).squareRoot()
        #expect((2.7...3.5).contains(deviation))
        #expect(abs(mean(clean) - mean(noisy)) < 0.1)
    }

    @Test func `twice the light is 1.37 times the code value`() {
        let ratio = mean(picture(exposure: 2, noise: 0)) / mean(picture(noise: 0))
        #expect(abs(ratio - 1.37) < 0.02)
    }

    @Test func `too much light saturates`() {
        #expect(mean(picture(exposure: 50, noise: 0)) == 255)
    }

    @Test func `exposing, metering and noise allocate nothing`() {
        let wall = Backdrop.plain([120, 120, 120], width: 320, height: 180)
        var picture = PlanarPicture(width: 320, height: 180)
        func shoot() {
            sensor.expose(wall, at: 1, into: &picture)
            _ = sensor.meter(&picture)
            sensor.addNoise(to: &picture, strength: 1, seed: 1, frame: 1)
        }
        // The first round fills caches of the Swift runtime.
        shoot()
        let count = allocations(during: shoot)
        #expect(count == 0)
    }
}
