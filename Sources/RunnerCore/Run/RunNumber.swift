/// The number of a run in its state directory: 1, 2, 3 ...
package struct RunNumber: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let value: Int

    /// `nil` unless positive.
    package init?(_ value: Int) {
        guard value > 0 else { return nil }
        self.value = value
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let number = try container.decode(Int.self)
        guard number > 0 else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(number) is not a run number")
        }
        value = number
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }

    package static func < (left: RunNumber, right: RunNumber) -> Bool { left.value < right.value }

    package var description: String { String(value) }
}
