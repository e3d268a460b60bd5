import Platform
import Testing

@testable import Workshop

private final class NotedWork: TechnicianWork {
    private(set) var isStopped = false
    func stop() { isStopped = true }
}

@Suite struct MaintenanceTests {
    private let time: HandLoop
    private let maintenance: Maintenance

    init() throws {
        time = try HandLoop()
        maintenance = Maintenance(loop: time.loop)
    }

    @Test func `it ends by itself ten minutes after it was begun last`() throws {
        var changes: [Bool] = []
        maintenance.onChange = { changes.append($0) }
        maintenance.begin()
        try time.move(to: 300_000)
        #expect(maintenance.remaining == .seconds(300))
        maintenance.begin()
        try time.move(to: 899_999)
        #expect(maintenance.isOn && changes == [true])
        try time.move(to: 900_000)
        #expect(!maintenance.isOn && maintenance.remaining == nil && changes == [true, false])
    }

    @Test func `work ends with it`() {
        let work = NotedWork()
        maintenance.begin()
        maintenance.begin(work)
        maintenance.finish()
        #expect(work.isStopped)
    }

    @Test func `ending what has ended changes nothing`() {
        var changes = 0
        maintenance.onChange = { _ in changes += 1 }
        maintenance.finish()
        #expect(changes == 0)
    }
}
