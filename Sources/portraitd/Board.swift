import GPIOLights
import Platform
import Ports
import Settings
import V4L2Camera

/// What hangs on a device, as its board profile says.
struct Board {
    let camera: V4L2CameraProfile
    let lights: GPIOLightsProfile
    let signals: SignalPatterns

    /// Throws every mistake in the file at `path`.
    init(path: String) throws(SettingsFaults) {
        let file: SettingsFile
        do throws(Errno) { file = try SettingsFile(reading: path) } catch {
            throw SettingsFaults([.unreadable(path, error)])
        }
        var settings = Settings([file])
        camera = settings.section("Camera") { V4L2CameraProfile(&$0) }
        lights = settings.section("Lights") { GPIOLightsProfile(&$0) }
        let indicators = lights.fixtures.indicators
        signals = settings.section("Signals") { SignalPatterns(&$0, indicators: indicators) }
        try settings.finish()
    }
}

extension Board {
    /// Turns all lights off, as after a daemon that could not do it any more.
    func darken() throws(LightsFault) {
        try GPIOLights(profile: lights).show(.dark)
    }
}
