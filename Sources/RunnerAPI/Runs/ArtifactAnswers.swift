package import FoundationEssentials

/// An artifact of a run, of one stage: the cells of a matrix have one each.
package struct RunArtifactView: Sendable, Hashable, Codable {
    package var name: String
    package var stage: String
    package var digest: String
    package var files: Int
    package var bytes: Int64
    /// SHA-256 of the envelope with the statement about it.
    package var provenance: String?
    /// False where its files were cleaned up.
    package var isThere: Bool
    /// Until when its pipeline wants it kept.
    package var keepUntil: Date?

    package init(
        name: String,
        stage: String,
        digest: String,
        files: Int,
        bytes: Int64,
        provenance: String?,
        isThere: Bool,
        keepUntil: Date?
    ) {
        self.name = name
        self.stage = stage
        self.digest = digest
        self.files = files
        self.bytes = bytes
        self.provenance = provenance
        self.isThere = isThere
        self.keepUntil = keepUntil
    }
}

/// What a look at an artifact found.
package struct ArtifactVerdictView: Sendable, Hashable, Codable {
    /// Something that is not as it was promised.
    package struct Finding: Sendable, Hashable, Codable {
        /// `altered`, `missing`, `extra`, `bad-signature`, `unknown-key`, `no-provenance` or `wrong-statement`.
        package var kind: String
        package var stage: String?
        package var file: String?
        package var words: String

        package init(kind: String, stage: String?, file: String?, words: String) {
            self.kind = kind
            self.stage = stage
            self.file = file
            self.words = words
        }
    }

    package var name: String
    package var isGood: Bool
    package var files: Int
    package var bytes: Int64
    package var findings: [Finding]

    package init(name: String, files: Int, bytes: Int64, findings: [Finding]) {
        self.name = name
        isGood = findings.isEmpty
        self.files = files
        self.bytes = bytes
        self.findings = findings
    }
}

/// A public key that statements about artifacts are signed with.
package struct ArtifactKeyView: Sendable, Hashable, Codable {
    /// SHA-256 of its DER: the `keyid` of its signatures.
    package var id: String
    package var pem: String
    /// What is signed now is signed with it.
    package var isInUse: Bool

    package init(id: String, pem: String, isInUse: Bool) {
        self.id = id
        self.pem = pem
        self.isInUse = isInUse
    }
}
