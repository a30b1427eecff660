/// Lines that could run, and lines that did.
package struct CoverageReport: Equatable, Sendable, Codable {
    package struct Lines: Equatable, Sendable, Codable {
        package var covered: Int
        package var total: Int

        package init(covered: Int = 0, total: Int = 0) {
            self.covered = covered
            self.total = total
        }
    }

    /// By a source file's path, as the tool wrote it.
    package var files: [String: Lines] = [:]

    package init(files: [String: Lines] = [:]) { self.files = files }

    package var lines: Lines {
        files.values.reduce(into: Lines()) { sum, file in
            sum.covered += file.covered
            sum.total += file.total
        }
    }

    /// From 0 to 100; `nil` where there is no line that could run.
    package var percent: Double? {
        let lines = lines
        return lines.total > 0 ? Double(lines.covered) * 100 / Double(lines.total) : nil
    }

    /// A file in two reports counts once, with the better of both.
    package mutating func merge(_ other: CoverageReport) {
        files.merge(other.files) { $0.covered >= $1.covered ? $0 : $1 }
    }
}

/// What coverage must be for a stage to succeed.
package struct CoverageGate: Equatable, Sendable, Codable {
    /// Percent, at least.
    package var minimum: Double?
    /// Percentage points below the last run of the same branch, at most.
    package var drop: Double?

    package init(minimum: Double? = nil, drop: Double? = nil) {
        self.minimum = minimum
        self.drop = drop
    }

    /// Why the stage fails; none where it does not. Without an earlier run `drop` asks for nothing.
    package func reasons(_ report: CoverageReport, before: Double? = nil) -> [String] {
        guard let percent = report.percent else {
            return minimum == nil ? [] : ["coverage: the reports name no line that could run"]
        }
        var reasons: [String] = []
        if let minimum, percent < minimum {
            reasons.append("coverage: \(Self.words(percent)), and at least \(Self.words(minimum)) is asked for")
        }
        if let drop, let before, before - percent > drop {
            let fall = "\(Self.words(percent)) after \(Self.words(before))"
            reasons.append("coverage: \(fall), and a drop of \(Self.words(drop)) is allowed")
        }
        return reasons
    }

    /// Cut, never rounded up: 79.996% is not 80%.
    private static func words(_ percent: Double) -> String {
        let hundredths = Int((percent * 100).rounded(.down))
        guard hundredths % 100 != 0 else { return "\(hundredths / 100)%" }
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)%"
    }
}
