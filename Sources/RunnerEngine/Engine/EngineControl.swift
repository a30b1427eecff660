package import RunnerCore
package import RunnerStore
package import SystemPackage

/// What may be asked of a daemon, by its API. Reading goes to the database and the files of the runs.
package protocol EngineControl: Sendable {
    var database: RunnerDatabase { get }
    var state: StateDirectory { get }
    /// After each change of a run.
    var changes: ChangeSignal { get }
    /// Kept, changed and released here alone.
    var secrets: SecretDesk { get }
    /// Where releases go, and everything asked about that.
    var deployments: DeploymentDesk { get }

    func status() async throws -> EngineStatus
    func add(_ definition: RepositoryDefinition, actor: String) async throws -> RepositoryRecord
    func removeRepository(named name: String, actor: String) async throws
    /// Looks at a repository now, and returns when that was done. Throws what went wrong.
    func look(at repository: String) async throws
    /// As a webhook asks: soon, and at most once a second.
    func hint(at repository: String) async
    func start(_ request: RunRequest) async throws -> RunNumber
    func cancel(_ run: RunNumber, reason: String) async throws -> RunnerDatabase.CancelAnswer
    func rerun(_ run: RunNumber, _ choice: RerunChoice, actor: String) async throws -> RunNumber
    /// Starts nothing new, or takes work again.
    func drain(_ isDraining: Bool, actor: String) async throws
    func breakLock(_ name: String, reason: String, actor: String) async throws
    /// Checks a binary, puts it in place of the running one where it is another, and goes on as it. No stage is killed.
    func upgrade(to binary: FilePath?, actor: String) async throws
    /// Reads the server's file again; a bad one changes nothing and is thrown.
    func reload() async throws
}
