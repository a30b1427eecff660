import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Signs requests, sends them, and makes sense of what goes wrong.
struct BucketConnection: Sendable {
    private let address: BucketAddress
    private let credentials: BucketCredentials
    private let client: HTTPClient

    init(_ address: BucketAddress, _ credentials: BucketCredentials) {
        self.address = address
        self.credentials = credentials
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(2), read: .seconds(10), write: .seconds(10))
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(configuration: configuration)
    }

    func close() async {
        // All that a client that does not end can cost is what the process gives back anyway.
        try? await client.shutdown()
    }

    /// Sends a request until it is answered, three times at most, and has the answer read.
    func send<T>(_ request: BucketRequest, _ read: (HTTPClientResponse) async throws -> T) async throws -> T {
        var tries = 0
        while true {
            do {
                return try await read(try await client.execute(signed(request), deadline: .distantFuture))
            } catch {
                let failure = try Self.understand(error)
                tries += 1
                guard failure.isPassing, tries <= 2 else { throw failure }
                // Long enough for a server that is being started again by somebody to be looked for elsewhere.
                try await Task.sleep(for: .milliseconds(100 << tries))
            }
        }
    }

    private func signed(_ request: BucketRequest) -> HTTPClientRequest {
        let signature = RequestSignature(credentials: credentials, region: address.region, date: Date())
        let path = address.path(request.name)
        let fields = [
            ("host", address.authority), ("x-amz-content-sha256", request.payload), ("x-amz-date", signature.stamp),
        ]
        let query = request.query.isEmpty ? "" : "?" + RequestSignature.encode(request.query)
        var signed = HTTPClientRequest(url: address.origin + path + query)
        signed.method = request.method
        for (name, value) in fields { signed.headers.add(name: name, value: value) }
        signed.headers.add(
            name: "authorization",
            value: signature.authorization(
                method: request.method.rawValue,
                path: path,
                query: request.query,
                fields: fields,
                payload: request.payload
            )
        )
        switch request.body {
        case .none: break
        case .bytes(let bytes): signed.body = .bytes(ByteBuffer(bytes: bytes))
        case .file(let file, let bytes, _): signed.body = .stream(FilePieces(file: file), length: .known(bytes))
        }
        return signed
    }

    /// What the server says of a request that it does not do.
    static func refusal(_ answer: HTTPClientResponse) async throws -> ObjectFailure {
        var text = Data()
        for try await piece in answer.body where text.count < 64 << 10 {
            text.append(contentsOf: piece.readableBytesView)
        }
        let scanner = AnswerScanner(text)
        let message = scanner.value("Message").map { String($0.filter { !$0.isNewline }.prefix(200)) }
        return .refused(
            status: Int(answer.status.code),
            code: scanner.value("Code").map { String($0.prefix(60)) },
            message: message
        )
    }

    /// Reads what is left, so that the connection can be used again.
    static func drain(_ answer: HTTPClientResponse) async throws {
        for try await _ in answer.body {}
    }

    /// Throws what is no failure of the store: a cancelled task.
    private static func understand(_ error: any Error) throws -> ObjectFailure {
        if let failure = error as? ObjectFailure { return failure }
        if error is CancellationError || Task.isCancelled { throw CancellationError() }
        if let error = error as? HTTPClientError {
            switch error {
            case .cancelled: throw CancellationError()
            case .readTimeout, .writeTimeout, .deadlineExceeded: return .silent("10 s without a byte")
            case .connectTimeout: return .unreachable("not within 2 s")
            default: return .unreachable("\(error)")
            }
        }
        if error is NIOTooManyBytesError { return .tooLarge("the answer") }
        if let error = error as? NIOConnectionError {
            return .unreachable(error.connectionErrors.first.map { "\($0.error)" } ?? "no address of \(error.host)")
        }
        return .unreachable("\(error)")
    }
}
