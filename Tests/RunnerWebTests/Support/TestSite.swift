import Glibc
import Logging
import Metrics
import RunnerAPI
import RunnerCore
import RunnerStore
import ServiceLifecycle
import Synchronization
import SystemPackage

@testable import RunnerWeb

/// A server on a real socket and port, over a real database and real files, that goes with the test.
final class TestSite: Sendable {
    let directory: FilePath
    let engine: ScriptedEngine
    let metrics = PrometheusMetrics()
    private let listen: ServerOptions.Listen
    private let running: Mutex<Running>

    /// Starts it, lets `body` use it, and waits for its end.
    static func run<T: Sendable>(
        _ listen: ServerOptions.Listen = ServerOptions.Listen(address: "127.0.0.1:0", rateLimit: 1_000_000),
        seconds: Int = 60,
        _ body: @escaping @Sendable (TestSite) async throws -> T
    ) async throws -> T {
        let site = try await TestSite(listen)
        do {
            let value = try await within("the test", seconds: seconds) { try await body(site) }
            await site.stop()
            return value
        } catch {
            await site.stop()
            throw error
        }
    }

    private init(_ listen: ServerOptions.Listen) async throws {
        var template = Array("/tmp/runner-web-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure(description: "cannot make a directory") }
        directory = FilePath(platformString: template)
        engine = try ScriptedEngine(directory)
        self.listen = listen
        running = Mutex(try await Running(engine, listen, metrics))
    }

    /// Ends the server and starts another on the same state, as an upgrade does.
    func restart() async throws {
        await running.withLock { $0 }.stop()
        let new = try await Running(engine, listen, metrics)
        running.withLock { $0 = new }
    }

    private func stop() async {
        await running.withLock { $0 }.stop()
        // What is left behind in /tmp is no reason to fail a test.
        try? engine.database.close()
        try? TreeRemoval.remove(directory)
    }

    var listening: WebServer.Listening { running.withLock { $0.listening } }

    /// Asks the server to end, and does not wait for it.
    func triggerShutdown() async { await running.withLock { $0 }.group.triggerGracefulShutdown() }

    func end() async throws { try await running.withLock { $0 }.server.value }

    var socket: ServerAddress { .socket(listening.socket.string) }

    func remote(_ token: String?, scheme: String = "http", authorities: String? = nil) -> ServerAddress {
        .remote("\(scheme)://127.0.0.1:\(listening.port ?? 0)", token: token, authorities: authorities)
    }

    func token(_ role: Role) async throws -> String {
        try await engine.database.createToken(name: "\(role.rawValue)-\(UInt32.random(in: .min ... .max))", role: role)
    }

    func client<T: Sendable>(_ body: @escaping @Sendable (RunnerClient) async throws -> T) async throws -> T {
        try await RunnerClient.with(socket, body)
    }
}

/// One life of the server.
private struct Running: Sendable {
    let group: ServiceGroup
    let server: Task<Void, any Error>
    let listening: WebServer.Listening

    init(_ engine: ScriptedEngine, _ listen: ServerOptions.Listen, _ metrics: PrometheusMetrics) async throws {
        var logger = Logger(label: "runner.web")
        logger.logLevel = .critical
        let (stream, continuation) = AsyncStream.makeStream(of: Result<WebServer.Listening, any Error>.self)
        var web = try WebServer(
            engine: engine,
            listen: listen,
            version: "1.2.3",
            metrics: metrics,
            logger: logger
        ) { continuation.yield(.success($0)) }
        web.patience = .seconds(1)
        let group = ServiceGroup(configuration: .init(services: [web], logger: logger))
        self.group = group
        server = Task {
            do {
                try await group.run()
            } catch {
                continuation.yield(.failure(error))
                throw error
            }
        }
        listening = try await within("the server") {
            for await result in stream { return try result.get() }
            throw TestFailure(description: "the server ended")
        }
    }

    func stop() async {
        await group.triggerGracefulShutdown()
        // How it ends is the matter of its own test.
        _ = await server.result
    }
}
