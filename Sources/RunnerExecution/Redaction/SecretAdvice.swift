/// What to tell whoever defines a secret: where hiding it in logs, or guessing it, is not what they may think.
package enum SecretAdvice {
    /// Shorter ones are guessed.
    private static let shortest = 8

    /// Values that are tried first, or that stand in every log.
    private static let common: Set<String> = [
        "password", "passwort", "passw0rd", "password1", "password123", "secret", "letmein", "welcome", "changeme",
        "changeit", "default", "admin", "administrator", "root", "guest", "test", "testing", "tester", "example",
        "qwerty", "qwertz", "qwerty123", "abc123", "12345678", "123456789", "1234567890", "11111111", "00000000",
        "postgres", "mysql", "redis", "docker", "jenkins", "github", "gitlab", "runner", "deploy", "production",
        "staging", "development", "develop", "master", "release", "localhost", "username", "token", "true", "false",
        "null", "undefined", "none", "yes", "no", "hunter2", "iloveyou", "monkey", "dragon", "sunshine", "princess",
        "football", "baseball", "superman", "trustno1", "whatever", "correcthorsebatterystaple",
    ]

    /// In sentences that begin with "it", none of which repeats the value.
    package static func warnings(for value: String) -> [String] {
        let bytes = Array(value.utf8)
        let core = SecretForms.trimmed(bytes[...])
        var warnings: [String] = []
        if core.count < SecretPatterns.shortestValue {
            warnings.append("it is too short to be hidden: logs show it")
        } else if core.count < shortest {
            warnings.append("it is shorter than \(shortest) bytes: it is guessed easily")
        }
        if common.contains(String(decoding: core, as: UTF8.self).lowercased()) {
            warnings.append("it is a common word: it is guessed easily, and logs hide the word wherever it stands")
        }
        if core.count != bytes.count {
            warnings.append("it has blanks at its ends: they are part of it, and are not hidden")
        }
        let lines = SecretForms.lines(of: core)
        let short = lines.count { line in
            let line = SecretForms.trimmed(line)
            return !line.isEmpty && line.count < SecretPatterns.shortestForm
        }
        if lines.count > 1 {
            let rest = short == 0 ? "" : ", but for \(short) of fewer than \(SecretPatterns.shortestForm) bytes"
            warnings.append("it has \(lines.count) lines: each is hidden\(rest)")
        }
        if lines.count > 1 || isJSON(core) {
            warnings.append(
                "it is structured: a part of a line that is printed alone is not hidden; store parts on their own"
            )
        }
        return warnings
    }

    private static func isJSON(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        return first == UInt8(ascii: "{") && last == UInt8(ascii: "}")
            || first == UInt8(ascii: "[") && last == UInt8(ascii: "]")
    }
}
