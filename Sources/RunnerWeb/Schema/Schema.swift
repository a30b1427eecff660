/// What JSON may be: for checking requests, and for telling clients.
indirect enum Schema: Sendable, Hashable {
    /// Lengths in code points; `nil` is no bound.
    case string(ClosedRange<Int>? = nil)
    /// RFC 3339.
    case time
    case choice([String])
    case integer(ClosedRange<Int64>? = nil)
    case number
    case boolean
    case array(Schema, most: Int? = nil)
    /// Names are free, values are not.
    case map(Schema, most: Int? = nil)
    /// Any keys, any values.
    case free
    case object([Property], isClosed: Bool)
    /// One that stands under a name in the document.
    case reference(String)

    struct Property: Sendable, Hashable {
        var name: String
        var schema: Schema
        var isRequired: Bool
    }
}

extension Schema {
    /// As JSON Schema 2020-12.
    var json: JSONValue {
        switch self {
        case .string(let lengths):
            return bounded(
                ["type": "string"],
                "minLength",
                "maxLength",
                lengths.map { Int64($0.lowerBound)...Int64($0.upperBound) }
            )
        case .time: return ["type": "string", "format": "date-time"]
        case .choice(let values): return ["type": "string", "enum": .array(values.map(JSONValue.string))]
        case .integer(let range): return bounded(["type": "integer"], "minimum", "maximum", range)
        case .number: return ["type": "number"]
        case .boolean: return ["type": "boolean"]
        case .array(let element, let most):
            return bounded(["type": "array", "items": element.json], nil, "maxItems", most.map { 0...Int64($0) })
        case .map(let value, let most):
            return bounded(
                ["type": "object", "additionalProperties": value.json],
                nil,
                "maxProperties",
                most.map { 0...Int64($0) }
            )
        case .free: return ["type": "object"]
        case .object(let properties, let isClosed): return object(properties, isClosed: isClosed)
        case .reference(let name): return ["$ref": .string("#/components/schemas/\(name)")]
        }
    }

    private func bounded(
        _ json: [String: JSONValue],
        _ lower: String?,
        _ upper: String,
        _ range: ClosedRange<Int64>?
    ) -> JSONValue {
        var json = json
        if let range {
            if let lower { json[lower] = .integer(range.lowerBound) }
            json[upper] = .integer(range.upperBound)
        }
        return .object(json)
    }

    private func object(_ properties: [Property], isClosed: Bool) -> JSONValue {
        var json: [String: JSONValue] = [
            "type": "object",
            "properties": .object(Dictionary(properties.map { ($0.name, $0.schema.json) }) { _, new in new }),
        ]
        let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { json["required"] = .array(required) }
        if isClosed { json["additionalProperties"] = false }
        return .object(json)
    }
}
