import Evidence
import Interface
import Platform
import Ports
import Varlink

/// The time in which a technician works on the device, and nobody is verified.
///
/// Thread-bound to the loop.
package final class Maintenance {
    /// After which it ends by itself.
    static let limit = Duration.seconds(600)

    private let loop: EventLoop
    /// Called when it began and when it ended.
    var onChange: (_ isOn: Bool) -> Void = { _ in }
    /// What the technician has the device do now; ends with the maintenance.
    private(set) var work: (any TechnicianWork)?
    private var end: (time: Timestamp, timer: EventLoop.Timer)?
    /// Whose leaving ends it.
    private var holder: Call?

    init(loop: EventLoop) { self.loop = loop }

    package var isOn: Bool { end != nil }
    /// Whether a technician's command has camera and lights.
    package var isWorking: Bool { work != nil }

    /// `nil` while there is none.
    package var remaining: Duration? { end.map { max($0.time - loop.now(), .zero) } }

    /// Begins, or begins to count anew.
    ///
    /// What `holder` began ends with its connection, unless somebody begins anew who holds nothing; it is told the end.
    func begin(for holder: Call? = nil) {
        let wasOn = isOn
        if let end { loop.cancel(end.timer) }
        let time = loop.now() + Self.limit
        end = (time, loop.schedule(at: time) { [weak self] in self?.finish() })
        if wasOn {
            if holder == nil { self.holder?.onHangUp = nil }
            return
        }
        self.holder = holder
        holder?.onHangUp = { [weak self] in self?.finish() }
        onChange(true)
    }

    package func finish() {
        guard let end else { return }
        loop.cancel(end.timer)
        self.end = nil
        holder?.reply(Technician.MaintenanceOutput(remainingMilliseconds: nil))
        holder = nil
        work?.stop()
        onChange(false)
    }

    /// Takes on work, which leaves by `workEnded`.
    func begin(_ work: any TechnicianWork) { self.work = work }

    func workEnded() { work = nil }
}

/// Something that the device does for a technician for a while.
protocol TechnicianWork: AnyObject {
    /// Ends it, and tells the caller.
    func stop()
}

extension WireError {
    static let maintenanceEnded = notPossible(
        problem: "The maintenance has ended.", remedy: "Begin it again: portraitctl maintenance on.")
    static let verificationRuns = notPossible(
        problem: "A verification is running.", remedy: "Wait until it has ended.")
}
