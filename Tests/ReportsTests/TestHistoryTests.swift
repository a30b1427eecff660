import RunnerCore
import Testing

struct TestHistoryTests {
    @Test(arguments: [
        ("a:passed a:failed", true), ("a:passed b:failed", false), ("a:passed b:failed c:passed", false),
        ("a:passed b:failed c:passed d:failed", true), ("a:passed a:skipped", false), ("a:failed b:failed", false),
    ])
    func `flaky is both on one tree, or three changes`(told: String, isFlaky: Bool) {
        let history = TestHistory(["suite.test": sightings(told)])
        #expect(history.flaky == (isFlaky ? ["suite.test"] : []))
    }

    @Test(arguments: [
        ("a:passed", true), ("a:failed", false), ("a:passed b:skipped", true), ("a:failed b:passed", true),
        ("a:passed b:failed", false), ("", false),
    ])
    func `newly failing passed when it last ran`(told: String, isNew: Bool) {
        let test = TestCase(suite: "suite", name: "test", verdict: .failed)
        let history = TestHistory(["suite.test": sightings(told)])
        #expect(history.newlyFailing(in: TestReport(cases: [test])) == (isNew ? [test] : []))
    }

    @Test(
        arguments: [
            (80, 100, 80.0, nil, nil, [String]()),
            (79_996, 100_000, 80, nil, nil, ["coverage: 79.99%, and at least 80% is asked for"]),
            (80, 100, nil, 1, 80.5, []),
            (80, 100, nil, 1, 82, ["coverage: 80% after 82%, and a drop of 1% is allowed"]),
            (80, 100, nil, 1, nil, []),
            (0, 0, 80, nil, nil, ["coverage: the reports name no line that could run"]),
        ] as [(Int, Int, Double?, Double?, Double?, [String])]
    )
    func `coverage is judged exactly`(
        covered: Int,
        total: Int,
        minimum: Double?,
        drop: Double?,
        before: Double?,
        reasons: [String]
    ) {
        let report = CoverageReport(files: ["a": .init(covered: covered, total: total)])
        #expect(CoverageGate(minimum: minimum, drop: drop).reasons(report, before: before) == reasons)
    }

    @Test func `the name of a test cannot speak to a terminal`() {
        #expect(ReportText.line("a\u{1b}[2Jb\nc\u{202e}") == "a\\u{1b}[2Jb\\u{a}c\\u{202e}")
        #expect(ReportText.block("a\nb\u{7}") == "a\nb\\u{7}")
        #expect(ReportText.excerpt("aäö", 4) == "aä")
    }

    private func sightings(_ text: String) -> [TestHistory.Sighting] {
        text.split(separator: " ").compactMap { word in
            let parts = word.split(separator: ":").map(String.init)
            return TestCase.Verdict(rawValue: parts[1]).map { .init(tree: parts[0], verdict: $0) }
        }
    }
}
