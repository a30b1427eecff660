package import FoundationEssentials
package import RunnerCore

/// A token, but not its secret.
package struct TokenView: Sendable, Hashable, Codable {
    package var name: String
    package var role: Role
    package var createdAt: Date
    package var expiresAt: Date?
    package var usedAt: Date?

    package init(name: String, role: Role, createdAt: Date, expiresAt: Date? = nil, usedAt: Date? = nil) {
        self.name = name
        self.role = role
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }
}

/// A token to be made.
package struct TokenBody: Sendable, Hashable, Codable {
    package var name: String
    package var role: Role
    package var expiresAt: Date?

    package init(name: String, role: Role, expiresAt: Date? = nil) {
        self.name = name
        self.role = role
        self.expiresAt = expiresAt
    }
}

/// A token that was made. Its secret is shown this once.
package struct TokenSecret: Sendable, Hashable, Codable {
    package var name: String
    package var secret: String

    package init(name: String, secret: String) {
        self.name = name
        self.secret = secret
    }
}
