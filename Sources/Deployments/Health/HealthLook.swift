import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
package import RunnerCore
package import RunnerExecution

/// Looks whether instances of an environment do their work. Every look makes a connection of its own: one that was kept
/// would not tell that nobody listens any more.
///
/// Must be closed.
package final class HealthLook: Sendable {
    /// Of an answer's text, more is not read.
    static let longestBody = 64 << 10

    package let environment: DeployEnvironment
    package let check: HealthCheck
    private let facts: [String: String]
    private let connections: SSHConnections
    private let secrets: SecretPatterns
    private let client: HTTPClient

    /// `facts` are the variables for a check that is a command.
    package init(
        _ environment: DeployEnvironment,
        check: HealthCheck,
        facts: [String: String] = [:],
        over connections: SSHConnections = SSHConnections(),
        hiding secrets: SecretPatterns = SecretPatterns([])
    ) {
        self.environment = environment
        self.check = check
        self.facts = facts
        self.connections = connections
        self.secrets = secrets
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(configuration: configuration)
    }

    package func close() async {
        // All that a client that does not end can cost is what the process gives back anyway.
        try? await client.shutdown()
    }

    /// One look. An instance that cannot be looked at is not good; a canceled look is not, either.
    ///
    /// - Parameter limit: at most so long, where the check's own time is longer.
    package func look(at instance: DeployInstance, within limit: Duration? = nil) async -> HealthAnswer {
        let start = ContinuousClock.now
        let timeout = min(check.timeout, limit ?? check.timeout)
        let answer: (isGood: Bool, detail: String)
        do {
            answer = try await Self.within(timeout) { [self] in
                switch check.probe {
                case .http(let probe): try await http(probe, instance)
                case .tcp: try await tcp(instance, timeout)
                case .command(let script): try await command(script, instance, timeout)
                }
            }
        } catch {
            answer = (false, words(error, timeout))
        }
        return HealthAnswer(
            isGood: answer.isGood,
            detail: answer.detail,
            seconds: (ContinuousClock.now - start).seconds
        )
    }

    private typealias Finding = (isGood: Bool, detail: String)

    private func http(_ probe: HTTPProbe, _ instance: DeployInstance) async throws -> Finding {
        var url = probe.path
        if !url.hasPrefix("http://"), !url.hasPrefix("https://") {
            url = "http://\(try environment.demandAddress(of: instance).text)\(url.hasPrefix("/") ? "" : "/")\(url)"
        }
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "user-agent", value: "runner-health")
        request.headers.add(name: "accept", value: "*/*")
        request.headers.add(name: "connection", value: "close")
        let response = try await client.execute(request, deadline: .distantFuture)
        var body: [UInt8] = []
        for try await piece in response.body {
            body += piece.readableBytesView.prefix(Self.longestBody + 1 - body.count)
            if body.count > Self.longestBody { break }
        }
        let isCut = body.count > Self.longestBody
        let judgement = HTTPJudgement(
            probe,
            status: Int(response.status.code),
            body: Array(body.prefix(Self.longestBody)),
            isCut: isCut
        )
        return (judgement.isGood, judgement.detail)
    }

    private func tcp(_ instance: DeployInstance, _ timeout: Duration) async throws -> Finding {
        let address = try environment.demandAddress(of: instance)
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(TimeAmount(timeout))
            .connect(host: address.host, port: address.port).get()
        // It is closing either way; whether in order says nothing about the instance.
        try? await channel.close()
        return (true, "takes connections")
    }

    private func command(_ text: String, _ instance: DeployInstance, _ timeout: Duration) async throws -> Finding {
        let target = try environment.target(instance.target)
        let shell = HostShell(target.host, over: connections, hiding: secrets)
        // The time of the look ends it; this is only in case that it does not.
        let script = Script(text, timeout: timeout + .seconds(1))
        let variables = facts.merging(environment.variables(of: instance)) { $1 }
        let end = try await shell.run(script, environment: variables)
        let said = end.lines.joined(separator: " ").brief()
        return (end.status == 0, "exit code \(end.status)" + (said.isEmpty ? "" : ": \(said)"))
    }

    private func words(_ error: any Error, _ timeout: Duration) -> String {
        switch error {
        case let failure as DeployFailure: return (failure.what + (failure.why.map { ": \($0)" } ?? "")).brief()
        case is CancellationError: return "canceled"
        case is TimeOver: return "no answer within \(timeout.words)"
        case let error as HTTPClientError where error == .connectTimeout:
            return "no connection within \(timeout.words)"
        case let error as NIOConnectionError:
            return (error.connectionErrors.first.map { "\($0.error)" } ?? "no address of \(error.host)").brief()
        default: return "\(error)".brief()
        }
    }

    private struct TimeOver: Error {}

    /// The work must end soon after it is canceled.
    private static func within<T: Sendable>(
        _ limit: Duration,
        _ work: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        try await withThrowingTaskGroup(of: T.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw TimeOver()
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
