package import FoundationEssentials
package import RunnerCore

/// A run as lists show it.
package struct RunSummary: Sendable, Hashable, Codable {
    package var number: Int
    package var repository: String
    package var pipeline: String
    /// What asked for it.
    package var kind: RunEvent.Kind
    /// The full name, as `refs/heads/develop`.
    package var ref: String
    package var commit: String?
    /// What was run: the identity of every input.
    package var tree: String
    /// First line of the commit's message.
    package var message: String
    package var author: String
    /// Why it was made, as `branch develop matches "develop"`.
    package var cause: String
    package var status: StatusName
    /// Once it is finished.
    package var outcome: Outcome?
    /// Of its end, or of waiting, in words.
    package var reason: String?
    package var createdAt: Date
    package var startedAt: Date?
    package var finishedAt: Date?
    /// The run that took its place.
    package var supersededBy: Int?
    /// The run that it repeats.
    package var rerunOf: Int?
    /// Why it is to end, once that was asked for.
    package var cancelReason: String?
    /// Grows with every change of any run.
    package var change: Int64

    package init(
        number: Int,
        repository: String,
        pipeline: String,
        kind: RunEvent.Kind,
        ref: String,
        commit: String? = nil,
        tree: String,
        message: String,
        author: String,
        cause: String,
        status: StatusName,
        outcome: Outcome? = nil,
        reason: String? = nil,
        createdAt: Date,
        startedAt: Date? = nil,
        finishedAt: Date? = nil,
        supersededBy: Int? = nil,
        rerunOf: Int? = nil,
        cancelReason: String? = nil,
        change: Int64
    ) {
        self.number = number
        self.repository = repository
        self.pipeline = pipeline
        self.kind = kind
        self.ref = ref
        self.commit = commit
        self.tree = tree
        self.message = message
        self.author = author
        self.cause = cause
        self.status = status
        self.outcome = outcome
        self.reason = reason
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.supersededBy = supersededBy
        self.rerunOf = rerunOf
        self.cancelReason = cancelReason
        self.change = change
    }
}

/// Where a run, a stage or a step is in its life.
package enum StatusName: String, Sendable, Hashable, Codable, CaseIterable {
    case pending, waiting, running, finished

    package init(_ status: Status) {
        self =
            switch status {
            case .pending: .pending
            case .waiting: .waiting
            case .running: .running
            case .finished: .finished
            }
    }
}
