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
        let (parsed, findings) = ConfigurationParser.parse(file: path.string, bytes: Array(data))
        let (environments, more) = try Self.environments(beside: path)
        // All that is wrong at once, whichever file has it.
        guard var configuration = parsed, !more.contains(where: { $0.severity == .error }) else {
            throw DiagnosticsError(findings + more)
        }
        configuration.server.environments = environments
        return configuration
    }

    /// The files of `environments/` in the directory of the server's file, and what is wrong with them.
    static func environments(beside path: FilePath) throws -> ([EnvironmentFile], [Diagnostic]) {
        let directory = path.removingLastComponent().appending("environments")
        var files: [EnvironmentFile] = []
        var diagnostics: [Diagnostic] = []
        for name in FileSystem.names(in: directory).sorted() where isEnvironment(name) {
            let file = directory.appending(name)
            guard let data = try FileSystem.read(file, limit: 2 << 20) else { continue }
            let (environment, findings) = EnvironmentParser.parse(file: file.string, bytes: Array(data))
            diagnostics += findings
            if let environment {
                files.append(EnvironmentFile(environment: environment, text: String(decoding: data, as: UTF8.self)))
            }
        }
        return (files, diagnostics)
    }

    static func isEnvironment(_ name: String) -> Bool {
        !name.hasPrefix(".") && (name.hasSuffix(".yml") || name.hasSuffix(".yaml"))
    }
}
