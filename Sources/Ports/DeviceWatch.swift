package import Platform

/// Tells when the device's camera or lights may have come or gone, so that nobody has to ask again and again.
package protocol DeviceWatch: Sendable {
    /// Calls `handler` on the loop after each change, once for those that come together.
    func attach(to loop: EventLoop, _ handler: @escaping () -> Void) throws(Errno) -> EventLoop.Watch
}

extension PathWatch: DeviceWatch {}
