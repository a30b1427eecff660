import Glibc
package import RunnerCore
import SystemPackage

/// Which stage run had which inputs: the key of a stage, and the run whose outcome may be taken again.
///
///     keys/DIGEST.json    run number and result (Entry)
package struct ReuseStore: Sendable {
    private let state: StateDirectory

    package init(_ state: StateDirectory) { self.state = state }

    struct Entry: Codable {
        var run: RunNumber
        var result: StageResult
    }

    /// The earlier result for the key, with its log and reports linked into `directory`.
    /// `nil` where there is none, or where its files or artifacts are gone: then the work is done again.
    package func take(_ key: Digest, into directory: StageDirectory) throws -> StageResult? {
        guard let entry = try JSON.read(Entry.self, at: path(key)),
            FileSystem.exists(stage(entry.result.stage, of: entry.run).result)
        else {
            return nil
        }
        return try take(entry.result, of: entry.run, into: directory)
    }

    /// An earlier result, every byte of its artifacts checked, with what is left of its logs and reports linked into
    /// `directory`. `nil` where its artifacts are gone.
    package func take(
        _ result: StageResult,
        of run: RunNumber,
        into directory: StageDirectory
    ) throws -> StageResult? {
        let artifacts = ArtifactStore(state.artifacts)
        for reference in result.artifacts {
            do {
                _ = try artifacts.materialize(reference)
            } catch is RunnerError {
                return nil
            }
        }
        let source = stage(result.stage, of: run)
        if FileSystem.isDirectory(source.path) { try linkFiles(of: source, into: directory) }
        var result = result
        result.reusedFrom = run
        for index in result.steps.indices {
            guard let log = result.steps[index].log, !FileSystem.exists(directory.path.appending(log)) else { continue }
            result.steps[index].log = nil
        }
        return result
    }

    private func stage(_ stage: StageID, of run: RunNumber) -> StageDirectory {
        RunDirectory(state.runs.appending(run.description), number: run).stage(stage)
    }

    /// Remembers a result that succeeded. The newest wins; the others were the same work.
    package func save(_ result: StageResult, of run: RunNumber, key: Digest) throws {
        try FileSystem.makeDirectories(keys)
        try JSON.write(Entry(run: run, result: result), to: path(key))
    }

    /// What a stage wrote besides its records: logs with their times, and reports.
    private func linkFiles(of source: StageDirectory, into target: StageDirectory) throws {
        try DirectoryWalk.visit(source.path) { entry in
            let from = entry.path(below: source.path)
            let to = entry.path(below: target.path)
            switch entry.kind {
            case .directory: try FileSystem.makeDirectories(to)
            case .file:
                let isRecord = from == source.spec || from == source.events || from == source.result
                if !isRecord, link(from.string, to.string) != 0, errno != EEXIST { throw SystemFailure("link", to) }
            case .link, .special: break
            }
            return true
        }
    }

    /// Every entry that can be read: its file, and the run that it names.
    func entries() throws -> [(path: FilePath, run: RunNumber)] {
        try FileSystem.names(in: keys).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.compactMap { name in
            let path = keys.appending(name)
            return try JSON.recall(Entry.self, at: path).map { (path, $0.run) }
        }
    }

    private var keys: FilePath { state.layers.appending("reuse") }

    private func path(_ key: Digest) -> FilePath { keys.appending("\(key).json") }
}
