package import RunnerCore
package import SystemPackage

/// Reads lcov's tracefiles, line by line: `SF:`, `DA:`, `end_of_record`.
package struct LcovReader {
    private var report = CoverageReport()
    private var file: String?
    private var lines = CoverageReport.Lines()
    private var number = 0

    /// Throws `ReportProblem`.
    package static func read(_ path: FilePath) throws -> CoverageReport {
        var reader = LcovReader()
        var rest: [UInt8] = []
        try ReportFile(path: path).read { bytes in
            for byte in bytes {
                if byte != UInt8(ascii: "\n") {
                    rest.append(byte)
                    if rest.count > ReportLimits.line { throw reader.problem("a line is longer than 64 KiB") }
                } else {
                    try reader.take(String(decoding: rest, as: UTF8.self))
                    rest.removeAll(keepingCapacity: true)
                }
            }
        }
        if !rest.isEmpty { try reader.take(String(decoding: rest, as: UTF8.self)) }
        guard reader.file == nil else { throw reader.problem("the file ends before `end_of_record`") }
        return reader.report
    }

    private mutating func take(_ text: String) throws {
        number += 1
        let line = text.hasSuffix("\r") ? text.dropLast() : text[...]
        if line == "end_of_record" { return finish() }
        guard let colon = line.firstIndex(of: ":") else {
            if line.isEmpty || line.hasPrefix("#") { return }
            throw problem("`\(ReportText.excerpt(ReportText.line(text), 40))` is no line of lcov")
        }
        let value = line[line.index(after: colon)...]
        switch line[..<colon] {
        case "SF": file = ReportText.excerpt(String(value), ReportLimits.name)
        case "DA": try count(value)
        default: break
        }
    }

    private mutating func count(_ value: Substring) throws {
        let parts = value.split(separator: ",", omittingEmptySubsequences: false)
        guard file != nil, parts.count >= 2, let hits = Double(parts[1]) else {
            let shown = ReportText.excerpt(ReportText.line(String(value)), 40)
            throw problem("`DA:\(shown)` is no line number and count of a file")
        }
        lines.total += 1
        if hits > 0 { lines.covered += 1 }
    }

    private mutating func finish() {
        if let file, report.files.count < ReportLimits.files { report.merge(CoverageReport(files: [file: lines])) }
        file = nil
        lines = .init()
    }

    private func problem(_ message: String) -> ReportProblem {
        ReportProblem(line: max(number, 1), column: 1, message)
    }
}
