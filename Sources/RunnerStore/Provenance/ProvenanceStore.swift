package import FoundationEssentials
import RunnerCore
import SystemPackage

/// Signed statements by the SHA-256 of their envelopes.
///
///     provenance/DIGEST.json    an envelope; read-only, never changes
package struct ProvenanceStore: Sendable {
    private let state: StateDirectory

    package init(_ state: StateDirectory) { self.state = state }

    /// Signs a statement and keeps it.
    package func save(_ statement: ProvenanceStatement) throws -> Digest {
        let payload = try JSON.encode(statement)
        let type = ProvenanceStatement.payloadType
        let signed = try ProvenanceKeys(state).sign(ProvenanceEnvelope.message(payload, type: type))
        let envelope = ProvenanceEnvelope(
            payload: payload,
            payloadType: type,
            signatures: [.init(keyid: signed.id.description, sig: signed.signature)]
        )
        let data = try JSON.encode(envelope)
        let digest = Digest.sha256(data)
        try FileSystem.makeDirectories(root)
        try FileSystem.write(data, to: path(digest), mode: 0o444, durable: true)
        return digest
    }

    /// The envelope as it was written; `nil` where there is none, or another one under its name.
    package func read(_ digest: Digest) throws -> Data? {
        guard let data = try FileSystem.read(path(digest)), Digest.sha256(data) == digest else { return nil }
        return data
    }

    /// Takes away statements about artifacts that are all gone. Returns how many. What cannot be read says of nothing that
    /// it is gone.
    package func prune() throws -> Int {
        let store = ArtifactStore(state.artifacts)
        var removed = 0
        for name in FileSystem.names(in: root) where name.hasSuffix(".json") && !name.hasPrefix(".") {
            let path = root.appending(name)
            guard let envelope = try JSON.recall(ProvenanceEnvelope.self, at: path),
                let statement = try? JSON.decode(ProvenanceStatement.self, from: envelope.payload)
            else { continue }
            let whole = ArtifactInspection.subjectName(
                statement.predicate.buildDefinition.externalParameters.artifact
            )
            let artifacts = statement.subject.filter { $0.name == whole }
                .compactMap { $0.digest["sha256"].flatMap(Digest.init) }
            guard !artifacts.isEmpty, !artifacts.contains(where: store.isThere) else { continue }
            try TreeRemoval.remove(path)
            removed += 1
        }
        return removed
    }

    private var root: FilePath { state.artifacts.appending("provenance") }

    private func path(_ digest: Digest) -> FilePath { root.appending("\(digest).json") }
}
