/// An error that a person reads: what happened, why, and what to do.
package struct RunnerError: Error, Sendable, Hashable {
    /// Whose move it is, which decides the exit code.
    package enum Kind: Sendable, Hashable {
        /// The user can mend it: usage, pipeline, configuration.
        case input
        /// The runner or its machine could not do its part.
        case errored
    }

    package var kind: Kind
    /// What could not be done, as `cannot check out 3f2a9c1 of web`.
    package var what: String
    /// The cause, as found.
    package var why: String?
    /// A next step: a command, or a value to write.
    package var hint: String?

    package init(_ kind: Kind, _ what: String, why: String? = nil, hint: String? = nil) {
        self.kind = kind
        self.what = what
        self.why = why
        self.hint = hint
    }
}

extension RunnerError: CustomStringConvertible {
    /// Three lines at most: `error:`, `why:`, `try:`.
    package var description: String {
        var text = "error: \(what)"
        if let why { text += "\n  why: \(why)" }
        if let hint { text += "\n  try: \(hint)" }
        return text
    }
}

/// A file list that cannot be used, with everything that is wrong in it.
package struct DiagnosticsError: Error, Sendable {
    package var diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}
