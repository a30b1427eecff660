package import RunnerCore
package import SystemPackage

/// Reads SARIF 2.1.0, one result at a time.
package final class SarifReader {
    private struct Draft {
        var rule = ""
        var level: Finding.Level?
        var kind = "fail"
        var message = ""
        var file: String?
        var line: Int?
        var isSuppressed = false
    }

    private var report: FindingReport
    /// Keys and `[]` down to where the reader is.
    private var path: [String] = []
    private var key: String?
    private var hasRuns = false
    private var draft: Draft?
    private var ruleID: String?
    private var ruleLevel: Finding.Level?
    private var ruleLevels: [String: Finding.Level] = [:]
    /// Results without a level of their own that came before the rules of their run.
    private var waiting: [Draft] = []
    private var locations = 0

    private init(_ report: FindingReport) { self.report = report }

    /// Adds the file's findings to those of other files. Throws `ReportProblem`.
    package static func read(_ path: FilePath, into report: inout FindingReport) throws {
        let reader = SarifReader(report)
        try JSONReader.read(path) { reader.take($0) }
        guard reader.hasRuns else { throw ReportProblem(line: 1, column: 1, "no SARIF: there is no `runs`") }
        report = reader.report
    }

    private func take(_ event: JSONEvent) {
        switch event {
        case .key(let name): key = name
        case .startObject: open("{}")
        case .startArray: open("[]")
        case .endObject, .endArray: close()
        case .string(let text): value(text)
        case .literal(let text): value(text)
        }
    }

    private func open(_ kind: String) {
        path.append(key ?? kind)
        key = nil
        switch path.dropFirst().joined(separator: "/") {
        case "runs": hasRuns = true
        case "runs/{}/results/{}":
            draft = Draft()
            locations = 0
        case "runs/{}/results/{}/locations/{}": locations += 1
        case "runs/{}/results/{}/suppressions/{}": draft?.isSuppressed = true
        case "runs/{}/tool/driver/rules/{}":
            ruleID = nil
            ruleLevel = nil
        default: break
        }
    }

    private func close() {
        switch path.dropFirst().joined(separator: "/") {
        case "runs/{}/results/{}": finishResult()
        case "runs/{}/tool/driver/rules/{}": finishRule()
        case "runs/{}": finishRun()
        default: break
        }
        path.removeLast()
        key = nil
    }

    private func value(_ text: String) {
        guard let name = key else { return }
        key = nil
        switch (path.dropFirst() + [name]).joined(separator: "/") {
        case "runs/{}/tool/driver/rules/{}/id": ruleID = short(text)
        case "runs/{}/tool/driver/rules/{}/defaultConfiguration/level": ruleLevel = Finding.Level(rawValue: text)
        case "runs/{}/results/{}/ruleId", "runs/{}/results/{}/rule/id": draft?.rule = short(text)
        case "runs/{}/results/{}/level": draft?.level = Finding.Level(rawValue: text)
        case "runs/{}/results/{}/kind": draft?.kind = text
        case "runs/{}/results/{}/message/text": draft?.message = text
        case let place where place.hasPrefix("runs/{}/results/{}/locations/{}/physicalLocation/"):
            if locations == 1 { locate(place, text) }
        default: break
        }
    }

    private func locate(_ place: String, _ text: String) {
        if place.hasSuffix("/physicalLocation/artifactLocation/uri") { draft?.file = short(text) }
        if place.hasSuffix("/physicalLocation/region/startLine") { draft?.line = Int(text) }
    }

    private func finishRule() {
        guard let ruleID, let ruleLevel, ruleLevels.count < ReportLimits.rules else { return }
        ruleLevels[ruleID] = ruleLevel
    }

    private func finishResult() {
        guard let draft else { return }
        self.draft = nil
        // Section 3.27.9: only `fail` is a finding; others say that all is well, or that nobody knows.
        guard draft.kind == "fail" else { return }
        let hasLevel = draft.level != nil || ruleLevels[draft.rule] != nil
        if hasLevel || waiting.count >= ReportLimits.findings { add(draft) } else { waiting.append(draft) }
    }

    private func finishRun() {
        waiting.forEach(add)
        waiting = []
        ruleLevels = [:]
    }

    private func add(_ draft: Draft) {
        var finding = Finding(
            rule: draft.rule,
            level: draft.level ?? ruleLevels[draft.rule] ?? .warning,
            message: draft.message,
            isSuppressed: draft.isSuppressed
        )
        finding.file = draft.file
        finding.line = draft.line
        report.add(finding, limit: ReportLimits.findings)
    }

    private func short(_ text: String) -> String { ReportText.excerpt(text, ReportLimits.name) }
}
