/// Whether the release of before can run on the database of now, and what it takes.
package enum MigrationSafety: Sendable, Hashable, Codable {
    /// As it is. The migrations that came since only added something, and stay.
    case safe(staying: [String])
    /// After these were taken back, newest first; `to` is what `MigrationRun.down` gets.
    case reversible([String], to: String?)
    /// Only with the data of then: what was written since is lost.
    case needsRestore(backup: String, reason: String)
    case impossible(reason: String)

    /// `migrations` as the live release has them, oldest first; `known` are those of the release to go back to;
    /// `backup` was made before the first that it does not know.
    package static func judge(_ migrations: [Migration], known: [String], backup: String?) -> MigrationSafety {
        let applied = migrations.filter(\.isApplied)
        let known = Set(known)
        let lacking = known.subtracting(applied.map(\.id)).sorted()
        if !lacking.isEmpty {
            return .impossible(reason: "it needs \(list(lacking)), which the database does not have: deploy it instead")
        }
        let since = applied.filter { !known.contains($0.id) }
        // Newer ones stand on older ones: taking one back takes back whatever came after it.
        guard let first = applied.firstIndex(where: { !known.contains($0.id) && $0.kind != .expand }) else {
            return .safe(staying: since.map(\.id))
        }
        let taken = applied[first...]
        let final = taken.filter { !$0.isReversible }.map(\.id)
        let needed = taken.filter { known.contains($0.id) }.map(\.id)
        if final.isEmpty, needed.isEmpty {
            return .reversible(taken.reversed().map(\.id), to: first > 0 ? applied[first - 1].id : nil)
        }
        let reason =
            final.isEmpty
            ? "it needs \(list(needed)), which came after \(list([applied[first].id]))"
            : "there is no way back from \(list(final))"
        return backup.map { .needsRestore(backup: $0, reason: reason) }
            ?? .impossible(reason: "\(reason), and no backup")
    }

    /// For the plan of a deployment, and for whoever asks what a rollback would do.
    package var words: String {
        switch self {
        case .safe(let staying) where staying.isEmpty: "rolling back is safe: the database was not migrated since"
        case .safe(let staying): "rolling back is safe: \(Self.list(staying)) only added something, and stays"
        case .reversible(let ids, _): "rolling back takes \(Self.list(ids)) back first"
        case .needsRestore(let backup, let reason):
            "rolling back needs a restore of backup `\(backup)`, without what was written since: \(reason)"
        case .impossible(let reason): "rolling back is impossible: \(reason)"
        }
    }

    private static func list(_ ids: [String]) -> String { ids.map { "`\($0)`" }.joined(separator: ", ") }
}
