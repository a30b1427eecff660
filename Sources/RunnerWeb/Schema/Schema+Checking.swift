import RunnerAPI
import RunnerCore

extension Schema {
    /// The first thing that is wrong with a value, in words; `nil` where it is as it should be.
    /// - Parameters:
    ///   - place: What the value is called, as `inputs.name`; empty for the whole.
    ///   - components: What references stand for.
    func problem(in value: JSONValue, at place: String = "", _ components: [String: Schema]) -> String? {
        switch (self, value) {
        case (.reference(let name), _): components[name]?.problem(in: value, at: place, components)
        case (.string(let lengths), .string(let text)): lengthProblem(text, lengths, place)
        case (.time, .string(let text)):
            APIJSON.date(of: text) == nil ? "\(name(place)) is `\(text)`, not a time as 2026-01-31T12:00:00Z" : nil
        case (.choice(let values), .string(let text)): choiceProblem(text, values, place)
        case (.integer(let range), .integer(let number)):
            range.flatMap {
                $0.contains(number) ? nil : "\(name(place)) is \(number), not \($0.lowerBound) to \($0.upperBound)"
            }
        case (.number, .integer), (.number, .number), (.boolean, .bool), (.free, .object): nil
        case (.array(let element, let most), .array(let values)):
            countProblem(values.count, most, place)
                ?? values.lazy.enumerated().compactMap { index, value in
                    element.problem(in: value, at: "\(place)[\(index)]", components)
                }.first
        case (.map(let element, let most), .object(let members)):
            countProblem(members.count, most, place)
                ?? members.sorted { $0.key < $1.key }.lazy.compactMap { key, value in
                    element.problem(in: value, at: join(place, key), components)
                }.first
        case (.object(let properties, let isClosed), .object(let members)):
            memberProblem(members, properties, isClosed: isClosed, place, components)
        default: "\(name(place)) is \(value.kind), not \(kind)"
        }
    }

    private var kind: String {
        switch self {
        case .string, .time, .choice: "a text"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .array: "a list"
        case .map, .free, .object, .reference: "an object"
        }
    }

    private func name(_ place: String) -> String { place.isEmpty ? "the body" : "`\(place)`" }

    private func join(_ place: String, _ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }

    private func lengthProblem(_ text: String, _ lengths: ClosedRange<Int>?, _ place: String) -> String? {
        guard let lengths, !lengths.contains(text.unicodeScalars.count) else { return nil }
        return
            "\(name(place)) has \(text.unicodeScalars.count) characters, not \(lengths.lowerBound) to \(lengths.upperBound)"
    }

    private func choiceProblem(_ text: String, _ values: [String], _ place: String) -> String? {
        guard !values.contains(text) else { return nil }
        return "\(name(place)) is `\(text)`, not one of \(values.map { "`\($0)`" }.joined(separator: ", "))"
    }

    private func countProblem(_ count: Int, _ most: Int?, _ place: String) -> String? {
        guard let most, count > most else { return nil }
        return "\(name(place)) has \(count) entries, \(most) are the most"
    }

    private func memberProblem(
        _ members: [String: JSONValue],
        _ properties: [Property],
        isClosed: Bool,
        _ place: String,
        _ components: [String: Schema]
    ) -> String? {
        if isClosed,
            let unknown = members.keys.sorted().first(where: { key in !properties.contains { $0.name == key } })
        {
            let known = properties.map { "`\($0.name)`" }.joined(separator: ", ")
            return "\(name(join(place, unknown))) is not known; there are \(known)"
        }
        for property in properties {
            guard let value = members[property.name] else {
                if property.isRequired { return "\(name(join(place, property.name))) is missing" }
                continue
            }
            if let problem = property.schema.problem(in: value, at: join(place, property.name), components) {
                return problem
            }
        }
        return nil
    }
}
