import FoundationEssentials
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// Numbered SQL files through `psql`. What was applied stands in a table of the database itself, with the way back, so
/// that going back needs no file of the release that is left.
struct SQLMigrations {
    let directory: FilePath
    let address: DatabaseAddress
    let lockTimeout: Duration
    let environment: [String: String]
    /// Of the release that migrates.
    let version: String?
    /// How long it waits before each further try for a lock.
    let pauses: [Duration]
    let work: BoundedWork
    let say: (String) -> Void

    /// "runner" in ASCII: what two runners of one database meet at.
    private static let lock = 0x7275_6E6E_6572

    func status() throws -> [Migration] {
        let files = try SQLDirectory.read(directory)
        let applied = try inSession { try read($0) }
        return SQLPlan(files: files, applied: applied).migrations()
    }

    /// Applies what is not, each with its record in one transaction.
    func up(_ onEach: (String, Duration) -> Void) throws {
        let files = try SQLDirectory.read(directory)
        try whileLocksAreDenied {
            try inLockedSession { session in
                let pending = try SQLPlan(files: files, applied: try read(session)).pending()
                if pending.isEmpty { say("nothing to migrate") }
                for file in pending { onEach(file.id.description, try apply(file, session)) }
            }
        }
    }

    /// Takes back what came after `id`, each with its record in one transaction.
    func down(to id: String?, _ onEach: (String, Duration) -> Void) throws {
        try whileLocksAreDenied {
            try inLockedSession { session in
                for taken in try SQLPlan(files: [], applied: try read(session)).after(id) {
                    onEach(taken.id.description, try takeBack(taken, session))
                }
            }
        }
    }

    // MARK: - One migration

    private func apply(_ file: SQLFile, _ session: PsqlSession) throws -> Duration {
        let down = file.down.map { "convert_from(decode('\(Self.hex($0))', 'hex'), 'UTF8')" } ?? "null"
        let record = """
            insert into runner_migrations (id, checksum, kind, applied_at, seconds, down, version)
            values (
                '\(file.id)', '\(file.checksum)', '\(file.marks.kind.rawValue)', now(),
                extract(epoch from clock_timestamp() - :'runner_began'::timestamptz),
                \(down), \(version?.sqlQuoted ?? "null")
            );
            """
        let step = Step(name: file.name, text: file.text, marks: file.marks, record: record)
        return try run(step, what: "cannot apply migration `\(file.id)`", session)
    }

    private func takeBack(_ applied: AppliedSQL, _ session: PsqlSession) throws -> Duration {
        // A long line comes in pieces.
        let hex = try session.ask(
            "select encode(convert_to(down, 'UTF8'), 'hex') from runner_migrations where id = '\(applied.id)';"
        )
        let text = try Self.text(hex: hex.joined().filter(\.isHexDigit))
        let marks: MigrationMarks
        do {
            marks = try MigrationMarks(SQLText.header(of: text))
        } catch {
            throw RunnerError(.input, "cannot take back migration `\(applied.id)`", why: error.message)
        }
        let record = "delete from runner_migrations where id = '\(applied.id)';"
        let step = Step(name: "\(applied.id).down.sql", text: text, marks: marks, record: record)
        return try run(step, what: "cannot take back migration `\(applied.id)`", session)
    }

    private struct Step {
        let name: String
        let text: String
        let marks: MigrationMarks
        let record: String

        /// What the file sets for its session is taken back before anything else counts on it.
        var script: String {
            """
            \\set ON_ERROR_STOP on
            select clock_timestamp() as runner_began \\gset
            \(marks.runsInTransaction ? "begin;" : "")
            \\i '\(name)'
            \\set ON_ERROR_STOP on
            reset session authorization;
            reset role;
            reset all;
            \(SQLMigrations.heedOfClients)
            \(record)
            \(marks.runsInTransaction ? "commit;" : "")
            """
        }
    }

    private func run(_ step: Step, what: String, _ session: PsqlSession) throws -> Duration {
        let start = ContinuousClock.now
        do {
            try session.write(step.text, as: step.name)
            try session.run(step.script)
            return .now - start
        } catch let failure as PsqlFailure {
            let error = RunnerError(.errored, what, why: failure.words, hint: Self.hint(step, failure))
            // Tried again, one that is not whole or nothing would find its own beginnings.
            throw failure.isPassing && step.marks.runsInTransaction ? Denied(error: error) : error
        }
    }

    private static func hint(_ step: Step, _ failure: PsqlFailure) -> String {
        guard step.marks.runsInTransaction else {
            return "what it did before that stays, for it runs without a transaction: look, put it right, and make the"
                + " file bear being run again"
        }
        let stays = "nothing of it stays in the database"
        switch failure.code {
        case "25001":
            return "\(stays); begin the file with `-- runner: no-transaction`, with this statement alone in it"
        case "55P03": return "\(stays); look who holds the lock in `pg_stat_activity`, then deploy again"
        default: return "\(stays); mend the file and deploy again"
        }
    }

    // MARK: - Sessions

    /// A lock that a migration did not get, and what to say of it.
    private struct Denied: Error {
        let error: RunnerError
    }

    private func whileLocksAreDenied(_ body: () throws -> Void) throws {
        for pause in pauses {
            do {
                return try body()
            } catch let denied as Denied {
                say("\(denied.error.what): \(denied.error.why ?? ""); next try in \(pause.words)")
                try work.pause(pause)
            }
        }
        do {
            try body()
        } catch let denied as Denied {
            var error = denied.error
            error.why = "\(error.why ?? ""), \(pauses.count + 1) times"
            throw error
        }
    }

    private func inSession<R>(_ body: (PsqlSession) throws -> R) throws -> R {
        let scratch = try ScratchDirectory()
        do {
            let session = try PsqlSession(
                address,
                lockTimeout: lockTimeout,
                environment: environment,
                scratch: scratch.path,
                work,
                say: say
            )
            // The server itself then ends the statements of a client that is gone: else they would run to their end.
            _ = try session.ask(Self.heedOfClients)
            return try body(session)
        } catch let failure as PsqlFailure {
            throw RunnerError(.errored, "cannot read or keep what was migrated", why: failure.words)
        }
    }

    private func inLockedSession(_ body: (PsqlSession) throws -> Void) throws {
        try inSession { session in
            try takeLock(session)
            if try !hasTable(session) { _ = try session.ask(Self.table) }
            try body(session)
        }
    }

    /// Asks again and again: a session that waits in the database would hold up `create index concurrently` of the
    /// other.
    private func takeLock(_ session: PsqlSession) throws {
        var isSaid = false
        while try session.ask("select pg_try_advisory_lock(\(Self.lock));") != ["t"] {
            if !isSaid { say("another run migrates this database: waiting for it") }
            isSaid = true
            try work.pause(.milliseconds(500))
        }
    }

    private func hasTable(_ session: PsqlSession) throws -> Bool {
        try session.ask("select to_regclass('runner_migrations') is not null;") == ["t"]
    }

    private func read(_ session: PsqlSession) throws -> [AppliedSQL] {
        guard try hasTable(session) else { return [] }
        let rows = try session.ask(
            "select id, checksum, kind, down is not null, coalesce(version, '') from runner_migrations;"
        )
        return try rows.map { row in
            let fields = row.split(separator: "\u{1F}", omittingEmptySubsequences: false)
            guard fields.count == 5, let id = MigrationID(fields[0]),
                let kind = Migration.Kind(rawValue: .init(fields[2]))
            else {
                throw RunnerError(
                    .errored,
                    "cannot read the table `runner_migrations`",
                    why: "it has a row that no runner wrote: \(row.quoted)"
                )
            }
            return AppliedSQL(
                id: id,
                checksum: String(fields[1]),
                kind: kind,
                isReversible: fields[3] == "t",
                version: fields[4].isEmpty ? nil : String(fields[4])
            )
        }
    }

    private static let heedOfClients = """
        select set_config('client_connection_check_interval', '1s', false)
        where current_setting('server_version_num')::int >= 140000 \\g /dev/null
        """

    private static let table = """
        create table runner_migrations (
            id text primary key,
            checksum text not null,
            kind text not null,
            applied_at timestamptz not null,
            seconds double precision not null,
            down text,
            version text
        );
        """

    private static func hex(_ text: String) -> String {
        let digits = Array("0123456789abcdef".unicodeScalars)
        var hex = String.UnicodeScalarView()
        for byte in text.utf8 {
            hex.append(digits[Int(byte >> 4)])
            hex.append(digits[Int(byte & 15)])
        }
        return String(hex)
    }

    private static func text(hex: String) throws -> String {
        let digits = hex.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw RunnerError(.errored, "cannot read the way back of a migration", why: "it is not UTF-8 text")
        }
        return text
    }
}
