package import RunnerCore

/// What a run's `deploy` stage asks the daemon for. The run waits for a `DeployAnswer`.
package struct DeployWish: Sendable, Hashable, Codable {
    package var environment: String
    /// `nil` for a stage that deploys no artifact.
    package var artifact: ArtifactReference?

    package init(environment: String, artifact: ArtifactReference?) {
        self.environment = environment
        self.artifact = artifact
    }
}

/// How the deployment of a stage ended: `deployment.json` in the stage's directory, put there by rename before the
/// supervisor is told.
package struct DeployAnswer: Sendable, Hashable, Codable {
    package var outcome: Outcome
    package var reason: String?
    /// For stages that need this one.
    package var outputs: [String: String]

    package init(outcome: Outcome, reason: String?, outputs: [String: String] = [:]) {
        self.outcome = outcome
        self.reason = reason
        self.outputs = outputs
    }
}
