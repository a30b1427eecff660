package import FoundationEssentials

/// A watched repository.
package struct RepositoryView: Sendable, Hashable, Codable {
    package var name: String
    /// Without a password.
    package var url: String
    /// Seconds between two looks.
    package var poll: Int
    /// As declared: `auto`, `libgit2` or `git`.
    package var transport: String
    /// Which transport serves it and why, where that was decided for it.
    package var transportNote: String?
    package var firstRun: Bool
    package var movedTags: Bool
    package var hasWebhookSecret: Bool
    /// `file` for the server's file, `added` for `runner repository add`.
    package var origin: String
    /// Whether its refs were recorded once.
    package var isSeen: Bool
    package var addedAt: Date
    /// When it was last looked at with success.
    package var lookedAt: Date?
    /// Why the last look failed.
    package var problem: String?

    package init(
        name: String,
        url: String,
        poll: Int,
        transport: String,
        transportNote: String? = nil,
        firstRun: Bool,
        movedTags: Bool,
        hasWebhookSecret: Bool,
        origin: String,
        isSeen: Bool,
        addedAt: Date,
        lookedAt: Date? = nil,
        problem: String? = nil
    ) {
        self.name = name
        self.url = url
        self.poll = poll
        self.transport = transport
        self.transportNote = transportNote
        self.firstRun = firstRun
        self.movedTags = movedTags
        self.hasWebhookSecret = hasWebhookSecret
        self.origin = origin
        self.isSeen = isSeen
        self.addedAt = addedAt
        self.lookedAt = lookedAt
        self.problem = problem
    }

    enum CodingKeys: String, CodingKey {
        case name, url, poll, transport, transportNote
        case firstRun = "first-run"
        case movedTags = "moved-tags"
        case hasWebhookSecret, origin, isSeen, addedAt, lookedAt, problem
    }
}
