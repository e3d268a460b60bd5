import Ports
import Testing

@Suite struct LightCalibrationTests {
    private let calibration = LightCalibration(
        delayMilliseconds: 40, left: 0.25, right: 0.15, front: 0.3, faceWidth: 0.2,
        exposure: HeldExposure(time: 200, gain: 8))

    @Test func `nearer faces and darker rooms make the illuminators count for more`() throws {
        func rise(_ width: Double, _ time: Int) throws -> Double {
            try #require(calibration.expectedRise(faceWidth: width, exposure: HeldExposure(time: time, gain: 8)))
        }
        #expect(abs(try rise(0.2, 200) - 0.2) < 1e-9)
        #expect(abs(try rise(0.4, 200) - 0.8) < 1e-9)
        #expect(abs(try rise(0.2, 100) - 0.1) < 1e-9)
    }

    @Test(arguments: [
        nil, HeldExposure(time: 200, gain: 9), HeldExposure(time: 200, gain: nil), HeldExposure(time: 0, gain: 8),
    ])
    func `exposures that cannot be compared make nothing expected`(exposure: HeldExposure?) {
        #expect(calibration.expectedRise(faceWidth: 0.2, exposure: exposure) == nil)
    }

    @Test func `a camera that did not tell its exposure makes nothing expected`() {
        let silent = LightCalibration(
            delayMilliseconds: 0, left: 0.2, right: 0.2, front: 0, faceWidth: 0.2, exposure: nil)
        #expect(silent.expectedRise(faceWidth: 0.2, exposure: HeldExposure(time: 200, gain: 8)) == nil)
    }
}
