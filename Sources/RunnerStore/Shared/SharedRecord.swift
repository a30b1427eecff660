import Crypto
import FoundationEssentials
import ObjectStorage
package import RunnerCore

/// The place of a small record in a shared store, and how it is signed.
///
///     records/KIND/LEVEL/NAME    64 hexadecimal digits of a MAC, a line feed, and the content
///
/// The MAC is HMAC-SHA256 with the key of those who share the store, over "runner-record 1", KIND, LEVEL, NAME and the
/// content, each but the last ended by a line feed. So nobody without the key makes a record, changes one, or moves it to
/// another name or a higher level.
package struct SharedRecord: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// What a stage came to (`OutcomeRecord`), by its key.
        case outcome
        /// A saved cache (`SharedCache`), by its scope, key and paths.
        case cache
    }

    /// More is no record.
    static let limit = 16 << 20
    private static let digits = 64

    package var kind: Kind
    package var level: RefTrust
    package var name: Digest

    package init(_ kind: Kind, _ level: RefTrust, _ name: Digest) {
        self.kind = kind
        self.level = level
        self.name = name
    }

    var object: String { "records/\(kind.rawValue)/\(level.rawValue)/\(name)" }

    func seal(_ content: Data, with key: SymmetricKey) -> Data {
        let mac = HMAC<SHA256>.authenticationCode(for: signed(content), using: key)
        return Data(mac.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined().utf8) + Data("\n".utf8) + content
    }

    /// The content, where the MAC is right.
    func open(_ sealed: Data, with key: SymmetricKey) -> Data? {
        guard sealed.count > Self.digits, sealed[sealed.startIndex + Self.digits] == UInt8(ascii: "\n"),
            let mac = Self.bytes(sealed.prefix(Self.digits))
        else {
            return nil
        }
        let content = Data(sealed.dropFirst(Self.digits + 1))
        let isRight = HMAC<SHA256>.isValidAuthenticationCode(mac, authenticating: signed(content), using: key)
        return isRight ? content : nil
    }

    private func signed(_ content: Data) -> Data {
        Data("runner-record 1\n\(kind.rawValue)\n\(level.rawValue)\n\(name)\n".utf8) + content
    }

    private static func bytes(_ digits: Data) -> [UInt8]? {
        guard digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
        let values = digits.map { $0 < 58 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
