import RunnerCore

/// How `ssh` is called for a host: it never asks, never takes an unknown key, and what it takes from its user's own file
/// cannot add forwardings or other commands.
struct SSHArguments: Sendable {
    let host: SSHHost
    /// The socket of the connection that commands share.
    let socket: String

    /// Checks what could be taken for an option or for another destination.
    init(_ host: SSHHost, socket: String) throws(DeployFailure) {
        for (name, value) in [("host", host.host), ("user", host.user ?? "x")] {
            let isClean = value.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != "/" }
            guard !value.isEmpty, !value.hasPrefix("-"), isClean, !value.contains("@") else {
                throw DeployFailure(.input, "\(value.quoted) cannot be the name of a \(name)")
            }
        }
        for file in [host.identity, host.knownHosts].compactMap(\.self)
        where file.contains(where: { "\"\n\r\0".contains($0) }) {
            throw DeployFailure(.input, "\(file.quoted) cannot be the name of a file for ssh")
        }
        self.host = host
        self.socket = socket
    }

    /// Of the command that connects: it stays in the background for a while, and others go through its socket.
    var connecting: [String] { options(["ControlMaster=yes", "ControlPersist=30"]) + ["--", host.host, "exec true"] }

    func running(_ command: String) -> [String] { options(["ControlMaster=no"]) + ["--", host.host, command] }

    private func options(_ special: [String]) -> [String] {
        var options = [
            "BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "ConnectTimeout=10",
            "ConnectionAttempts=1",
            "ServerAliveInterval=5", "ServerAliveCountMax=3", "LogLevel=ERROR", "ControlPath=\(Self.escaped(socket))",
            "ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no", "PermitLocalCommand=no",
            "RemoteCommand=none",
        ]
        if let identity = host.identity {
            options += ["IdentitiesOnly=yes", "IdentityFile=\"\(Self.escaped(identity))\""]
        }
        if let file = host.knownHosts {
            options += ["UserKnownHostsFile=\"\(Self.escaped(file))\"", "GlobalKnownHostsFile=/dev/null"]
        }
        if let user = host.user { options.append("User=\(user)") }
        if let port = host.port { options.append("Port=\(port)") }
        return ["-T"] + (options + special).flatMap { ["-o", $0] }
    }

    /// A percent sign would begin a placeholder.
    private static func escaped(_ path: String) -> String { path.replacing("%", with: "%%") }
}

extension SSHHost {
    /// As a person writes it: `deploy@web-1.example:2222`.
    var words: String { (user.map { "\($0)@" } ?? "") + host + (port.map { ":\($0)" } ?? "") }

    /// Why there is no connection, in `ssh`'s own words. What they mean decides nothing, it only picks the advice.
    func failure(_ errors: [String]) -> DeployFailure {
        // Each of its warnings about a changed key is a page long; the name of the file is in the middle of it.
        let lines = errors.filter { !$0.hasPrefix("@") }
        return DeployFailure(
            .unreachable,
            "cannot connect to \(words)",
            why: lines.asReason,
            hint: hint(errors.joined())
        )
    }

    private func hint(_ text: String) -> String? {
        let file = knownHosts ?? "~/.ssh/known_hosts"
        let known = "ssh-keyscan\(port.map { " -p \($0)" } ?? "") \(host)"
        if text.contains("IDENTIFICATION HAS CHANGED") {
            return "find out why its key is another one before you replace it in \(file)"
        }
        if text.contains("Host key verification failed") || text.contains("host key is known") {
            return "add its key to \(file), as `\(known)` prints it, after comparing it with the host's own"
        }
        if text.contains("Permission denied") || text.contains("Too many authentication failures") {
            return "add the public half of \(identity ?? "a key of the daemon's user") to its authorized_keys"
        }
        if text.contains("resolve hostname") { return "is the name right? `getent hosts \(host)` looks it up" }
        if text.contains("timed out") || text.contains("refused") || text.contains("No route") {
            return "is it up, and does sshd listen at port \(port ?? 22)?"
        }
        return nil
    }
}
