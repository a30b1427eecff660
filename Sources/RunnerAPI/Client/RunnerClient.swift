import AsyncHTTPClient
import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import NIOSSL
package import RunnerCore

/// Speaks with a daemon. What goes wrong is a `RunnerError`, with the daemon's own words where it had any.
///
/// Must be closed; `RunnerClient.with` does.
package final class RunnerClient: Sendable {
    package let address: ServerAddress
    let base: String
    /// Answers may take their time: a look at a large repository, say.
    private let calls: HTTPClient
    /// Readers may pause for as long as they like: whether the other end lives, the kernel asks.
    private let streams: HTTPClient

    package init(_ address: ServerAddress) throws(RunnerError) {
        self.address = address
        base = try address.base()
        calls = HTTPClient(configuration: Self.configuration(address, silence: .minutes(15)))
        streams = HTTPClient(configuration: Self.configuration(address, silence: nil))
    }

    package func close() async {
        // All that a client that does not end can cost is what the process gives back anyway.
        try? await calls.shutdown()
        try? await streams.shutdown()
    }

    package static func with<T>(_ address: ServerAddress, _ body: (RunnerClient) async throws -> T) async throws -> T {
        let client = try RunnerClient(address)
        do {
            let value = try await body(client)
            await client.close()
            return value
        } catch {
            await client.close()
            throw error
        }
    }

    // MARK: - Calls

    func call<Answer: Decodable>(
        _ method: HTTPMethod,
        _ path: String,
        query: Query = Query(),
        body: (any Encodable & Sendable)? = nil,
        accepting status: HTTPResponseStatus? = nil
    ) async throws -> Answer {
        let data = try await exchange(method, path, query: query, body: body, accepting: status)
        do {
            return try APIJSON.decode(Answer.self, from: data)
        } catch {
            throw RunnerError(
                .errored,
                "cannot read the daemon's answer",
                why: "\(error)",
                hint: "is it of another version?"
            )
        }
    }

    @discardableResult
    func exchange(
        _ method: HTTPMethod,
        _ path: String,
        query: Query = Query(),
        body: (any Encodable & Sendable)? = nil,
        accepting status: HTTPResponseStatus? = nil
    ) async throws -> Data {
        var request = request(method, path, query: query)
        if let body {
            request.headers.replaceOrAdd(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try APIJSON.encode(body)))
        }
        let response = try await execute(request, with: calls, accepting: status)
        do {
            return Data(try await response.body.collect(upTo: Self.largestAnswer).readableBytesView)
        } catch {
            throw failure(error)
        }
    }

    /// An answer whose body is still to come.
    func open(_ path: String, query: Query = Query(), headers: [(String, String)] = []) async throws
        -> HTTPClientResponse
    {
        var request = request(.GET, path, query: query)
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        return try await execute(request, with: streams)
    }

    private func request(_ method: HTTPMethod, _ path: String, query: Query) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: base + path + query.text)
        request.method = method
        request.headers.add(name: "accept", value: "application/json")
        if let token = address.token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        return request
    }

    private func execute(
        _ request: HTTPClientRequest,
        with client: HTTPClient,
        accepting status: HTTPResponseStatus? = nil
    ) async throws -> HTTPClientResponse {
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, deadline: .distantFuture)
        } catch {
            throw failure(error)
        }
        guard response.status.code < 400 || response.status == status else { throw try await refusal(response) }
        return response
    }

    /// More than any list with its limit has.
    private static let largestAnswer = 256 << 20

    private static func configuration(_ address: ServerAddress, silence: TimeAmount?) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = address.authorities { tls.trustRoots = .file(file) }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: silence)
        )
        configuration.httpVersion = .http1Only
        // One refusal is an answer; whoever wants to wait for a daemon tries again.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4096
        if case .remote = address { configuration.http1_1ConnectionDebugInitializer = keepAlive }
        return configuration
    }

    /// A dead network is noticed within a minute.
    @Sendable private static func keepAlive(_ channel: any Channel) -> EventLoopFuture<Void> {
        let options = [(TCP_KEEPIDLE, 30), (TCP_KEEPINTVL, 10), (TCP_KEEPCNT, 3)].map { name, value in
            channel.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: name)), value: Int(value))
        }
        return EventLoopFuture.andAllSucceed(
            options + [channel.setOption(.socketOption(.so_keepalive), value: 1)],
            on: channel.eventLoop
        )
    }
}
