package import FoundationEssentials
import GRDB
import RunnerCore

/// What is written down for good, by whom.
package enum AuditAction: String, Sendable, Hashable, Codable, CaseIterable {
    case repositoryAdded = "repository-added"
    case repositoryChanged = "repository-changed"
    case repositoryRemoved = "repository-removed"
    /// A tag that pointed elsewhere before, or is gone.
    case tagMoved = "tag-moved"
    case runAsked = "run-asked"
    case runCanceled = "run-canceled"
    case lockBroken = "lock-broken"
    case cacheRemoved = "cache-removed"
    case drained, resumed, upgraded, reloaded
    case tokenCreated = "token-created"
    case tokenRevoked = "token-revoked"
    case secretSet = "secret-set"
    case secretRotated = "secret-rotated"
    case secretRemoved = "secret-removed"
    case secretRekeyed = "secret-rekeyed"
    case deploymentAsked = "deployment-asked"
    case deploymentBegun = "deployment-begun"
    case deploymentCanceled = "deployment-canceled"
    case deploymentEnded = "deployment-ended"
    case gateAnswered = "gate-answered"
    case frozen, unfrozen
    case backupMade = "backup-made"
    case backupRestored = "backup-restored"
    case migrated
    case stateSaved = "state-saved"
    case stateRestored = "state-restored"
}

/// One line of the audit log.
package struct AuditLine: Sendable, Hashable {
    package var id: Int64
    package var at: Date
    package var actor: String
    /// An `AuditAction`, or one that a newer runner wrote.
    package var action: String
    /// What it was done to: a repository, `run 7`, a lock.
    package var subject: String
    package var detail: String
    /// Of this line and the hash of the one before it.
    package var hash: Digest

    package init(
        id: Int64,
        at: Date,
        actor: String,
        action: String,
        subject: String,
        detail: String,
        hash: Digest
    ) {
        self.id = id
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
        self.hash = hash
    }
}

/// The log of who did what. Each line's hash covers the one before, so that a line that was changed, put in or taken out
/// shows. Who can write the file can also write all of it anew: keep a hash elsewhere to prove more.
extension RunnerDatabase {
    package func note(
        _ action: AuditAction,
        of subject: String,
        by actor: String = itself,
        detail: String = ""
    ) async throws {
        try await write { try Self.note(action, of: subject, by: actor, detail: detail, $0) }
    }

    /// The lines after one, the oldest first.
    package func audit(after: Int64 = 0, limit: Int = 100) async throws -> [AuditLine] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM audit WHERE id > ? ORDER BY id LIMIT ?",
                arguments: [after, max(1, min(limit, 1000))]
            ).map { row in
                guard let line = AuditLine(row) else { throw Self.damagedAudit(row["id"]) }
                return line
            }
        }
    }

    /// The first line that is not as it was written, or that is missing; `nil` where all are as they were.
    package func verifyAudit() async throws -> Int64? {
        try await read { database in
            var hash = ""
            var expected: Int64 = 1
            let rows = try Row.fetchCursor(database, sql: "SELECT * FROM audit ORDER BY id")
            while let row = try rows.next() {
                guard let line = AuditLine(row), line.id == expected, try line.hash(after: hash) == line.hash else {
                    return expected
                }
                hash = line.hash.description
                expected += 1
            }
            // Numbers are not given twice: what is missing at the end shows, too.
            let last = try Int64.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'audit'") ?? 0
            return expected <= last ? expected : nil
        }
    }

    /// Within the transaction of what it is about.
    static func note(
        _ action: AuditAction,
        of subject: String,
        by actor: String,
        detail: String = "",
        _ database: Database
    ) throws {
        let last = try Row.fetchOne(database, sql: "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")
        var line = AuditLine(
            id: (last?["id"] ?? 0) + 1,
            at: Date(timeIntervalSince1970: AuditLine.milliseconds(Date()) / 1000),
            actor: actor,
            action: action.rawValue,
            subject: subject,
            detail: detail,
            hash: .sha256("")
        )
        line.hash = try line.hash(after: last?["hash"] ?? "")
        try database.execute(
            sql: "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                line.id, line.at.timeIntervalSince1970, actor, line.action, subject, detail, line.hash.description,
            ]
        )
    }

    private static func damagedAudit(_ id: Int64) -> RunnerError {
        RunnerError(
            .errored,
            "cannot read the audit log",
            why: "line \(id) has no hash",
            hint: "`runner state check` says what else is wrong"
        )
    }
}

extension AuditLine {
    /// `nil` where the hash is none.
    fileprivate init?(_ row: Row) {
        guard let hash = Digest(row["hash"] as String) else { return nil }
        self.init(
            id: row["id"],
            at: Date(timeIntervalSince1970: row["at"]),
            actor: row["actor"],
            action: row["action"],
            subject: row["subject"],
            detail: row["detail"],
            hash: hash
        )
    }

    /// What is hashed, as JSON with sorted keys.
    private struct Content: Encodable {
        let id: Int64
        let milliseconds: Int64
        let actor: String
        let action: String
        let subject: String
        let detail: String
    }

    fileprivate static func milliseconds(_ date: Date) -> Double { (date.timeIntervalSince1970 * 1000).rounded() }

    /// What `hash` must be, after a line with that hash; empty for the first line.
    package func hash(after previous: String) throws -> Digest {
        let content = Content(
            id: id,
            milliseconds: Int64(Self.milliseconds(at)),
            actor: actor,
            action: action,
            subject: subject,
            detail: detail
        )
        return Digest.sha256(Data(previous.utf8) + (try JSON.encode(content)))
    }
}
