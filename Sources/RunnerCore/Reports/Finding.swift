/// One finding of an analyser.
package struct Finding: Equatable, Sendable, Codable {
    /// SARIF 2.1.0, section 3.27.10.
    package enum Level: String, Sendable, Codable, CaseIterable, Comparable {
        case none, note, warning, error

        package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .none: 0
            case .note: 1
            case .warning: 2
            case .error: 3
            }
        }
    }

    package var rule: String
    package var level: Level
    package var message: String
    package var file: String?
    package var line: Int?
    /// Someone said in the source or elsewhere that it is no matter: shown, never a reason to fail.
    package var isSuppressed: Bool

    package init(rule: String, level: Level, message: String, isSuppressed: Bool = false) {
        self.rule = rule
        self.level = level
        self.message = message
        self.isSuppressed = isSuppressed
    }
}

/// How many findings there are, and the worst of them.
package struct FindingReport: Equatable, Sendable, Codable {
    package var findings: [Finding] = []
    /// Of each level, without suppressed ones; also those that are not kept.
    package var counts: [String: Int] = [:]
    package var omitted = 0

    package init() {}

    package mutating func add(_ finding: Finding, limit: Int) {
        if !finding.isSuppressed { counts[finding.level.rawValue, default: 0] += 1 }
        if findings.count < limit { findings.append(finding) } else { omitted += 1 }
    }

    /// Why the stage fails: findings of this level or worse.
    package func reason(failOn level: Finding.Level) -> String? {
        let count = Finding.Level.allCases.filter { $0 >= level }.reduce(0) { $0 + counts[$1.rawValue, default: 0] }
        guard count > 0 else { return nil }
        return "sarif: \(count) \(count == 1 ? "finding" : "findings") of level `\(level.rawValue)` or worse"
    }
}
