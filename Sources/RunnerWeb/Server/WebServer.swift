import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import NIOSSL
package import RunnerCore
package import RunnerEngine
import RunnerStore
import ServiceLifecycle
import Synchronization
package import SystemPackage

/// The HTTP server: a unix socket for this machine, and TCP where the server's file asks for it.
package struct WebServer: Service {
    /// What it is reached at once it listens.
    package struct Listening: Sendable, Hashable {
        package var socket: FilePath
        /// `nil` without TCP.
        package var port: Int?
    }

    private let site: Site
    private let listen: ServerOptions.Listen
    private let socket: SocketFile
    private let address: ListenAddress?
    private let onListening: @Sendable (Listening) async -> Void

    /// How long requests may go on once the daemon ends. Event streams end at once.
    var patience = Duration.seconds(10)

    /// - Parameters:
    ///   - metrics: What the daemon gave `MetricsSystem`, for `/metrics`.
    ///   - onListening: Called once, when all listeners are open.
    package init(
        engine: any EngineControl,
        listen: ServerOptions.Listen,
        version: String,
        metrics: PrometheusMetrics,
        logger: Logger,
        onListening: @escaping @Sendable (Listening) async -> Void = { _ in }
    ) throws {
        socket = try SocketFile(listen.socket.map { FilePath($0) } ?? engine.state.path.appending("runner.sock"))
        address = try ListenAddress.check(listen)
        site = Site(engine: engine, version: version, files: FileHub(), metrics: metrics, logger: logger)
        self.listen = listen
        self.onListening = onListening
    }

    package func run() async throws {
        try socket.check()
        let identity = Mutex<UInt64?>(nil)
        defer { socket.remove(identity.withLock { $0 }) }
        let listeners = Listeners(count: address == nil ? 1 : 2, socket: socket.path, onListening)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let local = try application(.unixDomainSocket(path: socket.aside.string), .socket) { [socket] _ in
                do {
                    try socket.place()
                    identity.withLock { $0 = socket.identity }
                    await listeners.opened(port: nil)
                } catch {
                    await listeners.failed(error)
                }
            }
            group.addTask { try await local.run() }
            if let address {
                let remote = try application(
                    .hostname(address.host, port: address.port),
                    .network(RateLimiter(perMinute: listen.rateLimit))
                ) { await listeners.opened(port: $0.localAddress?.port) }
                group.addTask { try await remote.run() }
            }
            group.addTask { try await listeners.wait() }
            group.addTask { [site] in await site.files.forward(site.engine.changes) }
            group.addTask { [patience] in
                // Canceled where the server ends by itself.
                try await gracefulShutdown()
                try await Task.sleep(for: patience)
                throw Overdue()
            }
            try await Self.finish(&group, parts: address == nil ? 1 : 2)
        }
    }

    /// Ends when the listeners have ended; what broke is thrown, and the rest is ended with it.
    private static func finish(_ group: inout ThrowingTaskGroup<Void, any Error>, parts: Int) async throws {
        var ended = 0
        do {
            // The wait for listeners ends, too.
            while ended < parts + 1, try await group.next() != nil { ended += 1 }
        } catch is Overdue {
        }
        group.cancelAll()
    }

    private struct Overdue: Error {}

    private func application(
        _ address: BindAddress,
        _ entrance: Gatekeeper.Entrance,
        _ onRunning: @escaping @Sendable (any Channel) async -> Void
    ) throws -> some ApplicationProtocol {
        var server = HTTPServerBuilder.http1(configuration: Self.connections)
        var isEncrypted = false
        if case .network = entrance, let tls = try encryption() {
            server = try .tls(server, tlsConfiguration: tls)
            isEncrypted = true
        }
        // Hummingbird's own words are for its developers.
        var quiet = site.logger
        quiet.logLevel = max(quiet.logLevel, .warning)
        return Application(
            responder: SiteResponder(
                site: site,
                routes: .all,
                gatekeeper: Gatekeeper(entrance: entrance, database: site.engine.database),
                isEncrypted: isEncrypted
            ),
            server: server,
            configuration: ApplicationConfiguration(
                address: address,
                serverName: "runner",
                backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(8192, logger: quiet)
            ),
            onServerRunning: onRunning,
            logger: quiet
        )
    }

    private func encryption() throws -> TLSConfiguration? {
        guard let certificate = listen.tlsCertificate, let key = listen.tlsKey else { return nil }
        do {
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            )
            tls.minimumTLSVersion = .tlsv12
            return tls
        } catch {
            throw RunnerError(
                .input,
                "cannot use the certificate `\(certificate)` with the key `\(key)`",
                why: "\(error)",
                hint: "both are PEM files that the daemon's user can read"
            )
        }
    }

    /// Headers of ordinary clients take less than a tenth. A connection that says nothing for a minute is closed.
    private static var connections: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            idleTimeout: .seconds(60),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10,
                maxHeaderListSize: 64 << 10,
                maxHeaderFieldCount: 100
            )
        )
    }
}
