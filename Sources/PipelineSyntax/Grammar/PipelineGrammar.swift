import RunnerCore

/// Every key of a pipeline file, once.
enum PipelineGrammar {
    static let root = MappingShape(
        title: "a pipeline",
        keys: [
            Key(
                "name",
                .scalar(.title),
                "What people call the pipeline.",
                fallback: "the file's name without its ending",
                example: "name: ci"
            ),
            Key("on", .mapping(triggers), "Which events start it.", example: "on: { branches: [main] }"),
            Key(
                "env",
                .mapping(env),
                "Variables of every step, before those of its stage.",
                example: "env: { LANG: C.UTF-8 }"
            ),
            Key(
                "concurrency",
                .either([.scalar(.template), .mapping(concurrency)]),
                "Runs of one group do not overlap. A text is the group.",
                fallback: "runs may overlap",
                example: "concurrency: deploy"
            ),
            Key(
                "include",
                .oneOrMany(.scalar(.file)),
                "Files of the repository whose `env`, `stages` and `finally` are added. "
                    + "A name that both have is an error.",
                example: "include: [pipelines/shared/lint.yml]"
            ),
            Key(
                "stages",
                .mapping(stages),
                "The stages. Those without `needs` start at once.",
                example: "stages: { test: { run: make test } }",
                isRequired: true
            ),
            Key(
                "finally",
                .mapping(finalStages),
                "Stages that run when all others have ended, whatever the outcome, also after a cancel.",
                example: "finally: { report: { run: ./tell-the-team } }"
            ),
        ],
        hints: [
            "jobs": "write `stages`", "variables": "write `env`", "workflow": "write `on`", "trigger": "write `on`",
            "triggers": "write `on`", "steps": "put it in a stage: `stages: { NAME: { steps: ... } }`",
            "run": "put it in a stage: `stages: { NAME: { run: ... } }`",
        ],
        allowsExtensions: true
    )

    /// What a file that others include may have.
    static let included = MappingShape(
        title: "an included file",
        keys: root.keys.filter { ["env", "include", "stages", "finally"].contains($0.name) }.map { key in
            var key = key
            key.isRequired = false
            return key
        },
        hints: [
            "on": "the pipeline that includes it says when to run",
            "name": "the pipeline that includes it has the name",
            "concurrency": "the pipeline that includes it says this",
        ],
        allowsExtensions: true
    )

    static let env = MappingShape(
        title: "variables",
        others: MappingShape.Others(placeholder: "VARIABLE", name: .variable, shape: .scalar(.template))
    )

    static let concurrency = MappingShape(
        title: "`concurrency`",
        keys: [
            Key(
                "group",
                .scalar(.template),
                "Runs with the same group do not overlap.",
                example: "group: deploy",
                isRequired: true
            ),
            Key(
                "policy",
                .scalar(.choice(Concurrency.Policy.allCases.map(\.rawValue))),
                "A run that finds another of its group waits in line, takes the place of the one that waits, "
                    + "cancels the older ones, or does not start.",
                fallback: "`queue`",
                example: "policy: cancel-older"
            ),
        ]
    )

    static let stages = MappingShape(
        title: "`stages`",
        others: MappingShape.Others(placeholder: "STAGE", name: .name, shape: .mapping(stage)),
        isEmptyAllowed: false
    )

    static let finalStages = MappingShape(
        title: "`finally`",
        others: MappingShape.Others(placeholder: "STAGE", name: .name, shape: .mapping(finalStage))
    )
}

// MARK: - Triggers

extension PipelineGrammar {
    static let triggers = MappingShape(
        title: "`on`",
        keys: [
            Key(
                "branches",
                .oneOrMany(.scalar(.branchPattern)),
                "Patterns of branch names: `*` stops at `/`, `**` does not, `!` takes away again; the last match wins.",
                example: "branches: [develop, \"feature/**\", \"!feature/wip-*\"]"
            ),
            Key(
                "tags",
                .either([.oneOrMany(.scalar(.tagPattern)), .mapping(tags)]),
                "Patterns of tag names, or a range of semantic versions.",
                example: "tags: [\"v*\"]"
            ),
            Key(
                "paths",
                .oneOrMany(.scalar(.pathPattern)),
                "Narrows `branches` and `tags` to moves that change a matching file.",
                fallback: "any change",
                example: "paths: [\"Sources/**\", Package.swift]"
            ),
            Key(
                "schedule",
                .oneOrMany(.mapping(schedule)),
                "Points in time.",
                example: "schedule: [{ cron: \"0 3 * * *\", zone: Europe/Berlin }]"
            ),
            Key(
                "manual",
                .either([.nothing, .mapping(manual)]),
                "A person may start it, and say something with it.",
                example: "manual: { inputs: { level: { type: choice, options: [low, high] } } }"
            ),
        ],
        hints: [
            "push": "write `branches` or `tags` directly under `on`", "branch": "write `branches`",
            "workflow_dispatch": "write `manual`", "cron": "write `schedule: [{ cron: ... }]`",
        ]
    )

    static let tags = MappingShape(
        title: "`tags`",
        keys: [
            Key(
                "semver",
                .scalar(.semver),
                "Versions as semver.org orders them; a leading `v` of the tag is left out. "
                    + "Pre-releases only on request.",
                example: "semver: \">=1.0.0 <2\"",
                isRequired: true
            )
        ]
    )

    static let schedule = MappingShape(
        title: "a schedule",
        keys: [
            Key(
                "cron",
                .scalar(.cron),
                "Minute, hour, day of month, month, day of week. Where both days are restricted, either is enough. A time "
                    + "that the clock skips counts as the moment of the skip, one that it shows twice as the first of both. "
                    + "What was missed while the server was down fires once.",
                example: "cron: \"0 3 * * 1-5\"",
                isRequired: true
            ),
            Key(
                "zone",
                .scalar(.zone),
                "The IANA time zone of the fields.",
                fallback: "`UTC`",
                example: "zone: Europe/Berlin"
            ),
        ]
    )

    static let manual = MappingShape(
        title: "`manual`",
        keys: [
            Key(
                "inputs",
                .mapping(inputs),
                "What the person may or must say. `${{ inputs.NAME }}` has the value.",
                example: "inputs: { dry: { type: bool, default: false } }"
            )
        ]
    )

    static let inputs = MappingShape(
        title: "`inputs`",
        others: MappingShape.Others(placeholder: "INPUT", name: .name, shape: .mapping(input))
    )

    static let input = MappingShape(
        title: "an input",
        keys: [
            Key(
                "type",
                .scalar(.choice(["string", "bool", "number", "choice"])),
                "The type.",
                fallback: "`string`",
                example: "type: choice"
            ),
            Key("options", .list(.scalar(.text)), "The values of a `choice`.", example: "options: [low, high]"),
            Key("default", .scalar(.text), "The value where the person says nothing.", example: "default: low"),
            Key("description", .scalar(.text), "For the person.", example: "description: how much to test"),
            Key(
                "required",
                .scalar(.boolean),
                "The person must say it.",
                fallback: "`false`",
                example: "required: true"
            ),
        ]
    )
}
