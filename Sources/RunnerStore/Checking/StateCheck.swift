import FoundationEssentials
import Git
import RunnerCore
package import SystemPackage

/// Something in a state directory that is not as it should be.
package struct StateFinding: Sendable, Hashable {
    package enum Severity: String, Sendable, Hashable, Codable, CaseIterable {
        /// Something is lost, or cannot be trusted.
        case error
        /// Something is left over, or will be noticed and made again.
        case warning
    }

    package var severity: Severity
    package var path: FilePath
    package var words: String
    package var hint: String?

    init(_ severity: Severity, _ path: FilePath, _ words: String, hint: String? = nil) {
        self.severity = severity
        self.path = path
        self.words = words
        self.hint = hint
    }
}

/// Whether the rows of the database and the files beside it agree. It looks, and never repairs.
package struct StateCheck: Sendable {
    private let state: StateDirectory
    private let database: RunnerDatabase

    package init(_ state: StateDirectory, _ database: RunnerDatabase) {
        self.state = state
        self.database = database
    }

    /// Everything that is wrong. `isDeep` also reads every byte of every artifact.
    package func run(isDeep: Bool = false) async throws -> [StateFinding] {
        let damage = try await database.damage()
        if !damage.isEmpty {
            // Rows that cannot be trusted prove nothing of files.
            let hint = "keep it aside, and make a state directory from a backup: `runner state restore FILE`"
            return damage.map { StateFinding(.error, database.path, $0, hint: hint) }
        }
        return try await checkAudit() + checkRuns() + checkArtifacts(isDeep: isDeep) + checkReuse() + checkMirrors()
            + checkWorkspaces()
    }

    private func checkAudit() async throws -> [StateFinding] {
        guard let line = try await database.verifyAudit() else { return [] }
        return [
            StateFinding(
                .error,
                database.path,
                "line \(line) of the audit log is missing or not as it was written",
                hint: "somebody changed the file by hand; compare with a backup"
            )
        ]
    }

    // MARK: - Runs

    private func checkRuns() async throws -> [StateFinding] {
        let rows = try await database.runStates()
        var findings: [StateFinding] = []
        for (number, row) in rows.sorted(by: { $0.key < $1.key }) {
            let directory = state.run(number)
            switch row.status {
            case .running: findings += checkRunning(directory)
            case .finished: if row.hasBegun, row.reason == nil { findings += checkFinished(directory) }
            case .pending, .waiting: break
            }
        }
        for name in FileSystem.names(in: state.runs) {
            guard let number = Int(name).flatMap(RunNumber.init), number.description == name, rows[number] == nil else {
                continue
            }
            let hint = "`runner local` in this state directory made it, or its row was lost; see its `run.json`"
            findings.append(
                StateFinding(.warning, state.run(number).path, "the database knows no run \(number)", hint: hint)
            )
        }
        return findings
    }

    private func checkRunning(_ directory: RunDirectory) -> [StateFinding] {
        if (try? directory.isSupervised()) ?? true { return [] }
        return [
            StateFinding(
                .warning,
                directory.path,
                "run \(directory.number) is running and nobody supervises it",
                hint: "the daemon settles it when it starts"
            )
        ]
    }

    private func checkFinished(_ directory: RunDirectory) -> [StateFinding] {
        do {
            if try JSON.read(RunResult.self, at: directory.result) != nil { return [] }
            let words = "run \(directory.number) has ended and its result is missing"
            return [StateFinding(.error, directory.result, words, hint: "take it from a backup, if it matters")]
        } catch {
            let words = "the result of run \(directory.number) cannot be read: \(error)"
            return [StateFinding(.error, directory.result, words)]
        }
    }

    // MARK: - Stores

    private func checkArtifacts(isDeep: Bool) throws -> [StateFinding] {
        try ArtifactStore(state.artifacts).problems(isDeep: isDeep).map { path, words in
            StateFinding(.error, path, words, hint: "run the stage that makes it again")
        }
    }

    private func checkReuse() throws -> [StateFinding] {
        let blobs = BlobStore(state.blobs)
        return try ReuseStore(state).kept().compactMap { kept in
            let hint = "the stage runs again: nothing is lost"
            guard let record = kept.record else {
                return StateFinding(
                    .warning,
                    kept.path,
                    "an outcome that may be taken again cannot be read",
                    hint: hint
                )
            }
            let missing = record.files.count { !blobs.contains($0.digest) }
            guard missing > 0, !FileSystem.exists(state.run(record.run).path) else { return nil }
            let words = "\(missing) files of an outcome of run \(record.run) are gone, and so is the run"
            return StateFinding(.warning, kept.path, words, hint: hint)
        }
    }

    private func checkMirrors() async -> [StateFinding] {
        var findings: [StateFinding] = []
        for name in FileSystem.names(in: state.repositories) where name.hasSuffix(".git") && !name.hasPrefix(".") {
            let path = state.repositories.appending(name)
            do {
                _ = try await Repository(at: path).references()
            } catch {
                let hint = "the daemon makes it anew beside it at its next look"
                findings.append(StateFinding(.error, path, "the mirror cannot be read: \(error)", hint: hint))
            }
        }
        return findings
    }

    private func checkWorkspaces() -> [StateFinding] {
        FileSystem.names(in: state.work).compactMap { name in
            let number = name.split(separator: "-").first.flatMap { Int($0) }.flatMap(RunNumber.init)
            if name.hasPrefix(".") { return nil }
            if let number, FileSystem.exists(state.run(number).path) { return nil }
            let path = state.work.appending(name)
            return StateFinding(.warning, path, "the workspace belongs to no run", hint: "`runner gc` takes it away")
        }
    }
}
