import Glibc

/// A kernel error number, carried as a value.
package struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
    package let code: CInt

    package init(_ code: CInt) { self.code = code }

    /// Reads `errno` once, right after the failing call.
    package static var current: Errno { Errno(errno) }

    package var description: String {
        guard let text = unsafe strerror(code) else { return "errno \(code)" }
        return unsafe String(cString: text) + " (errno \(code))"
    }
}

/// Runs a system call until it stops being interrupted; `-1` becomes an error.
@discardableResult
package func retrying<Result: FixedWidthInteger & SignedInteger>(
    _ call: () -> Result
) throws(Errno) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        let failure = Errno.current
        if failure.code != EINTR { throw failure }
    }
}
