import Crypto
package import FoundationEssentials
import RunnerCore
import SystemPackage

/// The Ed25519 key with which a state directory signs statements about artifacts, and those that it had before.
///
///     keys/provenance.key      the private key: PKCS #8 as PEM, its owner's alone; made at first use
///     keys/public/KEYID.pem    every public key there ever was, so that old statements can be checked
package struct ProvenanceKeys: Sendable {
    private let root: FilePath

    package init(_ state: StateDirectory) { root = state.path.appending("keys") }

    /// A public key: SubjectPublicKeyInfo as RFC 8410 has it.
    package struct PublicKey: Sendable {
        /// SHA-256 of the key's DER: the `keyid` of its signatures.
        package let id: Digest
        package let pem: String
        private let bytes: Data

        init(_ key: Curve25519.Signing.PublicKey) {
            bytes = key.rawRepresentation
            let der = Data(ProvenanceKeys.publicPrefix) + bytes
            id = Digest.sha256(der)
            pem = ProvenanceKeys.pem(der, "PUBLIC KEY")
        }

        /// Throws for what is no Ed25519 key.
        package init(pem: String) throws {
            guard let der = ProvenanceKeys.der(pem, "PUBLIC KEY"), der.starts(with: ProvenanceKeys.publicPrefix),
                let key = try? Curve25519.Signing.PublicKey(
                    rawRepresentation: der.dropFirst(ProvenanceKeys.publicPrefix.count)
                )
            else {
                throw RunnerError(
                    .input,
                    "cannot read the public key",
                    why: "it is no Ed25519 key as PEM (`BEGIN PUBLIC KEY`)",
                    hint: "runner artifact key > key.pem"
                )
            }
            self.init(key)
        }

        package func verifies(_ signature: Data, of message: Data) -> Bool {
            // Bytes that were a key once are one still.
            (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes))?.isValidSignature(signature, for: message)
                ?? false
        }
    }

    /// All public keys, the one in use first.
    package func publicKeys() throws -> [PublicKey] {
        let current = PublicKey(try key().publicKey)
        let older = try FileSystem.names(in: folder).filter { $0.hasSuffix(".pem") && !$0.hasPrefix(".") }.compactMap {
            try FileSystem.read(folder.appending($0)).map { try PublicKey(pem: String(decoding: $0, as: UTF8.self)) }
        }
        return [current] + older.filter { $0.id != current.id }
    }

    package func sign(_ message: Data) throws -> (id: Digest, signature: Data) {
        let key = try key()
        return (PublicKey(key.publicKey).id, Data(try key.signature(for: message)))
    }

    /// Signs with a new key from now on. What the one before signed can still be checked.
    package func rotate() throws -> PublicKey {
        _ = try key()
        let lock = try FileLock(root.appending("lock"), wait: true)
        defer { withExtendedLifetime(lock) {} }
        return PublicKey(try makeKey().publicKey)
    }

    private func key() throws -> Curve25519.Signing.PrivateKey {
        if let key = try readKey() { return key }
        try FileSystem.makeDirectories(root, mode: 0o700)
        let lock = try FileLock(root.appending("lock"), wait: true)
        defer { withExtendedLifetime(lock) {} }
        return try readKey() ?? makeKey()
    }

    private func readKey() throws -> Curve25519.Signing.PrivateKey? {
        guard let data = try FileSystem.read(file) else { return nil }
        guard let der = Self.der(String(decoding: data, as: UTF8.self), "PRIVATE KEY"),
            der.starts(with: Self.privatePrefix),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: der.dropFirst(Self.privatePrefix.count))
        else {
            throw RunnerError(
                .errored,
                "cannot sign statements about artifacts",
                why: "\(file) is no Ed25519 key as PEM",
                hint: "put it back from a backup, or move it away: then a new key is made"
            )
        }
        return key
    }

    /// The public part first: no statement is ever signed with a key that nobody knows.
    private func makeKey() throws -> Curve25519.Signing.PrivateKey {
        let key = Curve25519.Signing.PrivateKey()
        let known = PublicKey(key.publicKey)
        try FileSystem.makeDirectories(folder)
        let place = folder.appending("\(known.id).pem")
        try FileSystem.write(Data(known.pem.utf8), to: place, mode: 0o444, durable: true)
        let der = Data(Self.privatePrefix) + key.rawRepresentation
        try FileSystem.write(Data(Self.pem(der, "PRIVATE KEY").utf8), to: file, mode: 0o600, durable: true)
        return key
    }

    private var file: FilePath { root.appending("provenance.key") }
    private var folder: FilePath { root.appending("public") }

    // MARK: - Encoding

    /// What stands before the 32 bytes of an Ed25519 key, RFC 8410.
    private static let publicPrefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
    private static let privatePrefix: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]

    private static func pem(_ der: Data, _ label: String) -> String {
        "-----BEGIN \(label)-----\n\(der.base64EncodedString())\n-----END \(label)-----\n"
    }

    private static func der(_ pem: String, _ label: String) -> Data? {
        let lines = pem.split(whereSeparator: \.isNewline).map { $0.filter { !$0.isWhitespace } }
        guard lines.first == "-----BEGIN \(label)-----".filter({ !$0.isWhitespace }), lines.count >= 3,
            lines.last == "-----END \(label)-----".filter({ !$0.isWhitespace })
        else { return nil }
        let prefix = label == "PUBLIC KEY" ? publicPrefix : privatePrefix
        guard let der = Data(base64Encoded: lines.dropFirst().dropLast().joined()), der.count == prefix.count + 32
        else { return nil }
        return der
    }
}
