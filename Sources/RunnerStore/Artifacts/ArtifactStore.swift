import FoundationEssentials
import Glibc
package import RunnerCore
package import SystemPackage

/// Files that stages hand on, kept by content.
///
///     blobs/ab/abcd…[x]   one file's bytes by SHA-256, `x` for executables; read-only
///     manifests/DIGEST    what an artifact consists of; its name is its digest
///     trees/DIGEST/       the files laid out by hard links, for mounting
///     provenance/         signed statements about where artifacts come from (ProvenanceStore)
///     promotions/         what pipelines made of which tree (PromotionStore)
///     keep/DIGEST         until when pipelines want an artifact (Keep)
///     damaged/            files whose bytes are no longer what their names say, for people to look at
package struct ArtifactStore: Sendable {
    let root: FilePath

    package init(_ root: FilePath) { self.root = root }

    typealias Manifest = ArtifactManifest

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
        if let duration = definition.keep { try keep(digest, for: duration) }
        return ArtifactReference(name: definition.name, digest: digest, files: collected.count, bytes: bytes)
    }

    /// A directory with the artifact's files, every byte checked against its digest just now. Files that were changed
    /// in the store are set aside, so that the stage that makes them again mends it.
    package func materialize(_ reference: ArtifactReference) throws -> FilePath {
        let manifest = try read(reference)
        FileSystem.touch(manifestPath(reference.digest))
        let hold = holdBlobs()
        defer { withExtendedLifetime(hold) {} }
        let tree = root.appending("trees").appending(reference.digest.description)
        if FileSystem.isDirectory(tree) {
            let isWhole = try manifest.files.allSatisfy { file in
                guard let digest = file.digest else { return true }
                return try holds(tree.appending(bytes: Array(file.path)), digest)
            }
            if isWhole { return tree }
            // Whoever has it mounted keeps what was there; the next one gets what is checked and linked below.
            try FileSystem.makeDirectories(root.appending("damaged"))
            try FileSystem.rename(tree, to: root.appending("damaged").appending("tree-\(UniqueName.make())"))
        }
        for file in manifest.files {
            if let digest = file.digest { try verify(digest, executable: file.executable, of: reference) }
        }
        let aside = root.appending("trees").appending(".\(UniqueName.make())")
        try FileSystem.makeDirectories(aside)
        for file in manifest.files { try place(file, in: aside) }
        if rename(aside.cString, tree.cString) != 0 { try TreeRemoval.remove(aside) }
        return tree
    }

    /// What each file of an artifact is, in words: the start of its digest, or where it points.
    package func contents(_ reference: ArtifactReference) throws -> [String: String] {
        let entries = try read(reference).files.map { file in
            let mode = file.executable ? ", executable" : ""
            let link = file.link.map { "link to \(String(decoding: $0, as: UTF8.self))" }
            let words = link ?? file.digest.map { "\(file.bytes) bytes, sha256 \($0.short)\(mode)" } ?? "nothing"
            return (String(decoding: file.path, as: UTF8.self), words)
        }
        return Dictionary(entries) { first, _ in first }
    }

    /// What an artifact consists of, checked. Throws where that is not known any more.
    package func manifest(of reference: ArtifactReference) throws -> ArtifactManifest { try read(reference) }

    func read(_ reference: ArtifactReference) throws -> Manifest {
        guard let data = try FileSystem.read(manifestPath(reference.digest)) else {
            throw damaged(reference, "its list of files is missing")
        }
        guard Digest.sha256(data) == reference.digest else { throw damaged(reference, "its list of files was changed") }
        return try Manifest(data, digest: reference.digest)
    }

    private func verify(_ digest: Digest, executable: Bool, of reference: ArtifactReference) throws {
        let path = blobPath(digest, executable: executable)
        if !FileSystem.exists(path) {
            // What lay compressed was checked on its way.
            if try warm(digest, executable: executable) { return }
            throw damaged(reference, "the file \(digest.short) is missing from the store")
        }
        if try holds(path, digest) { return }
        try FileSystem.makeDirectories(root.appending("damaged"))
        try FileSystem.rename(path, to: root.appending("damaged").appending("\(digest)-\(UniqueName.make())"))
        throw damaged(reference, "the file \(digest.short) in the store was changed")
    }

    /// Whether a plain file of these very bytes is there.
    func holds(_ path: FilePath, _ digest: Digest) throws -> Bool {
        let fd = open(path.cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if fd < 0, errno == ENOENT || errno == ELOOP { return false }
        guard fd >= 0 else { throw SystemFailure("open", path) }
        defer { close(fd) }
        return try DigestStream.read(fd, name: path).digest == digest
    }

    private func store(_ file: DirectoryEntry, from directory: FilePath) throws -> Manifest.File {
        let path = file.path(below: directory)
        if file.kind == .link {
            let target = try FileCollection.safeTarget(of: file, in: directory)
            return Manifest.File(path: Data(file.name), executable: false, bytes: 0, digest: nil, link: Data(target))
        }
        let isExecutable = file.mode & 0o111 != 0
        let fd = try checked("open", path) { open(path.cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        let (digest, bytes) = try DigestStream.read(fd, name: path)
        close(fd)
        let blob = blobPath(digest, executable: isExecutable)
        if !FileSystem.exists(blob) {
            try FileSystem.makeDirectories(blob.removingLastComponent())
            let aside = blob.removingLastComponent().appending(".\(UniqueName.make())")
            try FileCopy.file(path, to: aside, mode: isExecutable ? 0o555 : 0o444)
            FileSystem.touchAccess(aside)
            try FileSystem.rename(aside, to: blob)
        } else {
            // About to be named by one more artifact.
            FileSystem.touchAccess(blob)
        }
        return Manifest.File(path: Data(file.name), executable: isExecutable, bytes: bytes, digest: digest, link: nil)
    }

    private func place(_ file: Manifest.File, in directory: FilePath) throws {
        let path = directory.appending(bytes: Array(file.path))
        try FileSystem.makeDirectories(path.removingLastComponent())
        if let link = file.link {
            let made = (Array(link) + [0]).withUnsafeBytes { bytes in
                bytes.assumingMemoryBound(to: CChar.self).baseAddress.map { symlink($0, path.cString) } ?? -1
            }
            if made != 0 { throw SystemFailure("make link", path) }
        } else if let digest = file.digest {
            let blob = blobPath(digest, executable: file.executable)
            if Glibc.link(blob.cString, path.cString) != 0 { throw SystemFailure("link", path) }
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

    func manifestPath(_ digest: Digest) -> FilePath {
        root.appending("manifests").appending(digest.description)
    }

    func blobPath(_ digest: Digest, executable: Bool) -> FilePath {
        root.appending("blobs").appending(String(digest.description.prefix(2)))
            .appending(digest.description + (executable ? "x" : ""))
    }
}
