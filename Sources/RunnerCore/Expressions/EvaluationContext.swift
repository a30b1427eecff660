/// What the names of an expression mean: values by context, and how the needs ended.
package struct EvaluationContext: Sendable {
    /// Takes patterns of paths and gives the hexadecimal digest of the files that match; `nil` where none does.
    package typealias Hash = @Sendable ([String]) -> String?

    /// What `success()` and `failure()` say. Both can hold: a need may have succeeded after one of its own failed.
    package struct Standing: Sendable, Hashable {
        package var isSuccess: Bool
        package var isFailure: Bool

        package init(isSuccess: Bool, isFailure: Bool) {
            self.isSuccess = isSuccess
            self.isFailure = isFailure
        }

        package static let succeeded = Standing(isSuccess: true, isFailure: false)
        package static let failed = Standing(isSuccess: false, isFailure: true)
        /// Nothing failed, but not everything was done: a need was skipped or canceled.
        package static let unmet = Standing(isSuccess: false, isFailure: false)
    }

    /// By context: `ref`, `commit`, ... A context that is missing is not known yet, and using it is an error.
    package var values: [String: Value]
    package var standing: Standing
    /// `nil` where files cannot be looked at.
    package var hash: Hash?

    package init(values: [String: Value] = [:], standing: Standing = .succeeded, hash: Hash? = nil) {
        self.values = values
        self.standing = standing
        self.hash = hash
    }

    /// Sets one property of a context, as `set("B", of: "env", to: .string("1"))`.
    package mutating func set(_ name: String, of context: String, to value: Value) {
        var group: [String: Value] = [:]
        if case .object(let known)? = values[context] { group = known }
        group[name] = value
        values[context] = .object(group)
    }

    /// Evaluates variables in order and adds each to `env`, so that a later one can use an earlier one.
    package mutating func define(_ variables: [Variable]) throws(ExpressionError) {
        if values["env"] == nil { values["env"] = .object([:]) }
        for variable in variables {
            set(variable.name, of: "env", to: .string(try variable.value.evaluate(in: self)))
        }
    }
}
