import ArgumentParser
import FoundationEssentials
import PipelineSyntax
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// Where to work: shared by every command.
struct PlaceOptions: ParsableArguments {
    @Option(name: [.customShort("C"), .long], help: "Work as if started in this directory.")
    var directory: String = "."

    @Option(name: .long, help: "The state directory. Default: $RUNNER_STATE, else ~/.local/state/runner.")
    var state: String?

    @Option(name: .long, help: "This machine's configuration. Default: ~/.config/runner/runner.yml where there is one.")
    var config: String?

    /// What was said here, else in the environment, else in the configuration, else the usual place.
    func stateDirectory() throws -> StateDirectory {
        if let state { return StateDirectory(FilePath(state).absolute) }
        if let named = LocalProject.stateOfEnvironment() { return named }
        return try configuration().state.map { StateDirectory(FilePath($0)) } ?? LocalProject.usualState()
    }

    func project() throws -> LocalProject {
        try LocalProject(around: FilePath(directory).absolute, state: stateDirectory())
    }

    /// The machine's configuration: the file named, the user's own, or the defaults.
    func configuration() throws -> RunnerConfiguration {
        let usual = LocalProject.home().appending(".config").appending("runner").appending("runner.yml")
        let path = config.map { FilePath($0).absolute } ?? usual
        guard let data = try FileSystem.read(path) else {
            guard config == nil else {
                throw RunnerError(.input, "cannot read `\(path)`", why: "there is no such file")
            }
            return RunnerConfiguration()
        }
        let (configuration, diagnostics) = ConfigurationParser.parse(file: path.string, bytes: Array(data))
        guard let configuration else { throw DiagnosticsError(diagnostics) }
        return configuration
    }
}
