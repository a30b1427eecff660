import Glibc
package import RunnerCore
import RunnerExecution
package import SystemPackage

/// A shell script on this machine. Its environment is what is given and nothing else; only `PATH` has a default.
package struct LocalScript: Sendable {
    private static let usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    package var text: String
    package var directory: FilePath
    package var environment: [String: String]
    package var timeout: Duration

    package init(_ script: Script, directory: FilePath, environment: [String: String]) {
        self.init(text: script.text, directory: directory, environment: environment, timeout: script.timeout)
    }

    package init(text: String, directory: FilePath, environment: [String: String], timeout: Duration) {
        self.text = text
        self.directory = directory
        self.environment = environment
        self.timeout = timeout
    }

    /// Runs it to its end; `onLine` gets what it prints, errors too, while it does. Throws `TimeUp` and
    /// `CancellationError` after it and all that it started were killed.
    package func run(onLine: @escaping @Sendable (String) -> Void = { _ in }) async throws -> ScriptEnd {
        try await BoundedWork.run(within: timeout) { try run($0, onLine: onLine) }
    }

    /// As part of a longer work, which bounds it.
    func run(_ work: BoundedWork, onLine: (String) -> Void) throws -> ScriptEnd {
        let child = try PipedChild(launch, work)
        var end = ScriptEnd()
        var (output, errors) = (LineCutter(), LineCutter())
        let take = { (line: String) in
            end.remember(line)
            onLine(line)
        }
        while true {
            switch try child.next() {
            case .output(let bytes):
                end.keep(bytes)
                output.take(bytes, take)
            case .errors(let bytes): errors.take(bytes, take)
            case .ended(let status):
                output.finishRest(take)
                errors.finishRest(take)
                end.status = status
                return end
            }
        }
    }

    /// As `run`, and throws where it fails: `what` could not be done.
    func succeed(_ what: String, _ work: BoundedWork, onLine: (String) -> Void) throws -> ScriptEnd {
        let end = try run(work, onLine: onLine)
        guard end.status == 0 else { throw RunnerError(.errored, what, why: "its script ended with \(end.words)") }
        return end
    }

    private var launch: Launch {
        let bash: String? = ["/bin/bash", "/usr/bin/bash"].first { access($0, X_OK) == 0 }
        let options = bash == nil ? ["-e"] : ["--noprofile", "--norc", "-e", "-o", "pipefail"]
        return Launch(
            executable: FilePath(bash ?? "/bin/sh"),
            arguments: options + ["-c", text],
            environment: environment.merging(["PATH": Self.usualPath]) { given, _ in given },
            directory: directory,
            guarding: .everything
        )
    }
}
