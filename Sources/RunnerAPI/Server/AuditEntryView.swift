package import FoundationEssentials

/// A line of the audit.
package struct AuditEntryView: Sendable, Hashable, Codable {
    package var id: Int64
    package var at: Date
    package var actor: String
    package var action: String
    package var subject: String
    package var detail: String
    /// Of this line and all before it.
    package var hash: String

    package init(id: Int64, at: Date, actor: String, action: String, subject: String, detail: String, hash: String) {
        self.id = id
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
        self.hash = hash
    }
}
