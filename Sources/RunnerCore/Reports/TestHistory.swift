/// What earlier runs say about tests.
package struct TestHistory: Equatable, Sendable {
    /// One test in one run of one tree.
    package struct Sighting: Equatable, Sendable {
        package var tree: String
        package var verdict: TestCase.Verdict

        package init(tree: String, verdict: TestCase.Verdict) {
            self.tree = tree
            self.verdict = verdict
        }
    }

    /// By a test's id, the oldest first.
    package var sightings: [String: [Sighting]]

    package init(_ sightings: [String: [Sighting]] = [:]) { self.sightings = sightings }

    /// Failed now, and passed when it last ran before.
    package func newlyFailing(in report: TestReport) -> [TestCase] {
        report.failed.filter { test in
            sightings[test.id]?.last { $0.verdict != .skipped }?.verdict == .passed
        }
    }

    /// Ids of tests that passed and failed on one tree, or that changed their verdict three times or more: a test that
    /// broke and was mended changes it twice.
    package var flaky: [String] { sightings.filter { Self.isFlaky($0.value) }.keys.sorted() }

    private static func isFlaky(_ sightings: [Sighting]) -> Bool {
        let told = sightings.filter { $0.verdict != .skipped }
        var byTree: [String: Set<TestCase.Verdict>] = [:]
        for sighting in told { byTree[sighting.tree, default: []].insert(sighting.verdict) }
        if byTree.values.contains(where: { $0.count > 1 }) { return true }
        return zip(told, told.dropFirst()).count { $0.verdict != $1.verdict } >= 3
    }
}
