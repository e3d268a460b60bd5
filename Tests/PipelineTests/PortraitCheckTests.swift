import Cues
import Faces
import Foundation
import Frames
import Pipeline
import Platform
import Ports
import Rendering
import Session
import Simulator
import Support
import Testing

/// The analysis before the first frame.
@Suite(.needsPack) struct PortraitCheckTests {
    private let counters = FrameCounters()
    private let orders = Monitor(AnalysisLoop.Orders())

    /// What the loop tells; dismissed when it has accepted the portrait, if not before.
    private func check(_ portrait: consuming SecureBytes) throws -> [AnalysisLoop.Event] {
        let setup = Analyst.Setup(
            pack: try ModelPack(folder: TestPack.folder), requirements: FramingRequirements(), source: .simulator)
        var events: [AnalysisLoop.Event] = []
        AnalysisLoop(slot: LatestSlot(), orders: orders, counters: counters)
            .run(setup: setup, sealingKey: nil, portrait: portrait) { event in
                events.append(event)
                orders.update { $0.isDismissed = true }
            }
        return events
    }

    private func portrait() throws -> SecureBytes {
        IDPortrait.jpeg(of: CounterSetup(.willing, seed: 1).person, in: try .astronaut(pack: TestPack.folder), seed: 1)
    }

    @Test func `the parts of a portrait check are counted, as a watchdog starves without`() throws {
        #expect(try check(portrait()) == [.referenceAccepted])
        // Two loads, four parts of the check, and one look at the orders.
        #expect(counters.stepCount >= 7)
    }

    @Test func `a portrait check that nobody waits for any more ends before the next part`() throws {
        orders.update { $0.isDismissed = true }
        #expect(try check(portrait()) == [])
        #expect(counters.stepCount <= 4)
    }
}
