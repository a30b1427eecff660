package import Foundation

/// A schedule that can be asked when it fires. A local time that the clock skips counts as the moment of the skip, one that
/// it shows twice as the first of both.
package struct CronSchedule: Sendable, Hashable {
    /// The 29th of February is this far from the next at most, as from 1896 to 1904.
    private static let longestPause = 8 * 366 + 2

    private let fields: CronFields
    private let clock: WallClock

    package init(_ schedule: Schedule) throws(TextProblem) {
        fields = try CronFields(schedule.cron)
        guard let clock = WallClock(zone: schedule.zone) else {
            throw TextProblem("names the time zone \(schedule.zone.quoted), which this machine does not know")
        }
        self.clock = clock
    }

    /// `nil` where it never fires, as on the 30th of February.
    package func next(after date: Date) -> Date? {
        guard let seconds = Self.seconds(date) else { return nil }
        let start = clock.wall(at: seconds)
        let firstDay = CivilDate.floor(start, 86_400)
        for day in firstDay...(firstDay + Self.longestPause) where fields.matches(CivilDate(number: day)) {
            for time in fields.times {
                let wall = day * 86_400 + time * 60
                guard wall > start else { continue }
                let instant = clock.instant(of: wall)
                if instant > seconds { return Date(timeIntervalSince1970: Double(instant)) }
            }
        }
        return nil
    }

    /// The latest time in (since, now] at which it fires, so that all that was missed in a pause fires once.
    package func due(since: Date, now: Date) -> Date? {
        guard since < now, let seconds = Self.seconds(now) else { return nil }
        let start = clock.latestWall(at: seconds)
        let lastDay = CivilDate.floor(start, 86_400)
        // No zone is more than a day away from UTC.
        let firstDay = max(since.timeIntervalSince1970 / 86_400 - 2, Double(lastDay - Self.longestPause))
        for day in (Int(firstDay)...lastDay).reversed() where fields.matches(CivilDate(number: day)) {
            for time in fields.times.reversed() {
                let wall = day * 86_400 + time * 60
                guard wall <= start else { continue }
                let instant = clock.instant(of: wall)
                guard instant <= seconds else { continue }
                let fired = Date(timeIntervalSince1970: Double(instant))
                return fired > since ? fired : nil
            }
        }
        return nil
    }

    /// `nil` for dates beyond all calendars, which would not fit.
    private static func seconds(_ date: Date) -> Int? {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        return seconds.magnitude < 1e11 ? Int(seconds) : nil
    }
}
