import RunnerExecution
import Testing

/// What whoever defines a secret is told.
@Suite struct SecretAdviceTests {
    @Test(arguments: [
        ("abc", "too short to be hidden"), ("  a  ", "too short to be hidden"), ("abcd123", "shorter than 8 bytes"),
        ("Password", "a common word"), ("changeme\n", "a common word"), (" 8Zq-4kfj!x", "blanks at its ends"),
        ("8Zq-4kfj!x\n", "blanks at its ends"), ("{\"key\": \"8Zq-4kfj!x\"}", "structured"),
        ("[\"8Zq-4kfj!x\"]", "structured"), ("line-one-x\nline-two-y", "it has 2 lines: each is hidden"),
        ("-----BEGIN KEY-----\nabc\nline-two-y\n}", "but for 2 of fewer than 6 bytes"),
    ])
    func `a value that hides badly or is guessed is told`(value: String, warning: String) {
        let warnings = SecretAdvice.warnings(for: value)
        #expect(warnings.contains { $0.contains(warning) }, "\(warnings)")
        let core = value.split(whereSeparator: \.isWhitespace).first ?? ""
        #expect(core.count < 4 || !warnings.contains { $0.contains(core) })
    }

    @Test(arguments: ["8Zq-4kfj!x", "ghp_0123456789abcdefghij", "correct horse battery"])
    func `a good value is taken without a word`(value: String) {
        #expect(SecretAdvice.warnings(for: value) == [])
    }
}
