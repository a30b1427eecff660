import RunnerCore

/// Every key of the server's configuration file, once.
enum ConfigurationGrammar {
    static let root = MappingShape(
        title: "the configuration",
        keys: [
            Key(
                "slots",
                .scalar(.count(1...10_000)),
                "How many stages run at a time.",
                fallback: "the number of processors",
                example: "slots: 4"
            ),
            Key(
                "isolation",
                .scalar(.choice(["auto", "required", "none"])),
                "`required` refuses a stage that cannot be sandboxed, `auto` runs it and says so, "
                    + "`none` never sandboxes.",
                fallback: "`auto`",
                example: "isolation: required"
            ),
            Key(
                "expose",
                .oneOrMany(.scalar(.machinePath)),
                "Paths of the machine that stages may read, beside the system's directories and the toolchains "
                    + "on `PATH`.",
                example: "expose: [/opt/toolchains]"
            ),
            Key(
                "hide",
                .oneOrMany(.scalar(.machinePath)),
                "Paths of the machine that no stage may see.",
                example: "hide: [/srv/private]"
            ),
            Key(
                "state",
                .scalar(.machinePath),
                "Where runs, layers, caches and artifacts lie.",
                fallback: "chosen by the command that starts",
                example: "state: /var/lib/runner"
            ),
            Key("limits", .mapping(limits), "What no pipeline may go beyond.", example: "limits: { timeout: 1h }"),
            Key(
                "workspaces",
                .mapping(workspaces),
                "What becomes of the workspaces of stages that have ended.",
                example: "workspaces: { keep-failed: 1d }"
            ),
            Key(
                "protected",
                .mapping(protected),
                "Refs that only trusted people can move. Their runs take caches, outcomes and artifacts from runs of "
                    + "protected refs alone; all others take from both, and leave theirs to each other.",
                example: "protected: { branches: [main, \"release/**\"] }"
            ),
            Key(
                "store",
                .mapping(store),
                "A store that several machines share: what one has built, the others take.",
                fallback: "this machine's own alone",
                example: "store: { directory: /mnt/runner-store, key-file: /etc/runner/store.key }"
            ),
        ] + serverKeys,
        allowsExtensions: true
    )

    static let limits = MappingShape(
        title: "`limits`",
        keys: [
            Key(
                "timeout",
                .scalar(.duration),
                "How long a stage may take that says nothing itself.",
                fallback: "`1h`",
                example: "timeout: 1h"
            ),
            Key(
                "grace",
                .scalar(.duration),
                "How long a step may take to end after SIGTERM.",
                fallback: "`10s`",
                example: "grace: 10s"
            ),
            Key(
                "log",
                .scalar(.size),
                "How much one step may write; the rest is dropped, and the log says so.",
                fallback: "`1GiB`",
                example: "log: 1GiB"
            ),
            Key(
                "stages",
                .scalar(.count(1...100_000)),
                "How many stages one run may have, matrix expanded.",
                fallback: "`1000`",
                example: "stages: 1000"
            ),
        ]
    )

    static let workspaces = MappingShape(
        title: "`workspaces`",
        keys: [
            Key(
                "keep-failed",
                .scalar(.duration),
                "How long the workspace of a failed stage stays.",
                fallback: "`1d`",
                example: "keep-failed: 1d"
            )
        ]
    )

    static let protected = MappingShape(
        title: "`protected`",
        keys: [
            Key(
                "branches",
                .oneOrMany(.scalar(.branchPattern)),
                "Patterns of branches.",
                fallback: words(ProtectedRefs.usualBranches),
                example: "branches: [main, \"release/**\"]"
            ),
            Key(
                "tags",
                .oneOrMany(.scalar(.tagPattern)),
                "Patterns of tags.",
                fallback: words(ProtectedRefs.usualTags),
                example: "tags: [\"v*\"]"
            ),
        ]
    )

    private static func words(_ patterns: [String]) -> String {
        patterns.map { "`\($0)`" }.joined(separator: ", ")
    }
}
