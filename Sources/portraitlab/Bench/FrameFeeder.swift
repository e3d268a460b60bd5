import Glibc
import Platform
import Ports
import Synchronization

/// Writes frames into the pipe that a program plays as a recording, 30 a second, and notes when.
final class FrameFeeder {
    /// Behind the moment at which the player wants a frame, so that it always waits for the pipe.
    private static let lag = Duration.milliseconds(8)

    private let log = DeliveryLog()
    private let stop = StopFlag()
    private let thread: WorkerThread

    init(path: String, frames: [[UInt8]]) throws(Errno) {
        let (log, stop) = (log, stop)
        let body: @Sendable () -> Void = {
            blockBrokenPipeSignal()
            while !stop.isRaised {
                // Refused while nobody reads. A reader that only looked leaves at once, and everything starts anew.
                if let pipe = try? OwnedDescriptor(opening: path, flags: O_WRONLY | O_NONBLOCK) {
                    Self.play(frames, into: pipe, log, stop)
                } else {
                    usleep(500)
                }
            }
        }
        self.thread = try WorkerThread(name: "feeder", fifoPriority: 20, body)
    }

    deinit { stop.raise() }

    /// When the whole of a frame was in the pipe; `nil` when it never was.
    func deliveryTime(of index: Int) -> Timestamp? {
        log.times.withLock { $0.indices.contains(index) ? $0[index] : nil }
    }

    private static func play(
        _ frames: [[UInt8]], into pipe: borrowing OwnedDescriptor, _ log: DeliveryLog, _ stop: StopFlag
    ) {
        log.times.withLock { $0 = [] }
        let start = Timestamp.now() + lag
        var index = 0
        // The pipe takes a whole frame at once (F_SETPIPE_SZ, which Glibc's module leaves out); a full one is waited for.
        pipe.withRaw { _ = (fcntl($0, 1031, CInt(1 << 20)), fcntl($0, F_SETFL, 0)) }
        while !stop.isRaised {
            MonotonicClock().wait(until: start + BenchClip.frameInterval * index)
            let frame = frames[index % frames.count]
            guard pipe.withRaw({ unsafe write($0, frame, frame.count) }) == frame.count else { return }
            let now = Timestamp.now()
            log.times.withLock { $0.append(now) }
            index += 1
        }
    }
}

private final class DeliveryLog: Sendable {
    let times = Mutex<[Timestamp]>([])
}

private func blockBrokenPipeSignal() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
}
