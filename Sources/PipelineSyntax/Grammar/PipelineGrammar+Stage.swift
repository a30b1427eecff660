import RunnerCore

extension PipelineGrammar {
    static let stage = MappingShape(title: "a stage", keys: stageKeys, hints: stageHints)

    /// A stage of `finally`.
    static let finalStage = MappingShape(
        title: "a stage of `finally`",
        keys: stageKeys + [
            Key(
                "needs-outcome",
                .oneOrMany(.scalar(.choice(Outcome.allCases.map(\.rawValue)))),
                "Outcomes of the run for which this stage runs. Only in `finally`.",
                fallback: "any",
                example: "needs-outcome: [failed]"
            )
        ],
        hints: stageHints,
        inherited: ("stages.STAGE", stageKeys.count)
    )

    private static let stageHints = [
        "needs-outcome": "only stages of `finally` have it; write `if: failure()` here",
        "script": "write `run`", "command": "write `run`", "commands": "write `steps`", "depends_on": "write `needs`",
        "depends-on": "write `needs`", "runs-on": "the server decides where stages run; write `resources`",
        "strategy": "write `matrix` directly in the stage", "container": "write `image`", "when": "write `if`",
        "environment": "write `deploy: { environment: NAME }`", "variables": "write `env`",
        "timeout-minutes": "write `timeout: 30m`", "working-directory": "write `directory` in a step",
        "directory": "write `directory` in a step",
    ]

    private static let stageKeys = orderKeys + workKeys + roomKeys + resultKeys

    private static let orderKeys = [
        Key(
            "needs",
            .oneOrMany(.scalar(.name)),
            "Stages that must have succeeded before.",
            fallback: "none: it starts at once",
            example: "needs: [lint, test]"
        ),
        Key(
            "needs-artifact",
            .oneOrMany(.mapping(neededArtifact)),
            """
            Artifacts that another pipeline of the repository made on this very tree, at `$RUNNER_ARTIFACTS/NAME`: of its \
            newest run that succeeded and whose ref is trusted as much as this one's. They are not built again. On a \
            server the run waits for a run of that pipeline on the same tree that has not ended.
            """,
            example: "needs-artifact: { pipeline: ci, name: app }"
        ),
        Key(
            "if",
            .scalar(.expression),
            "Whether it runs. `failure()` and `always()` look at the stages in `needs`.",
            fallback: "`success()`",
            example: "if: ref.name == 'main'"
        ),
        Key(
            "matrix",
            .mapping(matrix),
            "Runs the stage once for each combination. `${{ matrix.AXIS }}` has the value.",
            example: "matrix: { database: [sqlite, postgres] }"
        ),
        Key(
            "retry",
            .either([.scalar(.count(1...10)), .mapping(retry)]),
            "How often it is tried, the first time included.",
            fallback: "`1`",
            example: "retry: 2"
        ),
    ]

    private static let workKeys = [
        Key(
            "run",
            .scalar(.script),
            "A script: short for one step. Expressions are not expanded in it.",
            example: "run: make test"
        ),
        Key(
            "steps",
            .list(.mapping(step)),
            "Scripts, one after the other, in one workspace.",
            example: "steps: [{ run: make }]"
        ),
        Key(
            "deploy",
            .mapping(deploy),
            "Instead of a script: a change of an environment of the server.",
            example: "deploy: { environment: staging, artifact: app }"
        ),
        Key("env", .mapping(env), "Variables of every step.", example: "env: { DB: \"${{ matrix.database }}\" }"),
        Key(
            "secrets",
            .oneOrMany(.either([.scalar(.secret), .mapping(secret)])),
            "Secrets that the steps get as variables of these names, or as files.",
            example: "secrets: [NPM_TOKEN, { name: KUBECONFIG, as: file }]"
        ),
    ]

    private static let roomKeys = [
        Key(
            "image",
            .scalar(.template),
            "An OCI image to run in.",
            fallback: "the machine's own tools, read-only",
            example: "image: docker.io/library/swift:6.3"
        ),
        Key(
            "services",
            .mapping(services),
            """
            Programs that run beside the stage and end with it. Each must be ready within a minute and within the \
            stage's `timeout`. A free port for each is in `$RUNNER_SERVICE_NAME_PORT`. With `network: none` only sockets in `$TMPDIR` lead to them, not `localhost`.
            """,
            example: "services: { db: { run: postgres -D data, ready: pg_isready } }"
        ),
        Key(
            "resources",
            .mapping(resources),
            "What the stage takes of the machine while it runs.",
            example: "resources: { cpu: 2, memory: 4GiB }"
        ),
        Key(
            "network",
            .scalar(.choice(Network.allCases.map(\.rawValue))),
            "The machine's network, or none at all.",
            fallback: "`host`",
            example: "network: none"
        ),
        Key(
            "timeout",
            .scalar(.duration),
            "How long the stage may take. `0` means no limit.",
            fallback: "the server's limit",
            example: "timeout: 30m"
        ),
        Key(
            "grace",
            .scalar(.duration),
            "How long it may take to end after SIGTERM.",
            fallback: "the server's limit",
            example: "grace: 30s"
        ),
        Key(
            "cache",
            .oneOrMany(.mapping(cache)),
            "Directories that the stage would like to find again. They may be missing.",
            example: "cache: [{ key: deps, paths: [.build] }]"
        ),
        Key(
            "build-cache",
            .scalar(.boolean),
            """
            A cache for build tools that speak Bazel's HTTP protocol, as `bazel` and `ccache`: the steps get its address \
            as `RUNNER_BUILD_CACHE`. See [build-cache.md](build-cache.md).
            """,
            fallback: "`false`",
            example: "build-cache: true"
        ),
    ]

    private static let resultKeys = [
        Key(
            "artifacts",
            .mapping(artifacts),
            """
            Files that the stage hands on to those that need it, at `$RUNNER_ARTIFACTS/NAME`. Each name is unique in the \
            pipeline. The cells of a matrix hand on one directory with the files of all; where two have the same file \
            with different contents, the stage that needs them fails.
            """,
            example: "artifacts: { app: { paths: [\"dist/**\"], keep: 30d } }"
        ),
        Key(
            "reports",
            .mapping(reports),
            "Files with results, kept with the run's logs.",
            example: "reports: { junit: \"results*.xml\" }"
        ),
        Key(
            "reuse",
            .either([.scalar(.boolean), .mapping(reuse)]),
            """
            `true`, or what is in the mapping: takes the outcome of an earlier run that had the same inputs, steps, services, variables, artifacts taken \
            and values in expressions of steps. Branch and commit count only where an expression names them, so the \
            steps get no `RUNNER_RUN`, `RUNNER_TREE`, `RUNNER_REF*` and `RUNNER_COMMIT*`: write \
            `env: { REF: "${{ ref.name }}" }`.
            """,
            fallback: "always runs",
            example: "reuse: { inputs: [\"Sources/**\"] }"
        ),
    ]
}
