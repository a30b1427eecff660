/// A version of a range, whose last numbers may be missing or `x`.
struct PartialVersion {
    private typealias Number = SemanticVersion.Number

    /// Those that are given: none to three.
    private let numbers: [SemanticVersion.Number]
    private let full: SemanticVersion?

    /// Offsets of errors are that of the version's first character, as given.
    init(_ text: Substring, at offset: Int) throws(ExpressionError) {
        if let version = SemanticVersion(text) {
            full = version
            numbers = [version.major, version.minor, version.patch]
            return
        }
        full = nil
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let given = parts.prefix { !["x", "X", "*"].contains($0) }
        let numbers = given.compactMap { Number($0) }
        let areRestWild = parts.dropFirst(given.count).allSatisfy { ["x", "X", "*"].contains($0) }
        guard numbers.count == given.count, areRestWild, parts.count <= 3, numbers.count < 3 else {
            throw ExpressionError("`\(text)` is no version", hint: Self.hint(for: text), offset: offset)
        }
        self.numbers = numbers
    }

    var isFull: Bool { full != nil }

    /// The lowest version meant.
    var floor: SemanticVersion { full ?? version(numbers) }

    /// The first version behind all that start so; `nil` where all do. Only for versions that are not full.
    var ceiling: SemanticVersion? { next(keeping: numbers.count) }

    /// The first version whose first number other than 0 is greater.
    var caretCeiling: SemanticVersion? {
        let zeros = numbers.prefix { $0 == .zero }.count
        return next(keeping: min(zeros + 1, numbers.count))
    }

    /// The first version with a greater minor number, or major number where that is all there is.
    var tildeCeiling: SemanticVersion? { next(keeping: min(2, numbers.count)) }

    private func next(keeping count: Int) -> SemanticVersion? {
        guard count > 0 else { return nil }
        return version(numbers.prefix(count - 1) + [numbers[count - 1].next])
    }

    private func version(_ numbers: [SemanticVersion.Number]) -> SemanticVersion {
        func number(_ index: Int) -> SemanticVersion.Number { index < numbers.count ? numbers[index] : .zero }
        return SemanticVersion(major: number(0), minor: number(1), patch: number(2))
    }

    private static func hint(for text: Substring) -> String? {
        if text == "-" { return "write `>=1.0.0 <=2.0.0`" }
        if text.first == "v" { return "write `\(text.dropFirst())`; a tag may still start with `v`" }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.contains(where: { $0.count > 1 && $0.first == "0" && $0.allSatisfy(\.isNumber) }) {
            return "numbers have no leading zeros"
        }
        return "versions look like `1.2.3`, `1.2.3-rc.1`, `1.2` or `1.x`"
    }
}
