/// What git could not do: the operation, the cause as libgit2 or the system worded it, and a next step.
package struct GitError: Error, Sendable, Hashable {
    /// The kinds that callers tell apart.
    package enum Code: Sendable, Hashable {
        case notFound
        case exists
        /// `HEAD` names a branch that has no commit yet.
        case unbornBranch
        /// The repository belongs to another user and is not listed in `safe.directory`.
        case notOwned
        /// A repository format or a feature that libgit2 or we do not know.
        case unsupported
        /// A submodule's commit is nowhere on this machine.
        case submoduleMissing
        /// A program or an object that a filter needs is missing.
        case filterUnavailable
        /// Content that could do harm, such as a tree entry named `..`.
        case refused
        /// More bytes than the caller allowed.
        case tooLarge
        /// The disk takes no more, or nothing at all: full, over quota, read-only, broken.
        case diskRefuses
        /// A remote wants to know who we are, and takes nothing of what we have.
        case authentication
        /// A remote is not proven to be who it should be: its certificate, or its ssh host key.
        case notTrusted
        /// A fetch would bring more objects than the caller allowed.
        case tooManyObjects
        case other
    }

    package var code: Code
    /// What was tried, as `read blob 3f2a9c1d20`.
    package var operation: String
    /// The cause.
    package var message: String
    /// A command or a setting that mends it, where one is known.
    package var hint: String?

    package init(_ code: Code, _ operation: String, _ message: String, hint: String? = nil) {
        self.code = code
        self.operation = operation
        self.message = message
        self.hint = hint
    }
}

extension GitError: CustomStringConvertible {
    /// One line: `cannot open /srv/web: owned by another user`.
    package var description: String {
        "cannot \(operation): \(message)" + (hint.map { " (try: \($0))" } ?? "")
    }
}
