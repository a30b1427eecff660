/// Text of a report for a terminal: what a test is called is written by whoever wrote the test.
package enum ReportText {
    /// On one line: every control character as `\u{1b}`, and so what turns the direction of writing around.
    package static func line(_ text: String) -> String { shown(text) { isUnsafe($0) } }

    /// On several lines: line feeds and tabs stay.
    package static func block(_ text: String) -> String {
        shown(text) { isUnsafe($0) && $0 != "\n" && $0 != "\t" }
    }

    /// The first `limit` bytes of UTF-8 at most, whole characters.
    package static func excerpt(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var result = String.UnicodeScalarView()
        var length = 0
        for scalar in text.unicodeScalars {
            length += UTF8.width(scalar)
            guard length <= limit else { break }
            result.append(scalar)
        }
        return String(result)
    }

    private static func shown(_ text: String, _ hides: (Unicode.Scalar) -> Bool) -> String {
        guard text.unicodeScalars.contains(where: hides) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if hides(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
