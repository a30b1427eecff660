import RunnerCore

/// The data of an environment.
extension EnvironmentGrammar {
    static let migrations = MappingShape(
        title: "`migrations`",
        keys: [
            Key(
                "sql",
                .scalar(.environment(.releasePath)),
                "Numbered SQL files in this directory of the artifact, run by `psql`.",
                example: "sql: migrations"
            ),
            Key(
                "alembic",
                .scalar(.environment(.releasePath)),
                "Alembic, in this directory of the artifact.",
                example: "alembic: db"
            ),
            Key(
                "command",
                .mapping(migrationCommand),
                "Any other tool, by scripts in the artifact's directory.",
                example: "command: { status: ./migrate status, up: ./migrate up }"
            ),
            Key(
                "database",
                .scalar(.variable),
                "The variable or secret that holds the database's url.",
                fallback: "`DATABASE_URL`",
                example: "database: DATABASE_URL"
            ),
            timeout("How long all of them may take together.", "`30m`"),
            Key(
                "lock-timeout",
                .scalar(.environment(.time)),
                "How long one statement waits for a lock before it gives way to the users of the table.",
                fallback: "`5s`",
                example: "lock-timeout: 5s"
            ),
        ],
        ways: [["sql", "alembic", "command"]]
    )

    private static let migrationCommand = MappingShape(
        title: "`command` of `migrations`",
        keys: [
            Key(
                "status",
                .scalar(.script),
                "Prints a line per migration in their order: "
                    + "`ID applied|pending [expand|contract] [reversible|irreversible]`.",
                example: "status: ./migrate status",
                isRequired: true
            ),
            Key("up", .scalar(.script), "Runs what is pending.", example: "up: ./migrate up", isRequired: true),
            Key(
                "down",
                .scalar(.script),
                "Takes everything after `$RUNNER_MIGRATION` back.",
                fallback: "there is no way back",
                example: "down: ./migrate down \"$RUNNER_MIGRATION\""
            ),
        ]
    )

    static let backup = MappingShape(
        title: "`backup`",
        keys: [
            Key(
                "create",
                .scalar(.script),
                "Writes the backup to the file `$RUNNER_BACKUP`, or prints `handle=TEXT` for one that lies elsewhere.",
                example: "create: pg_dump --file \"$RUNNER_BACKUP\" \"$DATABASE_URL\"",
                isRequired: true
            ),
            Key(
                "restore",
                .scalar(.script),
                "Brings the data back from `$RUNNER_BACKUP` or `$RUNNER_BACKUP_HANDLE`.",
                example: "restore: psql --file \"$RUNNER_BACKUP\" \"$DATABASE_URL\"",
                isRequired: true
            ),
            Key(
                "verify",
                .scalar(.script),
                "Restores a backup into a scratch database, and looks at it.",
                fallback: "backups stay unproven",
                example: "verify: ./restore-and-look"
            ),
            Key("remove", .scalar(.script), "Takes away what lies elsewhere.", example: "remove: ./forget"),
            timeout("How long each script may take.", "`30m`"),
            Key(
                "schedule",
                .mapping(MappingShape(title: "`schedule`", keys: PipelineGrammar.schedule.keys)),
                "When backups are made.",
                fallback: "only before migrations, and by hand",
                example: "schedule: { cron: \"0 2 * * *\", zone: Europe/Berlin }"
            ),
            Key(
                "before-migrations",
                .scalar(.boolean),
                "`true` makes one before each deployment that migrates.",
                fallback: "`true`",
                example: "before-migrations: true"
            ),
            Key(
                "retention",
                .mapping(retention),
                "How many stay: the newest of each of the last days, weeks and months that have one.",
                example: "retention: { daily: 30, weekly: 12, monthly: 12 }"
            ),
        ]
    )

    private static let retention = MappingShape(
        title: "`retention`",
        keys: [
            Key("daily", .scalar(.count(0...10_000)), "Days.", fallback: "`30`", example: "daily: 30"),
            Key("weekly", .scalar(.count(0...10_000)), "Weeks.", fallback: "`12`", example: "weekly: 12"),
            Key("monthly", .scalar(.count(0...10_000)), "Months.", fallback: "`12`", example: "monthly: 12"),
        ]
    )
}
