/// The mappings inside a stage.
extension PipelineGrammar {
    static let step = MappingShape(
        title: "a step",
        keys: [
            Key(
                "name",
                .scalar(.title),
                "What people call the step.",
                fallback: "the first line of `run`",
                example: "name: unit"
            ),
            Key(
                "run",
                .scalar(.script),
                "A script. Expressions are not expanded in it.",
                example: "run: make test",
                isRequired: true
            ),
            Key(
                "if",
                .scalar(.expression),
                """
                Whether it runs. With `always()` or `failure()` it also runs after a step that failed, and after the \
                stage's `timeout`; then it has the stage's `grace` at least.
                """,
                fallback: "`success()`",
                example: "if: always()"
            ),
            Key("env", .mapping(env), "Variables of this step.", example: "env: { CC: clang }"),
            Key(
                "directory",
                .scalar(.path),
                "Where it runs, below the workspace.",
                fallback: "the workspace",
                example: "directory: web"
            ),
            Key(
                "timeout",
                .scalar(.duration),
                "How long the step may take.",
                fallback: "the stage's",
                example: "timeout: 5m"
            ),
        ],
        hints: [
            "uses": "write `run`; shared stages come by `include`", "with": "write `env`", "script": "write `run`",
            "working-directory": "write `directory`", "shell": "start another shell inside `run`", "when": "write `if`",
        ]
    )

    static let secret = MappingShape(
        title: "a secret",
        keys: [
            Key("name", .scalar(.secret), "What it is called.", example: "name: KUBECONFIG", isRequired: true),
            Key(
                "as",
                .scalar(.choice(["variable", "file"])),
                "`variable`: the variable of its name holds the value. `file`: it holds the path of a file with the value, "
                    + "which exists in memory alone and only while the stage runs.",
                fallback: "`variable`",
                example: "as: file"
            ),
        ],
        hints: [
            "value": "values are the server's, or come by `runner local --secret NAME`", "file": "write `as: file`",
        ]
    )

    static let deploy = MappingShape(
        title: "`deploy`",
        keys: [
            Key(
                "environment",
                .scalar(.name),
                "An environment that the server describes.",
                example: "environment: staging",
                isRequired: true
            ),
            Key("artifact", .scalar(.name), "An artifact of a needed stage.", example: "artifact: app"),
        ]
    )

    static let neededArtifact = MappingShape(
        title: "`needs-artifact`",
        keys: [
            Key(
                "pipeline",
                .scalar(.title),
                "The pipeline that makes it, by its name.",
                example: "pipeline: ci",
                isRequired: true
            ),
            Key("name", .scalar(.name), "The artifact.", example: "name: app", isRequired: true),
            Key(
                "as",
                .scalar(.name),
                "What it is called in `$RUNNER_ARTIFACTS`.",
                fallback: "`name`",
                example: "as: release"
            ),
        ],
        hints: ["artifact": "write `name`", "stage": "the artifact's name is unique in its pipeline"]
    )

    static let matrix = MappingShape(
        title: "`matrix`",
        keys: [
            Key(
                "include",
                .list(.mapping(cell)),
                "Combinations to add, or to extend where they agree with every axis that they name.",
                example: "include: [{ database: mysql }]"
            ),
            Key(
                "exclude",
                .list(.mapping(cell)),
                "Combinations to leave out: all that agree with every pair named.",
                example: "exclude: [{ database: sqlite }]"
            ),
        ],
        others: MappingShape.Others(placeholder: "AXIS", name: .name, shape: .list(.scalar(.text))),
        isEmptyAllowed: false
    )

    static let cell = MappingShape(
        title: "a combination",
        others: MappingShape.Others(placeholder: "AXIS", name: .name, shape: .scalar(.text)),
        isEmptyAllowed: false
    )

    static let retry = MappingShape(
        title: "`retry`",
        keys: [
            Key(
                "attempts",
                .scalar(.count(1...10)),
                "All tries together, the first included.",
                example: "attempts: 2",
                isRequired: true
            ),
            Key(
                "on",
                .oneOrMany(.scalar(.choice(["failed", "errored", "timed-out"]))),
                "Outcomes after which it is tried again.",
                fallback: "all three",
                example: "on: [errored, timed-out]"
            ),
        ]
    )

    static let services = MappingShape(
        title: "`services`",
        others: MappingShape.Others(placeholder: "SERVICE", name: .name, shape: .mapping(service))
    )

    static let service = MappingShape(
        title: "a service",
        keys: [
            Key(
                "run",
                .scalar(.script),
                "The program. With `image`, the command in it.",
                example: "run: postgres -D data"
            ),
            Key("image", .scalar(.template), "An OCI image.", example: "image: docker.io/library/postgres:17"),
            Key(
                "ready",
                .scalar(.script),
                "A script that succeeds once the service can be used.",
                example: "ready: pg_isready"
            ),
            Key(
                "when",
                .scalar(.expression),
                "Whether it is started.",
                fallback: "always",
                example: "when: matrix.database == 'postgres'"
            ),
            Key("env", .mapping(env), "Variables of the service.", example: "env: { PGPORT: \"5432\" }"),
        ],
        hints: ["if": "write `when`", "command": "write `run`"]
    )

    static let resources = MappingShape(
        title: "`resources`",
        keys: [
            Key("cpu", .scalar(.number), "Processors.", fallback: "`1`", example: "cpu: 2"),
            Key("memory", .scalar(.size), "Memory.", example: "memory: 4GiB"),
            Key("disk", .scalar(.size), "Room in the workspace.", example: "disk: 10GiB"),
            Key("pids", .scalar(.count(8...1_000_000)), "Processes and threads at a time.", example: "pids: 500"),
        ]
    )

    static let cache = MappingShape(
        title: "a cache",
        keys: [
            Key(
                "key",
                .scalar(.template),
                "Names the content. A stage that succeeded puts a newer entry in the place of the one that it found.",
                example: "key: \"deps-${{ hash('Package.resolved') }}\"",
                isRequired: true
            ),
            Key(
                "fallback",
                .oneOrMany(.scalar(.template)),
                "Prefixes of keys to take instead, in order, the newest entry first.",
                example: "fallback: [\"deps-\"]"
            ),
            Key(
                "paths",
                .oneOrMany(.scalar(.cachePath)),
                "Directories of the workspace, or of the private home as `~/...`.",
                example: "paths: [.build]",
                isRequired: true
            ),
        ]
    )

    static let artifacts = MappingShape(
        title: "`artifacts`",
        others: MappingShape.Others(
            placeholder: "ARTIFACT",
            name: .name,
            shape: .either([.oneOrMany(.scalar(.pathPattern)), .mapping(artifact)])
        )
    )

    static let artifact = MappingShape(
        title: "an artifact",
        keys: [
            Key(
                "paths",
                .oneOrMany(.scalar(.pathPattern)),
                "Patterns of files.",
                example: "paths: [\"dist/**\"]",
                isRequired: true
            ),
            Key(
                "keep",
                .scalar(.duration),
                "How long it is kept.",
                fallback: "as long as there is room",
                example: "keep: 30d"
            ),
        ]
    )

    static let reports = MappingShape(
        title: "`reports`",
        keys: [
            Key(
                "junit",
                .oneOrMany(.scalar(.pathPattern)),
                "Test results in JUnit's format.",
                example: "junit: \"results*.xml\""
            ),
            Key(
                "coverage",
                .oneOrMany(.scalar(.pathPattern)),
                "Coverage as lcov or Cobertura.",
                example: "coverage: coverage.lcov"
            ),
            Key("sarif", .oneOrMany(.scalar(.pathPattern)), "Findings of analysers.", example: "sarif: lint.sarif"),
        ]
    )

    static let reuse = MappingShape(
        title: "`reuse`",
        keys: [
            Key(
                "inputs",
                .oneOrMany(.scalar(.pathPattern)),
                "All files that the outcome depends on.",
                fallback: "all files of the tree",
                example: "inputs: [\"Sources/**\", \"Tests/**\"]"
            ),
            Key(
                "tools",
                .oneOrMany(.scalar(.script)),
                "Commands whose output tells which tools the outcome depends on. They run once per run, without the "
                    + "workspace; where one fails, the stage is not reused.",
                fallback: "none",
                example: "tools: [\"cc --version\"]"
            ),
            Key(
                "verify",
                .scalar(.share),
                "The share of reuses in which the stage is run all the same and compared with the outcome that it "
                    + "would have had. A difference fails it.",
                fallback: "`0%`",
                example: "verify: 2%"
            ),
        ]
    )
}
