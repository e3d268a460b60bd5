import Configuration
import Evidence
import Faces
package import Interface
import Pipeline
import Platform
import Ports
import Session
import Varlink
import Workshop

/// What the device tells about itself.
extension CounterService {
    package func status() -> Device.Status {
        let now = equipment.time.now()
        // A camera that is on is there; asking it again could disturb it.
        let camera = Device.Part(
            name: equipment.camera.name,
            fault: current == nil && !maintenance.isWorking ? cameraInquiry.fault() : nil)
        let lights = Device.Part(name: "lights", fault: fault { try equipment.lights.check() })
        let pack = Device.Part(
            name: (try? equipment.pack.get().name) ?? "pack", fault: fault { _ = try equipment.pack.get() })
        // Nor is the loop to wait for a log that is being written.
        let logFault =
            isRecording ? nil : fault { try equipment.evidence.get().prepare(for: equipment.logSource) }
        let evidence = Device.Part(name: "evidence", fault: logFault ?? configuration.sealingKeyFaults.first)
        let health = Device.Health(
            HealthFacts(
                hasCamera: camera.isReady, hasLights: lights.isReady, hasPack: pack.isReady,
                hasEvidence: evidence.isReady, stream: stream(at: now), lastFailed: lastFailed,
                isMemoryLocked: isMemoryLocked, freeShare: freeShare,
                isInMaintenance: maintenance.isOn))
        return Device.Status(
            isReady: camera.isReady && lights.isReady && pack.isReady && evidence.isReady && !maintenance.isOn,
            isBusy: current != nil,
            version: Self.version, uptimeMilliseconds: Int((now - startedAt).milliseconds), camera: camera,
            source: equipment.camera.source, lights: lights, pack: pack, evidence: evidence,
            framesReceived: counters.receivedCount, framesDropped: counters.droppedCount,
            verifications: verificationCount,
            lastFault: lastFault.map {
                Device.PastFault(
                    problem: $0.fault.problem, remedy: $0.fault.remedy,
                    ageMilliseconds: Int((now - $0.time).milliseconds))
            },
            simulated: equipment.simulated, isMemoryLocked: isMemoryLocked, health: health,
            maintenanceMilliseconds: maintenance.remaining.map { Int($0.milliseconds) })
    }

    private var isMemoryLocked: Bool { SecureMemory.unlockedBlockCount == 0 }

    private var freeShare: Double? {
        guard let path = try? equipment.evidence.get().path else { return nil }
        return (try? DiskSpace(holding: path))?.freeShare
    }

    private func stream(at now: Timestamp) -> HealthFacts.Stream? {
        guard current?.isCapturing ?? false, let last = counters.lastReadTime else { return nil }
        return HealthFacts.Stream(age: now - last, received: counters.runReceivedCount, lost: counters.runLostCount)
    }

    private func fault(_ body: () throws -> Void) -> (any Fault)? {
        do { try body() } catch { return error as? any Fault }
        return nil
    }

    private func identity() -> Device.Identity {
        let source = equipment.logSource
        let keeper = try? equipment.evidence.get()
        let pack = try? equipment.pack.get()
        return Device.Identity(
            device: keeper?.device,
            key: (try? keeper?.publicKey(for: source)).flatMap { $0 }.map { Device.PublicKey(JSONWebKey($0)) },
            isRehearsal: Book(for: source) == .rehearsal, version: Self.version,
            firmware: equipment.firmware().map { Base64URL.string($0.bytes) } ?? "",
            models: pack.map { Base64URL.string($0.digest.bytes) } ?? "",
            networks: (pack?.models ?? []).map {
                Device.Model(role: $0.role.rawValue, digest: Base64URL.string($0.digest.bytes))
            })
    }

    /// Answers a call that reads the log or writes to it.
    func answerWithLog(_ call: Call) {
        switch call.method {
        case "\(InterfaceTexts.device).GetIdentity":
            call.reply(WireCoding.encode(Device.IdentityOutput(identity: identity())))
        case "\(InterfaceTexts.device).GetHoldings":
            call.reply(WireCoding.encode(Device.HoldingsOutput(holdings: holdings())))
        case "\(InterfaceTexts.service).ReadLog": readLog(call)
        default: if !workshop.answer(call) { call.failMethodNotImplemented() }
        }
    }

    private func readLog(_ call: Call) {
        do {
            let input = try WireCoding.decode(Technician.ReadLogInput.self, from: call.parameters)
            let folder = try equipment.evidence.get().extent(for: equipment.logSource).path
            let page = try LogPage(folder: folder, cursor: input.cursor)
            call.reply(WireCoding.encode(Technician.ReadLogOutput(records: page.records, cursor: page.cursor)))
        } catch let refusal as WireCoding.InvalidParameter {
            call.failInvalidParameter(refusal.name)
        } catch let fault as EvidenceFault {
            call.fail(.logUnreadable(fault))
        } catch {
            call.failInvalidParameter("cursor")
        }
    }

    /// Counted at this moment, the memory that the answer itself needs apart.
    private func holdings() -> [Device.Holding] {
        var holdings: [Device.Holding] = []
        for content in SecureMemory.Content.allCases {
            let count = SecureMemory.byteCount(of: content)
            if count == 0 { continue }
            holdings.append(
                Device.Holding(
                    content: Device.Content(content), byteCount: count,
                    place: isMemoryLocked ? "locked memory" : "memory that is not locked",
                    until: Self.end(of: content)))
        }
        guard let keeper = try? equipment.evidence.get() else { return holdings }
        if let key = keeper.keyFile {
            holdings.append(
                Device.Holding(
                    content: .keys, byteCount: key.byteCount, place: key.path, until: "the device is decommissioned"))
        }
        if let log = try? keeper.extent(for: equipment.logSource) {
            let days = configuration.log.retention.components.seconds / 86_400
            holdings.append(
                Device.Holding(
                    content: .receipts, byteCount: log.byteCount, place: log.path,
                    until: "\(days) days old, or \(configuration.log.byteCount >> 20) MiB of newer ones"))
        }
        for log in (try? keeper.earlierLogs()) ?? [] {
            holdings.append(
                Device.Holding(
                    content: .receipts, byteCount: log.byteCount, place: log.path, until: "somebody removes it"))
        }
        if let tries = try? keeper.keptTries() {
            holdings.append(
                Device.Holding(
                    content: .tries, byteCount: tries.count, place: "\(keeper.path)/tries",
                    until: "\(NonceMemory.capacity) newer nonces, \(TryLimiter.verifiedCapacity) newer transactions"))
        }
        return holdings
    }

    private static func end(of content: SecureMemory.Content) -> String {
        switch content {
        case .frames, .portrait, .templates, .networks: "the verification or the technician's command ends"
        case .messages: "the client's connection closes; a few buffers, zeroed, until portraitd stops"
        case .keys, .simulation: "portraitd stops"
        }
    }
}

extension Device.Content {
    fileprivate init(_ content: SecureMemory.Content) {
        switch content {
        case .frames: self = .frames
        case .portrait: self = .portrait
        case .templates: self = .templates
        case .networks: self = .networks
        case .messages: self = .messages
        case .keys: self = .keys
        case .simulation: self = .simulation
        }
    }
}
