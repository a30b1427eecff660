package import RunnerCore
package import SystemPackage

/// Reads JUnit's XML as tools write it: suites in suites or none, the reason as an attribute or as text.
package final class JUnitReader {
    private var report: TestReport
    private var suites: [String] = []
    private var test: TestCase?
    /// Of the element that says why; `nil` elsewhere.
    private var output: String?

    private init(_ report: TestReport) { self.report = report }

    /// Adds the file's tests to those of other files. Throws `ReportProblem`.
    package static func read(_ path: FilePath, into report: inout TestReport) throws {
        let reader = JUnitReader(report)
        var isFirst = true
        try XMLReader.read(path) { event in
            if isFirst, case .start(let name, _) = event, !["testsuites", "testsuite"].contains(name) {
                let shown = ReportText.excerpt(ReportText.line(name), ReportLimits.name)
                throw ReportProblem(line: 1, column: 1, "`\(shown)` is no JUnit: `testsuites` or `testsuite` is")
            }
            isFirst = false
            reader.take(event)
        }
        report = reader.report
    }

    private func take(_ event: XMLEvent) {
        switch event {
        case .start(let name, let attributes): start(name, attributes)
        case .text(let text): add(text)
        case .end(let name): end(name)
        }
    }

    private func start(_ name: String, _ attributes: [String: String]) {
        switch name {
        case "testsuite": suites.append(short(attributes["name"]))
        case "testcase": test = makeTest(attributes)
        case "failure", "error": note(.failed, attributes)
        case "skipped": note(.skipped, attributes)
        default: break
        }
    }

    private func makeTest(_ attributes: [String: String]) -> TestCase {
        var test = TestCase(suite: short(attributes["classname"] ?? suites.last), name: short(attributes["name"]))
        // Thousands are grouped by some: `1,234.5`.
        test.seconds = attributes["time"].flatMap { Double($0.filter { $0 != "," }) }.flatMap { $0.isFinite ? $0 : nil }
        test.file = attributes["file"].map(short)
        test.line = attributes["line"].flatMap { Int($0) }
        // CTest and GoogleTest tell by an attribute what did not run.
        if ["notrun", "disabled"].contains(attributes["status"]) { test.verdict = .skipped }
        if attributes["status"] == "fail" { test.verdict = .failed }
        return test
    }

    /// A test that failed and was skipped, or failed twice, failed: the first reason stays.
    private func note(_ verdict: TestCase.Verdict, _ attributes: [String: String]) {
        guard test != nil else { return }
        if test?.verdict != .failed {
            test?.verdict = verdict
            test?.message = attributes["message"].map { ReportText.excerpt($0, ReportLimits.message) }
        }
        if verdict == .failed { output = test?.output ?? "" }
    }

    private func add(_ text: String) {
        guard let kept = output, kept.utf8.count < ReportLimits.output else { return }
        output = ReportText.excerpt(kept + text, ReportLimits.output)
    }

    private func end(_ name: String) {
        switch name {
        case "testsuite": _ = suites.popLast()
        case "testcase": finishTest()
        case "failure", "error":
            if let output, !output.isEmpty { test?.output = output }
            output = nil
        default: break
        }
    }

    private func finishTest() {
        guard let test else { return }
        self.test = nil
        if report.cases.count < ReportLimits.cases { report.cases.append(test) } else { report.omitted += 1 }
    }

    private func short(_ text: String?) -> String { ReportText.excerpt(text ?? "", ReportLimits.name) }
}
