package import Git
package import RunnerCore

/// `key.json` of a stage run: what its key was made of, and what came of it.
package struct StageKeyRecord: Sendable, Hashable, Codable {
    package enum Decision: Sendable, Hashable, Codable {
        /// The outcome of this run was taken.
        case taken(from: RunNumber, ref: String, trust: RefTrust)
        /// Nothing has this key. The nearest earlier key of the stage, where there is one, differs in these components.
        case missed(nearest: RunNumber?, differs: [String])
        /// There was an outcome, and the stage was run beside it to compare the two.
        case verifies(RunNumber)
        /// There is an outcome that may not be taken, and why.
        case refused(RunNumber, String)
        /// Nobody asked for reuse, as with `--no-reuse`.
        case ignored
    }

    package var key: StageKey
    package var tree: ObjectID
    /// Which of the tree's files count; `nil` means all.
    package var inputs: [String]?
    package var decision: Decision

    package init(key: StageKey, tree: ObjectID, inputs: [String]?, decision: Decision) {
        self.key = key
        self.tree = tree
        self.inputs = inputs
        self.decision = decision
    }
}
