package import FoundationEssentials
package import RunnerCore

/// When a window is open. A time that the clock on the wall never shows is the moment it is put forward; of one that it shows
/// twice, the first.
package struct WindowClock: Sendable {
    private static let day = 86_400

    private let window: DeployWindow
    private let clock: ZoneClock

    /// `nil` for a zone that is not known.
    package init?(_ window: DeployWindow) {
        guard let clock = ZoneClock(window.zone) else { return nil }
        self.window = window
        self.clock = clock
    }

    package func isOpen(at date: Date) -> Bool {
        spans(around: date).contains { $0.from <= date && date < $0.to }
    }

    /// The next time it opens; `nil` where there is none within eight days.
    package func nextOpening(after date: Date) -> Date? {
        spans(around: date).map(\.from).filter { $0 > date }.min()
    }

    /// From two days before to eight days after.
    private func spans(around date: Date) -> [(from: Date, to: Date)] {
        let today = clock.day(at: date)
        return (today - 2...today + 8).compactMap { day in
            // 1970-01-01 was a Thursday.
            guard let weekday = DeployWindow.Day(rawValue: ((day + 4) % 7 + 7) % 7), window.days.contains(weekday)
            else {
                return nil
            }
            let end = window.to > window.from ? day : day + 1
            let from = clock.date(of: day * Self.day + window.from * 60)
            let to = clock.date(of: end * Self.day + window.to * 60)
            return from < to ? (from, to) : nil
        }
    }
}

/// When a freeze of the file holds.
package struct FreezeClock: Sendable {
    package let from: Date
    package let to: Date

    /// `nil` where a time or the zone cannot be read.
    package init?(_ freeze: DeployFreeze) {
        guard let clock = ZoneClock(freeze.zone), let from = clock.date(ofText: freeze.from),
            let to = clock.date(ofText: freeze.to)
        else {
            return nil
        }
        self.from = from
        self.to = to
    }

    package func holds(at date: Date) -> Bool { from <= date && date < to }
}
