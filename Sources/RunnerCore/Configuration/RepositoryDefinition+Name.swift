extension RepositoryDefinition {
    /// In words, for a hint.
    package static let nameRule =
        "letters, digits, `.`, `_` and `-`, not starting with `.` or `-`, at most \(longestName)"

    package static let longestName = 80

    /// True for what can be a repository's name, and so a part of paths and urls.
    package static func isName(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: Array("._-".utf8).contains(byte)
            }
        }
        return isPlain && !text.isEmpty && text.utf8.count <= longestName && !text.hasPrefix(".")
            && !text.hasPrefix("-")
    }
}
