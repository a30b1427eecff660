/// One step of a database's way, whatever tool takes it.
package struct Migration: Sendable, Hashable, Codable {
    /// What it means for the code of before.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Adds what the code of before does not mind.
        case expand
        /// Takes away what only the code of before needed.
        case contract
        /// Says nothing of it, so the code of before may not run on it.
        case plain
    }

    package var id: String
    /// SHA-256 of what it does; `nil` of tools that do not tell.
    package var checksum: String?
    package var kind: Kind
    package var isReversible: Bool
    package var isApplied: Bool

    package init(id: String, checksum: String? = nil, kind: Kind = .plain, isReversible: Bool, isApplied: Bool) {
        self.id = id
        self.checksum = checksum
        self.kind = kind
        self.isReversible = isReversible
        self.isApplied = isApplied
    }
}
