import CGPIOD
import Glibc
package import Platform

/// The kernel's GPIO lines as this room sees them, so that tests can play them.
package protocol GPIOKernel: Sendable {
    /// Returns who holds the line, `nil` when it is free; `ENODEV` without such a chip, `ENOENT` without the line.
    func consumer(of line: String, on chip: String) throws(Errno) -> String?

    /// Holds `lines` as outputs for `consumer`, starting at the physical levels `high`.
    func hold(_ lines: [String], on chip: String, high: [Bool], consumer: String) throws(Errno) -> any HeldLines
}

/// Lines held as outputs; dropping the value lets them go.
package protocol HeldLines: AnyObject, Sendable {
    /// Sets the physical levels of all lines in one call; `ENODEV` once the chip is gone.
    func set(_ high: [Bool]) throws(Errno)

    /// Throws `ENODEV` once the chip is gone.
    func probe() throws(Errno)
}

/// The running kernel, through libgpiod.
package struct LinuxGPIOKernel: GPIOKernel {
    package init() {}

    package func consumer(of line: String, on chip: String) throws(Errno) -> String? {
        var name = [CChar](repeating: 0, count: Int(CGP_NAME_SIZE))
        let status = unsafe cgp_inspect(chip, line, &name)
        if status < 0 { throw Errno(-status) }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }

    package func hold(
        _ lines: [String], on chip: String, high: [Bool], consumer: String
    ) throws(Errno) -> any HeldLines {
        var handle: OpaquePointer?
        let names = unsafe lines.map { unsafe strdup($0) }
        defer { unsafe names.forEach { unsafe free($0) } }
        let constants = unsafe names.map { unsafe UnsafePointer($0) }
        let status = unsafe cgp_hold(chip, constants, UInt32(lines.count), high.map { $0 ? 1 : 0 }, consumer, &handle)
        guard status == 0, let handle = unsafe handle else { throw Errno(status == 0 ? EIO : -status) }
        return unsafe GPIODRequest(handle)
    }
}

// Sendable by hand: libgpiod keeps no thread's state, and `GPIOLights` lets one thread in at a time.
@safe private final class GPIODRequest: HeldLines, @unchecked Sendable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe cgp_release(handle) }

    func set(_ high: [Bool]) throws(Errno) {
        let status = unsafe cgp_set(handle, high.map { $0 ? 1 : 0 })
        if status < 0 { throw Errno(-status) }
    }

    func probe() throws(Errno) {
        let status = unsafe cgp_probe(handle)
        if status < 0 { throw Errno(-status) }
    }
}
