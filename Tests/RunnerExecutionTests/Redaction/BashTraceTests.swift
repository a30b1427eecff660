import Foundation
import Testing

@testable import RunnerExecution

/// What a real bash prints about a secret, in its trace and by its own quoting.
@Suite struct BashTraceTests {
    static let script = """
        echo "$SECRET"; echo $SECRET; echo "before-$SECRET-after"; copy=$SECRET; export other="$SECRET"
        [[ x == "$SECRET" ]]; [[ x =~ "$SECRET" ]]; for each in "$SECRET"; do :; done
        case "$SECRET" in x) ;; esac; test "$SECRET" = x
        printf '%q\\n' "$SECRET"; echo "${SECRET@Q}" "${SECRET@E}"; declare -p SECRET; export -p; set
        while read -r line; do echo "$line"; done <<<"$SECRET"
        """

    static let secrets = [
        "plain-secret", "two words", "it's \"quoted\" `here`", "dollar$sign ${not} $(run)", "back\\slash\\n",
        "first line\nsecond 'line'\nthird", "tab\there\tand\u{1}there\u{1B}[0m", "schlüssel🔑wort\u{85}end",
        "!bang #hash ~tilde *glob ?any [set] {brace}", "a;b|c&d<e>f(g)h,i^j=k", "'''''", "\"\"\"\\\\\"\"", "~home #x",
        "-----BEGIN X-----\nMIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8w\n-----END X-----\n",
    ]

    @Test(arguments: secrets, ["C", "C.UTF-8"])
    func `no trace shows a secret`(secret: String, locale: String) throws {
        let bash = URL(filePath: "/bin/bash")
        guard FileManager.default.isExecutableFile(atPath: bash.path()) else { return }
        let process = Process()
        process.executableURL = bash
        process.arguments = ["--norc", "-xc", Self.script]
        process.environment = ["SECRET": secret, "LC_ALL": locale, "PATH": "/usr/bin:/bin"]
        process.currentDirectoryURL = URL(filePath: "/")
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let printed = try #require(try pipe.fileHandleForReading.readToEnd())
        process.waitUntilExit()

        let output = String(decoding: redacted([Array(printed)], SecretPatterns([secret])), as: UTF8.self)
        #expect(output.contains("***"))
        for piece in Self.pieces(of: secret) {
            #expect(!output.contains(piece), "\(piece) in \(output)")
        }
    }

    /// Runs of letters of a secret that must not be seen: the script itself has none of them.
    private static func pieces(of secret: String) -> [String] {
        secret.split { !$0.isLetter }.map { String($0) }.filter {
            $0.count >= 4 && !["line", "here", "BEGIN"].contains($0)
        }
    }
}
