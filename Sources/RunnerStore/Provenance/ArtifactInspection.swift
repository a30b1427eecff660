package import FoundationEssentials
import RunnerCore
import SystemPackage

/// Something about an artifact that is not as it was promised.
package struct ArtifactFinding: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case altered, missing, extra
        case badSignature = "bad-signature"
        case unknownKey = "unknown-key"
        case noProvenance = "no-provenance"
        /// The statement is signed, and is about something else.
        case wrongStatement = "wrong-statement"
    }

    package var kind: Kind
    /// A file, or nothing where it is the artifact as a whole.
    package var file: String?
    package var words: String

    package init(_ kind: Kind, file: String? = nil, _ words: String) {
        self.kind = kind
        self.file = file
        self.words = words
    }
}

/// Compares artifacts with what was signed about them.
package enum ArtifactInspection {
    /// Every byte in the store against the artifact's list of files.
    package static func files(of digest: Digest, in state: StateDirectory) throws -> [ArtifactFinding] {
        let store = ArtifactStore(state.artifacts)
        guard let data = try FileSystem.read(store.manifestPath(digest)) else {
            return [ArtifactFinding(.missing, "artifact \(digest.short) is not in the store any more")]
        }
        guard Digest.sha256(data) == digest else {
            return [ArtifactFinding(.altered, "the list of files of artifact \(digest.short) was changed")]
        }
        return try JSON.decode(ArtifactManifest.self, from: data).files.compactMap { file in
            guard let content = file.digest else { return nil }
            let blob = store.blobPath(content, executable: file.executable)
            // One that lies compressed is checked on its way out.
            if !FileSystem.exists(blob), try store.warm(content, executable: file.executable) { return nil }
            guard FileSystem.exists(blob) else { return ArtifactFinding(.missing, file: file.name, "it is missing") }
            return try store.holds(blob, content) ? nil : ArtifactFinding(.altered, file: file.name, "it was changed")
        }
    }

    /// An envelope's signature. The statement, where it holds.
    package static func open(
        _ envelope: Data?,
        keys: [ProvenanceKeys.PublicKey]
    ) -> (statement: ProvenanceStatement?, findings: [ArtifactFinding]) {
        guard let envelope else { return (nil, [ArtifactFinding(.noProvenance, "nothing was signed about it")]) }
        guard let signed = try? JSON.decode(ProvenanceEnvelope.self, from: envelope) else {
            return (nil, [ArtifactFinding(.badSignature, "the statement is no DSSE envelope")])
        }
        let message = ProvenanceEnvelope.message(signed.payload, type: signed.payloadType)
        let known = signed.signatures.compactMap { signature in
            keys.first { $0.id.description == signature.keyid }.map { ($0, signature.sig) }
        }
        guard !known.isEmpty else {
            let ids = signed.signatures.map { "`\($0.keyid.prefix(10))`" }.joined(separator: ", ")
            return (nil, [ArtifactFinding(.unknownKey, "it was signed by \(ids.isEmpty ? "nobody" : "key \(ids)")")])
        }
        guard known.contains(where: { $0.0.verifies($0.1, of: message) }) else {
            return (nil, [ArtifactFinding(.badSignature, "the signature is not of this statement")])
        }
        guard signed.payloadType == ProvenanceStatement.payloadType,
            let statement = try? JSON.decode(ProvenanceStatement.self, from: signed.payload),
            statement.type == ProvenanceStatement.statementType,
            statement.predicateType == ProvenanceStatement.predicateType
        else {
            return (nil, [ArtifactFinding(.wrongStatement, "what is signed is no provenance of SLSA v1")])
        }
        return (statement, [])
    }

    /// What a statement says against files as they are.
    ///
    /// Several are about the parts of one artifact, as the cells of a matrix made them.
    package static func compare(_ statements: [ProvenanceStatement], with manifest: ArtifactManifest) throws
        -> [ArtifactFinding]
    {
        let subjects = statements.flatMap(\.subject)
        let stated = Dictionary(subjects.map { ($0.name ?? "", $0.digest["sha256"]) }) { first, _ in first }
        let wholes = Set(
            statements.map { subjectName($0.predicate.buildDefinition.externalParameters.artifact) }
        )
        var findings: [ArtifactFinding] = []
        var seen = wholes
        for file in manifest.files where file.link == nil {
            seen.insert(file.name)
            guard let known = stated[file.name] else {
                findings.append(ArtifactFinding(.extra, file: file.name, "the statement does not name it"))
                continue
            }
            if known != file.digest?.description {
                findings.append(
                    ArtifactFinding(.altered, file: file.name, "its SHA-256 is not the one that was signed")
                )
            }
        }
        for name in stated.keys.sorted() where !seen.contains(name) {
            findings.append(ArtifactFinding(.missing, file: name, "the statement names it, and it is not there"))
        }
        // The parts together have no digest of their own.
        guard findings.isEmpty, statements.count == 1, let whole = wholes.first else { return findings }
        if stated[whole] != (try manifest.digest.description) {
            let words = "the files are as signed, their execute bits or links are not"
            findings.append(ArtifactFinding(.altered, words))
        }
        return findings
    }

    /// An artifact of a run: bytes, signature, and the statement against both.
    package static func inspect(
        _ reference: ArtifactReference,
        repository: String,
        in state: StateDirectory
    ) throws -> [ArtifactFinding] {
        var findings = try files(of: reference.digest, in: state)
        let envelope = try reference.provenance.flatMap { try ProvenanceStore(state).read($0) }
        let (statement, problems) = open(envelope, keys: try ProvenanceKeys(state).publicKeys())
        findings += problems
        guard let statement else { return findings }
        let stated = statement.predicate.buildDefinition.externalParameters
        if stated.repository != repository || stated.artifact != reference.name {
            let words = "it is about artifact `\(stated.artifact)` of `\(stated.repository)`"
            findings.append(ArtifactFinding(.wrongStatement, words))
        }
        let path = ArtifactStore(state.artifacts).manifestPath(reference.digest)
        guard let data = try FileSystem.read(path), Digest.sha256(data) == reference.digest else { return findings }
        return findings + (try compare([statement], with: JSON.decode(ArtifactManifest.self, from: data)))
    }

    /// The subject that stands for the artifact as a whole. No file has such a name: an artifact's paths are relative.
    package static func subjectName(_ artifact: String) -> String { "/\(artifact)" }
}
