internal import Foundation

/// What the clock on the wall shows in one zone. Wall times are seconds since 1970-01-01 as if they were UTC.
struct WallClock: Sendable, Hashable {
    private static let day = 86_400

    private let zone: TimeZone

    /// `nil` for a zone that is not known.
    init?(zone name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.zone = zone
    }

    func wall(at instant: Int) -> Int { instant + offset(at: instant) }

    /// No wall time that `instant` has seen is later than this: it may have been turned back within the last day.
    func latestWall(at instant: Int) -> Int { instant + max(offset(at: instant), offset(at: instant - Self.day)) }

    /// When the wall shows `wall`: the first time where it does so twice, the moment it is put forward where it never does.
    func instant(of wall: Int) -> Int {
        let (before, after) = (offset(at: wall - Self.day), offset(at: wall + Self.day))
        let candidates = [wall - max(before, after), wall - min(before, after)]
        return candidates.first { self.wall(at: $0) == wall } ?? firstInstant(past: wall, in: candidates)
    }

    /// The first second at which the wall shows more than `wall`, between two instants before and after it.
    private func firstInstant(past wall: Int, in bounds: [Int]) -> Int {
        var (low, high) = (bounds[0], bounds[1])
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if self.wall(at: middle) > wall { high = middle } else { low = middle }
        }
        return high
    }

    private func offset(at instant: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
    }
}
