package import RunnerCore
package import SystemPackage

/// Brings a release to instances and makes it run, as the environment's driver does it. Everything may be done twice.
package struct ReleaseWork: Sendable {
    let environment: DeployEnvironment
    let release: DeployRelease
    /// A directory with the artifact's files; `nil` where they are not kept any more.
    let artifact: FilePath?
    let facts: [String: String]
    let shells: DeployShells
    let say: @Sendable (String) -> Void

    /// `facts` are the variables that every script gets.
    package init(
        environment: DeployEnvironment,
        release: DeployRelease,
        artifact: FilePath?,
        facts: [String: String],
        shells: DeployShells,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.environment = environment
        self.release = release
        self.artifact = artifact
        self.facts = facts
        self.shells = shells
        self.say = say
    }

    /// Brings the release beside what runs there.
    package func prepare(_ instance: DeployInstance) async throws {
        switch environment.release {
        case .directory(let driver): try await DirectoryWork(self, driver).prepare(instance)
        case .command(let driver): try await run(driver.prepare, "prepare", on: driver.place, instance)
        case .container(let driver): try await ContainerWork(self, driver).prepare(instance)
        }
    }

    /// Makes it run there, in place of what ran.
    package func activate(_ instance: DeployInstance) async throws {
        switch environment.release {
        case .directory(let driver): try await DirectoryWork(self, driver).activate(instance)
        case .command(let driver): try await run(driver.activate, "activate", on: driver.place, instance)
        case .container(let driver): try await ContainerWork(self, driver).activate(instance)
        }
    }

    /// Ends it there.
    package func deactivate(_ instance: DeployInstance) async throws {
        switch environment.release {
        case .directory(let driver): try await DirectoryWork(self, driver).deactivate(instance)
        case .command(let driver): try await run(driver.deactivate, "deactivate", on: driver.place, instance)
        case .container(let driver): try await ContainerWork(self, driver).deactivate(instance)
        }
    }

    /// Takes releases away that nobody goes back to. What is linked stays, and as many as the driver keeps.
    package func tidy(_ target: String) async throws {
        switch environment.release {
        case .directory(let driver): try await DirectoryWork(self, driver).tidy(target)
        case .command(let driver): try await run(driver.remove, "remove", on: driver.place, DeployInstance(target))
        case .container(let driver): try await ContainerWork(self, driver).tidy(target)
        }
    }

    /// What every script about an instance gets.
    func variables(of instance: DeployInstance) -> [String: String] {
        var all = facts
        all.merge(environment.variables(of: instance)) { _, new in new }
        all["RUNNER_VERSION"] = release.version
        all["RUNNER_COMMIT"] = release.commit
        all["RUNNER_URL"] = environment.url ?? ""
        return all
    }

    private func run(
        _ script: Script?,
        _ what: String,
        on place: CommandRelease.Place,
        _ instance: DeployInstance
    ) async throws {
        guard let script else { return }
        var variables = variables(of: instance)
        let host: DeployTarget.Host
        switch place {
        case .runner:
            host = .local
            variables["RUNNER_ARTIFACT"] = artifact?.string ?? ""
        case .target: host = try environment.target(instance.target).host
        }
        try await shells.shell(host).demand("\(what) \(instance)", script, environment: variables, onLine: say)
    }
}
