import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import RunnerCore

/// The events of one stream over any number of connections: where one breaks, the next goes on at the last id, so that
/// nothing is lost or comes twice. Ends after the event `end`, which it gives, too.
///
/// It is pulled: a reader that takes its time holds up nobody but itself.
package struct EventFeed: AsyncSequence, Sendable {
    package typealias Element = ServerEvent

    let client: RunnerClient
    let path: String
    let query: Query
    /// Where to begin; `nil` for the beginning.
    let lastID: String?
    /// How long it tries to reach a daemon that has gone.
    let patience: Duration
    /// Whether the first connection is tried once only: where nobody knows yet that there is a daemon.
    let triesOnce: Bool

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(feed: self, lastID: lastID) }

    package struct AsyncIterator: AsyncIteratorProtocol {
        private let feed: EventFeed
        private var lastID: String?
        private var body: HTTPClientResponse.Body.AsyncIterator?
        private var parser = EventStreamParser()
        private var ready: ArraySlice<ServerEvent> = []
        private var hasConnected: Bool
        private var isOver = false
        /// When the daemon was last heard of.
        private var heardAt = ContinuousClock.now

        init(feed: EventFeed, lastID: String?) {
            self.feed = feed
            self.lastID = lastID
            hasConnected = !feed.triesOnce
        }

        package mutating func next() async throws -> ServerEvent? {
            while !isOver {
                if let event = ready.popFirst() {
                    if let id = event.id { lastID = id }
                    isOver = event.name == "end"
                    return event
                }
                if body == nil { try await connect() }
                try await read()
            }
            return nil
        }

        private mutating func connect() async throws {
            var pause = Duration.milliseconds(100)
            while true {
                do {
                    var headers = [("accept", "text/event-stream")]
                    if let lastID { headers.append(("last-event-id", lastID)) }
                    let response = try await feed.client.open(feed.path, query: feed.query, headers: headers)
                    body = response.body.makeAsyncIterator()
                    parser = EventStreamParser()
                    hasConnected = true
                    heardAt = .now
                    return
                } catch let error as RunnerError
                    where hasConnected && error.kind == .errored && ContinuousClock.now - heardAt < feed.patience
                {
                    try await Task.sleep(for: pause * Double.random(in: 0.5...1))
                    pause = Swift.min(pause * 2, .seconds(5))
                }
            }
        }

        private mutating func read() async throws {
            let piece: ByteBuffer?
            do {
                piece = try await body?.next()
            } catch {
                // Cancellation is ours; anything else is the connection's end.
                try Task.checkCancellation()
                piece = nil
            }
            guard let piece else {
                body = nil
                // A daemon that ends every stream at once is given some air.
                if ContinuousClock.now - heardAt < .milliseconds(100) { try await Task.sleep(for: .milliseconds(100)) }
                return
            }
            heardAt = .now
            ready = parser.take(Array(piece.readableBytesView))[...]
            guard !parser.isBroken else {
                throw RunnerError(
                    .errored,
                    "cannot follow \(feed.path)",
                    why: "an event is longer than any the daemon sends"
                )
            }
        }
    }
}
