package import RunnerCore
package import RunnerExecution

/// Shells of all hosts of a rollout: their connections are shared, and what they print is without secrets.
package struct DeployShells: Sendable {
    private let connections: SSHConnections
    private let secrets: SecretPatterns

    package init(over connections: SSHConnections, hiding secrets: SecretPatterns = SecretPatterns([])) {
        self.connections = connections
        self.secrets = secrets
    }

    package func shell(_ host: DeployTarget.Host) -> HostShell { HostShell(host, over: connections, hiding: secrets) }

    /// Must be closed.
    package func look(_ environment: DeployEnvironment, _ check: HealthCheck, _ facts: [String: String]) -> HealthLook {
        HealthLook(environment, check: check, facts: facts, over: connections, hiding: secrets)
    }
}
