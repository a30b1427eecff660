package import FoundationEssentials
import RunnerCore
package import SystemPackage

/// Artifacts as whoever downloads them reads them: nothing is laid out.
extension ArtifactStore {
    /// The list of files as it was written; `nil` where there is none, or where it was changed.
    package func manifestData(_ digest: Digest) throws -> Data? {
        guard let data = try FileSystem.read(manifestPath(digest), limit: 1 << 30), Digest.sha256(data) == digest else {
            return nil
        }
        return data
    }

    /// The plain file with these bytes; `nil` where the artifact, or any file of them, is gone. The list of files is not
    /// read: that would be once for each of its files.
    package func file(_ content: Digest, of artifact: Digest) throws -> FilePath? {
        guard isThere(artifact) else { return nil }
        for isExecutable in [false, true] {
            let path = blobPath(content, executable: isExecutable)
            if try FileSystem.exists(path) || warm(content, executable: isExecutable) { return path }
        }
        return nil
    }

    /// Whether the artifact has not been cleaned up.
    package func isThere(_ digest: Digest) -> Bool { FileSystem.exists(manifestPath(digest)) }

    /// Until when the pipelines that made it want it kept.
    package func wantedUntil(_ digest: Digest) throws -> Date? { try keepUntil(digest) }
}

extension RunDirectory {
    /// The artifacts of a run's stages, in the order of the stages' names. Throws nothing for what cannot be read: it is
    /// as good as not made.
    package var artifacts: [TakenArtifact] {
        stageResults.sorted { $0.key < $1.key }.flatMap { stage, result in
            result.artifacts.map { TakenArtifact(stage: stage, reference: $0) }
        }
    }
}
