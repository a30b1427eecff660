import FoundationEssentials
import GRDB
import Git
import Glibc
import RunnerCore
package import SystemPackage

/// A copy of the runner's own state in one file: the database, what finished runs left, artifacts, and which commits the
/// mirrors had pinned. Layers, caches and mirrors are not in it: they are made again.
///
/// It is a tar archive of `manifest.json` and the files that stand there with their digests, compressed where the machine
/// can. It holds logs and the digests of tokens, so it is for its owner's eyes alone.
package enum StateBackup {
    /// Writes a backup beside its place and renames it. The daemon may run meanwhile: the database is as it was at one
    /// point in time, and of the runs those that had ended by then are taken.
    package static func write(to file: FilePath, state: StateDirectory) async throws -> BackupSummary {
        guard FileSystem.exists(state.database) else {
            throw RunnerError(
                .input,
                "cannot save the state",
                why: "there is no database at `\(state.database)`",
                hint: "name the state directory of a daemon: `--state DIRECTORY`"
            )
        }
        let staging = state.work.appending(".backup-\(UniqueName.make())")
        try FileSystem.makeDirectories(staging, mode: 0o700)
        let aside = file.removingLastComponent().appending(".\(UniqueName.make())")
        do {
            try copyDatabase(state.database, to: staging.appending(BackupManifest.databaseName))
            var collection = BackupCollection(state: state, staging: staging)
            try await collection.collect()
            try JSON.write(collection.manifest, to: staging.appending(BackupManifest.name))
            try await pack(collection.manifest, from: staging, into: aside)
            try FileSystem.rename(aside, to: file)
            try TreeRemoval.remove(staging)
            return BackupSummary(collection.manifest, notes: collection.notes)
        } catch {
            try TreeRemoval.remove(staging)
            try TreeRemoval.remove(aside)
            throw error
        }
    }

    /// What a backup holds, from its first file.
    package static func list(_ file: FilePath) async throws -> BackupSummary {
        try await StateRestore.opening(file) { reader in
            BackupSummary(try StateRestore.manifest(&reader, of: file))
        }
    }

    private static func copyDatabase(_ database: FilePath, to copy: FilePath) throws {
        do {
            let queue = try DatabaseQueue(path: database.string)
            try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [copy.string]) }
            try queue.close()
        } catch let error as DatabaseError {
            throw RunnerError(error, database: database)
        }
    }

    private static func pack(_ manifest: BackupManifest, from staging: FilePath, into file: FilePath) async throws {
        guard let tar = HelperProgram("tar") else {
            throw RunnerError(.errored, "cannot save the state", why: "this machine has no `tar`")
        }
        let list = staging.appending(".list")
        let paths = [BackupManifest.name] + manifest.files.map(\.path)
        try FileSystem.write(Data(paths.flatMap { Array($0.utf8) + [0] }), to: list)
        let fd = try checked("create", file) {
            open(file.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        }
        defer { close(fd) }
        let null = try checked("open", "/dev/null") { open("/dev/null", O_RDONLY | O_CLOEXEC) }
        defer { close(null) }
        let compressors = ["zstd", "gzip"]
        let compression = compressors.first { HelperProgram($0) != nil }.map { ["--use-compress-program=\($0)"] } ?? []
        let arguments =
            compression + [
                "--create", "--file=-", "--format=gnu", "--owner=0", "--group=0", "--directory=\(staging)",
                "--no-recursion", "--null", "--verbatim-files-from", "--files-from=\(list)",
            ]
        try await tar.run(arguments, input: null, output: fd)
        if fsync(fd) != 0 { throw SystemFailure("write", file) }
    }
}
