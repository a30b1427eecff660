import FoundationEssentials
import Glibc
package import RunnerCore
package import SystemPackage

/// Files that stages hand on, kept by content.
///
///     blobs/ab/abcd…[x]   one file's bytes by SHA-256, `x` for executables; read-only
///     manifests/DIGEST    what an artifact consists of; its name is its digest
///     trees/DIGEST/       the files laid out by hard links, for mounting
package struct ArtifactStore: Sendable {
    private let root: FilePath

    package init(_ root: FilePath) { self.root = root }

    /// What an artifact consists of, sorted by path.
    struct Manifest: Codable {
        var version = 1
        var files: [File]

        struct File: Codable {
            /// Base64 of the raw name, because names need not be UTF-8.
            var path: Data
            var executable: Bool
            var bytes: Int64
            /// `nil` for a link.
            var digest: Digest?
            var link: Data?
        }
    }

    /// Takes the files below `directory` that match, links inside it included. `nil` where none does.
    package func save(_ definition: ArtifactDefinition, from directory: FilePath) throws -> ArtifactReference? {
        let collected = try FileCollection.collect(definition.paths, in: directory)
        if collected.isEmpty { return nil }
        var manifest = Manifest(files: [])
        var bytes: Int64 = 0
        for file in collected {
            let entry = try store(file, from: directory)
            bytes += entry.bytes
            manifest.files.append(entry)
        }
        let data = try JSON.encode(manifest)
        let digest = Digest.sha256(data)
        try FileSystem.makeDirectories(root.appending("manifests"))
        try FileSystem.write(data, to: manifestPath(digest), mode: 0o444, durable: true)
        return ArtifactReference(name: definition.name, digest: digest, files: collected.count, bytes: bytes)
    }

    /// A directory with the artifact's files, every byte checked against its digest just now.
    package func materialize(_ reference: ArtifactReference) throws -> FilePath {
        let manifest = try read(reference)
        let tree = root.appending("trees").appending(reference.digest.description)
        for file in manifest.files {
            if let digest = file.digest { try verify(digest, executable: file.executable, of: reference) }
        }
        if FileSystem.isDirectory(tree) {
            if manifest.files.allSatisfy({ isInPlace($0, in: tree) }) { return tree }
            // Whoever has it mounted keeps what was there; the next one gets what was just checked.
            try FileSystem.rename(tree, to: root.appending("trees").appending(".damaged-\(UniqueName.make())"))
        }
        let aside = root.appending("trees").appending(".\(UniqueName.make())")
        try FileSystem.makeDirectories(aside)
        for file in manifest.files { try place(file, in: aside) }
        if rename(aside.string, tree.string) != 0 { try TreeRemoval.remove(aside) }
        return tree
    }

    private func read(_ reference: ArtifactReference) throws -> Manifest {
        guard let data = try FileSystem.read(manifestPath(reference.digest)) else {
            throw damaged(reference, "its list of files is missing")
        }
        guard Digest.sha256(data) == reference.digest else { throw damaged(reference, "its list of files was changed") }
        return try JSON.decode(Manifest.self, from: data)
    }

    private func verify(_ digest: Digest, executable: Bool, of reference: ArtifactReference) throws {
        let path = blobPath(digest, executable: executable)
        let fd = open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard fd >= 0 else { throw damaged(reference, "the file \(digest.short) is missing from the store") }
        defer { close(fd) }
        guard try DigestStream.read(fd, name: path).digest == digest else {
            // Out of the way, so that the stage that makes it can store it again; kept, because it tells what happened.
            let aside = path.removingLastComponent().appending(".damaged-\(digest)")
            try FileSystem.rename(path, to: aside)
            throw damaged(reference, "the file \(digest.short) in the store was changed")
        }
    }

    private func store(_ file: DirectoryEntry, from directory: FilePath) throws -> Manifest.File {
        let path = file.path(below: directory)
        if file.kind == .link {
            let target = try FileCollection.safeTarget(of: file, in: directory)
            return Manifest.File(path: Data(file.name), executable: false, bytes: 0, digest: nil, link: Data(target))
        }
        let isExecutable = file.mode & 0o111 != 0
        let fd = try checked("open", path) { open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        let (digest, bytes) = try DigestStream.read(fd, name: path)
        close(fd)
        let blob = blobPath(digest, executable: isExecutable)
        if !FileSystem.exists(blob) {
            try FileSystem.makeDirectories(blob.removingLastComponent())
            let aside = blob.removingLastComponent().appending(".\(UniqueName.make())")
            try FileCopy.file(path, to: aside, mode: isExecutable ? 0o555 : 0o444)
            try FileSystem.rename(aside, to: blob)
        }
        return Manifest.File(path: Data(file.name), executable: isExecutable, bytes: bytes, digest: digest, link: nil)
    }

    /// Whether a file of a laid-out tree is the very file of the store.
    private func isInPlace(_ file: Manifest.File, in tree: FilePath) -> Bool {
        let path = tree.appending(bytes: Array(file.path))
        guard let digest = file.digest else { return FileSystem.exists(path) }
        var (own, stored) = (stat(), stat())
        guard lstat(path.string, &own) == 0 else { return false }
        guard lstat(blobPath(digest, executable: file.executable).string, &stored) == 0 else { return false }
        return own.st_ino == stored.st_ino && own.st_dev == stored.st_dev
    }

    private func place(_ file: Manifest.File, in directory: FilePath) throws {
        let path = directory.appending(bytes: Array(file.path))
        try FileSystem.makeDirectories(path.removingLastComponent())
        if let link = file.link {
            let made = (Array(link) + [0]).withUnsafeBytes { bytes in
                bytes.assumingMemoryBound(to: CChar.self).baseAddress.map { symlink($0, path.string) } ?? -1
            }
            if made != 0 { throw SystemFailure("make link", path) }
        } else if let digest = file.digest {
            let blob = blobPath(digest, executable: file.executable)
            if Glibc.link(blob.string, path.string) != 0 { throw SystemFailure("link", path) }
        }
    }

    private func damaged(_ reference: ArtifactReference, _ why: String) -> RunnerError {
        RunnerError(
            .errored,
            "cannot hand on artifact `\(reference.name)` (\(reference.digest.short))",
            why: why,
            hint: "run the stage that makes it again: `runner local --no-reuse`"
        )
    }

    private func manifestPath(_ digest: Digest) -> FilePath {
        root.appending("manifests").appending(digest.description)
    }

    private func blobPath(_ digest: Digest, executable: Bool) -> FilePath {
        root.appending("blobs").appending(String(digest.description.prefix(2)))
            .appending(digest.description + (executable ? "x" : ""))
    }
}
