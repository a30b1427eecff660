import Crypto
import FoundationEssentials

/// Which value a sealed row holds. It is bound to it: a row that was put in another's place does not open.
struct SealedPlace: Sendable, Hashable {
    var name: String
    /// Empty for all.
    var environment: String
    var version: Int

    /// Names hold no zero byte.
    fileprivate var context: Data { Data("runner secret 1\0\(name)\0\(environment)\0\(version)".utf8) }
}

/// The key that secrets lie under: 32 random bytes, for ChaCha20-Poly1305.
struct SecretKey: Sendable {
    static let length = 32

    private let key: SymmetricKey
    /// Tells keys apart and nothing about them.
    let id: String

    init() { self.init(SymmetricKey(size: .bits256)) }

    /// `nil` for bytes of another length.
    init?(_ bytes: Data) {
        guard bytes.count == Self.length else { return nil }
        self.init(SymmetricKey(data: bytes))
    }

    private init(_ key: SymmetricKey) {
        self.key = key
        id = Self.hex(HMAC<SHA256>.authenticationCode(for: Data("runner secret key id".utf8), using: key))
    }

    /// For its file.
    var bytes: [UInt8] { key.withUnsafeBytes { Array($0) } }

    func seal(_ value: String, for place: SealedPlace) throws -> Data {
        try ChaChaPoly.seal(Data(value.utf8), using: key, authenticating: place.context).combined
    }

    /// `nil` where the bytes, the place or the key are others.
    func open(_ sealed: Data, of place: SealedPlace) -> String? {
        // Why it does not open is nobody's to know, and there is nothing to do but to say so.
        guard let box = try? ChaChaPoly.SealedBox(combined: sealed),
            let value = try? ChaChaPoly.open(box, using: key, authenticating: place.context)
        else { return nil }
        return String(validating: value, as: UTF8.self)
    }

    /// The same for the same value of the same secret, and of no use to guess it by without the key.
    func mark(of value: String, name: String) -> String {
        let derived = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key,
            info: Data("runner secret version".utf8),
            outputByteCount: Self.length
        )
        return Self.hex(HMAC<SHA256>.authenticationCode(for: Data("\(name)\0\(value)".utf8), using: derived))
    }

    /// The first 8 bytes.
    private static func hex(_ code: some Sequence<UInt8>) -> String {
        code.prefix(8).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0\(text)" : text
        }
        .joined()
    }
}
