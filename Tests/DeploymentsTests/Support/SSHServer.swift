import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// An ssh server with a host key, a known_hosts that has it, and a user's key that may enter.
final class SSHServer: Sendable {
    let server: LoopbackServer
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        // sshd of root wants its directory, which a service manager makes elsewhere.
        if geteuid() == 0 { try FileSystem.makeDirectories("/run/sshd") }
        let port = try Loopback.freePort()
        try scratch.shell(
            """
            for name in host user stranger; do ssh-keygen -q -t ed25519 -N '' -C '' -f $name; done
            cp user.pub authorized
            echo "[127.0.0.1]:\(port) $(cut -d' ' -f1,2 host.pub)" > known_hosts
            echo "[127.0.0.1]:\(port) $(cut -d' ' -f1,2 stranger.pub)" > changed_hosts
            : > no_hosts
            """
        )
        let configuration = try scratch.write(
            """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(scratch.path)/host
            AuthorizedKeysFile \(scratch.path)/authorized
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin yes
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            LogLevel INFO

            """,
            to: "sshd_config"
        )
        server = try LoopbackServer("sshd", ["-D", "-e", "-f", configuration.string], port: port, in: scratch.path)
    }

    func host(key: String = "user", knownHosts: String = "known_hosts", port: Int? = nil) -> SSHHost {
        SSHHost(
            user: getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "root",
            host: "127.0.0.1",
            port: port ?? server.port,
            identity: scratch.path.appending(key).string,
            knownHosts: scratch.path.appending(knownHosts).string
        )
    }

    /// How often somebody was let in.
    func logins() throws -> Int { try server.text().components(of: "Accepted publickey") }
}

extension String {
    /// How often a text is in it.
    func components(of text: String) -> Int { ranges(of: text).count }
}

/// The two ways to a target, for tests that must hold for both.
enum Way: String, CaseIterable, CustomStringConvertible {
    case local, ssh

    var description: String { rawValue }
}

/// A target of this machine, by one of the ways.
final class Place: Sendable {
    let host: DeployTarget.Host
    let scratch: Scratch
    private let server: SSHServer?

    init(_ way: Way) throws {
        scratch = try Scratch()
        server = way == .ssh ? try SSHServer() : nil
        host = server.map { .ssh($0.host()) } ?? .local
    }
}
