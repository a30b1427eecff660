import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// A step's log from its file, from any byte on, until the step has ended: joining late, reconnecting and reading what is
/// long over are one way.
struct StepLogStream: Sendable {
    let site: Site
    let run: RunDirectory
    let stage: StageDirectory
    let step: Int
    let wakes: Wakes

    /// What a follower is told at the end.
    struct End: Codable, Sendable {
        /// `nil` where the step did not run, or where its end was not recorded.
        var outcome: Outcome?
    }

    func write(to events: inout EventWriter, from start: Int64, _ wakes: AsyncStream<Void>) async throws {
        var offset = start
        // Both of one attempt: where the stage is tried again, its directory is renamed.
        var file: OpenFile?
        var progress: StageProgress?
        var iterator = wakes.makeAsyncIterator()
        repeat {
            // First: what is written before the end is in the file by then.
            if file == nil {
                watch()
                progress = try site.files.files.progress(of: stage)
            }
            let end = try await end(progress)
            if file == nil { file = try StageLogs(stage).path(of: step).flatMap { try site.files.files.file($0) } }
            if let file { try await drain(file, &offset, to: &events, isLast: end != nil) }
            if let end {
                try await events.write("end", id: offset, APIJSON.encode(end))
                return
            }
            try await events.keepAlive()
        } while await iterator.next() != nil
    }

    /// Looks at the stage's directory, or for it to be made.
    private func watch() {
        for directory in [stage.path, run.path, run.path.removingLastComponent()]
        where FileSystem.isDirectory(directory) {
            wakes.watch(directory)
            // It may have been made between the two.
            if directory != stage.path, FileSystem.isDirectory(stage.path) { watch() }
            return
        }
    }

    private func drain(_ file: OpenFile, _ offset: inout Int64, to events: inout EventWriter, isLast: Bool) async throws
    {
        while true {
            let bytes = try file.read(at: offset)
            guard let chunk = try LogChunk(bytes, isLast: isLast) else { return }
            offset += Int64(chunk.count)
            try await events.write(chunk.name, id: offset, chunk.data)
        }
    }

    private func end(_ progress: StageProgress?) async throws -> End? {
        if let progress {
            if let outcome = try progress.end(of: step) { return End(outcome: outcome) }
            if try progress.isOver { return End() }
        }
        if FileSystem.exists(stage.result) { return End() }
        guard let row = try await site.engine.database.run(run.number), row.status.isFinished else { return nil }
        return End()
    }
}
