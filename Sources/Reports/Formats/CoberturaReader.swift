package import RunnerCore
package import SystemPackage

/// Reads Cobertura's XML: the lines of each class, for those of its methods stand there a second time.
package final class CoberturaReader {
    private var report = CoverageReport()
    private var file: String?
    private var isInMethods = false

    private init() {}

    /// Throws `ReportProblem`.
    package static func read(_ path: FilePath) throws -> CoverageReport {
        let reader = CoberturaReader()
        var isFirst = true
        try XMLReader.read(path) { event in
            if isFirst, case .start(let name, _) = event, name != "coverage" {
                let shown = ReportText.excerpt(ReportText.line(name), ReportLimits.name)
                throw ReportProblem(line: 1, column: 1, "`\(shown)` is no Cobertura: `coverage` is")
            }
            isFirst = false
            reader.take(event)
        }
        return reader.report
    }

    private func take(_ event: XMLEvent) {
        switch event {
        case .start("class", let attributes):
            file = attributes["filename"].map { ReportText.excerpt($0, ReportLimits.name) }
        case .start("methods", _): isInMethods = true
        case .end("methods"): isInMethods = false
        case .end("class"): file = nil
        case .start("line", let attributes): count(attributes["hits"])
        default: break
        }
    }

    private func count(_ hits: String?) {
        guard let file, !isInMethods else { return }
        guard report.files[file] != nil || report.files.count < ReportLimits.files else { return }
        report.files[file, default: .init()].total += 1
        if hits != "0" { report.files[file, default: .init()].covered += 1 }
    }
}
