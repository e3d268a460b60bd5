import Platform
import Ports

/// Keeps a camera's exposure, or a share of it, and white balance, and gives them back afterwards.
///
/// Not every camera has every control: what is refused stays as it was. A camera keeps its controls when the process
/// ends, so that they may be held since an earlier one.
struct ExposureHold {
    private static let manualExposure: Int32 = 1

    /// What to set again, in this order.
    private var changed: [CameraControl] = []
    /// What it was when the hold began; `nil` before, and for a camera that does not tell it.
    private(set) var exposure: HeldExposure?

    /// Lets exposure and white balance follow the light as the driver would, but for what `profile` sets itself.
    static func reset(_ device: any VideoDevice, beside profile: [CameraControl]) {
        for identifier in [ControlIdentifier.automaticWhiteBalance, ControlIdentifier.automaticExposure]
        where !profile.contains(where: { $0.identifier == identifier }) {
            if let control = try? device.defaultControl(identifier) { try? device.set(control) }
        }
    }

    mutating func begin(at share: Double, on device: any VideoDevice) {
        change(ControlIdentifier.automaticWhiteBalance, to: 0, on: device)
        // Manual exposure begins with the time that automatic exposure has found, or that is still to be given back.
        let kept = changed.first { $0.identifier == ControlIdentifier.exposureTime }
        guard let time = kept ?? (try? device.control(ControlIdentifier.exposureTime)) else { return }
        change(ControlIdentifier.automaticExposure, to: Self.manualExposure, on: device)
        let shorter = max(Int32((Double(time.value) * share).rounded()), 1)
        let isSet = (try? device.set(CameraControl(identifier: ControlIdentifier.exposureTime, value: shorter))) != nil
        if isSet, kept == nil, shorter != time.value { changed.insert(time, at: 0) }
        // A camera without automatic exposure lacks the control, and one may refuse to leave it.
        let mode = try? device.control(ControlIdentifier.automaticExposure)
        guard mode?.value ?? Self.manualExposure == Self.manualExposure else { return }
        exposure = HeldExposure(
            time: Int(time.value), gain: (try? device.control(ControlIdentifier.gain)).map { Int($0.value) })
    }

    mutating func end(on device: any VideoDevice) {
        exposure = nil
        // What is refused is tried again the next time.
        changed.removeAll { (try? device.set($0)) != nil }
    }

    private mutating func change(_ identifier: UInt32, to value: Int32, on device: any VideoDevice) {
        do throws(Errno) {
            let before = try device.control(identifier)
            if before.value == value { return }
            try device.set(CameraControl(identifier: identifier, value: value))
            changed.insert(before, at: 0)
        } catch {}
    }
}
