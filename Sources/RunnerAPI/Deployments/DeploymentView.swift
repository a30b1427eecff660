package import FoundationEssentials
package import RunnerCore

/// What is deployed.
package struct ReleaseView: Sendable, Hashable, Codable {
    package var version: String
    package var repository: String
    /// In full, as `refs/tags/v1.2.0`.
    package var ref: String
    package var commit: String
    package var author: String
    package var artifact: String?
    /// SHA-256 of the artifact's list of files.
    package var digest: String?
    /// The run that made it.
    package var run: Int?

    package init(
        version: String,
        repository: String,
        ref: String,
        commit: String,
        author: String,
        artifact: String?,
        digest: String?,
        run: Int?
    ) {
        self.version = version
        self.repository = repository
        self.ref = ref
        self.commit = commit
        self.author = author
        self.artifact = artifact
        self.digest = digest
        self.run = run
    }
}

/// One attempt to bring an environment to a release.
package struct DeploymentView: Sendable, Hashable, Codable {
    package enum Status: String, Sendable, Hashable, Codable, CaseIterable {
        /// On gates, or behind another deployment.
        case waiting
        case running
        /// On a person, half-way.
        case paused
        case finished
    }

    package var id: Int64
    package var environment: String
    package var release: ReleaseView
    /// `deploy`, `rollback` or `drill`.
    package var kind: String
    package var status: Status
    package var outcome: Outcome?
    /// Of waiting or of the end, in words.
    package var reason: String?
    package var askedBy: String
    package var askedAt: Date
    package var run: Int?
    package var stage: String?
    /// SHA-256 of what would be done: approvals are of this plan alone.
    package var plan: String
    package var startedAt: Date?
    package var liveAt: Date?
    package var finishedAt: Date?
    /// When what it waits for may change by itself.
    package var nextAt: Date?
    package var supersededBy: Int64?
    /// Of the way that it is on, in words; the one under way is `step`.
    package var steps: [String]
    package var step: Int?

    package init(
        id: Int64,
        environment: String,
        release: ReleaseView,
        kind: String,
        status: Status,
        outcome: Outcome?,
        reason: String?,
        askedBy: String,
        askedAt: Date,
        run: Int?,
        stage: String?,
        plan: String,
        startedAt: Date?,
        liveAt: Date?,
        finishedAt: Date?,
        nextAt: Date?,
        supersededBy: Int64?,
        steps: [String],
        step: Int?
    ) {
        self.id = id
        self.environment = environment
        self.release = release
        self.kind = kind
        self.status = status
        self.outcome = outcome
        self.reason = reason
        self.askedBy = askedBy
        self.askedAt = askedAt
        self.run = run
        self.stage = stage
        self.plan = plan
        self.startedAt = startedAt
        self.liveAt = liveAt
        self.finishedAt = finishedAt
        self.nextAt = nextAt
        self.supersededBy = supersededBy
        self.steps = steps
        self.step = step
    }
}

/// A line of a deployment's timeline.
package struct DeploymentEventView: Sendable, Hashable, Codable {
    package var id: Int64
    package var at: Date
    /// `gates`, `step`, `done`, `failed`, `back`, `live`, `output` and the like.
    package var kind: String
    package var text: String

    package init(id: Int64, at: Date, kind: String, text: String) {
        self.id = id
        self.at = at
        self.kind = kind
        self.text = text
    }
}

/// What is asked of an environment: a version, or the newest.
package struct DeployBody: Sendable, Hashable, Codable {
    package var version: String?
    /// For the record.
    package var reason: String?

    package init(version: String? = nil, reason: String? = nil) {
        self.version = version
        self.reason = reason
    }
}

/// What would be done.
package struct RehearsalView: Sendable, Hashable, Codable {
    package var environment: String
    package var release: ReleaseView
    package var steps: [String]
    /// What there is to know before: migrations and how long they took elsewhere, whether there is a way back.
    package var notes: [String]

    package init(environment: String, release: ReleaseView, steps: [String], notes: [String]) {
        self.environment = environment
        self.release = release
        self.steps = steps
        self.notes = notes
    }
}

/// A person's word to a deployment that waits.
package struct GateAnswerBody: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case approve, reject
        /// An item of the checklist.
        case sign
        /// Sets a gate aside.
        case override
    }

    package var kind: Kind
    /// The item or the gate.
    package var subject: String?
    package var reason: String?
    /// The plan that was looked at, or its first digits: another one is refused.
    package var plan: String?

    package init(kind: Kind, subject: String? = nil, reason: String? = nil, plan: String? = nil) {
        self.kind = kind
        self.subject = subject
        self.reason = reason
        self.plan = plan
    }
}

/// Why something is done that stops something.
package struct ReasonBody: Sendable, Hashable, Codable {
    package var reason: String

    package init(reason: String) { self.reason = reason }
}
