import Platform
import Ports

/// Keeps a camera's exposure, or a share of it, and white balance, and gives them back afterwards.
///
/// Not every camera has every control: what is refused stays as it was. A call that is not answered is the last for
/// this time, as the next would wait as long, but for the one that ends manual exposure at the start. A camera keeps its
/// controls when the process ends, so that they may be held since an earlier one.
///
/// What automatic exposure has found is believed once it differs from what was set at the start, or told then where that
/// was refused: some cameras do not say that it changes, and the driver repeats what it knew. A camera that found just that
/// goes on as one without an exposure control: its light challenge is played without a hold.
///
/// Only what automatic exposure has found tells how bright the room is, and only where the gain did not find the rest:
/// the driver repeats a gain as well.
struct ExposureHold {
    private static let manualExposure: Int32 = 1
    /// By the exposure time alone, and by the iris too.
    private static let automaticExposures: [Int32] = [3, 0]
    /// Drivers wait for seconds before they give up, and refuse at once.
    private static let latestRefusal = Duration.seconds(1)
    /// Of the frame interval: the longest exposure may be as short, where it is whole half periods of the mains.
    private static let leastFull = 0.7

    private let time: any TimeSource
    private let frameInterval: Duration
    /// What to set again, in this order.
    private var changed: [CameraControl] = []
    /// What it was when the hold began; `nil` before, and where it does not tell how bright the room is.
    private(set) var exposure: HeldExposure?
    /// What automatic exposure began with.
    private var startTime: CameraControl?
    /// Whether the camera tells what automatic exposure has found.
    private var isFollowed = false
    private var isSilent = false

    /// Begins with an exposure time as delivered, and with exposure and white balance that follow the light as the
    /// driver would, but for what `profile` sets itself.
    init(resetting device: any VideoDevice, beside profile: V4L2CameraProfile, time: any TimeSource) {
        self.time = time
        frameInterval = profile.frameInterval
        let pinned = Set(profile.controls.map(\.identifier))
        func standard(_ identifier: UInt32) -> CameraControl? {
            pinned.contains(identifier) ? nil : ask { () throws(Errno) in try device.defaultControl(identifier) }
        }
        let mode = ControlIdentifier.automaticExposure
        // Some cameras begin with automatic exposure and call manual exposure, or one that they lack, their default.
        var modes = [standard(mode), pinned.contains(mode) ? nil : value(mode, on: device)].compactMap { $0?.value }
        if !modes.isEmpty { modes += Self.automaticExposures }
        let delivered = standard(ControlIdentifier.exposureTime)
        // Automatic exposure lets nobody set it.
        let isByHand = delivered != nil && set(mode, to: Self.manualExposure, on: device)
        if let delivered { set(delivered.identifier, to: delivered.value, on: device) }
        // The driver may have rounded it.
        startTime = value(ControlIdentifier.exposureTime, on: device)
        if isByHand { isSilent = false }
        _ = modes.first { $0 != Self.manualExposure && set(mode, to: $0, on: device) }
        if let balance = standard(ControlIdentifier.automaticWhiteBalance) {
            set(balance.identifier, to: balance.value, on: device)
        }
    }

    mutating func begin(at share: Double, on device: any VideoDevice) {
        isSilent = false
        change(ControlIdentifier.automaticWhiteBalance, to: 0, on: device)
        // Manual exposure begins with the time that automatic exposure has found, or that is still to be given back.
        let kept = changed.first { $0.identifier == ControlIdentifier.exposureTime }
        guard let time = kept ?? credibleTime(of: device) else { return }
        change(ControlIdentifier.automaticExposure, to: Self.manualExposure, on: device)
        let shorter = max(Int32((Double(time.value) * share).rounded()), 1)
        let isSet = set(ControlIdentifier.exposureTime, to: shorter, on: device)
        changed.removeAll { $0.identifier == time.identifier }
        // Given back before the mode is.
        if kept != nil || isSet && shorter != time.value { changed.insert(time, at: 0) }
        let isFound = changed.contains { $0.identifier == ControlIdentifier.automaticExposure }
        guard isFound, !isSilent, !isFull(time) else { return }
        exposure = HeldExposure(
            time: Int(time.value), gain: value(ControlIdentifier.gain, on: device).map { Int($0.value) })
    }

    mutating func end(on device: any VideoDevice) {
        exposure = nil
        isSilent = false
        var refused: [CameraControl] = []
        for control in changed where !set(control.identifier, to: control.value, on: device) { refused.append(control) }
        // They are tried again the next time.
        changed = refused
    }

    private mutating func credibleTime(of device: any VideoDevice) -> CameraControl? {
        guard let time = value(ControlIdentifier.exposureTime, on: device) else { return nil }
        if isManual(device) { return time }
        if let startTime, startTime.value != time.value { isFollowed = true }
        return isFollowed ? time : nil
    }

    /// A camera without automatic exposure lacks the control.
    private mutating func isManual(_ device: any VideoDevice) -> Bool {
        value(ControlIdentifier.automaticExposure, on: device)?.value ?? Self.manualExposure == Self.manualExposure
    }

    /// Whether automatic exposure may be at its end, from where on only the gain finds the rest.
    private func isFull(_ time: CameraControl) -> Bool {
        100_000 * Double(time.value) >= Self.leastFull * Double(frameInterval.nanoseconds)
    }

    private mutating func change(_ identifier: UInt32, to value: Int32, on device: any VideoDevice) {
        guard let before = self.value(identifier, on: device), before.value != value else { return }
        if set(identifier, to: value, on: device) { changed.insert(before, at: 0) }
    }

    private mutating func value(_ identifier: UInt32, on device: any VideoDevice) -> CameraControl? {
        ask { () throws(Errno) in try device.control(identifier) }
    }

    @discardableResult
    private mutating func set(_ identifier: UInt32, to value: Int32, on device: any VideoDevice) -> Bool {
        ask { () throws(Errno) in try device.set(CameraControl(identifier: identifier, value: value)) } != nil
    }

    /// `nil` where the camera refuses, or has not answered before: each time may take seconds.
    private mutating func ask<Answer>(_ body: () throws(Errno) -> Answer) -> Answer? {
        if isSilent { return nil }
        let begin = time.now()
        do throws(Errno) { return try body() } catch {
            isSilent = time.now() - begin > Self.latestRefusal
            return nil
        }
    }
}
