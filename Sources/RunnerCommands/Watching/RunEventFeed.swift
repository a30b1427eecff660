import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerStore

/// What a daemon tells of one run.
enum RunNews: Sendable {
    /// A line of its events, and that line as it came.
    case record(RunRecord, line: String)
    case ended(RunSummary)
}

/// A run's events from the first on, to its end.
struct RunEventFeed: AsyncSequence, Sendable {
    typealias Element = RunNews

    let feed: EventFeed

    init(_ client: RunnerClient, run: RunNumber) { feed = client.events(of: run) }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(events: feed.makeAsyncIterator()) }

    struct AsyncIterator: AsyncIteratorProtocol {
        var events: EventFeed.AsyncIterator

        mutating func next() async throws -> RunNews? {
            while let event = try await events.next() {
                let data = Data(event.data.utf8)
                switch event.name {
                case "end": return .ended(try APIJSON.decode(RunSummary.self, from: data))
                case "record":
                    // What a newer runner wrote and we do not know is skipped.
                    guard let record = try? JSON.decode(RunRecord.self, from: data) else { continue }
                    return .record(record, line: event.data)
                default: continue
                }
            }
            return nil
        }
    }
}
