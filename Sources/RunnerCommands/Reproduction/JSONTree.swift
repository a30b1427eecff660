/// Any JSON, to compare values of types that have many fields.
enum JSONTree: Sendable, Hashable, Decodable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([JSONTree])
    case object([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        // Each `try?` asks whether it is of that kind.
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([JSONTree].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSONTree].self))
        }
    }

    /// Where two values differ: the way to each place, and what stands there.
    static func differences(
        _ there: JSONTree,
        _ here: JSONTree,
        at path: [String] = []
    ) -> [(path: [String], there: JSONTree, here: JSONTree)] {
        switch (there, here) {
        case (.object(let left), .object(let right)):
            return Set(left.keys).union(right.keys).sorted().flatMap { key in
                differences(left[key] ?? .null, right[key] ?? .null, at: path + [key])
            }
        case (.list(let left), .list(let right)) where left.count == right.count:
            return zip(left, right).enumerated().flatMap { index, pair in
                differences(pair.0, pair.1, at: path + ["\(index + 1)"])
            }
        default: return there == here ? [] : [(path, there, here)]
        }
    }
}

extension JSONTree: CustomStringConvertible {
    /// Short: what is large is only named.
    var description: String {
        switch self {
        case .null: "nothing"
        case .bool(let bool): "\(bool)"
        case .number(let number): number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
        case .text(let text): "`\(text)`"
        case .list(let list): "[\(list.map(\.description).joined(separator: ", "))]"
        case .object(let object): "{\(object.keys.sorted().joined(separator: ", "))}"
        }
    }
}
