package import RunnerCore

/// The body of every error.
package struct ProblemBody: Sendable, Hashable, Codable {
    /// What could not be done.
    package var what: String
    package var why: String?
    /// What to do; `try` in JSON.
    package var hint: String?

    package init(what: String, why: String? = nil, hint: String? = nil) {
        self.what = what
        self.why = why
        self.hint = hint
    }

    package init(_ error: RunnerError) { self.init(what: error.what, why: error.why, hint: error.hint) }

    enum CodingKeys: String, CodingKey {
        case what, why
        case hint = "try"
    }
}
