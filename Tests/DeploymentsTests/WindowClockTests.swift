import Deployments
import FoundationEssentials
import RunnerCore
import Testing

/// Windows in zones whose clocks are changed. Times are on UTC's wall.
struct WindowClockTests {
    typealias Day = DeployWindow.Day

    private static func date(_ text: String) throws -> Date {
        let zone = try #require(ZoneClock("UTC"))
        return try #require(zone.date(ofText: text))
    }

    static let openings: [(days: [Day], from: String, to: String, zone: String, at: String, isOpen: Bool)] = [
        // In Berlin the clock is put from 2:00 to 3:00 on 2026-03-29, and from 3:00 to 2:00 on 2026-10-25.
        ([.sunday], "09:00", "17:00", "Europe/Berlin", "2026-03-29T06:59", false),
        ([.sunday], "09:00", "17:00", "Europe/Berlin", "2026-03-29T07:00", true),
        ([.sunday], "09:00", "17:00", "Europe/Berlin", "2026-03-29T15:00", false),
        ([.sunday], "09:00", "17:00", "Europe/Berlin", "2026-10-25T07:59", false),
        ([.sunday], "09:00", "17:00", "Europe/Berlin", "2026-10-25T08:00", true),
        // A time that the wall never shows: it opens when the clock is put forward.
        ([.sunday], "02:30", "04:00", "Europe/Berlin", "2026-03-29T00:59", false),
        ([.sunday], "02:30", "04:00", "Europe/Berlin", "2026-03-29T01:00", true),
        ([.sunday], "02:30", "04:00", "Europe/Berlin", "2026-03-29T02:00", false),
        // All of it in the gap: not on that day.
        ([.sunday], "02:10", "02:50", "Europe/Berlin", "2026-03-29T01:00", false),
        // A time that the wall shows twice: from the first.
        ([.sunday], "02:30", "04:00", "Europe/Berlin", "2026-10-25T00:29", false),
        ([.sunday], "02:30", "04:00", "Europe/Berlin", "2026-10-25T00:30", true),
        ([.sunday], "02:30", "04:00", "Europe/Berlin", "2026-10-25T02:59", true),
        ([.sunday], "02:30", "04:00", "Europe/Berlin", "2026-10-25T03:00", false),
        // Over midnight, and over the end of a month.
        ([.friday], "22:00", "02:00", "UTC", "2026-11-27T21:59", false),
        ([.friday], "22:00", "02:00", "UTC", "2026-11-27T22:00", true),
        ([.friday], "22:00", "02:00", "UTC", "2026-11-28T01:59", true),
        ([.friday], "22:00", "02:00", "UTC", "2026-11-28T02:00", false),
        ([.friday], "22:00", "02:00", "UTC", "2026-11-28T22:00", false),
        ([.monday], "22:00", "02:00", "UTC", "2026-12-01T01:00", true),
        // Equal times are a whole day.
        ([.friday], "00:00", "00:00", "UTC", "2026-11-27T23:59", true),
        ([.friday], "00:00", "00:00", "UTC", "2026-11-28T00:00", false),
        // New York is put forward on 2026-03-08, Lord Howe by half an hour on 2026-10-04.
        ([.sunday], "09:00", "10:00", "America/New_York", "2026-03-08T13:00", true),
        ([.sunday], "09:00", "10:00", "America/New_York", "2026-03-01T13:00", false),
        ([.sunday], "09:00", "10:00", "America/New_York", "2026-03-01T14:00", true),
        ([.sunday], "02:15", "03:00", "Australia/Lord_Howe", "2026-10-03T15:30", true),
        ([.sunday], "02:15", "03:00", "Australia/Lord_Howe", "2026-10-03T15:29", false),
    ]

    @Test(arguments: openings)
    func `a window is open as its zone's wall shows`(
        row: (days: [Day], from: String, to: String, zone: String, at: String, isOpen: Bool)
    ) throws {
        let clock = try #require(WindowClock(Self.window(row.days, row.from, row.to, row.zone)))
        #expect(clock.isOpen(at: try Self.date(row.at)) == row.isOpen)
    }

    static let nexts: [(days: [Day], from: String, zone: String, at: String, next: String)] = [
        ([.sunday], "02:30", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:00"),
        ([.sunday], "02:30", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:30"),
        ([.sunday], "02:30", "Europe/Berlin", "2026-10-25T00:30", "2026-11-01T01:30"),
        ([.monday], "09:00", "UTC", "2026-11-27T12:00", "2026-11-30T09:00"),
        ([.friday], "09:00", "UTC", "2026-11-27T09:00", "2026-12-04T09:00"),
    ]

    @Test(arguments: nexts)
    func `it says when it opens next`(row: (days: [Day], from: String, zone: String, at: String, next: String)) throws {
        let clock = try #require(WindowClock(Self.window(row.days, row.from, "23:00", row.zone)))
        #expect(clock.nextOpening(after: try Self.date(row.at)) == (try Self.date(row.next)))
    }

    @Test func `a zone that nobody knows has no clock`() {
        #expect(WindowClock(DeployWindow(days: [.monday], from: 0, to: 60, zone: "Mars/Olympus")) == nil)
    }

    @Test(arguments: [
        "2026-02-30", "2026-13-01", "2026-1", "x", "2026-12-20T24:00", "2026-12-20T1", "", "2026-12-20T10:00T",
    ])
    func `what is no time is none`(text: String) throws {
        #expect(try #require(ZoneClock("UTC")).date(ofText: text) == nil)
    }

    private static func window(_ days: [Day], _ from: String, _ to: String, _ zone: String) -> DeployWindow {
        func minutes(_ text: String) -> Int { (Int(text.prefix(2)) ?? 0) * 60 + (Int(text.suffix(2)) ?? 0) }
        return DeployWindow(days: days, from: minutes(from), to: minutes(to), zone: zone)
    }
}
