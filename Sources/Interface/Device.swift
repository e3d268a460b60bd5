package import Evidence
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

    package enum HealthLevel: String, Codable, Hashable, Sendable, CaseIterable { case good, degraded, bad }

    package enum HealthReason: String, Codable, Hashable, Sendable, CaseIterable {
        case cameraUnavailable, lightsUnavailable, modelsUnusable, evidenceUnusable, framesStalled, framesLost,
            lastVerificationFailed, diskNearlyFull, memoryNotLocked, maintenance
    }

    package struct Health: Codable, Hashable, Sendable {
        package var level: HealthLevel
        package var reasons: [HealthReason]

        package init(level: HealthLevel, reasons: [HealthReason]) {
            self.level = level
            self.reasons = reasons
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
        package var evidence: Part
        package var framesReceived: Int
        package var framesDropped: Int
        package var verifications: Int
        package var lastFault: PastFault?
        package var simulated: [String]
        package var isMemoryLocked: Bool
        package var health: Health?
        package var maintenanceMilliseconds: Int?

        package init(
            isReady: Bool, isBusy: Bool, version: String, uptimeMilliseconds: Int, camera: Part,
            source: CaptureSource, lights: Part, pack: Part, evidence: Part, framesReceived: Int, framesDropped: Int,
            verifications: Int, lastFault: PastFault?, simulated: [String], isMemoryLocked: Bool,
            health: Health? = nil, maintenanceMilliseconds: Int? = nil
        ) {
            self.isReady = isReady
            self.isBusy = isBusy
            self.version = version
            self.uptimeMilliseconds = uptimeMilliseconds
            self.camera = camera
            self.source = source
            self.lights = lights
            self.pack = pack
            self.evidence = evidence
            self.framesReceived = framesReceived
            self.framesDropped = framesDropped
            self.verifications = verifications
            self.lastFault = lastFault
            self.simulated = simulated
            self.isMemoryLocked = isMemoryLocked
            self.health = health
            self.maintenanceMilliseconds = maintenanceMilliseconds
        }
    }

    package struct PublicKey: Codable, Hashable, Sendable {
        package var kty: String
        package var crv: String
        package var x: String
        package var kid: String

        package init(_ key: JSONWebKey) {
            self.kty = key.kty
            self.crv = key.crv
            self.x = key.x
            self.kid = key.kid
        }
    }

    package struct Model: Codable, Hashable, Sendable {
        package var role: String
        package var digest: String

        package init(role: String, digest: String) {
            self.role = role
            self.digest = digest
        }
    }

    package struct Identity: Codable, Hashable, Sendable {
        package var device: String?
        package var key: PublicKey?
        package var isRehearsal: Bool
        package var version: String
        package var firmware: String
        package var models: String
        package var networks: [Model]

        package init(
            device: String?, key: PublicKey?, isRehearsal: Bool, version: String, firmware: String, models: String,
            networks: [Model]
        ) {
            self.device = device
            self.key = key
            self.isRehearsal = isRehearsal
            self.version = version
            self.firmware = firmware
            self.models = models
            self.networks = networks
        }
    }

    package struct IdentityOutput: Codable, Hashable, Sendable {
        package var identity: Identity

        package init(identity: Identity) { self.identity = identity }
    }

    package enum Content: String, Codable, Sendable, CaseIterable {
        case frames, portrait, templates, networks, messages, keys, simulation, receipts, tries
    }

    package struct Holding: Codable, Hashable, Sendable {
        package var content: Content
        package var byteCount: Int
        package var place: String
        package var until: String

        package init(content: Content, byteCount: Int, place: String, until: String) {
            self.content = content
            self.byteCount = byteCount
            self.place = place
            self.until = until
        }
    }

    package struct HoldingsOutput: Codable, Hashable, Sendable {
        package var holdings: [Holding]

        package init(holdings: [Holding]) { self.holdings = holdings }
    }

    package struct StatusOutput: Codable, Hashable, Sendable {
        package var status: Status

        package init(status: Status) { self.status = status }
    }
}
