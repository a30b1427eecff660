/// What a push changed: the paths that the new tree has otherwise than the old one.
package enum ChangedPaths: Sendable, Hashable {
    /// There is nothing to compare with, as for a new branch; the reason in words.
    case everything(because: String)
    case paths([[UInt8]])
}

/// Whether an event starts a pipeline, and what decided that.
package struct PipelineMatch: Sendable, Hashable {
    package var pipeline: Pipeline
    package var isMatch: Bool
    /// As `branch develop matches "develop"`.
    package var reason: String

    package init(pipeline: Pipeline, isMatch: Bool, reason: String) {
        self.pipeline = pipeline
        self.isMatch = isMatch
        self.reason = reason
    }
}
