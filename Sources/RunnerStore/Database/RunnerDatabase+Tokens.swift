package import FoundationEssentials
import GRDB
package import RunnerCore

/// A token as people see it: never its secret, which nobody has but its owner.
package struct TokenRow: Sendable, Hashable {
    package var name: String
    package var role: Role
    package var createdAt: Date
    /// `nil` means never.
    package var expiresAt: Date?
    /// To the minute.
    package var usedAt: Date?
}

extension RunnerDatabase {
    /// Makes a token and returns its secret, which is shown this once: only its digest is kept.
    package func createToken(
        name: String,
        role: Role,
        expires: Date? = nil,
        actor: String = itself
    ) async throws -> String {
        guard (1...100).contains(name.utf8.count),
            name.allSatisfy({ $0.isLetter || $0.isNumber || "._-@".contains($0) })
        else {
            throw RunnerError(
                .input,
                "cannot create token `\(name)`",
                why: "a name has 1 to 100 letters, digits and `.`, `_`, `-`, `@`"
            )
        }
        let secret = Self.newSecret()
        try await write { database in
            let taken = "SELECT 1 FROM token WHERE name = ?"
            guard try Bool.fetchOne(database, sql: taken, arguments: [name]) == nil else {
                throw RunnerError(
                    .input,
                    "cannot create token `\(name)`",
                    why: "there is one of that name",
                    hint: "take another name, or revoke it: `runner token revoke \(name)`"
                )
            }
            try database.execute(
                sql: "INSERT INTO token (name, role, hash, createdAt, expiresAt) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    name, role.rawValue, Digest.sha256(secret).description, Date().timeIntervalSince1970,
                    expires?.timeIntervalSince1970,
                ]
            )
            try Self.note(.tokenCreated, of: name, by: actor, detail: role.rawValue, database)
        }
        return secret
    }

    /// By name.
    package func tokens() async throws -> [TokenRow] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM token ORDER BY name").compactMap(TokenRow.init)
        }
    }

    /// False where there is none of that name.
    package func revokeToken(named name: String, actor: String = itself) async throws -> Bool {
        try await write { database in
            try database.execute(sql: "DELETE FROM token WHERE name = ?", arguments: [name])
            guard database.changesCount > 0 else { return false }
            try Self.note(.tokenRevoked, of: name, by: actor, database)
            return true
        }
    }

    /// Whose token this is and what it may do; `nil` for one that is unknown, revoked or too old.
    package func role(ofToken secret: String) async throws -> (name: String, role: Role)? {
        let hash = Digest.sha256(secret).description
        let found = try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM token WHERE hash = ?", arguments: [hash])
                .flatMap(TokenRow.init)
        }
        let now = Date()
        guard let found, found.expiresAt.map({ $0 > now }) ?? true else { return nil }
        // Also where the clock was set back.
        if found.usedAt.map({ abs($0.timeIntervalSince(now)) >= 60 }) ?? true {
            // When it was used is for people to tidy up by: a full disk locks nobody out.
            try? await write { database in
                try database.execute(
                    sql: "UPDATE token SET usedAt = ? WHERE hash = ?",
                    arguments: [now.timeIntervalSince1970, hash]
                )
            }
        }
        return (found.name, found.role)
    }

    /// Remembers that a webhook was delivered. False for one that is known: somebody sends it again.
    package func rememberDelivery(_ id: String, within: Duration) async throws -> Bool {
        try await write { database in
            let now = Date().timeIntervalSince1970
            try database.execute(
                sql: "DELETE FROM delivery WHERE receivedAt < ?",
                arguments: [now - Double(within.components.seconds)]
            )
            try database.execute(sql: "INSERT OR IGNORE INTO delivery VALUES (?, ?)", arguments: [id, now])
            return database.changesCount > 0
        }
    }

    /// `rnr_` and 32 bytes of the system's random source.
    private static func newSecret() -> String {
        let words = (0..<4).map { _ in
            let word = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - word.count) + word
        }
        return "rnr_" + words.joined()
    }
}

extension TokenRow {
    /// `nil` for a role that this runner does not know: then it may nothing.
    fileprivate init?(_ row: Row) {
        guard let role = Role(rawValue: row["role"]) else { return nil }
        self.init(
            name: row["name"],
            role: role,
            createdAt: Date(timeIntervalSince1970: row["createdAt"]),
            expiresAt: (row["expiresAt"] as Double?).map(Date.init(timeIntervalSince1970:)),
            usedAt: (row["usedAt"] as Double?).map(Date.init(timeIntervalSince1970:))
        )
    }
}
