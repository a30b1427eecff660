package import RunnerCore
import RunnerExecution
package import SystemPackage

/// The migrations of one release against the database of an environment, by whatever tool it uses. Everything may be
/// done twice: what is applied is not applied again.
package struct MigrationRun: Sendable {
    package typealias OnEach = @Sendable (_ id: String, _ took: Duration) -> Void

    private let settings: MigrationSettings
    private let artifact: FilePath
    private let environment: [String: String]
    private let version: String?
    private let say: @Sendable (String) -> Void
    /// Before each further try of a migration that was denied a lock.
    var pauses: [Duration] = [.seconds(2), .seconds(5), .seconds(10), .seconds(20)]

    /// `artifact` is the directory with the files of the release called `version`. `environment` is all that the tools
    /// get, the database's URL among it; `say` gets what they print.
    package init(
        settings: MigrationSettings,
        artifact: FilePath,
        environment: [String: String],
        version: String? = nil,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.artifact = artifact
        self.environment = environment
        self.version = version
        self.say = say
    }

    /// Every migration that the release or the database knows, oldest first. Changes nothing.
    package func status() async throws -> [Migration] {
        try await bounded { work in
            switch settings.tool {
            case .sql(let directory): try sql(directory, work).status()
            case .alembic(let directory): try alembic(directory, work).status()
            case .command(let commands): try command(commands, work).status()
            }
        }
    }

    /// The ids of what the release itself has, whatever the database has, oldest first: for `MigrationSafety`.
    package func known() async throws -> [String] {
        try await bounded { work in
            switch settings.tool {
            case .sql(let directory):
                try SQLDirectory.read(artifact.pushing(FilePath(directory))).map(\.id.description)
            case .alembic(let directory): try alembic(directory, work).history().revisions.map(\.id)
            case .command(let commands): try command(commands, work).status().map(\.id)
            }
        }
    }

    /// Applies what is not applied; `onEach` hears of each as soon as it is known to be.
    package func up(onEach: @escaping OnEach = { _, _ in }) async throws {
        try await bounded { work in
            switch settings.tool {
            case .sql(let directory): try sql(directory, work).up(onEach)
            case .alembic(let directory): try alembic(directory, work).up(onEach)
            case .command(let commands): try command(commands, work).up(onEach)
            }
        }
    }

    /// Takes back everything after the migration `id`, newest first; `nil` means all of it. With `sql` the release may
    /// be any; another tool needs the one that has the migrations.
    package func down(to id: String?, onEach: @escaping OnEach = { _, _ in }) async throws {
        try await bounded { work in
            switch settings.tool {
            case .sql(let directory): try sql(directory, work).down(to: id, onEach)
            case .alembic(let directory): try alembic(directory, work).down(to: id, onEach)
            case .command(let commands): try command(commands, work).down(to: id, onEach)
            }
        }
    }

    private func bounded<R: Sendable>(_ body: @escaping @Sendable (BoundedWork) throws -> R) async throws -> R {
        do {
            return try await BoundedWork.run(within: settings.timeout, body)
        } catch let bound as TimeUp {
            throw RunnerError(
                .errored,
                "the migrations were stopped",
                why: "together they \(bound)",
                hint: "look what holds them up, or raise `timeout` of `migrations`"
            )
        }
    }

    private func sql(_ directory: String, _ work: BoundedWork) throws -> SQLMigrations {
        SQLMigrations(
            directory: artifact.pushing(FilePath(directory)),
            address: try DatabaseAddress(of: environment, variable: settings.database),
            lockTimeout: settings.lockTimeout,
            environment: environment,
            version: version,
            pauses: pauses,
            work: work,
            say: say
        )
    }

    private func alembic(_ directory: String, _ work: BoundedWork) -> AlembicMigrations {
        AlembicMigrations(
            directory: artifact.pushing(FilePath(directory)),
            environment: scriptEnvironment,
            work: work,
            say: say
        )
    }

    private func command(_ commands: MigrationCommands, _ work: BoundedWork) -> CommandMigrations {
        CommandMigrations(commands: commands, directory: artifact, environment: scriptEnvironment, work: work, say: say)
    }

    /// With what makes libpq, and every driver that is made of it, give way to the users of a table.
    private var scriptEnvironment: [String: String] {
        let options = "-c lock_timeout=\(Int64(settings.lockTimeout.seconds * 1000))"
        return environment.merging(["PGOPTIONS": options]) { given, own in "\(given) \(own)" }
    }
}
