import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage

/// An artifact on its way to a directory or into a tar stream: every byte compared with its digest while it is written.
struct ArtifactDownload {
    let source: any ArtifactSource
    let run: RunNumber
    let name: String

    /// What it consists of: of a matrix, what every cell has made.
    struct Contents {
        let parts: [(view: RunArtifactView, digest: Digest)]
        let manifest: ArtifactManifest
        /// Of each file, the part that has it.
        let owners: [Data: Digest]

        var bytes: Int64 { manifest.files.reduce(0) { $0 + $1.bytes } }
    }

    func contents() async throws -> Contents {
        let parts = try await Self.parts(of: run, name, in: source)
        var owners: [Data: Digest] = [:]
        var manifests: [ArtifactManifest] = []
        for part in parts {
            let manifest = try ArtifactManifest(await source.manifest(part.digest), digest: part.digest)
            for file in manifest.files { owners[file.path] = part.digest }
            manifests.append(manifest)
        }
        let whole = manifests.count == 1 ? manifests[0] : try ArtifactManifest(merging: manifests)
        return Contents(parts: parts, manifest: whole, owners: owners)
    }

    /// The parts of an artifact by name. Throws with the names that there are.
    static func parts(of run: RunNumber, _ name: String, in source: any ArtifactSource) async throws
        -> [(view: RunArtifactView, digest: Digest)]
    {
        let all = try await source.artifacts(of: run)
        let parts = all.filter { $0.name == name }
        guard !parts.isEmpty else {
            let names = Set(all.map(\.name)).sorted()
            let list = names.map { "`\($0)`" }.joined(separator: ", ")
            throw RunnerError(
                .input,
                "run \(run) has no artifact `\(name)`",
                why: names.isEmpty ? "its stages made none" : "it has \(list)",
                hint: DidYouMean.hint(for: name, among: names) ?? "runner artifact list \(run)"
            )
        }
        return try parts.map { part in
            guard let digest = Digest(part.digest) else {
                throw RunnerError(.errored, "cannot read the answer", why: "`\(part.digest)` is no SHA-256")
            }
            return (part, digest)
        }
    }

    /// The statements about its parts, a line each; parts without one are left out.
    func statements(_ contents: Contents) async throws -> Data {
        var lines = Data()
        for part in contents.parts {
            guard let digest = part.view.provenance.flatMap(Digest.init) else { continue }
            let data = try await source.statement(digest)
            guard Digest.sha256(data) == digest else { throw changed("its statement") }
            lines += data + Data("\n".utf8)
        }
        return lines
    }

    /// Writes it beside `target` and renames it there at the end.
    func write(_ contents: Contents, to target: FilePath, replacing: Bool) async throws {
        try Self.refuse(target, replacing: replacing)
        let parent = target.removingLastComponent()
        try FileSystem.makeDirectories(parent)
        let aside = parent.appending(".\(UniqueName.make())")
        do {
            try FileSystem.makeDirectories(aside)
            for file in contents.manifest.files { try await write(file, contents, in: aside) }
            try Self.put(aside, at: target, replacing: replacing)
        } catch {
            // The first error is the one to tell.
            try? TreeRemoval.remove(aside)
            throw error
        }
    }

    /// Writes it as a tar stream.
    func write(_ contents: Contents, to tar: TarStream) async throws {
        for file in contents.manifest.files {
            if let link = file.link {
                try tar.link(file.path, to: link)
                continue
            }
            try tar.begin(file.path, bytes: file.bytes, isExecutable: file.executable)
            try await read(file, contents) { try tar.write($0) }
            try tar.endFile(file.bytes)
        }
        try tar.finish()
    }

    private func write(_ file: ArtifactManifest.File, _ contents: Contents, in directory: FilePath) async throws {
        let path = directory.appending(bytes: Array(file.path))
        try FileSystem.makeDirectories(path.removingLastComponent())
        if let link = file.link {
            let made = (Array(link) + [0]).withUnsafeBytes { bytes in
                bytes.assumingMemoryBound(to: CChar.self).baseAddress.map { target in
                    path.withPlatformString { symlink(target, $0) }
                } ?? -1
            }
            if made != 0 { throw SystemFailure("make link", path) }
            return
        }
        let mode: mode_t = file.executable ? 0o755 : 0o644
        let fd = path.withPlatformString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode) }
        guard fd >= 0 else { throw SystemFailure("create", path) }
        defer { close(fd) }
        try await read(file, contents) { bytes in
            guard bytes.withUnsafeBytes({ FileSystem.writeAll($0, to: fd) }) else { throw SystemFailure("write", path) }
        }
    }

    /// Never more than the list of files says, and at the end exactly that.
    private func read(
        _ file: ArtifactManifest.File,
        _ contents: Contents,
        _ take: ([UInt8]) throws -> Void
    ) async throws {
        guard let digest = file.digest, let owner = contents.owners[file.path] else { return }
        var stream = DigestStream()
        var left = file.bytes
        try await source.read(digest, of: owner) { bytes in
            left -= Int64(bytes.count)
            guard left >= 0 else { throw changed("`\(file.name)`") }
            bytes.withUnsafeBytes { stream.update($0) }
            try take(bytes)
        }
        guard left == 0, stream.finish() == digest else { throw changed("`\(file.name)`") }
    }

    private func changed(_ what: String) -> RunnerError {
        RunnerError(
            .errored,
            "cannot get artifact `\(name)` of run \(run)",
            why: "\(what) in the store is not what it was when the stage made it",
            hint: "runner artifact verify \(run) \(name)"
        )
    }

    private static func refuse(_ target: FilePath, replacing: Bool) throws {
        guard FileSystem.exists(target) else { return }
        let isEmpty = FileSystem.isDirectory(target) && FileSystem.names(in: target).isEmpty
        guard !isEmpty, !replacing || !FileSystem.isDirectory(target) else { return }
        throw RunnerError(
            .input,
            "cannot write to `\(target)`",
            why: FileSystem.isDirectory(target) ? "it is not empty" : "it is no directory",
            hint: FileSystem.isDirectory(target)
                ? "name another one with `--output`, or replace it with `--force`" : "name another one with `--output`"
        )
    }

    private static func put(_ aside: FilePath, at target: FilePath, replacing: Bool) throws {
        try refuse(target, replacing: replacing)
        guard replacing, FileSystem.exists(target) else { return try FileSystem.rename(aside, to: target) }
        let old = target.removingLastComponent().appending(".\(UniqueName.make())")
        try FileSystem.rename(target, to: old)
        try FileSystem.rename(aside, to: target)
        try TreeRemoval.remove(old)
    }
}
