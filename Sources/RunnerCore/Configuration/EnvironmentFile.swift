/// An environment, and the text that says so: what is approved, and what a deployment goes on with.
package struct EnvironmentFile: Sendable, Hashable {
    package var environment: DeployEnvironment
    package var text: String

    package init(environment: DeployEnvironment, text: String) {
        self.environment = environment
        self.text = text
    }
}
