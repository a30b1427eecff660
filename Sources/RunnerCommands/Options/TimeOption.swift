import ArgumentParser
import FoundationEssentials
import Glibc
import RunnerAPI

/// Times as people write them: `90s`, `2h`, `7d`, `2026-11-20`, or a whole RFC 3339 time.
enum TimeOption {
    private static let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    private static let longest = 100 * 366 * 86_400

    /// In seconds.
    static func length(_ text: String) throws -> Int {
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int(text.dropLast()), number >= 0,
            number <= longest / unit
        else {
            throw ValidationError("`\(text)` is not a length of time as 90s, 30m, 2h, 7d or 4w")
        }
        return number * unit
    }

    /// A time in the past: so long ago, or a day's begin here.
    static func past(_ text: String) throws -> Date {
        if let date = day(text) ?? APIJSON.date(of: text) { return date }
        guard let seconds = try? length(text) else {
            throw ValidationError("`\(text)` is neither a length of time as 2h nor a day as 2026-11-20")
        }
        return Date(timeIntervalSinceNow: -Double(seconds))
    }

    /// A time in the future: after so long, or a day's begin here.
    static func future(_ text: String) throws -> Date {
        if let date = day(text) ?? APIJSON.date(of: text) { return date }
        guard let seconds = try? length(text) else {
            throw ValidationError("`\(text)` is neither a length of time as 90d nor a day as 2026-11-20")
        }
        return Date(timeIntervalSinceNow: Double(seconds))
    }

    private static func day(_ text: String) -> Date? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int32($0) }
        guard parts.map(\.count) == [4, 2, 2], numbers.count == 3 else { return nil }
        var time = tm()
        (time.tm_year, time.tm_mon, time.tm_mday, time.tm_isdst) = (numbers[0] - 1900, numbers[1] - 1, numbers[2], -1)
        let seconds = mktime(&time)
        // The 31st of February becomes a day of March: no day that anybody meant.
        guard seconds >= 0, time.tm_mon == numbers[1] - 1, time.tm_mday == numbers[2] else { return nil }
        return Date(timeIntervalSince1970: Double(seconds))
    }
}
