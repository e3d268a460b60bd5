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

func door(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: house)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["Support"], swiftSettings: house)
}

// One line per room, in the order of README.md: a room imports only what stands above it.
let package = Package(
    name: "portraitd",
    targets: [
        // C annexes
        .target(name: "CLinux"),
        .target(name: "CV4L2"),
        .target(name: "CV4LConvert", linkerSettings: [.linkedLibrary("v4lconvert")]),
        .target(name: "CGPIOD", linkerSettings: [.linkedLibrary("gpiod")]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        // Ground
        room("Platform", ["CLinux", "CSodium"]),
        room("Frames", ["Platform"]),
        // Meaning
        room("Biometrics", ["Platform"]),
        room("Ports", ["Platform", "Frames", "Biometrics"]),
        // Adapters
        room("V4L2Camera", ["Platform", "Frames", "Ports", "CV4L2", "CV4LConvert"]),
        room("GPIOLights", ["Platform", "Ports", "CGPIOD"]),
        room("Recording", ["Platform", "Frames", "Ports"]),
        // Tests
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        .target(name: "Support", dependencies: ["CAllocationCounter"], path: "Tests/Support", swiftSettings: house),
        tests("PlatformTests", ["Platform"]),
        tests("FramesTests", ["Platform", "Frames"]),
        tests("PortsTests", ["Platform", "Ports"]),
        tests("V4L2CameraTests", ["Platform", "Frames", "Ports", "V4L2Camera"]),
        tests("GPIOLightsTests", ["Platform", "Ports", "GPIOLights"]),
        tests("RecordingTests", ["Platform", "Frames", "Ports", "Recording"]),
    ]
)
