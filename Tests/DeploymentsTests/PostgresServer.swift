import FoundationEssentials
import Glibc
import RunnerExecution
import RunnerStore
import Synchronization
import SystemPackage

/// A PostgreSQL of the tests, which all that run at the same time share; each has a database of its own.
final class PostgresServer: Sendable {
    static let password = "p@ss/w:rd%'1"

    let port: Int
    private let process: ServerProcess
    private let directory: DataScratch

    private struct Shared: @unchecked Sendable {
        // Only ever touched inside of the lock below.
        weak var server: PostgresServer?
    }

    private static let shared = Mutex(Shared())

    static func running() throws -> PostgresServer {
        try shared.withLock { shared in
            if let server = shared.server { return server }
            let server = try PostgresServer()
            shared.server = server
            return server
        }
    }

    private init() throws {
        directory = try DataScratch()
        let path = directory.path
        port = try ServerProcess.freePort()
        let versions = FileSystem.names(in: "/usr/lib/postgresql")
        guard let version = versions.max(by: { Int($0) ?? 0 < Int($1) ?? 0 }) else {
            throw FixtureFailure(description: "there is no PostgreSQL: scripts/setup test installs it")
        }
        try directory.write(["password": Self.password])
        let programs = "/usr/lib/postgresql/\(version)/bin"
        let data = path.appending("data").string
        try Self.own(path)
        let prepared = Self.launch(
            "\(programs)/initdb",
            [
                "--pgdata", data, "--username", "runner", "--auth", "scram-sha-256", "--pwfile", "\(path)/password",
                "--no-sync", "--locale", "C", "--encoding", "UTF8",
            ]
        )
        let (code, output) = ProgramOutput.capture(prepared.executable, prepared.arguments)
        guard code == 0 else { throw FixtureFailure(description: "initdb: \(output)") }
        let options = ["-D", data, "-F", "-k", path.string, "-h", "127.0.0.1", "-p", "\(port)"]
        let settings = ["-c", "max_connections=60", "-c", "shared_buffers=16MB"]
        process = try ServerProcess(
            Self.launch("\(programs)/postgres", options + settings),
            port: port,
            log: path.appending("log")
        )
    }

    /// PostgreSQL refuses to run as root.
    private static func launch(_ program: String, _ arguments: [String]) -> Launch {
        let isRoot = geteuid() == 0
        let drop = ["--reuid=postgres", "--regid=postgres", "--clear-groups", program]
        return Launch(
            executable: FilePath(isRoot ? "/usr/bin/setpriv" : program),
            arguments: isRoot ? drop + arguments : arguments,
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C"]
        )
    }

    private static func own(_ path: FilePath) throws {
        guard geteuid() == 0, let user = getpwnam("postgres") else { return }
        for file in [path, path.appending("password")] {
            try checked("give away", file) { chown(file.string, user.pointee.pw_uid, user.pointee.pw_gid) }
        }
    }
}

/// An empty database of a test.
final class TestDatabase: Sendable {
    private let server: PostgresServer
    let name = "test_\(UniqueName.make())"

    init() throws {
        server = try PostgresServer.running()
        try Self.ask(server, "postgres", "create database \(name)")
    }

    var port: Int { server.port }

    /// As a secret would hold it.
    var url: String { "postgres://runner:p%40ss%2Fw%3Ard%25%271@127.0.0.1:\(server.port)/\(name)" }

    /// For scripts.
    var variables: [String: String] {
        [
            "PGHOST": "127.0.0.1", "PGPORT": "\(server.port)", "PGUSER": "runner", "PGDATABASE": name,
            "PGPASSWORD": PostgresServer.password, "PATH": "/usr/bin:/bin",
        ]
    }

    /// What a query prints, rows parted by blanks.
    @discardableResult
    func ask(_ query: String) throws -> String { try Self.ask(server, name, query) }

    /// Asks again until the answer is so.
    func wait(for query: String, _ wanted: String = "t") async throws {
        for _ in 0..<1000 {
            if try ask(query) == wanted { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw FixtureFailure(description: "after 10 s still not \(wanted): \(query)")
    }

    @discardableResult
    private static func ask(_ server: PostgresServer, _ database: String, _ query: String) throws -> String {
        // These are the tests' own, for which anybody may see the password.
        let variables = ["PGPASSWORD=\(PostgresServer.password)", "PGOPTIONS=-c client_min_messages=warning"]
        let arguments = ["psql", "-XAtq", "-h", "127.0.0.1", "-p", "\(server.port)", "-U", "runner", "-d", database]
        let (code, output) = ProgramOutput.capture("/usr/bin/env", variables + arguments + ["-c", query])
        guard code == 0 else { throw FixtureFailure(description: "\(query): \(output)") }
        return output
    }
}
