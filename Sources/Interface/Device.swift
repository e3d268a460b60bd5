package import Ports

/// The types of `io.portraitd.Device`, as Codable values.
package enum Device {
    package struct Part: Codable, Hashable, Sendable {
        package var name: String
        package var isReady: Bool
        package var problem: String?
        package var remedy: String?

        /// A part that is ready, or that has `fault`.
        package init(name: String, fault: (any Fault)?) {
            self.name = name
            self.isReady = fault == nil
            self.problem = fault?.problem
            self.remedy = fault?.remedy
        }
    }

    package struct PastFault: Codable, Hashable, Sendable {
        package var problem: String
        package var remedy: String
        package var ageMilliseconds: Int

        package init(problem: String, remedy: String, ageMilliseconds: Int) {
            self.problem = problem
            self.remedy = remedy
            self.ageMilliseconds = ageMilliseconds
        }
    }

    package struct Status: Codable, Hashable, Sendable {
        package var isReady: Bool
        package var isBusy: Bool
        package var version: String
        package var uptimeMilliseconds: Int
        package var camera: Part
        package var source: CaptureSource
        package var lights: Part
        package var pack: Part
        package var framesReceived: Int
        package var framesDropped: Int
        package var verifications: Int
        package var lastFault: PastFault?
        package var simulated: [String]
        package var isMemoryLocked: Bool

        package init(
            isReady: Bool, isBusy: Bool, version: String, uptimeMilliseconds: Int, camera: Part,
            source: CaptureSource, lights: Part, pack: Part, framesReceived: Int, framesDropped: Int,
            verifications: Int, lastFault: PastFault?, simulated: [String], isMemoryLocked: Bool
        ) {
            self.isReady = isReady
            self.isBusy = isBusy
            self.version = version
            self.uptimeMilliseconds = uptimeMilliseconds
            self.camera = camera
            self.source = source
            self.lights = lights
            self.pack = pack
            self.framesReceived = framesReceived
            self.framesDropped = framesDropped
            self.verifications = verifications
            self.lastFault = lastFault
            self.simulated = simulated
            self.isMemoryLocked = isMemoryLocked
        }
    }

    package struct StatusOutput: Codable, Hashable, Sendable {
        package var status: Status

        package init(status: Status) { self.status = status }
    }
}
