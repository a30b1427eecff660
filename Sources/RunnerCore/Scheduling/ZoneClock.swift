package import FoundationEssentials

/// Days and times of one zone, for windows and freezes.
package struct ZoneClock: Sendable, Hashable {
    private let clock: WallClock

    /// `nil` for a zone that is not known.
    package init?(_ zone: String) {
        guard let clock = WallClock(zone: zone) else { return nil }
        self.clock = clock
    }

    /// The day that the calendar on the wall shows, in days since 1970-01-01.
    package func day(at date: Date) -> Int {
        CivilDate.floor(clock.wall(at: Int(date.timeIntervalSince1970.rounded(.down))), 86_400)
    }

    /// `2026-12-20`, of a day as `day(at:)` counts it.
    package static func text(ofDay number: Int) -> String {
        let date = CivilDate(number: number)
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(date.year)-\(padded(date.month))-\(padded(date.day))"
    }

    /// When the wall shows a time, in seconds since 1970-01-01 as if it were UTC: the first time where it does so twice, the
    /// moment it is put forward where it never does.
    package func date(of wall: Int) -> Date { Date(timeIntervalSince1970: Double(clock.instant(of: wall))) }

    /// When the wall shows `2026-12-20` (its first minute) or `2026-12-20T18:00`; `nil` for other texts.
    package func date(ofText text: String) -> Date? {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        let date = parts[0].split(separator: "-").map { Int($0) ?? -1 }
        guard (1...2).contains(parts.count), date.count == 3,
            let day = CivilDate(year: date[0], month: date[1], day: date[2])
        else {
            return nil
        }
        guard parts.count == 2 else { return self.date(of: day.number * 86_400) }
        let time = parts[1].split(separator: ":").map { Int($0) ?? -1 }
        guard time.count == 2, (0...23).contains(time[0]), (0...59).contains(time[1]) else { return nil }
        return self.date(of: day.number * 86_400 + time[0] * 3600 + time[1] * 60)
    }
}

extension CivilDate {
    /// `nil` for a day that no calendar has. After Howard Hinnant, `days_from_civil`.
    init?(year: Int, month: Int, day: Int) {
        guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        let marchYear = month <= 2 ? year - 1 : year
        let era = Self.floor(marchYear, 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.init(number: era * 146_097 + dayOfEra - 719_468)
        // The 31st of a month that has 30 days comes out as another.
        guard self.month == month, self.day == day else { return nil }
    }
}
