import FoundationEssentials
import RunnerCore

/// Times for people, as far from now as they are.
struct TimeText {
    let now: Date

    init(now: Date = Date()) { self.now = now }

    /// `just now`, `5m ago`, `in 3d`; beyond two months the day.
    func words(_ date: Date) -> String {
        let seconds = now.timeIntervalSince(date)
        guard abs(seconds) < 60 * 86_400 else { return Self.day(date) }
        // Clocks of two machines are never quite the same.
        if abs(seconds) < 1 { return "just now" }
        let length = Self.length(abs(seconds))
        return seconds > 0 ? "\(length) ago" : "in \(length)"
    }

    private static func length(_ seconds: Double) -> String {
        switch seconds {
        case ..<60: "\(Int(seconds))s"
        case ..<3600: "\(Int(seconds / 60))m"
        case ..<(2 * 86_400): "\(Int(seconds / 3600))h"
        default: "\(Int(seconds / 86_400))d"
        }
    }

    /// `2026-11-20`, in UTC.
    static func day(_ date: Date) -> String { date.formatted(.iso8601.year().month().day()) }

    /// `2026-11-20 10:00:00Z`.
    static func second(_ date: Date) -> String { date.formatted(.iso8601).replacing("T", with: " ") }
}
