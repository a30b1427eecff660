import AsyncHTTPClient
package import RunnerCore

extension RunnerClient {
    /// How long a stream looks for a daemon that has gone: an upgrade takes seconds.
    package static let patience = Duration.seconds(60)

    /// A run's events: the lines of its `events.jsonl` from a byte on, named `record`. Comes to its `end` (a `RunSummary`)
    /// when the run has. Waits for runs that have not begun.
    package func events(of run: RunNumber, from offset: Int64 = 0, patience: Duration = patience) -> EventFeed {
        feed(path(run, "/events"), from: offset, patience: patience)
    }

    /// Every run that changed after `change`, named `run`, as a `RunSummary`; without it, from now on. Has no end.
    package func changes(after change: Int64? = nil, patience: Duration = patience) -> EventFeed {
        feed("/api/v1/events", from: change, patience: patience)
    }

    /// A step's log from a byte on, as it grows, until the step has ended.
    package func followLog(
        of run: RunNumber,
        stage: String,
        step: Int,
        from offset: Int64 = 0,
        patience: Duration = patience
    ) -> LogFeed {
        // Whoever names a step has heard of it from a daemon.
        LogFeed(
            events: feed(path(run, stage: stage, step: step), from: offset, patience: patience, triesOnce: false)
        )
    }

    /// A log as it is now: of one step, or of all steps of a stage one after the other.
    /// - Parameters:
    ///   - offset: The first byte.
    ///   - text: Only lines that hold it.
    package func log(
        of run: RunNumber,
        stage: String,
        step: Int? = nil,
        from offset: Int64? = nil,
        grep text: String? = nil
    ) async throws -> ByteFeed {
        let response = try await open(
            path(run, stage: stage, step: step),
            query: Query().adding("from", offset).adding("grep", text),
            headers: [("accept", "text/plain")]
        )
        return ByteFeed(client: self, body: response.body)
    }

    private func feed(_ path: String, from id: Int64?, patience: Duration, triesOnce: Bool = true) -> EventFeed {
        EventFeed(
            client: self,
            path: path,
            query: Query(),
            lastID: id.map(String.init),
            patience: patience,
            triesOnce: triesOnce
        )
    }
}
