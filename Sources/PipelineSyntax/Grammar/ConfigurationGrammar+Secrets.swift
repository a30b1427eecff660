import RunnerCore

/// Who gets the server's secrets.
extension ConfigurationGrammar {
    static let secretKeys = [
        Key(
            "secrets",
            .mapping(secrets),
            "Who gets which secret. A stored secret without a rule goes to protected refs of every repository.",
            example: "secrets: { NPM_TOKEN: { repositories: [web], branches: [main] } }"
        ),
        Key(
            "secrets-key-file",
            .scalar(.absolutePath),
            "A file with the 32 bytes that stored secrets lie under. No backup of the state has it.",
            fallback: "the systemd credential `runner-secrets-key`, else `keys/secrets.key` in the state directory, "
                + "which is made at first use",
            example: "secrets-key-file: /etc/runner/secrets.key"
        ),
    ]

    private static let secrets = MappingShape(
        title: "`secrets`",
        others: .init(placeholder: "NAME", name: .secret, shape: .mapping(secret))
    )

    private static let secret = MappingShape(
        title: "a secret",
        keys: conditions + commandKeys,
        hints: [
            "value": "values do not belong into a file: `runner secret set NAME`",
            "refs": "write `branches` or `tags`", "branch": "write `branches`", "repository": "write `repositories`",
            "environment": "write `environments`", "secret-command": "write `command`", "env": "write `pass`",
        ]
    )

    private static let conditions = [
        Key(
            "repositories",
            .oneOrMany(.scalar(.repositoryName)),
            "Only these repositories.",
            fallback: "all",
            example: "repositories: [web]"
        ),
        Key(
            "branches",
            .oneOrMany(.scalar(.branchPattern)),
            "Only branches that match; ordinary ones, too. With `branches` and no `tags`, no tag gets it.",
            fallback: "protected refs, unless `tags` is there",
            example: "branches: [main, \"release/**\"]"
        ),
        Key(
            "tags",
            .oneOrMany(.scalar(.tagPattern)),
            "Only tags that match. With `tags` and no `branches`, no branch gets it.",
            fallback: "protected refs, unless `branches` is there",
            example: "tags: [\"v*\"]"
        ),
        Key(
            "pipelines",
            .oneOrMany(.scalar(.title)),
            "Only pipelines of these names.",
            fallback: "all",
            example: "pipelines: [release]"
        ),
        Key(
            "stages",
            .oneOrMany(.scalar(.name)),
            "Only stages of these names, all cells of a matrix.",
            fallback: "all",
            example: "stages: [publish]"
        ),
        Key(
            "environments",
            .oneOrMany(.scalar(.name)),
            "Only stages that deploy to these environments.",
            fallback: "all stages",
            example: "environments: [production]"
        ),
    ]

    private static let commandKeys = [
        Key(
            "command",
            .scalar(.title),
            "Prints the value, run by `sh` as the daemon's user when a run needs it. One line end is taken off. It wins over "
                + "a stored value.",
            fallback: "the stored value",
            example: "command: vault kv get -field=token secret/npm"
        ),
        Key(
            "timeout",
            .scalar(.duration),
            "How long the command may take.",
            fallback: "`10s`",
            example: "timeout: 10s"
        ),
        Key(
            "cache",
            .scalar(.duration),
            "How long its value is taken again, kept in the daemon's memory.",
            fallback: "`0`: each run asks",
            example: "cache: 5m"
        ),
        Key(
            "pass",
            .oneOrMany(.scalar(.title)),
            "Variables of the daemon that the command gets, beside `PATH`, `HOME` and `LANG`.",
            example: "pass: [VAULT_ADDR, VAULT_TOKEN]"
        ),
    ]
}
