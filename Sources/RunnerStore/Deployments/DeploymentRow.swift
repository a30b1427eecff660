package import FoundationEssentials
package import RunnerCore

/// One attempt to bring an environment to a release.
package struct DeploymentRow: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case deploy, rollback, drill
    }

    package enum Status: Sendable, Hashable {
        /// On gates, or behind another deployment.
        case waiting
        case running
        /// A person is to say how it goes on.
        case paused
        case finished(Outcome)
    }

    /// `succeeded` is live; `failed` was taken back or refused; `errored` is neither, and a person was called.
    package var status: Status
    package var id: Int64
    package var environment: String
    package var release: ReleaseRow
    package var kind: Kind
    package var askedBy: String
    package var askedAt: Date
    package var run: RunNumber?
    package var stage: StageID?
    /// The environment's file, as it was when the deployment was asked for.
    package var definition: String
    /// JSON of what people approve.
    package var plan: String
    package var planHash: String
    package var reason: String?
    /// The release that was live before, by its row.
    package var previous: Int64?
    /// JSON of the rollout's state.
    package var rollout: String?
    package var startedAt: Date?
    package var liveAt: Date?
    package var finishedAt: Date?
    /// When what it waits for may change by itself.
    package var nextAt: Date?
    package var cancelReason: String?
    package var supersededBy: Int64?

    package var isFinished: Bool {
        if case .finished = status { true } else { false }
    }
}

/// A deployment to be written down.
package struct NewDeployment: Sendable {
    package var environment: String
    package var release: ReleaseRow
    package var kind: DeploymentRow.Kind
    package var askedBy: String
    package var run: RunNumber?
    package var stage: StageID?
    package var definition: String
    package var plan: String
    package var planHash: String

    package init(
        environment: String,
        release: ReleaseRow,
        kind: DeploymentRow.Kind,
        askedBy: String,
        run: RunNumber? = nil,
        stage: StageID? = nil,
        definition: String,
        plan: String,
        planHash: String
    ) {
        self.environment = environment
        self.release = release
        self.kind = kind
        self.askedBy = askedBy
        self.run = run
        self.stage = stage
        self.definition = definition
        self.plan = plan
        self.planHash = planHash
    }
}

/// A line of a deployment's timeline.
package struct DeploymentEvent: Sendable, Hashable {
    package var id: Int64
    package var deployment: Int64
    package var at: Date
    /// `gates`, `step`, `failed`, `back`, `live`, `output` and the like.
    package var kind: String
    package var text: String
}

/// What a person or a machine said to a gate.
package struct GateMark: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case approved, rejected
        /// An item of a checklist, by a person; by a machine.
        case signed, checked
        /// A gate that an admin set aside.
        case overridden
    }

    package var id: Int64
    package var deployment: Int64
    package var kind: Kind
    /// The item or the gate; empty for approvals.
    package var subject: String
    package var actor: String
    /// `nil` for a machine.
    package var role: Role?
    package var reason: String
    package var isGood: Bool
    /// What it was said of.
    package var planHash: String
    package var at: Date

    package init(
        id: Int64 = 0,
        deployment: Int64,
        kind: Kind,
        subject: String = "",
        actor: String,
        role: Role?,
        reason: String = "",
        isGood: Bool = true,
        planHash: String,
        at: Date = Date()
    ) {
        self.id = id
        self.deployment = deployment
        self.kind = kind
        self.subject = subject
        self.actor = actor
        self.role = role
        self.reason = reason
        self.isGood = isGood
        self.planHash = planHash
        self.at = at
    }
}

/// A time without deployments that a person began.
package struct FreezeRow: Sendable, Hashable {
    package var id: Int64
    package var environment: String
    /// `nil` until it is lifted.
    package var until: Date?
    package var reason: String
    package var actor: String
    package var at: Date
}

/// What is live in an environment.
package struct LiveRow: Sendable, Hashable {
    package var environment: String
    package var release: ReleaseRow
    package var deployment: Int64
    package var since: Date
}

/// What is known of one place of an environment.
package struct PlaceRow: Sendable, Hashable {
    package var target: String
    /// Empty for a target without slots.
    package var slot: String
    /// JSON.
    package var place: String
    /// When what runs there without traffic is ended.
    package var retireAt: Date?

    package init(target: String, slot: String, place: String, retireAt: Date? = nil) {
        self.target = target
        self.slot = slot
        self.place = place
        self.retireAt = retireAt
    }
}

/// A time in which an environment's release was healthy, or was not.
package struct HealthSpan: Sendable, Hashable {
    package var since: Date
    package var until: Date
    package var isHealthy: Bool
    package var detail: String
}

/// A backup of an environment's data.
package struct BackupRow: Sendable, Hashable {
    package var id: Int64
    package var environment: String
    /// As `schedule`, `deployment 12`, `by ada`.
    package var cause: String
    /// A path, or what the tool calls it.
    package var handle: String
    package var isFile: Bool
    package var bytes: Int64
    package var digest: String
    package var seconds: Double
    package var createdAt: Date
    /// When it was last restored into a scratch database; `nil` is unproven.
    package var verifiedAt: Date?
    package var verifyProblem: String?
    package var removedAt: Date?

    package init(
        id: Int64 = 0,
        environment: String,
        cause: String,
        handle: String,
        isFile: Bool,
        bytes: Int64,
        digest: String,
        seconds: Double,
        createdAt: Date = Date()
    ) {
        self.id = id
        self.environment = environment
        self.cause = cause
        self.handle = handle
        self.isFile = isFile
        self.bytes = bytes
        self.digest = digest
        self.seconds = seconds
        self.createdAt = createdAt
    }
}

/// A migration that a deployment applied, or took back.
package struct MigrationRow: Sendable, Hashable {
    package var migration: String
    package var checksum: String
    package var kind: String
    package var isReversible: Bool
    package var isBack: Bool
    package var seconds: Double
    package var deployment: Int64
    package var at: Date

    package init(
        migration: String,
        checksum: String,
        kind: String,
        isReversible: Bool,
        isBack: Bool,
        seconds: Double,
        deployment: Int64,
        at: Date = Date()
    ) {
        self.migration = migration
        self.checksum = checksum
        self.kind = kind
        self.isReversible = isReversible
        self.isBack = isBack
        self.seconds = seconds
        self.deployment = deployment
        self.at = at
    }
}
