/// A pattern as `.gitignore` has it, over bytes: `*`, `?`, `[a-z]`, `\`, and `**` between slashes.
///
/// Matching follows all ways through the pattern at once, so no pattern takes longer than its length times the text's.
struct Wildcard {
    private enum Token {
        case byte(UInt8)
        case oneOf(ByteSet)
        /// Any bytes but `/`, or none.
        case star
        /// `**/`: any directories, or none.
        case directories
        /// `**` at the end: anything.
        case rest
    }

    private static let slash = UInt8(ascii: "/")

    private let tokens: [Token]

    /// `nil` for a pattern that can match nothing, such as one with an open bracket.
    init?(_ pattern: ArraySlice<UInt8>) {
        var tokens: [Token] = []
        var rest = pattern
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"):
                guard let next = rest.popFirst() else { return nil }
                tokens.append(.byte(next))
            case UInt8(ascii: "?"): tokens.append(.oneOf(.notSlash))
            case UInt8(ascii: "["):
                guard let set = ByteSet(after: &rest) else { return nil }
                tokens.append(.oneOf(set))
            case UInt8(ascii: "*"):
                let startsSegment =
                    rest.startIndex - 1 == pattern.startIndex || pattern[rest.startIndex - 2] == Self.slash
                tokens.append(Self.stars(&rest, startsSegment: startsSegment))
            default: tokens.append(.byte(byte))
            }
        }
        self.tokens = tokens
    }

    /// Whether the pattern describes the whole text.
    func matches(_ text: ArraySlice<UInt8>) -> Bool {
        var current = [Bool](repeating: false, count: tokens.count + 1)
        enter(0, &current)
        for byte in text {
            var next = [Bool](repeating: false, count: tokens.count + 1)
            for (state, token) in tokens.enumerated() where current[state] { step(token, state, byte, &next) }
            // A way that is inside of directories may leave them after each slash.
            current = next
        }
        return current[tokens.count]
    }

    /// Marks a state, and those that follow from it without a byte.
    private func enter(_ state: Int, _ states: inout [Bool]) {
        var state = state
        while !states[state] {
            states[state] = true
            guard state < tokens.count else { return }
            switch tokens[state] {
            case .star, .directories, .rest: state += 1
            case .byte, .oneOf: return
            }
        }
    }

    private func step(_ token: Token, _ state: Int, _ byte: UInt8, _ next: inout [Bool]) {
        switch token {
        case .byte(let expected): if byte == expected { enter(state + 1, &next) }
        case .oneOf(let set): if set.contains(byte) { enter(state + 1, &next) }
        case .star: if byte != Self.slash { enter(state, &next) }
        case .rest: enter(state, &next)
        case .directories:
            // Inside of a name only the state itself lives on; its way out is open again behind a slash.
            if byte == Self.slash { enter(state, &next) } else { next[state] = true }
        }
    }

    private static func stars(_ rest: inout ArraySlice<UInt8>, startsSegment: Bool) -> Token {
        guard rest.first == UInt8(ascii: "*") else { return .star }
        while rest.first == UInt8(ascii: "*") { rest.removeFirst() }
        guard startsSegment else { return .star }
        if rest.isEmpty { return .rest }
        guard rest.first == slash else { return .star }
        rest.removeFirst()
        return .directories
    }
}
