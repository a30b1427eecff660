import FoundationEssentials

/// Reads the few elements that matter of what S3 answers. It is no XML parser: it knows no attributes, comments or
/// entities but the five of XML itself and characters by number, so nothing in an answer can grow or lead elsewhere.
struct AnswerScanner {
    private let text: Substring

    init(_ data: Data) { text = String(decoding: data, as: UTF8.self)[...] }

    private init(_ text: Substring) { self.text = text }

    /// Every element of that name, from the first to the last; those within another of the same name are not found.
    func all(_ name: String) -> [AnswerScanner] {
        var found: [AnswerScanner] = []
        var rest = text
        while let start = rest.firstRange(of: "<\(name)>"),
            let end = rest[start.upperBound...].firstRange(of: "</\(name)>")
        {
            found.append(AnswerScanner(rest[start.upperBound..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        return found
    }

    /// The text of the first element of that name.
    func value(_ name: String) -> String? {
        guard let start = text.firstRange(of: "<\(name)>"),
            let end = text[start.upperBound...].firstRange(of: "</\(name)>")
        else {
            return nil
        }
        return Self.decode(text[start.upperBound..<end.lowerBound])
    }

    private static func decode(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        var decoded = ""
        var rest = text
        while let start = rest.firstIndex(of: "&") {
            decoded += rest[..<start]
            guard let end = rest[start...].prefix(12).firstIndex(of: ";"),
                let character = character(rest[rest.index(after: start)..<end])
            else {
                decoded.append("&")
                rest = rest[rest.index(after: start)...]
                continue
            }
            decoded.append(character)
            rest = rest[rest.index(after: end)...]
        }
        return decoded + rest
    }

    private static func character(_ name: Substring) -> Character? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.first == "#" else { return nil }
            let digits = name.dropFirst()
            let number = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap(Unicode.Scalar.init).map(Character.init)
        }
    }
}
