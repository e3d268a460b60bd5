package import Evidence
package import Faces
package import Platform
package import Ports

/// What a counter is made of: everything outside that the service uses.
package struct Equipment: Sendable {
    package var camera: any Camera
    package var lights: any Lights
    /// Limited to the indicators that the lights have.
    package var signals = SignalPatterns([:])
    /// What a technician can do with the camera; `nil` when it is no device on a cable.
    package var bench: (any CameraBench)?
    /// Tells when camera or lights may have come or gone; `nil` when they cannot.
    package var watch: (any DeviceWatch)?
    /// Shown to a simulated person what a POS shows to a real one; `nil` on a real counter.
    package var prompts: (any Prompts)?
    package var time: any TimeSource
    package var randomness: any Randomness = KernelRandomness()
    package var pack: Result<ModelPack, PackFault>
    package var evidence: Result<EvidenceKeeper, EvidenceFault>
    /// SHA-256 of this program.
    package var firmware: @Sendable () -> Digest?
    /// Parts that are not real, by name.
    package var simulated: [String]

    package init(
        camera: any Camera, lights: any Lights, prompts: (any Prompts)? = nil, time: any TimeSource,
        pack: Result<ModelPack, PackFault>, evidence: Result<EvidenceKeeper, EvidenceFault>,
        firmware: @escaping @Sendable () -> Digest?, simulated: [String]
    ) {
        self.camera = camera
        self.lights = lights
        self.prompts = prompts
        self.time = time
        self.pack = pack
        self.evidence = evidence
        self.firmware = firmware
        self.simulated = simulated
    }

    /// Whose log tells of the device: the camera's also before that was met, once the device has a name.
    package var logSource: CaptureSource {
        if let bench, bench.provenSource == nil, let keeper = try? evidence.get(), keeper.device != nil {
            return .camera
        }
        return camera.source
    }
}

/// Stands for the lights of a device whose board profile names none.
package struct NoLights: Lights {
    package init() {}
    package var fixtures: LightState { .dark }
    package func check() throws(LightsFault) {}
    package func show(_ state: LightState) throws(LightsFault) {}
}
