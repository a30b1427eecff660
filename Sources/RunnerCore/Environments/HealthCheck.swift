/// Whether an instance does its work.
package struct HealthCheck: Sendable, Hashable, Codable {
    package var probe: HealthProbe
    /// Between two looks.
    package var interval: Duration
    /// For one answer.
    package var timeout: Duration
    /// Good answers in a row that make it healthy; as many bad ones make it unhealthy again.
    package var threshold: Int
    /// By then a new release must be healthy.
    package var deadline: Duration

    package init(
        _ probe: HealthProbe,
        interval: Duration = .seconds(1),
        timeout: Duration = .seconds(5),
        threshold: Int = 2,
        deadline: Duration = .seconds(60)
    ) {
        self.probe = probe
        self.interval = interval
        self.timeout = timeout
        self.threshold = threshold
        self.deadline = deadline
    }
}

/// One way to look.
package enum HealthProbe: Sendable, Hashable, Codable {
    case http(HTTPProbe)
    /// A connection to the instance's address.
    case tcp
    /// On the instance's target, with `RUNNER_ADDRESS`; exit code 0 is good.
    case command(String)
}

package struct HTTPProbe: Sendable, Hashable, Codable {
    /// From the instance's address, as `/health`; or a whole URL.
    package var path: String
    /// Status codes that are good; empty means 200 to 299.
    package var statuses: [Int] = []
    /// Members of the answer's JSON object and their values as text: `status: healthy`. Names with dots reach deeper.
    package var json: [PlainVariable] = []
    /// Text that the answer has.
    package var contains: String?

    package init(path: String) { self.path = path }
}
