extension SemanticVersionRange {
    /// Reads a range:
    ///
    /// | written | means |
    /// |---|---|
    /// | `>=1.2.3`, `>`, `<=`, `<`, `=`, or nothing for `=` | as it says |
    /// | `>=1.2.3 <2.0.0` | both |
    /// | `1.2.3 \|\| 2.0.0` | one of them |
    /// | `<2`, `>=1.2` | missing numbers are 0: `<2.0.0`, `>=1.2.0` |
    /// | `>1`, `<=1` | nothing of 1: `>=2.0.0`; all of 1: `<2.0.0` |
    /// | `1`, `1.x`, `1.2.*` | all that start so: `>=1.0.0 <2.0.0` |
    /// | `*`, `x` | every release |
    /// | `^1.2.3`, `^0.2.3`, `^0.0.3` | the first number that is not 0 stays: `<2.0.0`, `<0.3.0`, `<0.0.4` |
    /// | `~1.2.3`, `~1` | the minor number stays, where there is one: `<1.3.0`, `<2.0.0` |
    package static func parse(_ text: String) throws(ExpressionError) -> SemanticVersionRange {
        let words = words(of: text)
        var clauses: [[Comparator]] = [[]]
        var isClauseEmpty = true
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            if word.text == "||" {
                guard !isClauseEmpty else { throw missing(at: word.offset) }
                clauses.append([])
                isClauseEmpty = true
                continue
            }
            let sign = word.text.prefix { "<>=^~".contains($0) }
            var version = word.text.dropFirst(sign.count)
            var offset = word.offset + sign.count
            if version.isEmpty, index < words.count, words[index].text != "||" {
                (version, offset) = (words[index].text, words[index].offset)
                index += 1
            }
            guard !version.isEmpty else { throw missing(at: offset) }
            let partial = try PartialVersion(version, at: offset)
            clauses[clauses.count - 1] += try comparators(String(sign), partial, at: word.offset)
            isClauseEmpty = false
        }
        guard !isClauseEmpty else { throw missing(at: text.count) }
        return SemanticVersionRange(source: text, clauses: clauses)
    }

    /// What stands between spaces, and every `||`, with its offset in characters.
    private static func words(of text: String) -> [(text: Substring, offset: Int)] {
        var words: [(text: Substring, offset: Int)] = []
        var rest = text[...]
        var offset = 0
        while let first = rest.first {
            var length = 1
            if first.isWhitespace {
                (rest, offset) = (rest.dropFirst(), offset + 1)
                continue
            } else if rest.hasPrefix("||") {
                length = 2
            } else {
                length = max(1, rest.prefix { !$0.isWhitespace && $0 != "|" }.count)
            }
            words.append((rest.prefix(length), offset))
            (rest, offset) = (rest.dropFirst(length), offset + length)
        }
        return words
    }

    private static func missing(at offset: Int) -> ExpressionError {
        ExpressionError("a version is missing", hint: "write a range, as `>=1.0.0 <2`", offset: offset)
    }

    private static func comparators(
        _ sign: String,
        _ version: PartialVersion,
        at offset: Int
    ) throws(ExpressionError) -> [Comparator] {
        let floor = version.floor
        let from = Comparator(relation: .greaterOrEqual, version: floor)
        func below(_ ceiling: SemanticVersion?) -> [Comparator] {
            ceiling.map { [Comparator(relation: .less, version: $0)] } ?? []
        }
        switch sign {
        case "", "=":
            if version.isFull { return [Comparator(relation: .equal, version: floor)] }
            return [from] + below(version.ceiling)
        case ">=": return [from]
        case "<": return version.ceiling == nil ? none : below(floor)
        case ">":
            if version.isFull { return [Comparator(relation: .greater, version: floor)] }
            return version.ceiling.map { [Comparator(relation: .greaterOrEqual, version: $0)] } ?? none
        case "<=":
            if version.isFull { return [Comparator(relation: .lessOrEqual, version: floor)] }
            return version.ceiling == nil ? [from] : below(version.ceiling)
        case "^": return [from] + below(version.caretCeiling)
        case "~": return [from] + below(version.tildeCeiling)
        default:
            let hint = sign == "==" ? "write `=`" : "there is `>=`, `>`, `<=`, `<`, `=`, `^` and `~`"
            throw ExpressionError("unknown comparison `\(sign)`", hint: hint, offset: offset)
        }
    }

    /// Nothing is below or above everything.
    private static var none: [Comparator] {
        let zero = SemanticVersion.Number.zero
        let lowest = SemanticVersion(major: zero, minor: zero, patch: zero, preRelease: [.number(zero)])
        return [Comparator(relation: .less, version: lowest)]
    }
}
