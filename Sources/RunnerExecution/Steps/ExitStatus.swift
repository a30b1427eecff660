/// Exit statuses in words, as a shell means them.
package enum ExitStatus {
    private static let signals: [Int32: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
        9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ",
        31: "SIGSYS",
    ]

    /// `exit status 127 (command not found)`, `exit status 139 (SIGSEGV)`.
    package static func words(_ code: Int32) -> String {
        switch code {
        case 126: "exit status 126 (found, but not executable)"
        case 127: "exit status 127 (command not found)"
        case 137: "exit status 137 (SIGKILL: killed, perhaps out of memory)"
        case 129...: signals[code - 128].map { "exit status \(code) (\($0))" } ?? "exit status \(code)"
        default: "exit status \(code)"
        }
    }
}

extension Duration {
    /// In seconds, for records.
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// For people: `90 s`, `30 min`, `1 h 30 min`.
    package var words: String {
        let total = components.seconds
        if total < 1 { return "\(components.attoseconds / 1_000_000_000_000_000) ms" }
        if total < 120 { return "\(total) s" }
        let (hours, minutes, rest) = (total / 3600, total % 3600 / 60, total % 60)
        let parts = [hours > 0 ? "\(hours) h" : "", minutes > 0 ? "\(minutes) min" : "", rest > 0 ? "\(rest) s" : ""]
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
