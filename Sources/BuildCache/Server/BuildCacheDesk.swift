import NIOCore
import NIOHTTP1
import NIOPosix
import RunnerStore

/// Answers the requests of connections. What it holds in memory does not grow with what passes.
struct BuildCacheDesk: Sendable {
    private typealias Refusal = BuildCacheRequest.Refusal
    private typealias Output = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    private let store: BuildCacheStore
    private let credential: Digest
    private let disk: NIOThreadPool

    private static let piece = 256 << 10
    /// What is read of a body that nobody wants, so that the client hears the answer.
    private static let maximumUnwanted = 1 << 20

    init(store: BuildCacheStore, token: String, disk: NIOThreadPool) {
        self.store = store
        credential = BuildCacheRequest.credential(token)
        self.disk = disk
    }

    /// Until either side closes it.
    func serve(_ connection: BuildCacheServer.Connection) async {
        do {
            try await connection.executeThenClose { inbound, outbound in
                var input = BuildCacheInput(inbound)
                while let head = try await input.head() {
                    guard try await answer(head, &input, outbound) else { return }
                }
            }
        } catch {
            // The client has gone, or is too slow, or the run has ended. What was on its way is gone with its owner.
        }
    }

    /// False where the connection ends with it.
    private func answer(_ head: HTTPRequestHead, _ input: inout BuildCacheInput, _ output: Output) async throws -> Bool
    {
        do {
            let request = try BuildCacheRequest(head, credential: credential)
            if request.action == .write {
                try await write(request, head, &input, output)
            } else {
                try await read(request, head, &input, output)
            }
            return head.isKeepAlive
        } catch let refusal as Refusal {
            let isWhole = try await leave(&input, head)
            try await send(refusal, head, output, isLast: !isWhole)
            return isWhole && head.isKeepAlive
        }
    }

    private func write(
        _ request: BuildCacheRequest,
        _ head: HTTPRequestHead,
        _ input: inout BuildCacheInput,
        _ output: Output
    ) async throws {
        let body = try await onDisk { try store.receive() }
        if head.waitsForContinue { try await output.write(.head(.init(version: head.version, status: .continue))) }
        input.isAwaited = true
        while let piece = try await input.piece() {
            guard body.bytes + Int64(piece.readableBytes) <= BuildCacheRequest.maximumBytes else {
                throw BuildCacheRequest.tooBig
            }
            try await onDisk { try piece.withUnsafeReadableBytes { try body.append($0) } }
        }
        let isKept = try await onDisk { try store.keep(body, as: request.entry) }
        guard isKept else { throw Refusal(status: .badRequest, words: "the body's SHA-256 is not the name") }
        try await output.write(.head(response(.ok, head, length: 0)))
        try await output.write(.end(nil))
    }

    private func read(
        _ request: BuildCacheRequest,
        _ head: HTTPRequestHead,
        _ input: inout BuildCacheInput,
        _ output: Output
    ) async throws {
        guard let body = try await onDisk({ try store.find(request.entry) }) else {
            throw Refusal(status: .notFound, words: "nothing is kept under that name")
        }
        guard try await leave(&input, head) else { throw Refusal(status: .badRequest, words: "it has a body") }
        try await output.write(.head(response(.ok, head, length: body.bytes)))
        var offset: Int64 = 0
        while request.action == .read, offset < body.bytes {
            let start = offset
            let bytes = try await onDisk { try body.read(at: start, count: Self.piece) }
            guard !bytes.isEmpty else { throw ChannelError.eof }
            offset += Int64(bytes.count)
            try await output.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
        }
        try await output.write(.end(nil))
    }

    private func send(_ refusal: Refusal, _ head: HTTPRequestHead, _ output: Output, isLast: Bool) async throws {
        let words = ByteBuffer(string: refusal.words + "\n")
        var response = response(refusal.status, head, length: Int64(words.readableBytes))
        response.headers.replaceOrAdd(name: "content-type", value: "text/plain; charset=utf-8")
        if refusal.status == .unauthorized { response.headers.add(name: "www-authenticate", value: "Basic") }
        if refusal.status == .methodNotAllowed { response.headers.add(name: "allow", value: "GET, HEAD, PUT") }
        if isLast { response.headers.replaceOrAdd(name: "connection", value: "close") }
        try await output.write(.head(response))
        if head.method != .HEAD { try await output.write(.body(.byteBuffer(words))) }
        try await output.write(.end(nil))
    }

    private func response(_ status: HTTPResponseStatus, _ head: HTTPRequestHead, length: Int64) -> HTTPResponseHead {
        var headers = HTTPHeaders([("content-length", String(length)), ("content-type", "application/octet-stream")])
        if !head.isKeepAlive { headers.add(name: "connection", value: "close") }
        return HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    }

    /// Reads what is left of a body that nobody wants; false where that is not worth it. A client that waits to be asked
    /// for its body was not asked, and may send it or not.
    private func leave(_ input: inout BuildCacheInput, _ head: HTTPRequestHead) async throws -> Bool {
        if head.waitsForContinue, !input.isAwaited { return false }
        var bytes = 0
        while let piece = try await input.piece() {
            bytes += piece.readableBytes
            if bytes > Self.maximumUnwanted { return false }
        }
        return true
    }

    /// Blocks a thread that is there for that.
    private func onDisk<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
        do {
            return try await disk.runIfActive(work)
        } catch let failure as SystemFailure {
            if failure.isDiskFull { throw Refusal(status: .insufficientStorage, words: "the disk is full") }
            throw Refusal(status: .internalServerError, words: "cannot \(failure.operation): \(failure.errno)")
        }
    }
}

extension HTTPRequestHead {
    fileprivate var waitsForContinue: Bool {
        version == .http1_1 && headers.first(name: "expect")?.lowercased() == "100-continue"
    }
}
