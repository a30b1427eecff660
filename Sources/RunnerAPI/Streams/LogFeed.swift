import FoundationEssentials
import RunnerCore

/// A piece of a log, byte for byte.
package struct LogPiece: Sendable, Hashable {
    package var bytes: [UInt8]
    /// Of the byte after it: where a stream goes on.
    package var end: Int64

    package init(bytes: [UInt8], end: Int64) {
        self.bytes = bytes
        self.end = end
    }

    /// `nil` for what is no piece of a log.
    init?(_ event: ServerEvent) throws {
        guard let id = event.id, let end = Int64(id) else { return nil }
        switch event.name {
        case "text": bytes = Array(try APIJSON.decode(String.self, from: Data(event.data.utf8)).utf8)
        case "bytes":
            guard let data = Data(base64Encoded: event.data) else {
                throw RunnerError(.errored, "cannot read a log", why: "a piece of it is not base64")
            }
            bytes = Array(data)
        default: return nil
        }
        self.end = end
    }
}

/// A step's log as it grows, until the step has ended.
package struct LogFeed: AsyncSequence, Sendable {
    package typealias Element = LogPiece

    let events: EventFeed

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(events: events.makeAsyncIterator()) }

    package struct AsyncIterator: AsyncIteratorProtocol {
        var events: EventFeed.AsyncIterator

        package mutating func next() async throws -> LogPiece? {
            while let event = try await events.next() {
                if let piece = try LogPiece(event) { return piece }
            }
            return nil
        }
    }
}
