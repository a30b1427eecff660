import FoundationEssentials
import Glibc
import RunnerCore
import SystemPackage

/// What looking after the store takes: what is in it, what is wrong with it, what nothing names any more.
extension ArtifactStore {
    /// An artifact as it lies in the store.
    struct Kept {
        let digest: Digest
        let path: FilePath
        /// By path, so that what several artifacts share can be told.
        let blobs: [FilePath: Int64]
    }

    /// How long its pipelines want an artifact to be kept.
    struct Keep: Codable {
        var until: Date
    }

    /// Every artifact whose list of files can be read.
    func kept() throws -> [Kept] {
        try digests().compactMap { digest in
            let path = manifestPath(digest)
            guard let manifest = try JSON.recall(Manifest.self, at: path) else { return nil }
            let blobs = manifest.files.compactMap { file in
                file.digest.map { (blobPath($0, executable: file.executable), file.bytes) }
            }
            return Kept(digest: digest, path: path, blobs: Dictionary(blobs) { first, _ in first })
        }
    }

    /// Until when a pipeline wants an artifact; `nil` where none says.
    func keepUntil(_ digest: Digest) throws -> Date? { try JSON.recall(Keep.self, at: keepPath(digest))?.until }

    /// The latest wish of all runs that made it counts.
    func keep(_ digest: Digest, for duration: Duration) throws {
        let until = Date(timeIntervalSinceNow: Double(duration.components.seconds))
        if let known = try keepUntil(digest), known >= until { return }
        try FileSystem.makeDirectories(root.appending("keep"))
        try JSON.write(Keep(until: until), to: keepPath(digest))
    }

    /// What belongs to one artifact alone: its list, and its files laid out. Files go with `unnamedBlobs`.
    func places(of digest: Digest) -> [FilePath] {
        [
            manifestPath(digest), keepPath(digest), coldPath(digest),
            root.appending("trees").appending(digest.description),
        ]
    }

    /// Files that no artifact names, but those that may be about to be named.
    func unnamedBlobs(unusedFor age: Duration) throws -> [FilePath] {
        let named = Set(try kept().flatMap { $0.blobs.keys })
        // A list that cannot be read may name any of them.
        guard try digests().count == kept().count else { return [] }
        let now = Glibc.time(nil)
        return try blobs().filter { path in
            var status = stat()
            let plain = path.string.hasSuffix(".zst") ? FilePath(String(path.string.dropLast(4))) : path
            guard !named.contains(plain), lstat(path.cString, &status) == 0 else { return false }
            return .seconds(now - status.st_atim.tv_sec) > age
        }
    }

    /// What is wrong, with its place. `isDeep` reads every byte.
    func problems(isDeep: Bool) throws -> [(FilePath, String)] {
        var problems: [(FilePath, String)] = []
        var checked: Set<FilePath> = []
        for digest in digests() {
            let path = manifestPath(digest)
            guard let data = try FileSystem.read(path) else { continue }
            guard Digest.sha256(data) == digest, let manifest = try? JSON.decode(Manifest.self, from: data) else {
                problems.append((path, "the artifact's list of files was changed"))
                continue
            }
            for file in manifest.files {
                guard let name = file.digest else { continue }
                let blob = blobPath(name, executable: file.executable)
                guard checked.insert(blob).inserted else { continue }
                if !FileSystem.exists(blob), FileSystem.exists(Self.compressed(blob)) {
                    if isDeep, try !holdsCompressed(blob, name) {
                        problems.append((Self.compressed(blob), "a file of artifact \(digest.short) was changed"))
                    }
                } else if !FileSystem.exists(blob) {
                    problems.append((blob, "a file of artifact \(digest.short) is missing"))
                } else if isDeep, try !holds(blob, name) {
                    problems.append((blob, "a file of artifact \(digest.short) was changed: its digest differs"))
                }
            }
        }
        return problems
    }

    private func digests() -> [Digest] { FileSystem.names(in: root.appending("manifests")).compactMap(Digest.init) }

    private func blobs() throws -> [FilePath] {
        let folder = root.appending("blobs")
        return FileSystem.names(in: folder).flatMap { part in
            FileSystem.names(in: folder.appending(part)).filter { !$0.hasPrefix(".") }
                .map { folder.appending(part).appending($0) }
        }
    }

    private func keepPath(_ digest: Digest) -> FilePath {
        root.appending("keep").appending(digest.description)
    }
}
