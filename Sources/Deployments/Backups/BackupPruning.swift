package import FoundationEssentials
package import RunnerCore

/// Which backups stay, grandfather, father and son: the newest of each of the last days, weeks and months that have one.
/// Pure; days begin as the wall of a zone shows it, weeks on Monday.
package struct BackupPruning: Sendable, Hashable {
    package struct Backup: Sendable, Hashable {
        package var id: Int64
        package var at: Date
        package var isVerified: Bool

        package init(id: Int64, at: Date, isVerified: Bool) {
            self.id = id
            self.at = at
            self.isVerified = isVerified
        }
    }

    /// Why each stays that does: `daily 2026-11-26`, `weekly 2026-11-23`, `monthly 2026-11`, `newest`, `newest proven`.
    package private(set) var kept: [Int64: [String]] = [:]
    /// The oldest first.
    package private(set) var removed: [Int64] = []

    /// The newest of all and the newest proven one stay whatever the numbers say. A zone that is not known counts as UTC.
    package init(_ backups: [Backup], _ retention: BackupRetention, zone: String) {
        let newestFirst = backups.sorted { ($0.at, $0.id) > ($1.at, $1.id) }
        keep(newestFirst.first, "newest")
        keep(newestFirst.first(where: \.isVerified), "newest proven")
        let clock = ZoneClock(zone) ?? ZoneClock("UTC")
        let days = newestFirst.map { clock?.day(at: $0.at) ?? Int($0.at.timeIntervalSince1970 / 86_400) }
        let dated = Array(zip(newestFirst, days))
        keep(dated, retention.daily) { "daily \(ZoneClock.text(ofDay: $0))" }
        // 1970-01-01 was a Thursday: three days after a Monday.
        keep(dated, retention.weekly) { "weekly \(ZoneClock.text(ofDay: $0 - (($0 + 3) % 7 + 7) % 7))" }
        keep(dated, retention.monthly) { "monthly \(ZoneClock.text(ofDay: $0).prefix(7))" }
        removed = newestFirst.reversed().map(\.id).filter { kept[$0] == nil }
    }

    private mutating func keep(_ backup: Backup?, _ reason: String) {
        if let backup { kept[backup.id, default: []].append(reason) }
    }

    /// The newest of each of the newest `count` periods.
    private mutating func keep(_ dated: [(Backup, Int)], _ count: Int, _ period: (Int) -> String) {
        var seen: Set<String> = []
        for (backup, day) in dated {
            let name = period(day)
            guard !seen.contains(name) else { continue }
            guard seen.count < count else { return }
            seen.insert(name)
            keep(backup, name)
        }
    }
}
