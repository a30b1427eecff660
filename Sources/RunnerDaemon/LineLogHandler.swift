import FoundationEssentials
import Glibc
package import Logging

/// How log lines look.
package enum LogFormat: String, Sendable, CaseIterable {
    /// `2026-11-21T10:00:00Z info run begins run=7 pipeline=ci`
    case text
    /// One JSON object per line.
    case json
}

/// Writes log lines to standard error, each by one system call.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let format: LogFormat

    package init(_ format: LogFormat, level: Logger.Level) {
        self.format = format
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let values = all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let time = Date().formatted(.iso8601)
        let line =
            switch format {
            case .text: Self.text(time, event.level, "\(event.message)", values)
            case .json: Self.json(time, event.level, "\(event.message)", values)
            }
        let bytes = Array((line + "\n").utf8)
        // A log that nobody takes holds nothing up.
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    private static func text(_ time: String, _ level: Logger.Level, _ message: String, _ values: [(String, String)])
        -> String
    {
        let pairs = values.map { name, value in
            let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") }
            return " \(name)=\(isPlain ? value : quoted(value))"
        }
        return "\(time) \(level.rawValue) \(message)\(pairs.joined())"
    }

    private static func json(_ time: String, _ level: Logger.Level, _ message: String, _ values: [(String, String)])
        -> String
    {
        let fields = [("time", time), ("level", level.rawValue), ("message", message)] + values
        return "{" + fields.map { "\(quoted($0)):\(quoted($1))" }.joined(separator: ",") + "}"
    }

    /// As a JSON string: what was pushed by strangers cannot end a line or move a cursor.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
