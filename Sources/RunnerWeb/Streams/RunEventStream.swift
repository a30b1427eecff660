import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// The lines of a run's `events.jsonl`, from any byte on, until the run has ended.
struct RunEventStream: Sendable {
    let site: Site
    let run: RunDirectory
    let wakes: Wakes

    func write(to events: inout EventWriter, from start: Int64, _ wakes: AsyncStream<Void>) async throws {
        var offset = start
        var lines: LineReader?
        var iterator = wakes.makeAsyncIterator()
        repeat {
            // First: what is written before the end is in the file by then.
            let row = try await site.engine.database.run(run.number)
            self.wakes.watch(FileSystem.isDirectory(run.path) ? run.path : run.path.removingLastComponent())
            if lines == nil, let file = try site.files.files.file(run.events) { lines = LineReader(file, from: offset) }
            while let line = try lines?.next() {
                offset = line.end
                // Behind a half line, which a crash may leave, there is an empty one.
                if !line.bytes.isEmpty { try await events.write("record", id: offset, line.bytes) }
            }
            guard let row, !row.status.isFinished else {
                try await events.write(
                    "end",
                    id: offset,
                    row.map { try APIJSON.encode(RunSummary($0)) } ?? Data("{}".utf8)
                )
                return
            }
            try await events.keepAlive()
        } while await iterator.next() != nil
    }
}

/// Runs as they change, until the reader goes.
struct ChangeStream: Sendable {
    let site: Site

    private static let page = 100

    /// - Parameter start: What the reader has seen; `nil` begins now.
    func write(to events: inout EventWriter, after start: Int64?, _ wakes: AsyncStream<Void>) async throws {
        let database = site.engine.database
        var change: Int64
        if let start { change = start } else { change = try await database.newestChange() }
        var iterator = wakes.makeAsyncIterator()
        repeat {
            var rows: [RunRow]
            repeat {
                rows = try await database.runs(changedAfter: change, limit: Self.page)
                for row in rows {
                    change = row.change
                    try await events.write("run", id: change, APIJSON.encode(RunSummary(row)))
                }
            } while rows.count == Self.page
            try await events.keepAlive()
        } while await iterator.next() != nil
    }
}
