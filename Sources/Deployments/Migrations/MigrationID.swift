/// `NUMBER_NAME`, ordered by number.
struct MigrationID: Sendable, Hashable, Comparable, CustomStringConvertible {
    let number: UInt64
    let description: String

    /// `nil` unless digits, `_`, and letters, digits, `_` and `-`.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        let isPlain = { (character: Character) in
            character.isASCII && (character.isLetter || character.isNumber || "_-".contains(character))
        }
        guard parts.count == 2, !parts[1].isEmpty, text.allSatisfy(isPlain), parts[0].allSatisfy(\.isNumber),
            let number = UInt64(parts[0])
        else { return nil }
        self.number = number
        description = String(text)
    }

    static func < (left: MigrationID, right: MigrationID) -> Bool {
        (left.number, left.description) < (right.number, right.description)
    }
}
