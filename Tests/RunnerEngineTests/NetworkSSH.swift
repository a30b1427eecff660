import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// An ssh server with a host key and one authorized key of its own.
final class SSHServer: Sendable {
    let server: LoopbackServer
    let directory: FilePath
    /// As a `known_hosts` has it: type and key.
    let hostKey: String

    var userKey: String { directory.appending("user").string }

    init(_ fixture: NetworkFixture) throws {
        directory = fixture.directory
        // sshd of root wants its directory, which a service manager makes elsewhere.
        if geteuid() == 0 { try FileSystem.makeDirectories("/run/sshd") }
        let port = try Loopback.freePort()
        try fixture.shell(
            """
            ssh-keygen -q -t ed25519 -N '' -C '' -f host; ssh-keygen -q -t ed25519 -N '' -C '' -f user
            ssh-keygen -q -t ed25519 -N '' -C '' -f other; cp user.pub authorized
            """
        )
        hostKey = try fixture.shell("cut -d' ' -f1,2 host.pub")
        let configuration = """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(directory)/host
            AuthorizedKeysFile \(directory)/authorized
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin yes
            PasswordAuthentication no

            """
        let path = try fixture.write(configuration, to: "sshd_config")
        server = try LoopbackServer.start("sshd", ["-D", "-e", "-f", path], port: port, in: directory)
    }

    var place: String { "[127.0.0.1]:\(server.port)" }

    func definition(
        _ transport: RepositoryDefinition.Transport,
        knownHosts: String
    ) throws -> RepositoryDefinition {
        let path = directory.appending("known_hosts")
        try FileSystem.write(Data(knownHosts.utf8), to: path)
        let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "root"
        return RepositoryDefinition(
            name: "web",
            url: "ssh://\(user)@127.0.0.1:\(server.port)\(directory)/remote.git",
            transport: transport,
            credentials: RepositoryDefinition.Credentials(sshKey: userKey, knownHosts: path.string)
        )
    }
}
