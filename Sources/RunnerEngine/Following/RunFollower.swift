import RunnerExecution
package import RunnerStore

/// Follows one run that was started just now, from its first event to the end of its supervisor.
package struct RunFollower: Sendable {
    private let directory: RunDirectory

    package init(_ directory: RunDirectory) { self.directory = directory }

    /// Tells every event of the run, on a thread of its own, until the supervisor has ended. Throws before the first where
    /// the machine has no descriptor left.
    package func follow(
        _ supervisor: SupervisorProcess,
        _ onRecord: @escaping @Sendable (RunRecord) -> Void
    ) async throws {
        let requests = try WatchRequests()
        requests.add(WatchRequests.Follow(run: directory, offset: 0, process: supervisor))
        await BlockingThread.run {
            let loop = WatchLoop(requests) { updates in
                for update in updates {
                    switch update {
                    case .records(_, let records, _): for record in records { onRecord(record) }
                    case .ended: requests.stop()
                    }
                }
            }
            loop.run()
        }
    }
}
