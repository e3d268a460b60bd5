import Frames
import Pipeline
import Ports
import Testing

@Suite struct CaptureLoopTests {
    private func ending(of camera: PlayedCamera) -> CaptureLoop.Event? {
        let loop = CaptureLoop(
            camera: camera, time: camera.time, slot: LatestSlot(), counters: FrameCounters(), orders: CaptureOrders())
        var last: CaptureLoop.Event?
        loop.run { last = $0 }
        return last
    }

    @Test(arguments: [PlayedCamera.Step.broken, .old])
    func `a camera that delivers nothing of use has stalled`(step: PlayedCamera.Step) {
        let camera = PlayedCamera([.good] + Array(repeating: step, count: 200))
        #expect(ending(of: camera) == .failed(.stalled(name: "played", after: .seconds(2))))
        #expect(camera.deliveredCount == 62 && !camera.isOn)
    }

    @Test func `the camera is told once for how long and at what share the exposure is held`() {
        let camera = PlayedCamera(Array(repeating: .good, count: 20))
        let orders = CaptureOrders()
        camera.onFrame = { number in
            if number == 5 || number == 7 { orders.exposure = 0.4 }
            if number == 10 { orders.exposure = nil }
            if number == 15 { orders.exposure = 1 }
        }
        CaptureLoop(camera: camera, time: camera.time, slot: LatestSlot(), counters: FrameCounters(), orders: orders)
            .run { _ in }
        #expect(camera.holds == [0.4, nil, 1])
    }

    @Test func `a good frame now and then is enough`() {
        let steps = (0..<300).map { $0 % 50 == 0 ? PlayedCamera.Step.good : .broken }
        #expect(ending(of: PlayedCamera(steps)) == .failed(.unplugged(name: "played")))
    }

    @Test func `a broken frame is none that was lost`() {
        let camera = PlayedCamera([.good, .broken, .good, .broken, .lost, .broken, .good, .lost, .lost, .good])
        let counters = FrameCounters()
        CaptureLoop(
            camera: camera, time: camera.time, slot: LatestSlot(), counters: counters, orders: CaptureOrders()
        ).run { _ in }
        #expect(counters.runReceivedCount == 4 && counters.runLostCount == 3)
    }
}
