import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage

/// Where artifacts are read from. Nothing of what it says is believed: digests are compared.
protocol ArtifactSource {
    func artifacts(of run: RunNumber) async throws -> [RunArtifactView]
    func manifest(_ digest: Digest) async throws -> Data
    func statement(_ digest: Digest) async throws -> Data
    /// Gives the bytes of a file in pieces.
    func read(_ file: Digest, of artifact: Digest, _ take: ([UInt8]) throws -> Void) async throws
}

/// A daemon.
struct RemoteArtifacts: ArtifactSource {
    let client: RunnerClient

    func artifacts(of run: RunNumber) async throws -> [RunArtifactView] { try await client.artifacts(of: run).items }

    func manifest(_ digest: Digest) async throws -> Data { try await client.artifactManifest(digest.description) }

    func statement(_ digest: Digest) async throws -> Data { try await client.artifactStatement(digest.description) }

    func read(_ file: Digest, of artifact: Digest, _ take: ([UInt8]) throws -> Void) async throws {
        for try await piece in try await client.artifactFile(file.description, of: artifact.description) {
            try take(piece)
        }
    }
}

/// A state directory of this machine.
struct LocalArtifacts: ArtifactSource {
    let state: StateDirectory

    private var store: ArtifactStore { ArtifactStore(state.artifacts) }

    func artifacts(of run: RunNumber) async throws -> [RunArtifactView] {
        try spec(of: run).artifacts.map { artifact in
            RunArtifactView(
                name: artifact.reference.name,
                stage: artifact.stage.description,
                digest: artifact.reference.digest.description,
                files: artifact.reference.files,
                bytes: artifact.reference.bytes,
                provenance: artifact.reference.provenance?.description,
                isThere: store.isThere(artifact.reference.digest),
                keepUntil: try store.wantedUntil(artifact.reference.digest)
            )
        }
    }

    func manifest(_ digest: Digest) async throws -> Data {
        try store.manifestData(digest) ?? gone("artifact \(digest.short)")
    }

    func statement(_ digest: Digest) async throws -> Data {
        try ProvenanceStore(state).read(digest) ?? gone("statement \(digest.short)")
    }

    func read(_ file: Digest, of artifact: Digest, _ take: ([UInt8]) throws -> Void) async throws {
        guard let path = try store.file(file, of: artifact), FileSystem.exists(path) else {
            return try gone("file \(file.short)")
        }
        let fd = try checked("open", path) { open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        defer { close(fd) }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let got = Glibc.read(fd, &buffer, buffer.count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw SystemFailure("read", path) }
            if got == 0 { return }
            try take(Array(buffer[..<got]))
        }
    }

    /// What is signed about an artifact of a run, and whether its bytes are so.
    func verify(_ name: String, of run: RunNumber) throws -> ArtifactVerdictView {
        let directory = try spec(of: run)
        guard let spec = try JSON.read(RunSpec.self, at: directory.spec) else { return try gone("run \(run)") }
        let parts = directory.artifacts.filter { $0.reference.name == name }
        let findings = try parts.flatMap { part in
            try ArtifactInspection.inspect(part.reference, repository: spec.repository, in: state).map {
                ArtifactVerdictView.Finding(
                    kind: $0.kind.rawValue,
                    stage: part.stage.description,
                    file: $0.file,
                    words: $0.words
                )
            }
        }
        return ArtifactVerdictView(
            name: name,
            files: parts.reduce(0) { $0 + $1.reference.files },
            bytes: parts.reduce(0) { $0 + $1.reference.bytes },
            findings: findings
        )
    }

    private func spec(of run: RunNumber) throws -> RunDirectory {
        let directory = state.run(run)
        guard FileSystem.exists(directory.spec) else {
            throw RunnerError(
                .input,
                "there is no run \(run)",
                why: "\(state.runs) does not have it",
                hint: "name another state directory: `--state DIRECTORY`"
            )
        }
        return directory
    }

    private func gone<T>(_ what: String) throws -> T {
        throw RunnerError(.input, "\(what) is not in the store", why: "it was cleaned up, or was changed")
    }
}
