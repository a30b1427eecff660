import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore

extension RepositoryView {
    init(_ record: RepositoryRecord) {
        let definition = record.definition
        self.init(
            name: definition.name,
            url: Self.withoutPassword(definition.url),
            poll: Int(definition.poll.components.seconds),
            transport: definition.transport.rawValue,
            transportNote: record.transportNote,
            firstRun: definition.runsAtFirstSight,
            movedTags: definition.runsMovedTags,
            hasWebhookSecret: definition.webhookSecretFile != nil,
            origin: record.origin.rawValue,
            isSeen: record.isSeen,
            addedAt: record.addedAt,
            lookedAt: record.lookedAt,
            problem: record.problem
        )
    }

    /// `https://ada@host/x` for `https://ada:secret@host/x`.
    static func withoutPassword(_ url: String) -> String {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        // `https:`, nothing, `ada:secret@host`, the rest.
        guard parts.count >= 3, parts[0].hasSuffix(":"), parts[1].isEmpty, let at = parts[2].lastIndex(of: "@"),
            let colon = parts[2][..<at].firstIndex(of: ":")
        else { return url }
        let host = parts[2][..<colon] + parts[2][at...]
        return ([parts[0], parts[1], host] + parts.dropFirst(3)).joined(separator: "/")
    }
}

extension LockView {
    init(_ row: LockRow) {
        self.init(name: row.name, run: row.run.value, reason: row.reason, takenAt: row.takenAt)
    }
}

extension StatusView {
    init(_ status: EngineStatus) {
        self.init(
            version: status.version,
            pid: status.pid,
            startedAt: status.startedAt,
            isDraining: status.isDraining,
            slots: status.slots,
            usedSlots: status.usedSlots,
            pending: status.pending,
            waiting: status.waiting,
            running: status.running,
            repositories: status.repositories,
            problems: status.problems,
            diskProblem: status.diskProblem,
            freeBytes: status.freeBytes,
            state: status.state
        )
    }
}

extension TokenView {
    init(_ row: TokenRow) {
        self.init(
            name: row.name,
            role: row.role,
            createdAt: row.createdAt,
            expiresAt: row.expiresAt,
            usedAt: row.usedAt
        )
    }
}

extension AuditEntryView {
    init(_ line: AuditLine) {
        self.init(
            id: line.id,
            at: line.at,
            actor: line.actor,
            action: line.action,
            subject: line.subject,
            detail: line.detail,
            hash: line.hash.description
        )
    }
}
