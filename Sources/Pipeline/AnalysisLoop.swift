import Biometrics
package import Cues
package import Faces
package import Frames
package import Platform
package import Session

/// Reads the newest frame, again and again, on the thread that calls `run`.
package struct AnalysisLoop: ~Copyable {
    /// What the loop tells the verification.
    package enum Event: Hashable, Sendable {
        case referenceAccepted
        case referenceRefused(ReferenceFault)
        case packFailed(PackFault)
        case observed(FrameReading)
        /// With the probe's template when it may leave, sealed for the operator.
        case compared(ProbeDecisions, sealedTemplate: [UInt8]?)
    }

    /// What the verification tells the loop.
    package struct Orders: Sendable {
        package var schedule = AnalysisSchedule(eyes: .none, sample: nil)
        /// Set when the samples are to be compared: by when the illuminators changed in each pattern.
        package var comparison: [[LightSwitch]]?
        package var isDismissed = false

        package init() {}
    }

    /// How long an order may wait when no frame comes.
    private static let patience = Duration.milliseconds(20)

    private let slot: LatestSlot<FrameLease>
    private let orders: Monitor<Orders>
    private let counters: FrameCounters

    package init(slot: LatestSlot<FrameLease>, orders: Monitor<Orders>, counters: FrameCounters) {
        self.slot = slot
        self.orders = orders
        self.counters = counters
    }

    /// Checks the portrait, then serves, until dismissed; everything seen is zeroed when it returns.
    package func run(
        setup: Analyst.Setup, sealingKey: SealingKey?, portrait: consuming SecureBytes,
        report: (Event) -> Void
    ) {
        do throws(PackFault) {
            var analyst = try Analyst(setup, onStep: counters.countStep)
            returnFreeMemory()
            guard accept(portrait, &analyst, report) else { return }
            serve(&analyst, sealingKey, report)
        } catch {
            report(.packFailed(error))
        }
    }

    private func accept(_ portrait: consuming SecureBytes, _ analyst: inout Analyst, _ report: (Event) -> Void) -> Bool
    {
        do throws(ReferenceFault) {
            try portrait.withBytes { bytes throws(ReferenceFault) in
                try analyst.accept(bytes) { goesOn() }
            }
        } catch {
            if goesOn() { report(.referenceRefused(error)) }
            return false
        }
        report(.referenceAccepted)
        return true
    }

    /// Counts a step, and tells whether another is wanted.
    private func goesOn() -> Bool {
        counters.countStep()
        return orders.update { !$0.isDismissed }
    }

    private func serve(_ analyst: inout Analyst, _ sealingKey: SealingKey?, _ report: (Event) -> Void) {
        while true {
            counters.countStep()
            let frame = slot.take(within: Self.patience)
            let current = orders.update { orders in
                defer { orders.comparison = nil }
                return orders
            }
            if current.isDismissed { return }
            if let lightRuns = current.comparison {
                let template: [UInt8]? = if let sealingKey { analyst.sealedTemplate(for: sealingKey) } else { nil }
                report(.compared(analyst.compare(lightRuns), sealedTemplate: template))
            }
            guard let frame else {
                // A closed slot answers at once: wait for orders instead of asking again.
                if slot.isClosed { waitForOrders() }
                continue
            }
            let time = frame.timestamp
            do {
                let reading = try analyst.observe(frame, current.schedule)
                counters.countRead(true, of: time)
                report(.observed(reading))
            } catch {
                counters.countRead(false, of: time)
            }
        }
    }

    private func waitForOrders() {
        _ = orders.wait(within: Self.patience) { $0.isDismissed || $0.comparison != nil ? true : nil }
    }
}
