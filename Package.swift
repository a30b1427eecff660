// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

let package = Package(
    name: "runner",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    // Dependencies only go down this list: see docs/architecture.md.
    targets: [
        .executableTarget(name: "runner", dependencies: ["RunnerCommands", "CLinux"], swiftSettings: settings),
        .target(
            name: "RunnerCommands",
            dependencies: [
                "RunnerEngine", "RunnerExecution", "RunnerStore", "PipelineSyntax", "RunnerCore", "Git", "CLinux",
                arguments, system,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "RunnerEngine",
            dependencies: [
                "RunnerExecution", "RunnerStore", "PipelineSyntax", "RunnerCore", "Git", "CLinux", system,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "RunnerExecution",
            dependencies: ["RunnerStore", "RunnerCore", "Git", "CLinux", system, crypto],
            swiftSettings: settings
        ),
        .target(
            name: "RunnerStore",
            dependencies: ["RunnerCore", "Git", "CLinux", system, crypto],
            swiftSettings: settings
        ),
        .target(name: "PipelineSyntax", dependencies: ["RunnerCore", "Yams"], swiftSettings: settings),
        .target(name: "RunnerCore", dependencies: ["Git"], swiftSettings: settings),
        .target(name: "Git", dependencies: ["CLibgit2", "CLinux", system], swiftSettings: settings),
        .systemLibrary(name: "CLibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        .target(name: "CLinux"),

        .testTarget(name: "RunnerCoreTests", dependencies: ["RunnerCore"], swiftSettings: settings),
        .testTarget(
            name: "PipelineSyntaxTests",
            dependencies: ["PipelineSyntax", "RunnerCore"],
            swiftSettings: settings
        ),
        .testTarget(name: "GitTests", dependencies: ["Git", system], swiftSettings: settings),
        .testTarget(
            name: "RunnerExecutionTests",
            dependencies: ["RunnerExecution", "RunnerStore", "RunnerCore", "Git", "CLinux", system],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RunnerStoreTests",
            dependencies: ["RunnerStore", "RunnerCore", "Git", "CLinux", system],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RunnerTests",
            dependencies: [
                "RunnerCommands", "RunnerEngine", "RunnerStore", "RunnerCore", "Git", "CLinux", system,
            ],
            exclude: ["Scenarios/fixtures"],
            swiftSettings: settings
        ),
    ]
)
