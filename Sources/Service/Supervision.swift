import Interface
import Pipeline
import Workshop

/// What whoever watches over the service is told.
extension CounterService {
    /// Grows as long as the running analysis advances; `nil` while none runs.
    package var progress: Int? { current?.isAnalysing ?? false ? counters.stepCount : nil }

    /// In one line what `GetStatus` says.
    package var statusLine: String {
        let status = status()
        if status.isBusy { return "verifying" }
        if status.isReady { return "ready" }
        if maintenance.isOn { return "in maintenance" }
        let problems = [status.camera, status.lights, status.pack, status.evidence].compactMap(\.problem)
        return "not ready: " + problems.joined(separator: " ")
    }
}
