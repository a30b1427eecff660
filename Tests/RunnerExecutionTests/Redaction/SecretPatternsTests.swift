import Foundation
import Testing

@testable import RunnerExecution

@Suite struct SecretPatternsTests {
    static let secret = "pa'ss \"w\\ör/d$1+<&>?~"

    @Test(arguments: [
        ("as it is", #"pa'ss "w\ör/d$1+<&>?~"#),
        ("bash, single quotes", #"pa'\''ss "w\ör/d$1+<&>?~"#),
        ("dash, single quotes", #"pa'"'"'ss "w\ör/d$1+<&>?~"#),
        ("declare -p", #"pa'ss \"w\\ör/d\$1+<&>?~"#),
        ("printf %q", #"pa\'ss\ \"w\\ör/d\$1+\<\&\>\?~"#),
        ("ANSI-C quoting", #"pa\'ss "w\\ör/d$1+<&>?~"#),
        ("ANSI-C quoting in the C locale", #"pa\'ss "w\\\303\266r/d$1+<&>?~"#),
        ("set -x, ==", #"\p\a\'\s\s\ \"\w\\\ö\r\/\d\$\1\+\<\&\>\?\~"#),
        ("set -x, words", #"pa'\''ss' '"w\ör/d$1+<&>?~"#),
        ("JSON", #"pa'ss \"w\\ör/d$1+<&>?~"#),
        ("JSON with slashes", #"pa'ss \"w\\ör\/d$1+<&>?~"#),
        ("JSON for HTML", #"pa'ss \"w\\ör/d$1+\u003c\u0026\u003e?~"#),
        ("JSON in ASCII", #"pa'ss \"w\\\u00f6r/d$1+<&>?~"#),
        ("XML", #"pa'ss "w\ör/d$1+&lt;&amp;&gt;?~"#),
        ("XML attribute", #"pa&#39;ss &quot;w\ör/d$1+&lt;&amp;&gt;?~"#),
        ("percent", "pa%27ss%20%22w%5C%C3%B6r%2Fd%241%2B%3C%26%3E%3F~"),
        ("percent, lower case", "pa%27ss%20%22w%5c%c3%b6r%2fd%241%2b%3c%26%3e%3f~"),
        ("percent, plus for a space", "pa%27ss+%22w%5C%C3%B6r%2Fd%241%2B%3C%26%3E%3F~"),
        ("percent of a path", "pa%27ss%20%22w%5C%C3%B6r/d%241%2B%3C%26%3E%3F~"),
        ("encodeURIComponent", "pa'ss%20%22w%5C%C3%B6r%2Fd%241%2B%3C%26%3E%3F~"),
        ("hexadecimal", "70612773732022775cc3b6722f6424312b3c263e3f7e"),
        ("hexadecimal, upper case", "70612773732022775CC3B6722F6424312B3C263E3F7E"),
    ])
    func `a secret is masked`(form: String, text: String) {
        #expect(redacted("<\(text)>\n", [Self.secret]) == "<***>\n", "\(form)")
    }

    @Test(arguments: 0...5, [false, true])
    func `base64 is masked wherever the secret starts`(before: Int, isURLSafe: Bool) {
        let secret: [UInt8] = [0xFB, 0xFF, 0xBF, 0x3E, 0x3F, 0xFE, 0xFF, 0xFB, 0xEF, 0xBE]
        let patterns = SecretPatterns([(name: "S", value: secret)])
        for after in 0...3 {
            var text = Base64Text.encode(
                [UInt8](repeating: 0x41, count: before) + secret + [UInt8](repeating: 0x42, count: after)
            )
            if isURLSafe { text = text.replacing("+", with: "-").replacing("/", with: "_") }
            let output = String(decoding: redacted([Array(text.utf8)], patterns), as: UTF8.self)
            // At most the two characters that neighbours share may stay, and the padding.
            let kept = output.replacing("***", with: "").count
            #expect(output.contains("***"))
            #expect(kept <= before * 4 / 3 + after * 4 / 3 + 6, "\(text) became \(output)")
        }
    }

    @Test(arguments: [(76, "\n"), (76, "\r\n")])
    func `base64 that is broken into lines is masked at every column`(column: Int, end: String) {
        let secret = Array("correct horse battery staple, or what else".utf8)
        let patterns = SecretPatterns([(name: "S", value: secret)])
        for before in 0...60 {
            let text = Base64Text.encode([UInt8](repeating: 0x2E, count: before) + secret)
            let lines = Base64Text.lines(of: text, column: column).joined(separator: end)
            let output = redacted([Array(lines.utf8)], patterns)
            let kept = String(decoding: output, as: UTF8.self).replacing("***", with: "").filter { !$0.isWhitespace }
            #expect(kept.count <= before * 4 / 3 + 5, "\(before)")
        }
    }

    @Test(arguments: [64, 76])
    func `a long value that base64 breaks into lines is masked`(column: Int) {
        let secret = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        let text = Base64Text.lines(of: Base64Text.encode(secret), column: column).joined(separator: "\n")
        let output = redacted([Array(text.utf8)], SecretPatterns([(name: "S", value: secret)]))
        #expect(output.count <= 6)
    }

    @Test(arguments: [
        ("first line\nsecond line\n", "***\n"),
        ("first line\r\nsecond line", "***"),
        ("first line second line", "***"),
        (#"first line\nsecond line"#, "***"),
        ("first linesecond line", "***"),
        ("only the second line", "only the ***"),
        ("    first line", "    ***"),
        ("{ } {\n}", "{ } {\n}"),
    ])
    func `lines of a secret are masked`(text: String, expected: String) {
        #expect(redacted(text, ["first line\nsecond line\n", "{\n  \"key\": 1\n}\n"]) == expected)
    }

    @Test func `what is too short is named and not masked`() {
        let values = [("EMPTY", ""), ("SHORT", "abc"), ("BLANK", " ab\n "), ("LONG", "abcd")]
        let patterns = SecretPatterns(values.map { (name: $0.0, value: Array($0.1.utf8)) })
        #expect(patterns.unprotected == ["SHORT", "BLANK"])
        #expect(redacted([Array("abc abcd".utf8)], patterns) == Array("abc ***".utf8))
    }
}

/// Foundation's base64, as text.
enum Base64Text {
    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    static func lines(of text: String, column: Int) -> [String] {
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: column).map {
            String(decoding: bytes[$0..<min($0 + column, bytes.count)], as: UTF8.self)
        }
    }
}
