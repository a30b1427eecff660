import Foundation
import RunnerCore
import Testing

@Suite struct CronScheduleTests {
    /// The next times after `start`, in UTC, as `2026-03-29T01:00`.
    private func fires(_ cron: String, _ zone: String = "UTC", after start: String, count: Int) throws -> [String] {
        let schedule = try CronSchedule(Schedule(cron: cron, zone: zone))
        var times: [String] = []
        var date = try Self.date(start)
        while times.count < count, let next = schedule.next(after: date) {
            times.append(Self.text(next))
            date = next
        }
        return times
    }

    private static func date(_ text: String) throws -> Date { try Date("\(text):00Z", strategy: .iso8601) }

    private static func text(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(16)) }

    @Test(arguments: [
        ("* * * * *", "2026-01-01T00:00", ["2026-01-01T00:01", "2026-01-01T00:02"]),
        ("0 3 * * *", "2026-01-01T03:00", ["2026-01-02T03:00", "2026-01-03T03:00"]),
        ("*/20 1,13 * * *", "2026-01-01T01:30", ["2026-01-01T01:40", "2026-01-01T13:00", "2026-01-01T13:20"]),
        ("50/5 23 31 12 *", "2026-01-01T00:00", ["2026-12-31T23:50", "2026-12-31T23:55", "2027-12-31T23:50"]),
        ("10-30/10 4 * * *", "2026-01-01T00:00", ["2026-01-01T04:10", "2026-01-01T04:20", "2026-01-01T04:30"]),
        // 2026-01-01 is a Thursday.
        ("0 0 * * mon-fri", "2026-01-01T12:00", ["2026-01-02T00:00", "2026-01-05T00:00"]),
        ("0 0 * * 7", "2026-01-01T00:00", ["2026-01-04T00:00", "2026-01-11T00:00"]),
        ("0 0 * * SUN", "2026-01-01T00:00", ["2026-01-04T00:00", "2026-01-11T00:00"]),
        ("0 0 * * 5-7", "2026-01-01T00:00", ["2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00"]),
        ("0 0 * jan,Dec 1", "2026-01-26T00:00", ["2026-12-07T00:00", "2026-12-14T00:00"]),
        // Either day is enough where both are restricted; a field that begins with `*` is not.
        ("0 0 13 * 5", "2026-01-05T00:00", ["2026-01-09T00:00", "2026-01-13T00:00", "2026-01-16T00:00"]),
        ("0 0 */2 * 5", "2026-01-05T00:00", ["2026-01-09T00:00", "2026-01-23T00:00"]),
        ("0 0 31 * *", "2026-01-31T00:00", ["2026-03-31T00:00", "2026-05-31T00:00", "2026-07-31T00:00"]),
        ("0 0 29 2 *", "2026-01-01T00:00", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("0 0 29 2 *", "2096-03-01T00:00", ["2104-02-29T00:00"]),
        ("0 0 29 2 *", "1999-12-01T00:00", ["2000-02-29T00:00"]),
        ("0 0 30 2 *", "2026-01-01T00:00", []),
        ("0 0 31 4,6,9,11 *", "2026-01-01T00:00", []),
    ])
    func `the next times`(cron: String, start: String, expected: [String]) throws {
        #expect(try fires(cron, after: start, count: max(expected.count, 1)) == expected)
    }

    @Test(arguments: [
        ("Europe/Berlin", "0 3 * * *", "2026-01-01T00:00", ["2026-01-01T02:00"]),
        ("Asia/Kolkata", "0 9 * * *", "2026-01-01T00:00", ["2026-01-01T03:30", "2026-01-02T03:30"]),
        ("Asia/Kathmandu", "15 0 1 * *", "2026-01-01T00:00", ["2026-01-31T18:30"]),
        ("Pacific/Kiritimati", "0 0 * * mon", "2026-01-01T00:00", ["2026-01-04T10:00"]),
        ("Pacific/Pago_Pago", "0 23 * * *", "2026-01-01T00:00", ["2026-01-01T10:00"]),
        // Put forward on 2026-03-29, 02:00 to 03:00 local, 01:00 UTC: what is skipped fires once, at the skip.
        (
            "Europe/Berlin", "30 2 * * *", "2026-03-28T00:00",
            ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"]
        ),
        ("Europe/Berlin", "*/10 2 * * *", "2026-03-29T00:00", ["2026-03-29T01:00", "2026-03-30T00:00"]),
        ("Europe/Berlin", "0 2,3 * * *", "2026-03-29T00:00", ["2026-03-29T01:00", "2026-03-30T00:00"]),
        (
            "Europe/Berlin", "*/30 * * * *", "2026-03-29T00:00",
            ["2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30"]
        ),
        // Put back on 2026-10-25, 03:00 to 02:00 local, 01:00 UTC: what comes twice fires the first time.
        ("Europe/Berlin", "30 2 * * *", "2026-10-24T12:00", ["2026-10-25T00:30", "2026-10-26T01:30"]),
        ("Europe/Berlin", "0 2 * * *", "2026-10-25T00:00", ["2026-10-26T01:00"]),
        ("Europe/Berlin", "0 3 * * *", "2026-10-24T12:00", ["2026-10-25T02:00", "2026-10-26T02:00"]),
        ("Europe/Berlin", "30 2 * * *", "2026-10-25T01:10", ["2026-10-26T01:30"]),
        ("America/New_York", "30 2 8 3 *", "2026-03-01T00:00", ["2026-03-08T07:00", "2027-03-08T07:30"]),
        ("America/New_York", "30 1 * * *", "2026-10-31T12:00", ["2026-11-01T05:30", "2026-11-02T06:30"]),
        // A clock that moves by half an hour, and a day that never was: 2011-12-30.
        ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00", ["2026-10-03T15:30", "2026-10-04T15:15"]),
        ("Pacific/Apia", "0 12 30 12 *", "2011-12-01T00:00", ["2011-12-30T10:00", "2012-12-29T22:00"]),
    ])
    func `the clock of the zone counts`(zone: String, cron: String, start: String, expected: [String]) throws {
        #expect(try fires(cron, zone, after: start, count: expected.count) == expected)
    }

    @Test(arguments: [
        ("UTC", "0 3 * * *", "2026-01-01T03:00", "2026-01-02T02:59", nil),
        ("UTC", "0 3 * * *", "2026-01-01T03:00", "2026-01-02T03:00", "2026-01-02T03:00"),
        ("UTC", "0 3 * * *", "2026-01-01T02:59", "2026-01-01T03:00", "2026-01-01T03:00"),
        // A fortnight of downtime.
        ("UTC", "*/5 * * * *", "2026-01-01T00:00", "2026-01-15T07:33", "2026-01-15T07:30"),
        ("UTC", "0 0 29 2 *", "2020-01-01T00:00", "2027-01-01T00:00", "2024-02-29T00:00"),
        ("UTC", "0 0 29 2 *", "2024-02-29T00:00", "2027-01-01T00:00", nil),
        ("UTC", "0 0 30 2 *", "1970-01-01T00:00", "2027-01-01T00:00", nil),
        // The clock was set back, or stands still.
        ("UTC", "* * * * *", "2026-01-01T00:00", "2025-01-01T00:00", nil),
        ("UTC", "* * * * *", "2026-01-01T00:00", "2026-01-01T00:00", nil),
        ("Europe/Berlin", "30 2 * * *", "2026-03-29T00:00", "2026-03-29T00:59", nil),
        ("Europe/Berlin", "30 2 * * *", "2026-03-29T00:59", "2026-03-29T01:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "30 2 * * *", "2026-03-29T01:00", "2026-03-29T12:00", nil),
        ("Europe/Berlin", "30 2 * * *", "2026-10-25T00:00", "2026-10-25T01:10", "2026-10-25T00:30"),
        ("Europe/Berlin", "30 2 * * *", "2026-10-25T00:30", "2026-10-25T01:30", nil),
        ("Asia/Kolkata", "0 9 * * *", "2026-01-01T03:29", "2026-01-01T03:31", "2026-01-01T03:30"),
    ])
    func `what was missed is due once`(
        zone: String,
        cron: String,
        since: String,
        now: String,
        expected: String?
    ) throws {
        let schedule = try CronSchedule(Schedule(cron: cron, zone: zone))
        let due = schedule.due(since: try Self.date(since), now: try Self.date(now))
        #expect(due.map(Self.text) == expected)
    }

    @Test func `what is due is the last of the next times`() throws {
        let start = try Self.date("2026-10-24T20:00")
        for zone in ["Europe/Berlin", "America/New_York", "Asia/Kolkata"] {
            let schedule = try CronSchedule(Schedule(cron: "7-59/13 */2 * * *", zone: zone))
            var fired: Date?
            for minute in 1...(48 * 60) {
                let now = start.addingTimeInterval(Double(minute) * 60)
                if let next = schedule.next(after: fired ?? start), next <= now { fired = next }
                #expect(schedule.due(since: start, now: now) == fired)
            }
        }
    }

    @Test func `times beyond all calendars end`() throws {
        let schedule = try CronSchedule(Schedule(cron: "* * * * *"))
        #expect(schedule.next(after: Date(timeIntervalSince1970: .infinity)) == nil)
        #expect(schedule.next(after: Date(timeIntervalSince1970: 1e18)) == nil)
        #expect(schedule.due(since: .distantPast, now: try Self.date("2026-01-01T00:00")) != nil)
        #expect(schedule.due(since: Date(timeIntervalSince1970: -.infinity), now: .distantFuture) != nil)
    }

    @Test func `a zone that is not known is refused`() {
        let problem = #expect(throws: TextProblem.self) {
            try CronSchedule(Schedule(cron: "* * * * *", zone: "Mars/X"))
        }
        #expect(problem?.message == "names the time zone `Mars/X`, which this machine does not know")
    }
}
