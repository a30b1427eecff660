import FoundationEssentials
import Glibc
import RunnerCore
import SystemPackage

/// Artifacts on their way to other machines and from them.
extension ArtifactStore {
    /// Everything that an artifact is made of, its list of files first.
    package func parts(of reference: ArtifactReference) throws -> [Outbox.Entry.Blob] {
        let manifest = try manifest(of: reference)
        var status = stat()
        let path = manifestPath(reference.digest)
        guard stat(path.string, &status) == 0 else { throw SystemFailure("inspect", path) }
        let files = manifest.files.compactMap { file in
            file.digest.map { Outbox.Entry.Blob(digest: $0, bytes: file.bytes) }
        }
        return [Outbox.Entry.Blob(digest: reference.digest, bytes: Int64(status.st_size))] + files
    }

    /// Where the bytes of a digest may lie.
    func files(of digest: Digest) -> [FilePath] {
        [blobPath(digest, executable: false), blobPath(digest, executable: true), manifestPath(digest)]
    }

    /// Brings an artifact from elsewhere. False where something of it is missing there.
    package func fetch(_ reference: ArtifactReference, from store: SharedStore) async throws -> Bool {
        if !FileSystem.exists(manifestPath(reference.digest)) {
            let aside = try aside("manifests")
            defer { unlink(aside.string) }
            guard await store.fetch(reference.digest, bytes: Self.longestManifest(reference), to: aside) else {
                return false
            }
            guard let data = try FileSystem.read(aside) else { return false }
            let manifest = try Manifest(data, digest: reference.digest)
            for file in manifest.files where try await !fetch(file, from: store) { return false }
            try FileSystem.write(data, to: manifestPath(reference.digest), mode: 0o444, durable: true)
            return true
        }
        for file in try manifest(of: reference).files where try await !fetch(file, from: store) { return false }
        return true
    }

    private func fetch(_ file: Manifest.File, from store: SharedStore) async throws -> Bool {
        guard let digest = file.digest else { return true }
        let path = blobPath(digest, executable: file.executable)
        if FileSystem.exists(path) { return true }
        let aside = try aside("blobs")
        defer { unlink(aside.string) }
        guard await store.fetch(digest, bytes: file.bytes, to: aside) else { return false }
        try checked("change the mode of", aside) { chmod(aside.string, file.executable ? 0o555 : 0o444) }
        try FileSystem.makeDirectories(path.removingLastComponent())
        try FileSystem.rename(aside, to: path)
        return true
    }

    private func aside(_ folder: String) throws -> FilePath {
        try FileSystem.makeDirectories(root.appending(folder))
        return root.appending(folder).appending(".\(UniqueName.make())")
    }

    /// What a list of so many files may be, with the longest paths.
    private static func longestManifest(_ reference: ArtifactReference) -> Int64 {
        min(64 << 20, 64 << 10 + Int64(max(0, min(reference.files, 1 << 20))) * 8192)
    }
}
