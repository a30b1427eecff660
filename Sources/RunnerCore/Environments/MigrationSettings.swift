/// How the database of an environment follows its releases.
package struct MigrationSettings: Sendable, Hashable, Codable {
    package enum Tool: Sendable, Hashable, Codable {
        /// Numbered SQL files of the artifact, through `psql`, with a checksummed table of ours.
        case sql(directory: String)
        /// Alembic, in a directory of the artifact.
        case alembic(directory: String)
        /// Any other.
        case command(MigrationCommands)
    }

    package var tool: Tool
    /// The variable or secret that holds the database's URL.
    package var database: String
    /// For all of them together.
    package var timeout: Duration
    /// How long one statement waits for a lock before it gives way to the users of the table.
    package var lockTimeout: Duration

    package init(
        _ tool: Tool,
        database: String = "DATABASE_URL",
        timeout: Duration = .seconds(1800),
        lockTimeout: Duration = .seconds(5)
    ) {
        self.tool = tool
        self.database = database
        self.timeout = timeout
        self.lockTimeout = lockTimeout
    }
}

/// Scripts in the artifact's directory.
package struct MigrationCommands: Sendable, Hashable, Codable {
    /// Prints a line per migration in their order: `ID applied|pending [expand|contract] [reversible|irreversible]`.
    package var status: String
    package var up: String
    /// Takes everything after `RUNNER_MIGRATION` back; `nil` where there is no way back.
    package var down: String?

    package init(status: String, up: String, down: String?) {
        self.status = status
        self.up = up
        self.down = down
    }
}

/// How an environment's data is saved.
package struct BackupSettings: Sendable, Hashable {
    /// Writes the backup to `RUNNER_BACKUP`, a file that is not there yet; or prints `handle=TEXT` for one that lies elsewhere.
    package var create: Script
    /// Brings the data back from `RUNNER_BACKUP`, or from `RUNNER_BACKUP_HANDLE`.
    package var restore: Script
    /// Restores into a scratch database and looks at it; `nil`: backups stay unproven.
    package var verify: Script?
    /// Takes away what lies elsewhere.
    package var remove: Script?
    package var schedule: Schedule?
    /// True: one is made before each deployment that migrates.
    package var beforeMigrations: Bool
    package var retention: BackupRetention

    package init(
        create: Script,
        restore: Script,
        beforeMigrations: Bool = true,
        retention: BackupRetention = BackupRetention()
    ) {
        self.create = create
        self.restore = restore
        self.beforeMigrations = beforeMigrations
        self.retention = retention
    }
}

/// How many backups stay: the newest of each of the last days, weeks and months that have one.
package struct BackupRetention: Sendable, Hashable, Codable {
    package var daily: Int
    package var weekly: Int
    package var monthly: Int

    package init(daily: Int = 30, weekly: Int = 12, monthly: Int = 12) {
        self.daily = daily
        self.weekly = weekly
        self.monthly = monthly
    }
}
