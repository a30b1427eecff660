import RunnerCore
import RunnerEngine
import RunnerStore
import Synchronization

/// All that a `RunWatch` told, by run.
final class WatchLog: Sendable {
    private struct Entry {
        var records: [RunRecord] = []
        var offset: Int64 = 0
        var end: Int32??
    }

    private let entries = Mutex<[Int: Entry]>([:])

    func records(of run: Int) -> [RunRecord] { entries.withLock { $0[run]?.records ?? [] } }

    func offset(of run: Int) -> Int64 { entries.withLock { $0[run]?.offset ?? 0 } }

    /// `nil` before the end; then a shell's exit status, where the supervisor was a child.
    func end(of run: Int) -> Int32?? { entries.withLock { $0[run]?.end } }

    func waitForEnd(of run: Int, within seconds: Int = 20) async throws {
        try await Await.until("the end of run \(run)", within: seconds) { end(of: run) != nil }
    }

    /// Follows runs while something else happens.
    func watch(
        _ runs: [RunDirectory],
        from offset: Int64 = 0,
        process: SupervisorProcess? = nil,
        _ body: () async throws -> Void
    ) async throws {
        try await watch { watch in
            for run in runs { watch.follow(run, from: offset, process: process) }
            try await body()
        }
    }

    func watch(_ body: (RunWatch) async throws -> Void) async throws {
        let watch = try RunWatch { updates in self.take(updates) }
        async let watching: Void = watch.run()
        defer { watch.stop() }
        try await body(watch)
        watch.stop()
        await watching
    }

    private func take(_ updates: [RunWatch.Update]) {
        entries.withLock { entries in
            for update in updates {
                switch update {
                case .records(let run, let records, let offset):
                    entries[run.value, default: Entry()].records += records
                    entries[run.value, default: Entry()].offset = offset
                case .ended(let run, let status): entries[run.value, default: Entry()].end = .some(status)
                }
            }
        }
    }
}
