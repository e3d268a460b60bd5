import CLinux
import Glibc

/// Signals as events of a loop, blocked everywhere else.
package final class SignalSource {
    private let descriptor: OwnedDescriptor

    /// Blocks `signals`, and no others, in this thread and all that it starts later; call it before any other thread exists.
    package init(_ signals: [CInt]) throws(Errno) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
        // Whoever started this process may have left others blocked.
        let status = unsafe pthread_sigmask(SIG_SETMASK, &set, nil)
        guard status == 0 else { throw Errno(status) }
        self.descriptor = OwnedDescriptor(
            taking: try retrying { unsafe signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK)) })
    }

    /// Calls `handler` on the loop's thread with each signal's number.
    package func attach(to loop: EventLoop, _ handler: @escaping (CInt) -> Void) throws(Errno) -> EventLoop.Watch {
        try loop.watch(descriptor, for: .readable) { [self] _ in
            var information = signalfd_siginfo()
            let size = MemoryLayout<signalfd_siginfo>.size
            while descriptor.withRaw({ unsafe read($0, &information, size) }) == size {
                handler(CInt(information.ssi_signo))
            }
        }
    }
}
