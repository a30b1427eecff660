import Foundation
import Testing

@testable import RunnerExecution

/// What a real bash prints about a secret, in its trace and by its own quoting.
@Suite struct BashTraceTests {
    static let script = """
        echo "$SECRET"; echo $SECRET; echo "before-$SECRET-after"; copy=$SECRET; export other="$SECRET"
        [[ x == "$SECRET" ]]; [[ x =~ "$SECRET" ]]; for each in "$SECRET"; do :; done
        case "$SECRET" in x) ;; esac; test "$SECRET" = x
        printf '%q\\n' "$SECRET"; echo "${SECRET@Q}"; echo "$(printf %q "$SECRET")"
        printf -v json '{"key": "%s"}' "$SECRET"; echo "$json"; declare -p SECRET; export -p; set
        while read -r line; do echo "$line"; done <<<"$SECRET"
        """

    static let secrets = [
        "plain-secret", "two words", "it's \"quoted\" `here`", "dollar$sign ${not} $(run)", "back\\slash\\nword",
        "first line\nsecond 'line'\nthe third", "tab\there\tand\u{1}there\u{1B}[0m", "schlüssel🔑wort\u{85}end",
        "!bang #hash ~tilde *glob ?any [set] {brace}", "a;b|c&d<e>f(g)h,i^j=k", "'''''", "\"\"\"\\\\\"\"", "~home #x",
        "-----BEGIN X-----\nMIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8w\n-----END X-----\n",
    ]

    @Test(arguments: secrets, ["C", "C.UTF-8"])
    func `no trace shows a secret`(secret: String, locale: String) throws {
        let printed = try Self.trace(of: secret, locale: locale)
        let output = String(decoding: redacted([printed], SecretPatterns([secret])), as: UTF8.self)
        #expect(output.contains("***"))
        let innocent = String(decoding: try Self.trace(of: "x", locale: locale), as: UTF8.self)
        for piece in secret.split(whereSeparator: { !$0.isASCII || !$0.isLetter }) where piece.count >= 3 {
            guard !innocent.contains(piece), let place = output.range(of: piece) else { continue }
            Issue.record("\(piece) is seen in \(output[output.lineRange(for: place)].debugDescription)")
        }
    }

    private static func trace(of secret: String, locale: String) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["--norc", "-xc", script]
        process.environment = ["SECRET": secret, "LC_ALL": locale, "PATH": "/usr/bin:/bin"]
        process.currentDirectoryURL = URL(filePath: "/")
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let printed = try pipe.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        return Array(printed ?? Data())
    }
}
