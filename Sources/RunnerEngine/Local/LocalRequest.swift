/// What a person asked `runner local` or `runner plan` for.
package struct LocalRequest: Sendable, Hashable {
    /// What the run pretends was pushed.
    package enum Subject: Sendable, Hashable {
        /// The current branch.
        case current
        /// A branch by its short name; where there is none yet, the current tree under that name.
        case branch(String)
        /// A tag by its short name; where there is none yet, the current tree under that name.
        case tag(String)
        /// A commit, on the current branch.
        case commit(String)
    }

    package var subject: Subject
    /// The commit at `HEAD`, not the working tree.
    package var isCommitted: Bool
    /// Names of pipelines; empty means those that the event triggers.
    package var pipelines: [String]
    /// Names of stages, which come with what they need; empty means all.
    package var stages: [String]
    /// What path filters compare with; `nil` means the branch's upstream.
    package var base: String?
    package var inputs: [String: String]

    package init(
        subject: Subject = .current,
        isCommitted: Bool = false,
        pipelines: [String] = [],
        stages: [String] = [],
        base: String? = nil,
        inputs: [String: String] = [:]
    ) {
        self.subject = subject
        self.isCommitted = isCommitted
        self.pipelines = pipelines
        self.stages = stages
        self.base = base
        self.inputs = inputs
    }
}
