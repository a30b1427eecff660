import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerStore

/// A value that a request carries in its path, query or headers.
struct Parameter<Value: Sendable>: Sendable {
    let description: ParameterDescription
    /// `nil` for what the schema lets through and the type does not.
    fileprivate let value: @Sendable (String) -> Value?

    init(_ description: ParameterDescription, _ value: @escaping @Sendable (String) -> Value?) {
        self.description = description
        self.value = value
    }
}

/// What an endpoint declares of a parameter.
struct ParameterDescription: Sendable, Hashable {
    enum Place: String, Sendable, Hashable {
        case path, query, header
    }

    var name: String
    var place: Place
    var isRequired: Bool
    /// May come more than once.
    var isRepeated = false
    var schema: Schema
    var summary: String

    static func path(_ name: String, _ schema: Schema, _ summary: String) -> ParameterDescription {
        ParameterDescription(name: name, place: .path, isRequired: true, schema: schema, summary: summary)
    }

    static func query(
        _ name: String,
        _ schema: Schema,
        _ summary: String,
        isRequired: Bool = false,
        isRepeated: Bool = false
    ) -> ParameterDescription {
        ParameterDescription(
            name: name,
            place: .query,
            isRequired: isRequired,
            isRepeated: isRepeated,
            schema: schema,
            summary: summary
        )
    }

    /// The text as the schema's kind of JSON, which can then be checked.
    func json(_ text: String) -> JSONValue {
        switch schema {
        case .integer: Int64(text).flatMap { String($0) == text ? .integer($0) : nil } ?? .string(text)
        case .boolean: text == "true" ? true : text == "false" ? false : .string(text)
        default: .string(text)
        }
    }
}

/// The parameters of a request, checked against what its endpoint declares.
struct ParameterValues: Sendable {
    private let texts: [String: [String]]

    /// Refuses what is missing, not declared, given twice or not of its schema.
    init(_ declared: [ParameterDescription], given: [(place: ParameterDescription.Place, name: String, text: String)])
        throws(Problem)
    {
        var texts: [String: [String]] = [:]
        for item in given {
            guard let parameter = declared.first(where: { $0.name == item.name && $0.place == item.place }) else {
                let known = declared.filter { $0.place == item.place }.map { "`\($0.name)`" }.joined(separator: ", ")
                throw .badRequest("`\(item.name)` is not known; there are \(known.isEmpty ? "none" : known)")
            }
            if let problem = parameter.schema.problem(in: parameter.json(item.text), at: item.name, [:]) {
                throw parameter.place == .path ? .unknown("`\(item.text)`") : .badRequest(problem)
            }
            guard texts[item.name] == nil || parameter.isRepeated else {
                throw .badRequest("`\(item.name)` is given twice")
            }
            texts[item.name, default: []].append(item.text)
        }
        if let missing = declared.first(where: { $0.isRequired && texts[$0.name] == nil }) {
            throw .badRequest("`\(missing.name)` is missing")
        }
        self.texts = texts
    }

    func all<Value>(_ parameter: Parameter<Value>) throws(Problem) -> [Value] {
        var values: [Value] = []
        for text in texts[parameter.description.name] ?? [] {
            guard let value = parameter.value(text) else {
                throw .badRequest("`\(parameter.description.name)` cannot be `\(text)`")
            }
            values.append(value)
        }
        return values
    }
}

extension ParameterValues {
    func optional<Value>(_ parameter: Parameter<Value>) throws(Problem) -> Value? { try all(parameter).first }

    func required<Value>(_ parameter: Parameter<Value>) throws(Problem) -> Value {
        guard let value = try all(parameter).first else {
            throw .badRequest("`\(parameter.description.name)` is missing")
        }
        return value
    }
}

/// The parameters of all endpoints.
enum Parameters {
    static let number = Parameter(
        .path("number", .integer(1...1 << 40), "The run's number.")
    ) { Int($0).flatMap(RunNumber.init) }
    static let stage = Parameter(.path("stage", .string(1...500), "The stage's name, as `test (sqlite)`.")) {
        StageID($0)
    }
    static let step = Parameter(.path("index", .integer(0...10_000), "The step's place in its stage, from 0.")) {
        Int($0)
    }
    static let name = Parameter(.path("name", .string(1...200), "Its name.")) { $0 }

    static let environment = Parameter(.query("environment", .string(1...100), "Only of this environment.")) { $0 }
    static let secret = Parameter(.query("secret", .string(1...200), "Only of this secret.")) { $0 }
    static let repository = Parameter(.query("repository", .string(1...200), "Only of this repository.")) { $0 }
    static let pipeline = Parameter(.query("pipeline", .string(1...200), "Only of this pipeline.")) { $0 }
    static let ref = Parameter(
        .query("ref", .string(1...1000), "A full or a short name; `*` stands for any text.")
    ) { $0 }
    static let outcome = Parameter(
        .query("outcome", .choice(Outcome.allCases.map(\.rawValue)), "Any of these.", isRepeated: true)
    ) { Outcome(rawValue: $0) }
    static let open = Parameter(
        .query("open", .boolean, "`true`: only runs that have not ended; `false`: only those that have.")
    ) { $0 == "true" }
    static let since = Parameter(.query("since", .time, "Only what was made then or later.")) { APIJSON.date(of: $0) }
    static let before = Parameter(
        .query("before", .integer(1...1 << 40), "Only runs with lower numbers: `next` of the page before.")
    ) { Int($0).flatMap(RunNumber.init) }
    static let limit = Parameter(.query("limit", .integer(1...1000), "The most that is given.")) { Int($0) }
    static let after = Parameter(
        .query("after", .integer(0...Int64(1) << 53), "Only lines with higher numbers: `next` of the page before.")
    ) { Int64($0) }

    static let deployment = Parameter(.path("id", .integer(1...1 << 40), "The deployment's number.")) { Int64($0) }
    static let backup = Parameter(.path("id", .integer(1...1 << 40), "The backup's number.")) { Int64($0) }
    static let beforeDeployment = Parameter(
        .query("before", .integer(1...1 << 40), "Only those with lower numbers: `next` of the page before.")
    ) { Int64($0) }
    static let version = Parameter(
        .query("version", .string(1...300), "Of a release; without it, the newest, or the one to go back to.")
    ) { $0 }
    static let requiredVersion = Parameter(
        .query("version", .string(1...300), "Of a release.", isRequired: true)
    ) { $0 }
    static let isRollback = Parameter(.query("rollback", .boolean, "`true`: of a rollback.")) { $0 == "true" }
    static let at = Parameter(.query("at", .time, "The time to judge for; without it, now.")) { APIJSON.date(of: $0) }

    static let from = Parameter(.query("from", .integer(0...Int64(1) << 53), "The first byte.")) { Int64($0) }
    static let grep = Parameter(.query("grep", .string(1...500), "Only lines that hold this text.")) { $0 }
    static let text = Parameter(.query("text", .string(1...500), "What to look for.", isRequired: true)) { $0 }
    static let lastEventID = Parameter(
        ParameterDescription(
            name: "last-event-id",
            place: .header,
            isRequired: false,
            schema: .integer(0...Int64(1) << 53),
            summary: "Of an event stream: the id of the last event that came."
        )
    ) { Int64($0) }
}
