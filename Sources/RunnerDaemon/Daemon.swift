import CLinux
package import Logging
import Metrics
package import RunnerCore
import RunnerEngine
package import RunnerStore
import RunnerWeb
import ServiceLifecycle
import SystemPackage
import UnixSignals

/// `runner serve`: everything put together, run until it is told to end.
package struct Daemon: Sendable {
    private let state: StateDirectory
    private let configuration: RunnerConfiguration
    private let version: String
    private let logger: Logger
    private let read: @Sendable () throws -> RunnerConfiguration

    /// `read` gives the server's configuration as its file has it now.
    package init(
        state: StateDirectory,
        version: String,
        logger: Logger,
        read: @escaping @Sendable () throws -> RunnerConfiguration
    ) throws {
        self.state = state
        self.version = version
        self.logger = logger
        self.read = read
        configuration = try read()
    }

    /// Runs until SIGTERM or SIGINT. What its supervisors run goes on.
    package func run() async throws {
        // Values of secrets pass through: where the kernel refuses, only a crash would show them.
        _ = runner_forbid_dumps()
        try state.prepare()
        let lock = try StateLock(state)
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let upgrade = try BinaryUpgrade()
        let ending = EndRequest()
        let startup = Startup(logger: logger)
        let engine = try Engine(
            state: state,
            configuration: configuration,
            version: version,
            logger: logger,
            read: read,
            onUpgrade: { binary in
                try upgrade.prepare(binary)
                ending.ask()
            },
            onReady: { startup.watches() }
        )
        let web = try WebServer(
            engine: engine,
            listen: configuration.server.listen,
            version: version,
            metrics: metrics,
            logger: logger,
            onListening: { startup.listens(socket: $0.socket.string, port: $0.port) }
        )
        logger.info("starting", metadata: ["state": "\(state.path)", "version": "\(version)"])
        try await group(engine, web, ending).run()
        ServiceNotice.stopping()
        try engine.database.close()
        withExtendedLifetime(lock) {}
        guard upgrade.isRequested else {
            logger.info("ended")
            return
        }
        logger.info("going on as another binary", metadata: ["path": "\(upgrade.path)"])
        ServiceNotice.reloading()
        throw upgrade.exec()
    }

    private func group(_ engine: Engine, _ web: WebServer, _ ending: EndRequest) -> ServiceGroup {
        ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: engine), .init(service: Reloading(engine: engine, logger: logger)),
                    .init(service: web), .init(service: StartupMemory()),
                    .init(service: ending, successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
    }
}
