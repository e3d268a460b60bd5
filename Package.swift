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
        .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        // Ground
        room("Platform", ["CLinux", "CSodium"]),
        room("Frames", ["Platform"]),
        // Meaning
        room("Biometrics", ["Platform"]),
        room("Ports", ["Platform", "Frames", "Biometrics"]),
        // Compute
        room("Imaging", ["Platform", "Frames", "Biometrics", "CJPEG"]),
        room("Rendering", ["Platform", "Biometrics", "Ports", "Imaging"]),
        room("Liveness", ["Platform", "Biometrics", "Ports"]),
        room("Session", ["Platform", "Biometrics", "Ports", "Liveness"]),
        // Adapters
        room("Simulator", ["Platform", "Frames", "Biometrics", "Ports", "Imaging", "Rendering"]),
        // Tests
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        .target(
            name: "Support", dependencies: ["CAllocationCounter", "Platform", "Biometrics", "Rendering"],
            path: "Tests/Support",
            swiftSettings: house),
        tests("ArchitectureTests", []),
        tests("PlatformTests", ["Platform"]),
        tests("FramesTests", ["Platform", "Frames"]),
        tests("ImagingTests", ["Platform", "Frames", "Biometrics", "Imaging"]),
        tests("RenderingTests", ["Platform", "Biometrics", "Ports", "Imaging", "Rendering"]),
        tests("LivenessTests", ["Platform", "Biometrics", "Ports", "Liveness"]),
        tests("SessionTests", ["Platform", "Biometrics", "Ports", "Liveness", "Session"]),
        tests("SimulatorTests", ["Platform", "Frames", "Biometrics", "Ports", "Imaging", "Rendering", "Simulator"]),
    ]
)
