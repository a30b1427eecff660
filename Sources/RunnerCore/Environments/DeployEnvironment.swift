/// Where releases go, and what it takes: one file of the server, `runner-config/environments/NAME.yml`. No commit can
/// change it.
package struct DeployEnvironment: Sendable, Hashable {
    package var name: String
    /// Where people find it.
    package var url: String?
    /// Who may deploy here; empty means every repository that the server watches.
    package var repositories: [String] = []
    /// For every script that runs for it, in the order of the file.
    package var variables: [PlainVariable] = []
    /// Names of the server's secrets, for the same scripts.
    package var secrets: [String] = []
    /// In the order of the file; never empty.
    package var targets: [DeployTarget]
    package var strategy = RolloutStrategy.allAtOnce
    package var release: ReleaseDriver
    package var traffic: TrafficDriver?
    package var health: HealthCheck?
    package var smoke: Script?
    package var watch: WatchSettings?
    package var migrations: MigrationSettings?
    package var backup: BackupSettings?
    package var protection = Protection()
    /// Deployments begin in one of them; empty means at any time.
    package var windows: [DeployWindow] = []
    package var freezes: [DeployFreeze] = []
    package var hotfix: HotfixRules?
    package var onCrash = CrashPolicy.resume
    /// How often a rollback is rehearsed.
    package var drill: Schedule?

    package init(name: String, targets: [DeployTarget], release: ReleaseDriver) {
        self.name = name
        self.targets = targets
        self.release = release
    }

    /// What becomes of a rollout that the daemon did not see the end of.
    package enum CrashPolicy: String, Sendable, Hashable, Codable, CaseIterable {
        /// The step that was cut off is done again, and the rollout goes on. Every step may be done twice.
        case resume
        case rollBack = "roll-back"
    }
}

/// A variable with its value as it stands.
package struct PlainVariable: Sendable, Hashable, Codable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A shell script of the server's file, with its bound.
package struct Script: Sendable, Hashable, Codable {
    package var text: String
    package var timeout: Duration

    package init(_ text: String, timeout: Duration = .seconds(300)) {
        self.text = text
        self.timeout = timeout
    }
}
