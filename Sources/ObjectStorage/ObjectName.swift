/// What an object is called in any store: letters, digits, `.`, `_` and `-`, in parts between slashes, none of which begins
/// with a dot. So a name means the same to every server and file system, and leads nowhere else.
package struct ObjectName: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// `nil` for anything else, and for more than 800 bytes: S3 takes 1024, and a prefix may come before.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 800, text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        for part in text.split(separator: "/", omittingEmptySubsequences: false) {
            guard let first = part.first, first != ".", part.utf8.count <= 200 else { return nil }
        }
        description = text
    }

    var parts: [String] { description.split(separator: "/").map(String.init) }

    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "/"): true
        default: false
        }
    }
}
