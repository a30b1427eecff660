import FoundationEssentials
import Glibc
package import RunnerCore
import SystemPackage

/// Outcomes of stages by key, and by the trust in the ref whose run left them.
///
///     LEVEL/KEY.json    one outcome (OutcomeRecord); its time says when it was taken last
///
/// Logs and reports of an outcome lie in the blobs, its artifacts in the artifact store.
package struct ReuseStore: Sendable {
    let state: StateDirectory
    var blobs: BlobStore { BlobStore(state.blobs) }

    package init(_ state: StateDirectory) { self.state = state }

    /// An outcome that a run of that trust may take, and whether one is there that it may not.
    package struct Found: Sendable {
        package var record: OutcomeRecord?
        /// Left by a run that is trusted less.
        package var refused: OutcomeRecord?
    }

    package func find(_ key: Digest, for trust: RefTrust) throws -> Found {
        var found = Found()
        for level in RefTrust.allCases.sorted(by: >) {
            guard let record = try recall(path(key, level)), record.key == key, record.isSafe,
                record.version == OutcomeRecord.currentVersion
            else { continue }
            if trust.readable.contains(level) {
                found.record = found.record ?? record
            } else {
                found.refused = record
            }
        }
        return found
    }

    /// Keeps a result with the files of its stage's directory. The newest wins; the others were the same work.
    package func save(_ record: OutcomeRecord, files directory: StageDirectory) throws {
        var record = record
        try DirectoryWalk.visit(directory.path) { entry in
            let path = entry.path(below: directory.path)
            guard entry.kind == .file, let name = String(validating: entry.name, as: UTF8.self) else { return true }
            if StageDirectory.records.contains(name) { return true }
            let kept = try blobs.put(path)
            record.files.append(.init(name: name, digest: kept.digest, bytes: kept.bytes))
            return true
        }
        try publish(record)
    }

    /// Puts a record whose files are all kept in place.
    package func publish(_ record: OutcomeRecord) throws {
        let path = path(record.key, record.trust)
        try FileSystem.makeDirectories(path.removingLastComponent())
        try JSON.write(record, to: path)
    }

    /// Takes an outcome: its artifacts checked to the byte, its logs and reports put into `directory`. `nil` where any of
    /// it is gone or damaged: then the work is done again.
    package func take(_ record: OutcomeRecord, into directory: StageDirectory) throws -> StageResult? {
        guard try hasArtifacts(record.result) else { return nil }
        let source = record.origin == nil ? stage(record.result.stage, of: record.run) : nil
        for file in record.files where try !put(file, from: source, into: directory) { return nil }
        FileSystem.touch(path(record.key, record.trust))
        return taken(record.result, of: record.run, into: directory)
    }

    /// An earlier result of a run of this machine, every byte of its artifacts checked, with what is left of its logs and
    /// reports linked into `directory`. `nil` where its artifacts are gone.
    package func take(
        _ result: StageResult,
        of run: RunNumber,
        into directory: StageDirectory
    ) throws -> StageResult? {
        guard try hasArtifacts(result) else { return nil }
        let source = stage(result.stage, of: run)
        if FileSystem.isDirectory(source.path) { try linkFiles(of: source, into: directory) }
        return taken(result, of: run, into: directory)
    }

    /// Nobody takes this outcome any more.
    package func forget(_ record: OutcomeRecord) throws { try TreeRemoval.remove(path(record.key, record.trust)) }

    private func hasArtifacts(_ result: StageResult) throws -> Bool {
        let artifacts = ArtifactStore(state.artifacts)
        for reference in result.artifacts {
            do {
                _ = try artifacts.materialize(reference)
            } catch is RunnerError {
                return false
            }
        }
        return true
    }

    private func taken(_ result: StageResult, of run: RunNumber, into directory: StageDirectory) -> StageResult {
        var result = result
        result.reusedFrom = run
        for index in result.steps.indices {
            guard let log = result.steps[index].log, !FileSystem.exists(directory.path.appending(log)) else { continue }
            result.steps[index].log = nil
        }
        return result
    }

    /// By a link to the run's own file while that is there, else from the blobs.
    private func put(_ file: OutcomeRecord.File, from source: StageDirectory?, into directory: StageDirectory) throws
        -> Bool
    {
        let target = directory.path.pushing(FilePath(file.name))
        try FileSystem.makeDirectories(target.removingLastComponent())
        var status = stat()
        if let own = source?.path.pushing(FilePath(file.name)), lstat(own.cString, &status) == 0,
            status.st_mode & S_IFMT == S_IFREG, status.st_size == file.bytes
        {
            if link(own.cString, target.cString) == 0 || errno == EEXIST { return true }
        }
        if FileSystem.exists(target) { try TreeRemoval.remove(target) }
        return try blobs.get(file.digest, to: target)
    }

    /// What a stage wrote besides its records: logs with their times, and reports.
    private func linkFiles(of source: StageDirectory, into target: StageDirectory) throws {
        try DirectoryWalk.visit(source.path) { entry in
            let from = entry.path(below: source.path)
            let to = entry.path(below: target.path)
            switch entry.kind {
            case .directory: try FileSystem.makeDirectories(to)
            case .file:
                let isRecord = String(validating: entry.name, as: UTF8.self).map(StageDirectory.records.contains)
                if isRecord != true, link(from.string, to.string) != 0, errno != EEXIST {
                    throw SystemFailure("link", to)
                }
            case .link, .special: break
            }
            return true
        }
    }

    private func stage(_ stage: StageID, of run: RunNumber) -> StageDirectory { state.run(run).stage(stage) }

    func find(_ key: Digest, at level: RefTrust) throws -> OutcomeRecord? { try recall(path(key, level)) }

    private func recall(_ path: FilePath) throws -> OutcomeRecord? { try JSON.recall(OutcomeRecord.self, at: path) }

    private func path(_ key: Digest, _ level: RefTrust) -> FilePath { folder(level).appending("\(key).json") }

    private func folder(_ level: RefTrust) -> FilePath {
        state.layers.appending("reuse").appending(level.rawValue)
    }
}

extension ReuseStore {
    /// An outcome as it lies in the store; no record where it cannot be read.
    struct Kept {
        var path: FilePath
        var record: OutcomeRecord?
    }

    func kept() throws -> [Kept] {
        try RefTrust.allCases.flatMap { level in
            try FileSystem.names(in: folder(level)).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.map { name in
                let path = folder(level).appending(name)
                return Kept(path: path, record: try recall(path))
            }
        }
    }
}
