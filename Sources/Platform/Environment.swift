import Glibc

/// A variable of the process's environment; `nil` where it is not set.
package func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
}
