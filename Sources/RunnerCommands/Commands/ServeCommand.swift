import ArgumentParser
import Logging
import RunnerCore
import RunnerDaemon
import RunnerEngine
import RunnerExecution
import RunnerStore
import SystemPackage

/// `runner serve`: the daemon.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Watch repositories and run what their refs ask for.",
        discussion: """
            Runs in the foreground until SIGTERM; what its stages run goes on and is followed again by the next one.
            SIGHUP reads the configuration again. docs/server.md shows how to install it.
            """
    )

    @OptionGroup var places: PlaceOptions

    @Option(name: .long, help: "text or json.")
    var logFormat: LogFormat = .text

    @Option(name: .long, help: "debug, info, warning or error.", transform: Self.level)
    var logLevel: Logger.Level = .info

    @Flag(name: .long, help: "Read the configuration, say whether the daemon could start with it, and end.")
    var check = false

    private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError("--log-level \(text): it is debug, info, warning or error")
        }
        return level
    }

    mutating func run() async throws {
        DescriptorLimit.raise()
        let places = places
        let state = try places.stateDirectory()
        let read: @Sendable () throws -> RunnerConfiguration = { try places.configuration() }
        if check {
            _ = try read()
            return
        }
        let (format, level) = (logFormat, logLevel)
        LoggingSystem.bootstrap { _ in LineLogHandler(format, level: level) }
        let daemon = try Daemon(
            state: state,
            version: RunnerTool.version,
            logger: Logger(label: "runner"),
            read: read
        )
        try await daemon.run()
    }
}

extension LogFormat: ExpressibleByArgument {}
