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

    /// The plain file with the bytes of a file of an artifact; `nil` where the artifact has no such file.
    package func file(_ content: Digest, of artifact: Digest) throws -> FilePath? {
        guard let data = try manifestData(artifact) else { return nil }
        let files = try ArtifactManifest(data, digest: artifact).files
        guard let file = files.first(where: { $0.digest == content }) else { return nil }
        return blobPath(content, executable: file.executable)
    }

    /// Notes that an artifact was used just now, and says whether it is there.
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
