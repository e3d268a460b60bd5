import Glibc
import Platform

/// Nothing came of waiting.
package struct WaitedInVain: Error {
    package let time: Duration
}

/// Waits for what another thread or process does; a test that waits in vain fails and does not hang.
package func wait(within time: Duration = .seconds(120), until condition: () throws -> Bool) throws {
    let deadline = Timestamp.now() + time
    while try !condition() {
        guard Timestamp.now() < deadline else { throw WaitedInVain(time: time) }
        usleep(1000)
    }
}
