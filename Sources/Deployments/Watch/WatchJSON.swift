import FoundationEssentials

/// Any JSON, as far as a number is looked for in it.
enum WatchJSON: Sendable, Hashable, Decodable {
    case number(Double)
    case text(String)
    case list([WatchJSON])
    case object([String: WatchJSON])
    /// `null`, `true` and `false`.
    case other

    init(_ bytes: some Sequence<UInt8>) throws {
        self = try JSONDecoder().decode(WatchJSON.self, from: Data(bytes))
    }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        // Each `try?` asks whether it is of that kind.
        if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([WatchJSON].self) {
            self = .list(list)
        } else if let object = try? value.decode([String: WatchJSON].self) {
            self = .object(object)
        } else {
            self = .other
        }
    }

    subscript(_ name: String) -> WatchJSON? {
        switch self {
        case .object(let members): members[name]
        case .list(let list): Int(name).flatMap { list.indices.contains($0) ? list[$0] : nil }
        default: nil
        }
    }

    /// `errors.rate`; a number counts in a list from 0. `nil` where the way ends before that.
    func at(_ path: String) -> WatchJSON? {
        path.split(separator: ".").reduce(Optional(self)) { $0?[String($1)] }
    }

    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// Also of a text that is a number, as Prometheus writes them.
    var number: Double? {
        switch self {
        case .number(let number): number
        case .text(let text): Double(text)
        default: nil
        }
    }
}
