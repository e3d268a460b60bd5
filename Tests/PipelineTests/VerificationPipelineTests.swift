import Pipeline
import Platform
import Session
import Testing

@Suite struct VerificationPipelineTests {
    @Test func `the camera is told the exposure that the schedule asks for`() throws {
        let camera = PlayedCamera(Array(repeating: .good, count: 20))
        let mailbox = try Mailbox<VerificationPipeline.Event>(capacity: VerificationPipeline.mailboxCapacity)
        let pipeline = VerificationPipeline(
            camera: camera, time: camera.time, mailbox: mailbox, counters: FrameCounters())
        var lit = AnalysisSchedule.framing(sample: SampleRequest(.lit, attempt: 0))
        lit.exposure = 0.4
        camera.onFrame = { number in
            if number == 10 { pipeline.schedule(.framing(sample: SampleRequest(.second, attempt: 0))) }
        }
        pipeline.schedule(lit)
        let loop = try EventLoop()
        _ = try mailbox.deliver(on: loop) { event in
            if case .capture(.failed) = event { loop.stop() }
        }
        try pipeline.startCapture()
        try loop.run()
        #expect(camera.holds == [0.4, nil])
    }
}
