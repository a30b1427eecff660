import FoundationEssentials
import Git
import Glibc
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// The `git` program as the one that speaks with a remote: no settings of a user or the system, no questions, and no
/// secret in its arguments.
struct GitProgram {
    let url: RepositoryURL
    let access: RemoteAccess
    /// Whether `access.knownHosts` alone decides; else ssh looks in all of its usual places.
    let believesOnlyKnownHosts: Bool

    func list(onProgress: () -> Void) throws(GitError) -> RemoteListing {
        let operation = "list the refs of \(url)"
        let output = try run(["ls-remote", "--symref", "--", url.text], operation, onProgress)
        var listing = RemoteListing()
        for line in output.split(separator: UInt8(ascii: "\n")) {
            // Names that are not valid UTF-8 are left out.
            guard let text = String(validating: line, as: UTF8.self) else { continue }
            let fields = text.split(separator: "\t", maxSplits: 1)
            guard fields.count == 2 else { continue }
            if fields[0].hasPrefix("ref: ") {
                if fields[1] == "HEAD" { listing.defaultBranch = String(fields[0].dropFirst(5)) }
                continue
            }
            guard let object = ObjectID(fields[0]) else {
                throw GitError(.unsupported, operation, "its object format is not `sha1`, the one we know")
            }
            listing.add(String(fields[1]), object)
        }
        return listing
    }

    func fetch(
        into mirror: FilePath,
        refspecs: [String],
        prune: Bool,
        onProgress: () -> Void
    ) throws(GitError) {
        let options = [
            "--git-dir=\(mirror)", "fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance",
            "--no-recurse-submodules", prune ? "--prune" : "--no-prune",
        ]
        _ = try run(options + ["--", url.text] + refspecs, "fetch \(url)", onProgress)
    }
}

// MARK: - Environment

extension GitProgram {
    /// The whole environment of the program.
    func environment() -> [String: String] {
        var environment = NetworkEnvironment.inherited()
        environment["GIT_TERMINAL_PROMPT"] = "0"
        environment["GIT_CONFIG_NOSYSTEM"] = "1"
        environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
        environment["GIT_PROTOCOL_FROM_USER"] = "0"
        environment["GIT_SSH_COMMAND"] = sshCommand
        let settings = self.settings
        environment["GIT_CONFIG_COUNT"] = String(settings.count)
        for (index, (key, value)) in settings.enumerated() {
            environment["GIT_CONFIG_KEY_\(index)"] = key
            environment["GIT_CONFIG_VALUE_\(index)"] = value
        }
        return environment
    }

    private var settings: [(key: String, value: String)] {
        var settings = [("gc.auto", "0"), ("maintenance.auto", "false"), ("core.hooksPath", "/dev/null")]
        if let header, let scope {
            settings.append(("http.\(scope).extraHeader", header))
            // A token follows no redirect, which may lead anywhere.
            settings.append(("http.followRedirects", "false"))
        }
        return settings
    }

    /// The host that gets the token, and no other: `https://git.example.com:8443/`.
    private var scope: String? {
        let (scheme, remote): (String, RepositoryURL.Remote)
        switch url.kind {
        case .https(let place): (scheme, remote) = ("https", place)
        case .http(let place): (scheme, remote) = ("http", place)
        case .local, .ssh, .git: return nil
        }
        let host = remote.host.contains(":") ? "[\(remote.host)]" : remote.host
        return "\(scheme)://\(host)\(remote.port.map { ":\($0)" } ?? "")/"
    }

    private var proof: String? {
        access.token.map { Data("\(access.user ?? url.remote?.user ?? "git"):\($0)".utf8).base64EncodedString() }
    }

    private var header: String? { proof.map { "Authorization: Basic \($0)" } }

    /// Read by a shell, and its paths by ssh.
    private var sshCommand: String {
        var options = ["BatchMode=yes", "StrictHostKeyChecking=yes"]
        if believesOnlyKnownHosts {
            options += ["UserKnownHostsFile=\(Self.ssh(access.knownHosts))", "GlobalKnownHostsFile=/dev/null"]
        }
        if let key = access.sshKey {
            options += ["IdentitiesOnly=yes", "IdentityAgent=none", "IdentityFile=\(Self.ssh(key))"]
        }
        if url.remote?.user == nil { options.append("User=\(access.user ?? "git")") }
        return (["ssh"] + options.map { Self.shell("-o\($0)") }).joined(separator: " ")
    }

    private static func ssh(_ path: FilePath) -> String {
        "\"" + path.string.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%") + "\""
    }

    private static func shell(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }
}

// MARK: - Process

extension GitProgram {
    /// Runs git to its end and returns what it printed. Must be called on a thread that outlives it.
    private func run(
        _ arguments: [String],
        _ operation: String,
        _ onProgress: () -> Void
    ) throws(GitError) -> [UInt8] {
        guard let git = Programs.find("git") else {
            throw GitError(.unsupported, operation, "there is no `git` on this machine", hint: "install git")
        }
        let launch = Launch(
            executable: git,
            arguments: arguments,
            environment: environment(),
            directory: "/",
            guarding: .everything
        )
        let end: PipedProgram.End
        do throws(SystemFailure) {
            end = try PipedProgram.run(launch, onErrors: onProgress)
        } catch {
            throw GitError(.other, operation, error.description)
        }
        guard end.status == 0 else { throw GitError(.other, operation, cause(of: end), hint: hint) }
        return end.output
    }

    /// What git and ssh said, without progress, banners and secrets.
    private func cause(of end: PipedProgram.End) -> String {
        let lines = String(decoding: end.errors, as: UTF8.self)
            .split(whereSeparator: \.isNewline)
            .map { $0.split(separator: " ").joined(separator: " ") }
            .filter { !$0.isEmpty && !$0.hasPrefix("@") }
        var text = lines.joined(separator: "; ")
        for secret in [access.token, proof].compactMap(\.self) where !secret.isEmpty {
            text = text.replacing(secret, with: "***")
        }
        return text.isEmpty ? "git ended with exit code \(end.status)" : String(text.prefix(800))
    }

    private var hint: String? {
        guard case .ssh(let remote) = url.kind else { return nil }
        let port = remote.port.map { "-p \($0) " } ?? ""
        let known = believesOnlyKnownHosts ? " (host keys are in \(access.knownHosts))" : ""
        return "as the runner's user: ssh -v \(port)\(remote.user ?? access.user ?? "git")@\(remote.host)\(known)"
    }
}
