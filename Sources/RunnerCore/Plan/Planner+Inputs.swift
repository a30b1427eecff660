extension Planner {
    /// The typed values of a run's inputs. What is not given has its default, or is null.
    ///
    /// With `isComplete`, what is required must be given. Throws everything that is wrong, at `location`.
    package static func inputs(
        _ definitions: [InputDefinition],
        given: [String: String],
        isComplete: Bool = true,
        at location: SourceLocation
    ) throws(DiagnosticsError) -> [String: Value] {
        var diagnostics: [Diagnostic] = []
        var values: [String: Value] = [:]
        let names = definitions.map(\.name)
        for name in given.keys.sorted() where !names.contains(name) {
            let known = names.map { "`\($0)`" }.joined(separator: ", ")
            let all = names.isEmpty ? "the pipeline takes none" : "there is \(known)"
            let hint = DidYouMean.hint(for: name, among: names) ?? all
            diagnostics.append(Diagnostic(.error, at: location, "unknown input `\(name)`", hint: hint))
        }
        for definition in definitions {
            guard let text = given[definition.name] ?? definition.defaultValue else {
                values[definition.name] = .null
                guard definition.isRequired, isComplete else { continue }
                let message = "input `\(definition.name)` is required"
                diagnostics.append(Diagnostic(.error, at: location, message, hint: definition.kind.expectation))
                continue
            }
            if let value = definition.kind.value(of: text) {
                values[definition.name] = value
            } else {
                let message = "input `\(definition.name)` cannot be `\(text)`"
                diagnostics.append(Diagnostic(.error, at: location, message, hint: definition.kind.expectation))
            }
        }
        guard diagnostics.isEmpty else { throw DiagnosticsError(diagnostics) }
        return values
    }
}

extension InputDefinition.Kind {
    /// The value that a text stands for, or `nil` where it is not one of this kind.
    package func value(of text: String) -> Value? {
        switch self {
        case .string: .string(text)
        case .bool: ["true": Value.bool(true), "false": .bool(false)][text]
        case .number: Value.number(in: text).map(Value.number)
        case .choice(let choices): choices.contains(text) ? .string(text) : nil
        }
    }

    /// What to write, for a hint.
    var expectation: String {
        switch self {
        case .string: "write any text"
        case .bool: "write `true` or `false`"
        case .number: "write a number, as `1` or `0.5`"
        case .choice(let choices): "write one of \(choices.map { "`\($0)`" }.joined(separator: ", "))"
        }
    }
}
