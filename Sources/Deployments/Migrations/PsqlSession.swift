import FoundationEssentials
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// One session of `psql`, and with it one of the database: what holds the lock is what migrates, so that the lock lasts
/// as long as anything of the work does. Of what it is given, files are read where a person will know them again.
final class PsqlSession {
    private let child: PipedChild
    private let scratch: FilePath
    private let say: (String) -> Void
    /// What it echoes where it has done what it was told; unlike anything that a migration prints.
    private let mark = "runner-done-\(UniqueName.make())"
    private var output = LineCutter()
    private var errors = LineCutter()
    private var complaints: [String] = []

    private static let keptComplaints = 50

    /// Connects with the first thing that it is told.
    init(
        _ address: DatabaseAddress,
        lockTimeout: Duration,
        environment given: [String: String],
        scratch: FilePath,
        _ work: BoundedWork,
        say: @escaping (String) -> Void
    ) throws {
        guard let program = Programs.find("psql") else {
            throw RunnerError(
                .errored,
                "cannot reach the database",
                why: "there is no `psql` on this machine",
                hint: "apt-get install postgresql-client"
            )
        }
        self.scratch = scratch
        self.say = say
        var environment = address.variables.merging(["PGAPPNAME": "runner", "PGCONNECT_TIMEOUT": "15"]) { given, _ in
            given
        }
        let options = "-c lock_timeout=\(Int64(lockTimeout.seconds * 1000))"
        environment["PGOPTIONS"] = [environment["PGOPTIONS"] ?? "", options].filter { !$0.isEmpty }
            .joined(separator: " ")
        environment["PGCLIENTENCODING"] = "UTF8"
        environment["LC_ALL"] = "C"
        // Where libpq looks for the passwords and services of a user.
        for name in ["PATH", "HOME"] { environment[name] = given[name] }
        let launch = Launch(
            executable: program,
            // Neither files of the user, nor anything but values; `-f -` makes it name files and lines.
            arguments: [
                "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password", "--field-separator", "\u{1F}",
                "--set", "ON_ERROR_STOP=1", "--set", "VERBOSITY=verbose", "--file", "-",
            ],
            environment: environment,
            directory: scratch,
            guarding: .everything
        )
        child = try PipedChild(launch, takesInput: true, work)
    }

    /// Writes a file for scripts that include it as `\i NAME`.
    func write(_ text: String, as name: String) throws {
        try FileSystem.write(Array(text.utf8), to: scratch.appending(name), mode: 0o600)
    }

    /// The lines that the queries of a script print.
    func ask(_ script: String) throws -> [String] {
        var lines: [String] = []
        try run(script, named: "runner.sql") { lines.append($0) }
        return lines
    }

    /// Runs a script of somebody else; what it prints is said.
    func run(_ script: String) throws { try run(script, named: "runner.sql", onLine: say) }

    /// Throws `PsqlFailure`, after which the session is gone.
    private func run(_ script: String, named name: String, onLine: (String) -> Void) throws {
        try write(script, as: name)
        child.send("\\i '\(name)'\n\\echo \(mark)\n")
        var isDone = false
        while !isDone {
            switch try child.next() {
            case .output(let bytes): output.take(bytes) { $0 == mark ? isDone = true : onLine($0) }
            case .errors(let bytes): errors.take(bytes) { complain($0) }
            case .ended(let status):
                errors.finishRest { complain($0) }
                throw PsqlFailure(complaints, status: status)
            }
        }
    }

    /// Says it to whoever follows the run, but for what only developers of the database can use.
    private func complain(_ line: String) {
        complaints.append(line)
        if complaints.count > Self.keptComplaints { complaints.removeFirst() }
        if line.hasPrefix("LOCATION:") { return }
        guard let message = PsqlLine(line) else { return say(line) }
        say("\(message.file):\(message.line): \(message.severity.map { "\($0): " } ?? "")\(message.message)")
    }
}

extension String {
    /// As a value in SQL.
    var sqlQuoted: String { "'" + replacing("'", with: "''") + "'" }
}
