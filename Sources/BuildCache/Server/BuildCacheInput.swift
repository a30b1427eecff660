import NIOCore
import NIOHTTP1

/// The requests of one connection, one after the other, each with its body in pieces.
struct BuildCacheInput {
    private var parts: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    private var isAtEnd = true
    /// The client was asked for its body.
    var isAwaited = false

    init(_ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>) { parts = inbound.makeAsyncIterator() }

    /// Of the next request; `nil` at the end of the connection.
    mutating func head() async throws -> HTTPRequestHead? {
        guard let part = try await parts.next() else { return nil }
        guard case .head(let head) = part else { throw ChannelError.inputClosed }
        isAtEnd = false
        isAwaited = false
        return head
    }

    /// The next of the body; `nil` where it came whole. Throws where it does not.
    mutating func piece() async throws -> ByteBuffer? {
        if isAtEnd { return nil }
        switch try await parts.next() {
        case .body(let piece): return piece
        case .end:
            isAtEnd = true
            return nil
        case .head, nil: throw ChannelError.inputClosed
        }
    }
}
