import Faces
import Pipeline
import Ports
import Rendering
import Simulator

/// What the light was calibrated by at the counters of one seed, which all that is presented there shares.
package final class Calibrations {
    private var known: [CounterSetup: LightCalibration?] = [:]
    /// On how many days a technician tries.
    private static let days: ClosedRange<UInt64> = 1...4

    package init() {}

    /// What the device's illuminators did to an ordinary person at this counter on the first of some other days that let
    /// them be seen; `nil` where none did.
    func calibration(at setup: CounterSetup, of portrait: Portrait, pack: ModelPack) -> LightCalibration? {
        var days = Self.days.map(setup.onAnotherDay)
        for day in days.indices { days[day].visitor = .still }
        if let known = known[days[0]] { return known }
        known = known.filter { $0.key.seed == days[0].seed }
        var calibration: LightCalibration?
        for day in days where calibration == nil { calibration = Self.calibrate(at: day, of: portrait, pack: pack) }
        known[days[0]] = .some(calibration)
        return calibration
    }

    private static func calibrate(at setup: CounterSetup, of portrait: Portrait, pack: ModelPack) -> LightCalibration? {
        let time = ManualTime()
        let counter = SimulatedCounter(setup, portrait: portrait, time: time)
        var generator = RandomDraw(from: counter.randomness)
        return try? LightTrial(camera: counter.camera, lights: counter.lights, pack: pack, time: time)
            .run(using: &generator)
    }
}
