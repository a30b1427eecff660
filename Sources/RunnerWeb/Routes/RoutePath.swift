/// The path of an endpoint: fixed parts, and names in braces for what is given.
struct RoutePath: Sendable, Hashable, CustomStringConvertible {
    enum Part: Sendable, Hashable {
        case fixed(String)
        case given(String)
    }

    let description: String
    let parts: [Part]

    /// As `/api/v1/runs/{number}`.
    init(_ text: String) {
        description = text
        parts = text.split(separator: "/").map { part in
            part.hasPrefix("{") ? .given(String(part.dropFirst().dropLast())) : .fixed(String(part))
        }
    }

    /// What the names stand for in a request's path, split and decoded; `nil` where it is another path.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == parts.count else { return nil }
        var given: [String: String] = [:]
        for (part, text) in zip(parts, path) {
            switch part {
            case .fixed(let fixed): if fixed != text { return nil }
            case .given(let name): given[name] = text
            }
        }
        return given
    }

    /// The parts of a request's path: split first, so that an encoded `/` belongs to its part. `nil` where one cannot be
    /// decoded, is empty, or holds a zero byte.
    static func split(_ path: String) -> [String]? {
        var parts: [String] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            guard !part.isEmpty, let decoded = PercentDecoding.decode(part, plus: false), !decoded.utf8.contains(0)
            else { return nil }
            parts.append(decoded)
        }
        return parts
    }
}

enum PercentDecoding {
    /// `nil` for what is no percent encoding of UTF-8.
    /// - Parameter plus: Whether `+` is a space, as forms have it.
    static func decode(_ text: some StringProtocol, plus: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plus: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
