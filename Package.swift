// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: house)
}

/// A room with loops over pixels, too slow for tests when it is built without optimisation.
func pixelRoom(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    let optimised = SwiftSetting.unsafeFlags(["-O"], .when(configuration: .debug))
    return .target(name: name, dependencies: dependencies, swiftSettings: house + [optimised])
}

func door(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: house)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["Support"], swiftSettings: house)
}

/// Tests that draw pictures pixel by pixel.
func pixelTests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    let optimised = SwiftSetting.unsafeFlags(["-O"], .when(configuration: .debug))
    return .testTarget(name: name, dependencies: dependencies + ["Support"], swiftSettings: house + [optimised])
}

// A room imports only what stands above it in README.md.
let package = Package(
    name: "portraitd",
    targets: [
        // C annexes
        .target(name: "CLinux", linkerSettings: [.linkedLibrary("seccomp")]),
        .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
        .target(name: "CV4L2"),
        .target(name: "CV4LConvert", linkerSettings: [.linkedLibrary("v4lconvert")]),
        .target(name: "CGPIOD", linkerSettings: [.linkedLibrary("gpiod")]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CXNNPACK", providers: [.apt(["libxnnpack-dev", "libpthreadpool-dev"])]),
        // Ground
        room("Platform", ["CLinux", "CSodium"]),
        room("Frames", ["Platform"]),
        // Meaning
        room("Biometrics", ["Platform"]),
        room("Ports", ["Platform", "Frames", "Biometrics"]),
        room("Settings", ["Platform", "Ports"]),
        room("Varlink", ["Platform"]),
        // Compute
        pixelRoom("Imaging", ["Platform", "Frames", "Biometrics", "CJPEG"]),
        room("Inference", ["Platform", "CXNNPACK"]),
        pixelRoom("Faces", ["Platform", "Frames", "Biometrics", "Ports", "Imaging", "Inference"]),
        pixelRoom("Rendering", ["Platform", "Biometrics", "Ports", "Imaging"]),
        pixelRoom("Presentations", ["Platform", "Biometrics", "Ports", "Imaging", "Rendering"]),
        room("Cues", ["Platform", "Biometrics", "Ports"]),
        pixelRoom("Traces", ["Platform", "Frames", "Biometrics", "Ports", "Imaging", "Cues"]),
        room("Liveness", ["Platform", "Biometrics", "Ports"]),
        room("Session", ["Platform", "Biometrics", "Ports", "Cues", "Liveness"]),
        room("Evaluation", ["Platform", "Biometrics", "Liveness"]),
        // Adapters
        room("V4L2Camera", ["Platform", "Frames", "Ports", "Settings", "CV4L2", "CV4LConvert"]),
        room("GPIOLights", ["Platform", "Ports", "Settings", "CGPIOD"]),
        room("Recording", ["Platform", "Frames", "Ports"]),
        pixelRoom(
            "Simulator",
            ["Platform", "Frames", "Biometrics", "Ports", "Settings", "Imaging", "Rendering", "Presentations"]),
        // Assembly
        room("Evidence", ["Platform", "Ports"]),
        room(
            "Pipeline",
            ["Platform", "Frames", "Biometrics", "Ports", "Imaging", "Faces", "Cues", "Traces", "Liveness", "Session"]),
        room(
            "Interface", ["Platform", "Ports", "Biometrics", "Liveness", "Session", "Varlink", "Evidence"],
            resources: [
                .embedInCode("io.portraitd.Counter.varlink"), .embedInCode("io.portraitd.Device.varlink"),
                .embedInCode("io.portraitd.Service.varlink"),
            ]),
        room("Configuration", ["Platform", "Ports", "Liveness", "Session", "Settings", "Evidence"]),
        room(
            "Workshop",
            [
                "Platform", "Biometrics", "Ports", "Varlink", "Faces", "Cues", "Session", "Evidence", "Pipeline",
                "Interface",
            ]),
        room(
            "Service",
            [
                "Platform", "Biometrics", "Ports", "Varlink", "Faces", "Cues", "Liveness", "Session", "Evidence",
                "Pipeline", "Interface", "Configuration", "Workshop",
            ]),
        pixelRoom(
            "Trials",
            [
                "Platform", "Frames", "Biometrics", "Ports", "Rendering", "Presentations", "Faces", "Cues", "Liveness",
                "Session", "Simulator", "Pipeline",
            ]),
        // Doors
        door(
            "portraitd",
            [
                "Platform", "Frames", "Ports", "Varlink", "Faces", "V4L2Camera", "GPIOLights", "Recording",
                "Rendering", "Simulator", "Settings", "Evidence", "Configuration", "Interface", "Workshop",
                "Service",
            ]),
        door("portraitctl", ["Platform", "Ports", "Session", "Varlink", "Evidence", "Interface"]),
        door(
            "portraitlab",
            [
                "Platform", "Frames", "Biometrics", "Ports", "Settings", "Varlink", "Imaging", "Rendering",
                "Presentations", "Faces", "Cues", "Traces", "Liveness", "Session", "Evaluation", "Recording",
                "Simulator", "Evidence", "Pipeline", "Interface", "Configuration", "Workshop", "Service", "Trials",
                "CAllocationCounter",
            ]),
        // Tests
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        .target(
            name: "Support", dependencies: ["CAllocationCounter", "Platform", "Biometrics", "Rendering"],
            path: "Tests/Support",
            swiftSettings: house),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Platform", "Frames", "Biometrics", "Ports", "Varlink", "Imaging", "Inference", "Faces", "V4L2Camera",
                "Recording", "Interface", "Settings", "Evidence", "Configuration", "Service", "Support",
            ],
            path: "Tests/Fuzz/Targets",
            swiftSettings: house),
        tests("ArchitectureTests", ["Trials"]),
        tests("PlatformTests", ["Platform"]),
        tests("FramesTests", ["Platform", "Frames"]),
        tests("BiometricsTests", ["Biometrics"]),
        tests("ImagingTests", ["Platform", "Frames", "Biometrics", "Imaging"]),
        tests("InferenceTests", ["Platform", "Inference"]),
        tests(
            "FacesTests",
            ["Platform", "Frames", "Biometrics", "Ports", "Imaging", "Rendering", "Inference", "Faces"]),
        tests("EvaluationTests", ["Platform", "Biometrics", "Liveness", "Evaluation"]),
        tests("VarlinkTests", ["Platform", "Varlink"]),
        tests("InterfaceTests", ["Ports", "Biometrics", "Liveness", "Session", "Varlink", "Evidence", "Interface"]),
        tests("LivenessTests", ["Platform", "Biometrics", "Ports", "Liveness"]),
        tests("SettingsTests", ["Ports", "Settings"]),
        tests("EvidenceTests", ["Platform", "Ports", "Evidence"]),
        tests(
            "ConfigurationTests", ["Platform", "Ports", "Liveness", "Session", "Settings", "Evidence", "Configuration"]),
        tests("SessionTests", ["Platform", "Biometrics", "Ports", "Cues", "Liveness", "Session"]),
        tests(
            "EndToEndTests",
            [
                "Platform", "Frames", "Ports", "Settings", "Rendering", "Presentations", "Faces", "Session",
                "Simulator", "Varlink", "Evidence", "Interface", "Configuration", "Workshop", "Service",
            ]),
        tests(
            "PipelineTests",
            [
                "Platform", "Frames", "Biometrics", "Ports", "Rendering", "Presentations", "Faces", "Cues", "Session",
                "Simulator", "Pipeline",
            ]),
        tests(
            "ServiceTests",
            [
                "Platform", "Ports", "Faces", "Simulator", "Varlink", "Evidence", "Interface", "Configuration",
                "Workshop", "Service",
            ]),
        tests(
            "WorkshopTests",
            [
                "Platform", "Frames", "Biometrics", "Ports", "Imaging", "Rendering", "Faces", "Simulator", "Pipeline",
                "Cues", "Evidence", "Interface", "Workshop",
            ]),
        tests("CuesTests", ["Platform", "Biometrics", "Ports", "Cues"]),
        pixelTests(
            "TracesTests", ["Platform", "Frames", "Biometrics", "Ports", "Imaging", "Cues", "Traces", "Liveness"]),
        tests("FuzzTests", ["FuzzTargets"]),
        tests("PortsTests", ["Platform", "Ports"]),
        tests("V4L2CameraTests", ["Platform", "Frames", "Ports", "Settings", "V4L2Camera"]),
        tests("GPIOLightsTests", ["Platform", "Ports", "Settings", "GPIOLights"]),
        tests("RecordingTests", ["Platform", "Frames", "Ports", "Recording"]),
        tests("RenderingTests", ["Platform", "Biometrics", "Ports", "Imaging", "Rendering"]),
        tests(
            "PresentationsTests",
            ["Platform", "Frames", "Biometrics", "Ports", "Imaging", "Rendering", "Presentations", "Simulator"]),
        tests(
            "SimulatorTests",
            [
                "Platform", "Frames", "Biometrics", "Ports", "Settings", "Imaging", "Rendering", "Presentations",
                "Simulator",
            ]),
    ]
)

// The fuzzers are built by device/fuzz alone: libFuzzer brings a main of its own.
if Context.environment["PORTRAITD_FUZZ"] != nil {
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .executableTarget(
            name: "portraitfuzz", dependencies: ["CFuzzer", "FuzzTargets", "Platform"], path: "Tests/Fuzz/Driver",
            swiftSettings: house),
    ]
}
