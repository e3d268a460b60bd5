import CLinux
import Glibc

/// Leaves this process no sockets but AF_UNIX, for good: whatever goes wrong in it, nothing goes out by a network.
package func forbidNetwork() throws(Errno) {
    let status = clx_forbid_network()
    if status < 0 { throw Errno(-status) }
}

/// Keeps this process's memory to itself: no core dump, no debugger of another user, no backtrace with registers in
/// the journal.
package func forbidDumps() throws(Errno) {
    // Swift's runtime handles crashes by itself where its environment says so.
    for fatal in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV] { signal(fatal, SIG_DFL) }
    let status = clx_forbid_dumps()
    if status < 0 { throw Errno(-status) }
}
