/// Why a deployment cannot go on at this place: what happened, why, and what to do. Its texts have no secrets that the
/// shell was told of.
package struct DeployFailure: Error, Sendable, Hashable {
    /// What a rollout may decide by.
    package enum Kind: Sendable, Hashable {
        /// The environment's file, or the release, cannot be used so.
        case input
        /// Nothing was done: the host could not be reached.
        case unreachable
        /// The host was reached and lost: nobody knows how far it came.
        case lost
        case timedOut
        /// A script or a program said no.
        case refused
        /// An instance did not become healthy.
        case unhealthy
    }

    package var kind: Kind
    package var what: String
    package var why: String?
    package var hint: String?

    package init(_ kind: Kind, _ what: String, why: String? = nil, hint: String? = nil) {
        self.kind = kind
        self.what = what
        self.why = why
        self.hint = hint
    }
}

extension DeployFailure: CustomStringConvertible {
    /// Three lines at most, as every error of ours.
    package var description: String {
        var text = "error: \(what)"
        if let why { text += "\n  why: \(why)" }
        if let hint { text += "\n  try: \(hint)" }
        return text
    }
}
