import Deployments
import Foundation
import Glibc
import RunnerCore
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SSHConnectionsTests {
    @Test func `ten commands on a host cost one handshake`() async throws {
        let server = try SSHServer()
        let shell = HostShell(.ssh(server.host()))
        for _ in 0..<5 { try await shell.run(Script("true")) }
        try await withThrowingTaskGroup { group in
            for _ in 0..<5 { group.addTask { try await shell.run(Script("true")) } }
            try await group.waitForAll()
        }
        #expect(try server.logins() == 1)
    }

    @Test func `commands that begin together share a connection, too`() async throws {
        let server = try SSHServer()
        let shell = HostShell(.ssh(server.host()))
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 { group.addTask { try await shell.run(Script("true")) } }
            try await group.waitForAll()
        }
        #expect(try server.logins() == 1)
    }

    @Test func `a command that takes too long leaves the others on its connection alone`() async throws {
        let server = try SSHServer()
        let shell = HostShell(.ssh(server.host()))
        async let other = shell.run(Script("sleep 3; echo done"))
        let failure = await #expect(throws: DeployFailure.self) {
            try await shell.run(Script("sleep 300", timeout: .seconds(1)))
        }
        #expect(failure?.kind == .timedOut)
        #expect(try await other.lines == ["done"])
    }

    @Test func `a host that takes connections and never answers is given up`() async throws {
        let silent = try SilentServer()
        let server = try SSHServer()
        let start = ContinuousClock.now
        let failure = await #expect(throws: DeployFailure.self) {
            try await HostShell(.ssh(server.host(port: silent.port))).run(Script("true", timeout: .seconds(1)))
        }
        #expect(failure?.kind == .timedOut)
        #expect(failure?.what.hasPrefix("cannot connect to ") == true)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test func `waiting for a host that never answers can be canceled`() async throws {
        let silent = try SilentServer()
        let server = try SSHServer()
        let shell = HostShell(.ssh(server.host(port: silent.port)))
        let start = ContinuousClock.now
        await withTaskGroup { group in
            for _ in 0..<2 {
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await shell.run(Script("true", timeout: .seconds(50)))
                    }
                }
            }
            group.cancelAll()
        }
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test func `an unknown host key is refused, with advice`() async throws {
        let server = try SSHServer()
        let failure = await #expect(throws: DeployFailure.self) {
            try await HostShell(.ssh(server.host(knownHosts: "no_hosts"))).run(Script("true"))
        }
        #expect(failure?.kind == .unreachable)
        #expect(failure?.hint?.hasPrefix("add its key to \(server.scratch.path)/no_hosts, as `ssh-keyscan -p") == true)
        #expect(try server.scratch.read("no_hosts") == "")
    }

    @Test func `a changed host key is refused, with other advice`() async throws {
        let server = try SSHServer()
        let failure = await #expect(throws: DeployFailure.self) {
            try await HostShell(.ssh(server.host(knownHosts: "changed_hosts"))).run(Script("true"))
        }
        #expect(failure?.kind == .unreachable)
        #expect(failure?.hint?.hasPrefix("find out why its key is another one") == true)
    }

    @Test func `a user's key that is not let in is refused`() async throws {
        let server = try SSHServer()
        let failure = await #expect(throws: DeployFailure.self) {
            try await HostShell(.ssh(server.host(key: "stranger"))).run(Script("true"))
        }
        #expect(failure?.kind == .unreachable)
        #expect(failure?.why?.contains("Permission denied") == true)
        #expect(failure?.hint?.contains("authorized_keys") == true)
    }

    @Test func `a port where nobody listens is no host`() async throws {
        let server = try SSHServer()
        let failure = await #expect(throws: DeployFailure.self) {
            try await HostShell(.ssh(server.host(port: try Loopback.freePort()))).run(Script("true"))
        }
        #expect(failure?.kind == .unreachable)
        #expect(failure?.why?.contains("Connection refused") == true)
    }

    @Test func `a connection that breaks is no exit code, and the next command makes a new one`() async throws {
        let server = try SSHServer()
        let shell = HostShell(.ssh(server.host()))
        let heard = "/tmp/runner-heard-\(UInt64.random(in: 0 ... .max))"
        defer { unlink(heard) }
        let failure = await #expect(throws: DeployFailure.self) {
            // Not before its word has come here: what is still on the way goes with the connection.
            let script = "echo begun; while [ ! -e \"$HEARD\" ]; do sleep 0.02; done; kill -9 $PPID; sleep 300"
            try await shell.run(Script(script), environment: ["HEARD": heard]) { line in
                if line == "begun" { _ = FileManager.default.createFile(atPath: heard, contents: nil) }
            }
        }
        #expect(failure?.kind == .lost)
        #expect(failure?.why?.contains("begun") == true)
        #expect(try await shell.run(Script("echo again")).lines == ["again"])
    }

    @Test(arguments: ["-oProxyCommand=id", "", "a b", "x@y", "ssh://x"])
    func `what could be an option or another place is no host`(name: String) async throws {
        let failure = await #expect(throws: DeployFailure.self) {
            try await HostShell(.ssh(SSHHost(host: name))).run(Script("true"))
        }
        #expect(failure?.kind == .input)
    }
}
