/// How a release is watched after it went live.
package struct WatchSettings: Sendable, Hashable, Codable {
    /// How long it must stay good: the bake time. Time without an answer does not count.
    package var bake: Duration
    package var interval: Duration
    package var rules: [WatchRule]

    package init(bake: Duration, interval: Duration = .seconds(30), rules: [WatchRule]) {
        self.bake = bake
        self.interval = interval
        self.rules = rules
    }
}

/// A number that must stay within a bound.
package struct WatchRule: Sendable, Hashable, Codable {
    /// Where the number comes from.
    package enum Source: Sendable, Hashable, Codable {
        /// An instant query; `{version}` and `{environment}` are replaced.
        case prometheus(url: String, query: String)
        /// A number in the JSON that a URL answers with, by its path: `errors.rate`.
        case http(url: String, path: String)
        /// Prints a number.
        case command(Script)
        /// Of our own requests by the health check, over the time watched: failed ones in percent.
        case errorRate
        /// Of our own requests: seconds within which 95 of 100 are answered.
        case p95
    }

    package enum Bound: Sendable, Hashable, Codable {
        /// Bad above it.
        case above(Double)
        /// Bad below it.
        case below(Double)
    }

    package var name: String
    package var source: Source
    package var bound: Bound
    /// Bad readings in a row that end it.
    package var failures: Int
    /// True: judged against the stable instances, in a canary: bad where it is beyond the bound and worse than theirs.
    package var comparesWithStable: Bool

    package init(
        name: String,
        source: Source,
        bound: Bound,
        failures: Int = 2,
        comparesWithStable: Bool = false
    ) {
        self.name = name
        self.source = source
        self.bound = bound
        self.failures = failures
        self.comparesWithStable = comparesWithStable
    }
}
