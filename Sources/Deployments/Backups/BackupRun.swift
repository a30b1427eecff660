import Glibc
package import RunnerCore
import RunnerExecution
import RunnerStore
package import SystemPackage

/// Makes, proves and brings back the backups of an environment, by its scripts. They may hold secrets: their directory
/// and their files are the daemon's alone.
package struct BackupRun: Sendable {
    private let settings: BackupSettings
    private let directory: FilePath
    private let environment: [String: String]
    private let say: @Sendable (String) -> Void

    /// `environment` is all that the scripts get, beside the `RUNNER_BACKUP...` variables; `say` gets what they print.
    package init(
        settings: BackupSettings,
        directory: FilePath,
        environment: [String: String],
        say: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.directory = directory
        self.environment = environment
        self.say = say
    }

    /// Makes one under a name that no backup has. Its file is there whole, on disk, or not at all.
    package func create(_ id: String) async throws -> BackupMade {
        let what = "cannot make backup `\(id)`"
        let name = FilePath.Component(id)
        guard let name, name.kind == .regular, name.string == id, !id.hasPrefix(".") else {
            throw RunnerError(.input, what, why: "it cannot be a file's name")
        }
        try FileSystem.makeDirectories(directory, mode: 0o700)
        let file = directory.appending(name)
        guard !FileSystem.exists(file) else { throw RunnerError(.input, what, why: "there is one of that name") }
        // A daemon that died in the middle left a part of it.
        let part = directory.appending(".\(id).part")
        try TreeRemoval.remove(part)
        do {
            return try await create(id, file, part, what)
        } catch {
            // The error that led here matters more; what stays is taken away by the next try.
            try? TreeRemoval.remove(part)
            throw error
        }
    }

    private func create(_ id: String, _ file: FilePath, _ part: FilePath, _ what: String) async throws -> BackupMade {
        let start = ContinuousClock.now
        let end = try await run(settings.create, what, ["RUNNER_BACKUP": part.string, "RUNNER_BACKUP_ID": id])
        let handle = end.output.split(whereSeparator: \.isNewline).last { $0.hasPrefix("handle=") }?.dropFirst(7)
        let place: BackupMade.Place
        switch (FileSystem.exists(part), handle) {
        case (true, nil):
            // Hashing a large file takes its time.
            place = try await BlockingThread.run { Result { try keep(part, as: file, what) } }.get()
        case (false, .some(let handle)) where !handle.isEmpty: place = .handle(String(handle))
        case (true, .some):
            throw RunnerError(.input, what, why: "its script wrote `RUNNER_BACKUP`, and printed a handle as well")
        case (false, _):
            throw RunnerError(
                .input,
                what,
                why: "its script succeeded, yet there is no backup",
                hint: "write the file `RUNNER_BACKUP`, or print `handle=TEXT` for one that lies elsewhere"
            )
        }
        return BackupMade(id: id, place: place, seconds: (ContinuousClock.now - start).seconds)
    }

    /// Brings the data back. A file that is not as it was made is refused.
    package func restore(_ backup: BackupMade) async throws {
        let what = "cannot restore backup `\(backup.id)`"
        _ = try await run(settings.restore, what, try await variables(of: backup, what))
    }

    /// Tries one out, and returns the seconds that took. `nil` where the environment has no script for it, so that
    /// nothing is proven; throws where the backup is no good.
    package func verify(_ backup: BackupMade) async throws -> Double? {
        guard let script = settings.verify else { return nil }
        let what = "backup `\(backup.id)` cannot be relied on"
        let start = ContinuousClock.now
        _ = try await run(script, what, try await variables(of: backup, what))
        return (ContinuousClock.now - start).seconds
    }

    /// Takes one away; one that is gone already is no error.
    package func remove(_ backup: BackupMade) async throws {
        switch backup.place {
        case .file: try TreeRemoval.remove(directory.appending(backup.id))
        case .handle(let handle):
            let what = "cannot remove backup `\(backup.id)`"
            guard let script = settings.remove else {
                throw RunnerError(
                    .input,
                    what,
                    why: "it lies elsewhere, and `backup` of the environment has no script `remove`"
                )
            }
            _ = try await run(script, what, ["RUNNER_BACKUP_HANDLE": handle, "RUNNER_BACKUP_ID": backup.id])
        }
    }

    private func variables(of backup: BackupMade, _ what: String) async throws -> [String: String] {
        switch backup.place {
        case .handle(let handle): return ["RUNNER_BACKUP_HANDLE": handle, "RUNNER_BACKUP_ID": backup.id]
        case .file(_, let digest):
            let file = directory.appending(backup.id)
            let found = await BlockingThread.run { Result { try Self.read(file, syncing: false, what) } }
            guard try found.get().digest == digest else {
                throw RunnerError(
                    .errored,
                    what,
                    why: "its file is not as it was made: the digest differs",
                    hint: "use another backup"
                )
            }
            return ["RUNNER_BACKUP": file.string, "RUNNER_BACKUP_ID": backup.id]
        }
    }

    private func run(_ script: Script, _ what: String, _ variables: [String: String]) async throws -> ScriptEnd {
        let given = environment.merging(variables) { _, own in own }
        let script = LocalScript(script, directory: "/", environment: given)
        do {
            return try await BoundedWork.run(within: script.timeout) { try script.succeed(what, $0, onLine: say) }
        } catch let bound as TimeUp {
            throw RunnerError(.errored, what, why: "its script \(bound)")
        }
    }

    // MARK: - Files

    private func keep(_ part: FilePath, as file: FilePath, _ what: String) throws -> BackupMade.Place {
        let found = try Self.read(part, syncing: true, what)
        guard found.bytes > 0 else { throw RunnerError(.errored, what, why: "its script left an empty file") }
        try FileSystem.rename(part, to: file)
        let fd = try checked("open", directory) { open(directory.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(fd) }
        try checked("write to disk", directory) { fsync(fd) }
        return .file(bytes: found.bytes, digest: found.digest)
    }

    /// `syncing` also makes it the daemon's alone and waits for the disk.
    private static func read(
        _ file: FilePath,
        syncing: Bool,
        _ what: String
    ) throws -> (digest: String, bytes: Int64) {
        guard let facts = FileFacts(file) else { throw RunnerError(.errored, what, why: "its file is gone") }
        guard facts.kind == .file else { throw RunnerError(.errored, what, why: "`RUNNER_BACKUP` is no plain file") }
        let fd = try checked("open", file) { open(file.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        defer { close(fd) }
        if syncing {
            try checked("protect", file) { fchmod(fd, 0o600) }
            try checked("write to disk", file) { fsync(fd) }
        }
        let (digest, bytes) = try DigestStream.read(fd, name: file)
        return (digest.description, bytes)
    }
}
