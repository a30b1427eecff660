/// Whether the daemon can do its work.
package struct HealthView: Sendable, Hashable, Codable {
    package var status: Status
    package var version: String
    /// `connected`, or what is wrong.
    package var database: String
    /// `connected`, or what is wrong.
    package var cache: String
    /// Words for people: disk, draining, repositories.
    package var details: [String: String]

    package init(status: Status, version: String, database: String, cache: String, details: [String: String]) {
        self.status = status
        self.version = version
        self.database = database
        self.cache = cache
        self.details = details
    }

    package enum Status: String, Sendable, Hashable, Codable, CaseIterable {
        case healthy
        /// It works, and somebody should look.
        case degraded
        case unhealthy
    }
}
