import Glibc
import Platform
import Service

/// Keeps the service manager informed, when one started this process.
///
/// Thread-bound to the loop.
final class Supervision {
    /// Disk, key and models may change without a sign.
    private static let statusInterval = Duration.seconds(30)

    /// The manager starts a daemon again at once, and nobody shall fill the journal.
    private static let secondsBeforeRestart: CUnsignedInt = 3

    private let manager: ServiceManager?
    private let service: CounterService
    private let loop: EventLoop
    private var watchdog: Watchdog?
    private var lastStatus = ""

    init(_ service: CounterService, loop: EventLoop) {
        self.service = service
        self.loop = loop
        self.watchdog = Watchdog(
            microseconds: environment("WATCHDOG_USEC"), watched: environment("WATCHDOG_PID"), process: getpid())
        if let path = environment("NOTIFY_SOCKET") {
            do throws(Errno) { self.manager = try ServiceManager(notifying: path) } catch {
                Log.write(.error, "event: notify-failed, error: \(error)")
                self.manager = nil
            }
        } else {
            self.manager = nil
        }
        service.onChange = { [weak self] in self?.tellStatus() }
        // The loop lives; what a camera that hangs takes of the watchdog's time counts from here.
        service.cameraInquiry.onAsking = { [weak self] in self?.tellAlive() }
    }

    /// The sockets answer.
    func begin() {
        manager?.tell(.ready, .alive)
        feedWatchdog()
        refreshStatus()
    }

    /// Around a change of the configuration.
    func reload(_ body: () -> Void) {
        manager?.tell(.reloading(at: .now()))
        body()
        manager?.tell(.ready)
        tellStatus()
    }

    /// Tells the service manager, when one started this process, why it ends, and waits a while or for a signal.
    static func holdBack(_ fault: StartFault) {
        guard let path = environment("NOTIFY_SOCKET"), let manager = try? ServiceManager(notifying: path) else {
            return
        }
        manager.tell(.status(String(fault.problem.prefix { !$0.isNewline })))
        // No loop reads them any more.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe pthread_sigmask(SIG_SETMASK, &signals, nil)
        sleep(secondsBeforeRestart)
    }

    func end() { manager?.tell(.stopping, .status("stopping")) }

    private func refreshStatus() {
        service.showStanding()
        tellStatus()
        loop.schedule(at: loop.now() + Self.statusInterval) { [weak self] in self?.refreshStatus() }
    }

    private func tellStatus() {
        guard manager != nil else { return }
        let status = service.statusLine
        if status == lastStatus { return }
        lastStatus = status
        manager?.tell(.status(status))
    }

    private func tellAlive() {
        if watchdog != nil { manager?.tell(.alive) }
    }

    private func feedWatchdog() {
        guard manager != nil, let interval = watchdog?.interval else { return }
        loop.schedule(at: loop.now() + interval) { [weak self] in
            guard let self else { return }
            if watchdog?.isAlive(progress: service.progress) ?? false {
                tellAlive()
            } else {
                Log.write(.error, "event: watchdog-starved, problem: The analysis does not advance.")
            }
            feedWatchdog()
        }
    }
}
