import ArgumentParser
import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// Which daemon a command speaks with, and as whom.
struct ReachOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "unix:///PATH or http(s)://HOST:PORT. Default: $RUNNER_SERVER, else the daemon of this machine."
    )
    var server: String?

    @Option(name: .long, help: "A file with the token. Default: $RUNNER_TOKEN. A socket needs none.")
    var serverTokenFile: String?

    @Option(name: .long, help: "A PEM file of authorities to believe, where the system's do not do.")
    var serverAuthorities: String?

    /// Speaks with the daemon, and hangs up whatever happens.
    func call<Answer>(_ body: (RunnerClient) async throws -> Answer) async throws -> Answer {
        try await RunnerClient.with(address(), body)
    }

    func address() throws -> ServerAddress {
        guard let text = server ?? Self.variable("RUNNER_SERVER") else { return .socket(try Self.usualSocket()) }
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            return .remote(text, token: try token(), authorities: serverAuthorities)
        }
        guard let path = Self.socketPath(text) else {
            throw RunnerError(
                .input,
                "cannot reach a daemon at `\(text)`",
                why: "it is neither unix:///PATH nor http(s)://HOST:PORT"
            )
        }
        return .socket(path)
    }

    /// A path for the daemon to open. Where it is on this machine, one that holds wherever it works.
    func path(_ path: String) throws -> String {
        guard case .socket = try address(), !path.hasPrefix("~/") else { return path }
        return FilePath(path).absolute.string
    }

    private func token() throws -> String? {
        guard let serverTokenFile else { return Self.variable("RUNNER_TOKEN") }
        guard let data = try FileSystem.read(FilePath(serverTokenFile), limit: 64 << 10) else {
            throw RunnerError(.input, "cannot read `\(serverTokenFile)`", why: "there is no such file")
        }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(String.init)
    }

    private static func socketPath(_ text: String) -> String? {
        for prefix in ["unix://", "unix:", ""] where text.hasPrefix("\(prefix)/") {
            return String(text.dropFirst(prefix.count))
        }
        return nil
    }

    /// The first socket that is there: of the state directory that was named, of a service, of this user.
    private static func usualSocket() throws -> String {
        let states = [LocalProject.stateOfEnvironment(), StateDirectory("/run/runner"), LocalProject.usualState()]
        let paths = states.compactMap { $0?.path.appending("runner.sock") }
        if let path = paths.first(where: FileSystem.exists) { return path.string }
        throw RunnerError(
            .errored,
            "cannot find a daemon",
            why: "there is none of \(paths.map(\.string).joined(separator: ", "))",
            hint: "`runner serve` starts one here, `--server` names another"
        )
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
