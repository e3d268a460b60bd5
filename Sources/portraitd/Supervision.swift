import Glibc
import Platform
import Service

/// Keeps the service manager informed, when one started this process.
///
/// Thread-bound to the loop.
final class Supervision {
    /// Disk, key and models may change without a sign.
    private static let statusInterval = Duration.seconds(30)

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
    }

    /// The sockets answer.
    func begin() {
        manager?.tell(.ready, .alive)
        refreshStatus()
        feedWatchdog()
    }

    /// Around a change of the configuration.
    func reload(_ body: () -> Void) {
        manager?.tell(.reloading(at: .now()))
        body()
        manager?.tell(.ready)
        tellStatus()
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

    private func feedWatchdog() {
        guard manager != nil, let interval = watchdog?.interval else { return }
        loop.schedule(at: loop.now() + interval) { [weak self] in
            guard let self else { return }
            if watchdog?.isAlive(progress: service.progress) ?? false {
                manager?.tell(.alive)
            } else {
                Log.write(.error, "event: watchdog-starved, problem: The analysis does not advance.")
            }
            feedWatchdog()
        }
    }
}
