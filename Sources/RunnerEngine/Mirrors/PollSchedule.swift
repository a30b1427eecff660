/// When a remote is looked at next. Pure: times are spans since some start, chance is handed in.
struct PollSchedule: Sendable, Hashable {
    /// After a failure its host is left alone for so long at first, twice as long after each further one.
    static let firstPause = Duration.seconds(5)
    static let longestPause = Duration.seconds(600)
    /// However many hints come, there is no more than one look in this time.
    static let hintSpacing = Duration.seconds(1)

    let interval: Duration
    private(set) var next: Duration
    private var lastLook: Duration?

    /// First due at `start`.
    init(interval: Duration, start: Duration) {
        self.interval = interval
        next = start
    }

    /// A look begins now.
    mutating func begin(at now: Duration) { lastLook = now }

    /// A look has ended well: the next one is an interval away, a tenth sooner or later, so that a thousand repositories do
    /// not ask at once. `chance` is from 0 up to 1.
    mutating func succeed(at now: Duration, chance: Double) { next = now + interval * (0.9 + 0.2 * chance) }

    /// Somebody says that there is something new: looks now, unless that was done within the last second.
    mutating func hint(at now: Duration) {
        let soonest = lastLook.map { max(now, $0 + Self.hintSpacing) } ?? now
        next = min(next, soonest)
    }

    /// A look has failed: not before the host's pause is over.
    mutating func fail(until pause: Duration) { next = pause }
}

/// How long a host that does not answer is left alone: all of its repositories together.
struct HostPause: Sendable, Hashable {
    private(set) var failures = 0
    private(set) var until = Duration.zero

    mutating func succeed() { failures = 0 }

    /// `chance` is from 0 up to 1.
    mutating func fail(at now: Duration, chance: Double) {
        failures += 1
        let doubled = PollSchedule.firstPause * (1 << min(failures - 1, 7))
        until = now + min(doubled, PollSchedule.longestPause) * (0.9 + 0.2 * chance)
    }
}
