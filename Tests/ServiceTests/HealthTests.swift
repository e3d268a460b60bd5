import Interface
import Testing

@testable import Service

@Suite struct HealthTests {
    private static func facts(_ change: (inout HealthFacts) -> Void) -> HealthFacts {
        var facts = HealthFacts()
        change(&facts)
        return facts
    }

    @Test func `a device without troubles does well`() {
        #expect(Device.Health(HealthFacts()) == Device.Health(level: .good, reasons: []))
    }

    @Test(
        arguments: [
            (facts { $0.hasCamera = false }, .bad, .cameraUnavailable),
            (facts { $0.hasLights = false }, .bad, .lightsUnavailable),
            (facts { $0.hasPack = false }, .bad, .modelsUnusable),
            (facts { $0.hasEvidence = false }, .bad, .evidenceUnusable),
            (facts { $0.stream = .init(age: .milliseconds(1001), received: 9, lost: 0) }, .bad, .framesStalled),
            (facts { $0.stream = .init(age: .zero, received: 80, lost: 20) }, .degraded, .framesLost),
            (facts { $0.lastFailed = true }, .degraded, .lastVerificationFailed),
            (facts { $0.freeShare = 0.049 }, .degraded, .diskNearlyFull),
            (facts { $0.isMemoryLocked = false }, .degraded, .memoryNotLocked),
            (facts { $0.isInMaintenance = true }, .degraded, .maintenance),
        ] as [(HealthFacts, Device.HealthLevel, Device.HealthReason)])
    func `each trouble has its level and its word`(
        facts: HealthFacts, level: Device.HealthLevel, reason: Device.HealthReason
    ) {
        #expect(Device.Health(facts) == Device.Health(level: level, reasons: [reason]))
    }

    @Test(
        arguments: [
            facts { $0.stream = .init(age: .milliseconds(999), received: 100, lost: 10) },
            // So few frames say nothing.
            facts { $0.stream = .init(age: .zero, received: 5, lost: 20) },
            facts { $0.freeShare = 0.05 },
        ] as [HealthFacts]) func `what is within bounds is no trouble`(facts: HealthFacts)
    {
        #expect(Device.Health(facts).level == .good)
    }

    @Test func `the worst reason decides, and all are told`() {
        let health = Device.Health(
            Self.facts {
                $0.lastFailed = true
                $0.hasCamera = false
                $0.isMemoryLocked = false
            })
        let reasons: [Device.HealthReason] = [.cameraUnavailable, .lastVerificationFailed, .memoryNotLocked]
        #expect(health == Device.Health(level: .bad, reasons: reasons))
    }
}
