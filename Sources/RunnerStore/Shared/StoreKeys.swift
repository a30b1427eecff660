import FoundationEssentials

/// What a shared store asks for, and what its records are signed with. It reaches a supervisor beside the secrets, under a
/// name that no secret can have, and lies on no disk of ours.
package struct StoreKeys: Sendable, Hashable, Codable {
    private static let entry = "store:keys"

    /// Of the bucket; `nil` for a directory.
    package var accessKey: String?
    package var secretKey: String?
    /// Of all who share the store.
    package var signing: String

    package init(accessKey: String? = nil, secretKey: String? = nil, signing: String) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.signing = signing
    }

    /// Puts them among values that are handed over.
    package func adding(to values: [String: String]) throws -> [String: String] {
        var values = values
        values[Self.entry] = String(decoding: try JSON.encode(self), as: UTF8.self)
        return values
    }

    /// Takes them out again: what is left are secrets.
    package static func take(from values: inout [String: String]) throws -> StoreKeys? {
        guard let text = values.removeValue(forKey: entry) else { return nil }
        return try JSON.decode(StoreKeys.self, from: Data(text.utf8))
    }
}
