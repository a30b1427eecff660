import Deployments
import FoundationEssentials
import RunnerCore
import Testing

/// Grandfather, father and son.
struct BackupPruningTests {
    private static func backups(_ times: [String], zone: String = "UTC", verified: Set<Int> = []) throws
        -> [BackupPruning.Backup]
    {
        let clock = try #require(ZoneClock(zone))
        return try times.enumerated().map { index, time in
            BackupPruning.Backup(
                id: Int64(index + 1),
                at: try #require(clock.date(ofText: time)),
                isVerified: verified.contains(index + 1)
            )
        }
    }

    @Test func `of 400 days 30 days, 12 weeks and 12 months stay`() {
        let start = Date(timeIntervalSince1970: 1_760_000_000)
        let all = (0..<400).map {
            BackupPruning.Backup(id: Int64($0), at: start.addingTimeInterval(Double($0) * 86_400), isVerified: false)
        }
        let pruning = BackupPruning(all, BackupRetention(), zone: "UTC")
        let reasons = pruning.kept.values.flatMap(\.self)
        #expect(reasons.count { $0.hasPrefix("daily") } == 30)
        #expect(reasons.count { $0.hasPrefix("weekly") } == 12)
        #expect(reasons.count { $0.hasPrefix("monthly") } == 12)
        #expect(pruning.kept.count + pruning.removed.count == 400)
        #expect(pruning.removed == pruning.removed.sorted())
        // What is gone today is gone tomorrow, too: pruning again changes nothing.
        let rest = all.filter { pruning.kept[$0.id] != nil }
        #expect(BackupPruning(rest, BackupRetention(), zone: "UTC").removed.isEmpty)
    }

    @Test func `of several a day the newest stays, and gaps count for nothing`() throws {
        let times = [
            "2026-11-01T02:00", "2026-11-01T14:00", "2026-11-10T02:00", "2026-11-10T03:00", "2026-11-27T02:00",
        ]
        let pruning = BackupPruning(
            try Self.backups(times),
            BackupRetention(daily: 3, weekly: 0, monthly: 0),
            zone: "UTC"
        )
        #expect(
            pruning.kept.mapValues { $0.sorted() } == [
                2: ["daily 2026-11-01"], 4: ["daily 2026-11-10"], 5: ["daily 2026-11-27", "newest"],
            ]
        )
        #expect(pruning.removed == [1, 3])
    }

    @Test func `weeks begin on Monday, and a month is the calendar's`() throws {
        let times = ["2026-10-31T02:00", "2026-11-01T02:00", "2026-11-02T02:00", "2026-11-08T23:00"]
        let pruning = BackupPruning(
            try Self.backups(times),
            BackupRetention(daily: 0, weekly: 9, monthly: 9),
            zone: "UTC"
        )
        #expect(pruning.kept[4] == ["newest", "weekly 2026-11-02", "monthly 2026-11"])
        #expect(pruning.kept[2] == ["weekly 2026-10-26"])
        #expect(pruning.kept[1] == ["monthly 2026-10"])
        #expect(pruning.removed == [3])
    }

    @Test(arguments: [
        // The day of the zone, also where the clock is put back (25 hours) or forward (23).
        (["2026-10-25T00:30", "2026-10-25T23:30"], [Int64(1)]), (["2026-03-29T00:30", "2026-03-29T23:30"], [1]),
        (["2026-10-24T23:30", "2026-10-25T00:30"], []),
    ])
    func `a day is the zone's`(times: [String], removed: [Int64]) throws {
        let backups = try Self.backups(times, zone: "Europe/Berlin")
        let pruning = BackupPruning(backups, BackupRetention(daily: 9, weekly: 0, monthly: 0), zone: "Europe/Berlin")
        #expect(pruning.removed == removed)
    }

    @Test func `the newest and the newest proven one stay, whatever the numbers say`() throws {
        let times = ["2026-11-01", "2026-11-02", "2026-11-03"]
        let nothing = BackupRetention(daily: 0, weekly: 0, monthly: 0)
        let pruning = BackupPruning(try Self.backups(times, verified: [1, 2]), nothing, zone: "UTC")
        #expect(pruning.kept == [3: ["newest"], 2: ["newest proven"]])
        #expect(pruning.removed == [1])
        #expect(BackupPruning([], nothing, zone: "Mars/Olympus").removed.isEmpty)
    }
}
