/// What a bracket expression stands for.
struct ByteSet {
    private var members = [Bool](repeating: false, count: 256)

    /// What `?` stands for.
    static let notSlash: ByteSet = {
        var set = ByteSet()
        set.members = [Bool](repeating: true, count: 256)
        set.members[Int(UInt8(ascii: "/"))] = false
        return set
    }()

    private init() {}

    /// Reads the expression behind its `[`; `nil` when it does not end or names a class that there is not.
    init?(after rest: inout ArraySlice<UInt8>) {
        let isNegated = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
        if isNegated { rest.removeFirst() }
        var isFirst = true
        var previous: UInt8?
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "]"), !isFirst {
                if isNegated { members = members.map { !$0 } }
                // Only a slash itself stands for a slash.
                members[Int(UInt8(ascii: "/"))] = false
                return
            }
            isFirst = false
            if byte == UInt8(ascii: "["), rest.first == UInt8(ascii: ":") {
                guard add(class: &rest) else { return nil }
                previous = nil
            } else if byte == UInt8(ascii: "-"), let low = previous, let next = rest.first, next != UInt8(ascii: "]") {
                guard let high = Self.byte(&rest) else { return nil }
                if low <= high { for member in low...high { members[Int(member)] = true } }
                previous = nil
            } else {
                guard let member = byte == UInt8(ascii: "\\") ? rest.popFirst() : byte else { return nil }
                members[Int(member)] = true
                previous = member
            }
        }
        return nil
    }

    func contains(_ byte: UInt8) -> Bool { members[Int(byte)] }

    private static func byte(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        guard let byte = rest.popFirst() else { return nil }
        return byte == UInt8(ascii: "\\") ? rest.popFirst() : byte
    }

    /// Reads `:alpha:]`.
    private mutating func add(class rest: inout ArraySlice<UInt8>) -> Bool {
        guard let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "]")), rest[end - 1] == UInt8(ascii: ":"),
            end - 1 > rest.startIndex,
            let test = Self.classes[String(decoding: rest[(rest.startIndex + 1)..<(end - 1)], as: UTF8.self)]
        else { return false }
        for member in UInt8(0)..<128 where test(member) { members[Int(member)] = true }
        rest = rest[(end + 1)...]
        return true
    }

    private static let classes: [String: @Sendable (UInt8) -> Bool] = [
        "alpha": isLetter, "digit": isDigit, "alnum": { isLetter($0) || isDigit($0) },
        "lower": { $0 >= 0x61 && $0 <= 0x7a }, "upper": { $0 >= 0x41 && $0 <= 0x5a },
        "space": { $0 == 0x20 || $0 >= 0x09 && $0 <= 0x0d }, "blank": { $0 == 0x20 || $0 == 0x09 },
        "cntrl": { $0 < 0x20 || $0 == 0x7f }, "graph": isVisible, "print": { isVisible($0) || $0 == 0x20 },
        "punct": { isVisible($0) && !isLetter($0) && !isDigit($0) },
        "xdigit": { isDigit($0) || $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x66 },
    ]

    @Sendable private static func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a }
    @Sendable private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    @Sendable private static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7f }
}
