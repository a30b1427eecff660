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
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let database: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
// What the HTTP client and the server are made of: their types stand in calls, so they are declared, too.
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]
let client: [Target.Dependency] = [.product(name: "AsyncHTTPClient", package: "async-http-client")] + nio
let web: [Target.Dependency] =
    [
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
    ] + nio

let package = Package(
    name: "runner",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    // Dependencies only go down this list: see docs/architecture.md.
    targets: [
        .executableTarget(name: "runner", dependencies: ["RunnerCommands", "CLinux"], swiftSettings: settings),
        .target(
            name: "RunnerCommands",
            dependencies: [
                "RunnerDaemon", "RunnerWeb", "RunnerAPI", "RunnerEngine", "RunnerExecution", "RunnerStore",
                "PipelineSyntax",
                "RunnerCore", "Git", "CLinux", arguments, logging, system,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "RunnerDaemon",
            dependencies: [
                "RunnerWeb", "RunnerEngine", "RunnerExecution", "RunnerStore", "PipelineSyntax", "RunnerAPI",
                "RunnerCore", "Git", "CLinux", lifecycle, logging, metrics, signals, system,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "RunnerWeb",
            dependencies: [
                "RunnerEngine", "Deployments", "RunnerStore", "RunnerAPI", "RunnerCore", "Git", "CLinux", crypto,
                lifecycle, logging,
                metrics, system,
            ] + web,
            swiftSettings: settings
        ),
        .target(
            name: "RunnerEngine",
            dependencies: [
                "Deployments", "RunnerExecution", "RunnerStore", "PipelineSyntax", "RunnerCore", "Git", "CLinux",
                lifecycle, logging, metrics, system,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Deployments",
            dependencies: [
                "RunnerExecution", "RunnerStore", "RunnerCore", "Git", "CLinux", crypto, system,
            ] + client,
            swiftSettings: settings
        ),
        .target(
            name: "RunnerExecution",
            dependencies: ["BuildCache", "RunnerStore", "RunnerCore", "Git", "CLinux", system, crypto],
            swiftSettings: settings
        ),
        .target(
            name: "BuildCache",
            dependencies: [
                "RunnerStore", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "RunnerStore",
            dependencies: ["ObjectStorage", "RunnerCore", "Git", "CLinux", "CZstd", system, crypto, database],
            swiftSettings: settings
        ),
        .target(name: "Reports", dependencies: ["RunnerCore", "CExpat", system], swiftSettings: settings),
        .target(name: "ObjectStorage", dependencies: [crypto, system] + client, swiftSettings: settings),
        .target(name: "RunnerAPI", dependencies: ["RunnerCore"] + client, swiftSettings: settings),
        .target(name: "PipelineSyntax", dependencies: ["RunnerCore", "Yams"], swiftSettings: settings),
        .target(name: "RunnerCore", dependencies: ["Git"], swiftSettings: settings),
        .target(name: "Git", dependencies: ["CLibgit2", "CLinux", crypto, system], swiftSettings: settings),
        .systemLibrary(name: "CLibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CLinux"),

        .testTarget(name: "RunnerCoreTests", dependencies: ["RunnerCore"], swiftSettings: settings),
        .testTarget(
            name: "PipelineSyntaxTests",
            dependencies: ["PipelineSyntax", "RunnerCore"],
            swiftSettings: settings
        ),
        .testTarget(name: "ReportsTests", dependencies: ["Reports", "RunnerCore", system], swiftSettings: settings),
        .target(name: "ObjectServers", path: "Tests/ObjectServers", swiftSettings: settings),
        .testTarget(
            name: "ObjectStorageTests",
            dependencies: ["ObjectStorage", "ObjectServers", system],
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
            dependencies: ["RunnerStore", "ObjectStorage", "RunnerCore", "Git", "CLinux", system, database],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DeploymentsTests",
            dependencies: ["Deployments", "RunnerExecution", "RunnerStore", "RunnerCore", "Git", "CLinux", system],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RunnerEngineTests",
            dependencies: ["RunnerEngine", "RunnerExecution", "RunnerStore", "RunnerCore", "Git", "CLinux", system],
            exclude: ["Servers"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RunnerWebTests",
            dependencies: [
                "RunnerWeb", "RunnerAPI", "RunnerEngine", "RunnerStore", "RunnerCore", "Git", "CLinux", logging,
                metrics,
                lifecycle, crypto, system,
            ] + client + web,
            swiftSettings: settings
        ),
        .testTarget(
            name: "RunnerTests",
            dependencies: [
                "ObjectServers", "RunnerCommands", "RunnerAPI", "RunnerEngine", "RunnerStore", "RunnerCore", "Git",
                "CLinux", system,
                database,
            ],
            exclude: ["Scenarios/fixtures", "Incremental/fixtures"],
            swiftSettings: settings
        ),
    ]
)
