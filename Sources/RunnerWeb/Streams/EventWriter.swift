import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// Writes server-sent events. Each write waits until the reader has room, so that memory does not grow with what it has
/// not read.
struct EventWriter {
    private var writer: any ResponseBodyWriter
    private var wroteAt = ContinuousClock.now

    /// Something is said at least so often, so that silence means a dead connection.
    private static let longestSilence = Duration.seconds(14)

    init(_ writer: any ResponseBodyWriter) { self.writer = writer }

    /// - Parameter data: One line.
    mutating func write(_ name: String, id: Int64, _ data: some Sequence<UInt8>) async throws {
        var buffer = ByteBuffer(string: "id: \(id)\nevent: \(name)\ndata: ")
        buffer.writeBytes(data)
        buffer.writeString("\n\n")
        try await write(buffer)
    }

    mutating func keepAlive() async throws {
        guard ContinuousClock.now - wroteAt > Self.longestSilence else { return }
        try await write(ByteBuffer(string: ": still here\n\n"))
    }

    private mutating func write(_ buffer: ByteBuffer) async throws {
        try await writer.write(buffer)
        wroteAt = .now
    }
}

extension Response {
    /// A stream that ends when `body` returns, when its reader goes, or when the daemon does.
    static func events(
        _ wakes: Wakes,
        _ body: @escaping @Sendable (inout EventWriter, AsyncStream<Void>) async throws -> Void
    ) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                var events = EventWriter(writer)
                // The first bytes tell a reader that it is connected.
                try await writer.write(ByteBuffer(string: ": hello\n\n"))
                try await withGracefulShutdownHandler {
                    try await body(&events, wakes.signal.stream)
                } onGracefulShutdown: {
                    wakes.signal.end()
                }
                try await writer.finish(nil)
            }
        )
    }
}
