import CLinux
import FoundationEssentials
import GRDB
import Glibc
import RunnerCore
package import SystemPackage

extension StateBackup {
    /// Makes a state directory from a backup, at a place where there is nothing yet. Every byte is checked against its
    /// digest first, and nothing is written but what the backup's own list names. Runs that were open end `errored`.
    @discardableResult
    package static func restore(
        from file: FilePath,
        to state: StateDirectory,
        actor: String = RunnerDatabase.itself
    ) async throws -> BackupSummary {
        guard FileSystem.names(in: state.path).isEmpty,
            !FileSystem.exists(state.path) || FileSystem.isDirectory(state.path)
        else {
            throw RunnerError(
                .input,
                "cannot restore to `\(state.path)`",
                why: "there is something there",
                hint: "name a directory that is empty or not there: `--state DIRECTORY`"
            )
        }
        try FileSystem.makeDirectories(state.path.removingLastComponent())
        let aside = state.path.removingLastComponent().appending(".restore-\(UniqueName.make())")
        try FileSystem.makeDirectories(aside, mode: 0o700)
        do {
            let manifest = try await StateRestore.opening(file) { reader in
                try StateRestore.unpack(&reader, of: file, into: aside)
            }
            try await StateRestore.settle(StateDirectory(aside), manifest, actor: actor)
            try FileSystem.sync(aside)
            try FileSystem.rename(aside, to: state.path)
            try state.prepare()
            return BackupSummary(manifest)
        } catch {
            try TreeRemoval.remove(aside)
            throw error
        }
    }
}

/// The parts of taking a backup in.
enum StateRestore {
    private static let largestManifest: Int64 = 1 << 30

    /// Gives the archive's reader to `body`, decompressed by a program of the machine where it is compressed.
    static func opening<Value>(_ file: FilePath, _ body: (inout ArchiveReader) throws -> Value) async throws -> Value {
        let fd = try checked("open", file) { open(file.cString, O_RDONLY | O_CLOEXEC) }
        defer { close(fd) }
        var magic = [UInt8](repeating: 0, count: 4)
        let count = pread(fd, &magic, magic.count, 0)
        guard let name = compressor(magic.prefix(max(0, count))) else {
            var reader = ArchiveReader(fd, name: file)
            return try body(&reader)
        }
        guard let program = HelperProgram(name) else {
            throw ArchiveReader.broken(file, "it is compressed, and this machine has no `\(name)`")
        }
        var ends: [Int32] = [-1, -1]
        guard runner_pipe(&ends) == 0 else { throw SystemFailure("make pipe for", file) }
        let running: HelperProgram.Running
        do {
            defer { close(ends[1]) }
            running = try program.start(["--decompress", "--stdout"], input: fd, output: ends[1])
        } catch {
            close(ends[0])
            throw error
        }
        var reader = ArchiveReader(ends[0], name: file)
        let result = Result { try body(&reader) }
        close(ends[0])
        // What was wanted of it has been read, and is checked by its digests; it may have had more to say.
        try? await running.finish()
        return try result.get()
    }

    private static func compressor(_ magic: ArraySlice<UInt8>) -> String? {
        if magic.elementsEqual([0x28, 0xB5, 0x2F, 0xFD]) { return "zstd" }
        return magic.starts(with: [0x1F, 0x8B]) ? "gzip" : nil
    }

    static func manifest(_ reader: inout ArchiveReader, of file: FilePath) throws -> BackupManifest {
        guard let first = try reader.next(), first.path == BackupManifest.name, first.bytes <= largestManifest else {
            throw ArchiveReader.broken(file, "it does not begin with `\(BackupManifest.name)`")
        }
        var data = Data()
        try reader.read { data.append(contentsOf: $0) }
        let manifest: BackupManifest
        do {
            manifest = try JSON.decode(BackupManifest.self, from: data)
        } catch {
            throw ArchiveReader.broken(file, "its list of files cannot be read")
        }
        guard manifest.version == BackupManifest.currentVersion else {
            throw ArchiveReader.broken(
                file,
                "its form is version \(manifest.version), this runner knows \(BackupManifest.currentVersion)"
            )
        }
        for entry in manifest.files {
            if let problem = BackupManifest.problem(with: entry.path) {
                throw ArchiveReader.broken(file, "`\(entry.path)` in it is refused: \(problem)")
            }
        }
        return manifest
    }

    /// Only into directories that are made here, so that no link is ever on the way.
    static func unpack(_ reader: inout ArchiveReader, of file: FilePath, into root: FilePath) throws -> BackupManifest {
        let manifest = try manifest(&reader, of: file)
        var missing = Dictionary(manifest.files.map { ($0.path, $0) }) { first, _ in first }
        guard missing.count == manifest.files.count else {
            throw ArchiveReader.broken(file, "its list names a file twice")
        }
        while let member = try reader.next() {
            guard let entry = missing.removeValue(forKey: member.path) else {
                throw ArchiveReader.broken(file, "`\(member.path)` is in it and not in its list, or twice")
            }
            guard entry.bytes == member.bytes else {
                throw ArchiveReader.broken(file, "`\(entry.path)` has not the size that its list says")
            }
            try write(entry, from: &reader, of: file, below: root)
        }
        if let path = missing.keys.min() { throw ArchiveReader.broken(file, "`\(path)` is missing from it") }
        return manifest
    }

    private static func write(
        _ entry: BackupManifest.File,
        from reader: inout ArchiveReader,
        of file: FilePath,
        below root: FilePath
    ) throws {
        let path = root.pushing(FilePath(entry.path))
        try FileSystem.makeDirectories(path.removingLastComponent())
        let isBlob = entry.path.hasPrefix("artifacts/")
        let mode: UInt32 = entry.isExecutable ? (isBlob ? 0o555 : 0o755) : (isBlob ? 0o444 : 0o644)
        let fd = try checked("create", path) {
            open(path.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode_t(mode))
        }
        defer { close(fd) }
        var stream = DigestStream()
        try reader.read { bytes in
            stream.update(bytes)
            guard FileSystem.writeAll(bytes, to: fd) else { throw SystemFailure("write", path) }
        }
        guard stream.finish() == entry.digest else {
            throw ArchiveReader.broken(file, "`\(entry.path)` is not what its list says: its digest differs")
        }
    }

    /// What was going on when the state was saved is going on no more.
    static func settle(_ state: StateDirectory, _ manifest: BackupManifest, actor: String) async throws {
        let database = try RunnerDatabase(at: state.database)
        if let damage = try await database.damage().first {
            throw RunnerError(.input, "cannot restore the database", why: damage, hint: "take another backup")
        }
        try await database.endOpenRuns(because: "was running when the state was saved")
        let detail = "saved at \(manifest.createdAt.formatted(.iso8601))"
        try await database.note(.stateRestored, of: "server", by: actor, detail: detail)
        try await database.checkpoint()
        try database.close()
    }
}
