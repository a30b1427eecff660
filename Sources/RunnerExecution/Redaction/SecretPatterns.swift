#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The byte patterns that hide a set of secrets: their values and what common tools make of them.
///
/// Hidden are: the value without blanks at its ends; each line of a multi-line value; the value with its line ends
/// turned into CR LF, a space, `\n` or nothing; as shells quote it (`set -x`, `printf %q`, `declare -p`); as a
/// JSON, XML or percent-encoded text; as hexadecimal; as base64 in both alphabets wherever it starts in the encoded
/// text, also broken into lines. Not hidden are forms that are nobody's default: reversed, cut, encrypted, encoded twice.
///
/// Built once and shared by all streams; a copy costs a reference.
package struct SecretPatterns: Sendable {
    /// Values of fewer bytes are not hidden: they would mask ordinary words and hardly are secrets.
    package static let shortestValue = 4
    /// Lines of a value and encoded forms of fewer bytes are not hidden: a `{` must not be masked everywhere.
    package static let shortestForm = 6

    /// The names of the secrets that are too short to be hidden, in the order given; a warning is due.
    package let unprotected: [String]
    /// How many distinct byte patterns are searched for.
    package let count: Int
    let search: PatternSearch?

    /// Works out all patterns of the secrets; an empty value has nothing to hide.
    package init(_ secrets: [(name: String, value: [UInt8])]) {
        var unprotected: [String] = []
        var patterns: [[UInt8]] = []
        for secret in secrets where !secret.value.isEmpty {
            let forms = SecretForms.patterns(of: secret.value)
            if forms.isEmpty { unprotected.append(secret.name) }
            patterns += forms
        }
        patterns = Self.sortedDistinct(patterns)
        self.unprotected = unprotected
        count = patterns.count
        search = patterns.isEmpty ? nil : PatternSearch(sorted: patterns)
    }

    private static func sortedDistinct(_ patterns: [[UInt8]]) -> [[UInt8]] {
        let sorted = patterns.sorted { precedes($0, $1) }
        var distinct: [[UInt8]] = []
        distinct.reserveCapacity(sorted.count)
        for pattern in sorted where pattern != distinct.last { distinct.append(pattern) }
        return distinct
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let order = left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                guard let first = left.baseAddress, let second = right.baseAddress else { return Int32(0) }
                return memcmp(first, second, min(left.count, right.count))
            }
        }
        return order == 0 ? left.count < right.count : order < 0
    }
}
