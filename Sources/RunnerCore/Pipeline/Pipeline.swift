/// What one file of `pipelines/` declares: when to run, and a graph of stages.
package struct Pipeline: Sendable, Hashable {
    package var name: String
    /// Path in the repository.
    package var file: String
    package var triggers: Triggers
    package var env: [Variable]
    package var concurrency: Concurrency?
    /// In the order of the file.
    package var stages: [StageDefinition]
    /// Stages that run when all others have ended, whatever the outcome.
    package var finally: [StageDefinition]

    package init(
        name: String,
        file: String,
        triggers: Triggers = Triggers(),
        env: [Variable] = [],
        concurrency: Concurrency? = nil,
        stages: [StageDefinition],
        finally: [StageDefinition] = []
    ) {
        self.name = name
        self.file = file
        self.triggers = triggers
        self.env = env
        self.concurrency = concurrency
        self.stages = stages
        self.finally = finally
    }
}

/// One `NAME: value` of an `env` mapping.
package struct Variable: Sendable, Hashable, Codable {
    package var name: String
    package var value: Template

    package init(name: String, value: Template) {
        self.name = name
        self.value = value
    }
}

/// Which events start a pipeline. All parts are alternatives, but `paths`, which narrows `branches`. Alone it means any branch;
/// tags are not narrowed.
package struct Triggers: Sendable, Hashable {
    package var branches: PatternList?
    package var tags: TagTrigger?
    package var paths: PatternList?
    package var schedules: [Schedule]
    package var manual: ManualTrigger?

    package init(
        branches: PatternList? = nil,
        tags: TagTrigger? = nil,
        paths: PatternList? = nil,
        schedules: [Schedule] = [],
        manual: ManualTrigger? = nil
    ) {
        self.branches = branches
        self.tags = tags
        self.paths = paths
        self.schedules = schedules
        self.manual = manual
    }
}

package enum TagTrigger: Sendable, Hashable {
    case patterns(PatternList)
    case semver(SemanticVersionRange)
}

/// A point in time that comes again: five cron fields and an IANA zone.
package struct Schedule: Sendable, Hashable {
    package var cron: String
    package var zone: String

    package init(cron: String, zone: String = "UTC") {
        self.cron = cron
        self.zone = zone
    }
}

/// A run that a person starts, and what they may say with it.
package struct ManualTrigger: Sendable, Hashable {
    package var inputs: [InputDefinition]

    package init(inputs: [InputDefinition] = []) { self.inputs = inputs }
}

/// One typed input of a manual run. `${{ inputs.NAME }}` has its value.
package struct InputDefinition: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case string
        case bool
        case number
        case choice([String])
    }

    package var name: String
    package var kind: Kind
    package var description: String?
    package var defaultValue: String?
    package var isRequired: Bool

    package init(
        name: String,
        kind: Kind,
        description: String? = nil,
        defaultValue: String? = nil,
        isRequired: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.description = description
        self.defaultValue = defaultValue
        self.isRequired = isRequired
    }
}

/// Runs of one group do not overlap.
package struct Concurrency: Sendable, Hashable {
    package enum Policy: String, Sendable, Hashable, Codable, CaseIterable {
        case queue
        case replacePending = "replace-pending"
        case cancelOlder = "cancel-older"
        case reject
    }

    package var group: Template
    package var policy: Policy

    package init(group: Template, policy: Policy = .queue) {
        self.group = group
        self.policy = policy
    }
}
