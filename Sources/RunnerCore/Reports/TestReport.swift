/// One test as a report tells it.
package struct TestCase: Equatable, Sendable, Codable {
    /// `failed` is also what JUnit calls an error.
    package enum Verdict: String, Sendable, Codable { case passed, failed, skipped }

    /// The class or the suite, as the tool wrote it.
    package var suite: String
    package var name: String
    package var verdict: Verdict
    package var seconds: Double?
    /// Why it failed or was skipped.
    package var message: String?
    /// The beginning of what it printed or of its trace; of failed ones alone.
    package var output: String?
    package var file: String?
    package var line: Int?

    package init(suite: String, name: String, verdict: Verdict = .passed, seconds: Double? = nil) {
        self.suite = suite
        self.name = name
        self.verdict = verdict
        self.seconds = seconds
    }

    /// What makes it the same test in another run.
    package var id: String { suite.isEmpty ? name : "\(suite).\(name)" }
}

/// The tests of one stage.
package struct TestReport: Equatable, Sendable, Codable {
    package var cases: [TestCase] = []
    /// Tests beyond the limit: counted, not kept.
    package var omitted = 0

    package init(cases: [TestCase] = []) { self.cases = cases }

    package var failed: [TestCase] { cases.filter { $0.verdict == .failed } }

    /// By time, the slowest first; of equal ones the first by name.
    package func slowest(_ count: Int) -> [TestCase] {
        let timed = cases.filter { $0.seconds != nil }
        return Array(timed.sorted { ($1.seconds ?? 0, $0.id) < ($0.seconds ?? 0, $1.id) }.prefix(count))
    }
}
