import ArgumentParser
import FoundationEssentials
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// `runner state`: the runner's own state, saved, restored and checked.
struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Save, restore and check a daemon's state directory.",
        discussion: "They work on the directory itself, as the daemon's user.",
        subcommands: [
            StateBackupCommand.self, StateRestoreCommand.self, StateCheckCommand.self, StateDowngradeCommand.self,
        ]
    )
}

struct StateBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Save the state to a file, while the daemon works.",
        discussion: """
            The database as it is at one point in time, what the runs left that had ended by then, artifacts, and which
            commits were pinned. It holds logs and digests of tokens: keep it where only you can read it.
            """
    )

    @Argument(help: "Where to; it appears when it is whole.")
    var file: String

    @OptionGroup var places: PlaceOptions

    @Flag(name: .long, help: "Print one JSON document.")
    var json = false

    mutating func run() async throws {
        let state = try places.daemonState(to: "save the state")
        let summary = try await StateBackup.write(to: FilePath(file).absolute, state: state)
        try BackupText.show(summary, json: json, "saved to \(file)")
    }
}

struct StateRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a state directory from a backup, where there is none.",
        discussion: """
            Every byte is checked before any is used. Runs that had not ended end as `errored`; mirrors, layers and caches
            are made again when they are needed.
            """
    )

    @Argument(help: "The backup.")
    var file: String

    @OptionGroup var places: PlaceOptions

    @Flag(name: .long, help: "Print one JSON document.")
    var json = false

    mutating func run() async throws {
        let state = try places.stateDirectory()
        let summary = try await StateBackup.restore(from: FilePath(file).absolute, to: state)
        try BackupText.show(summary, json: json, "restored to \(state.path)")
    }
}

struct StateCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check that the database and the files beside it agree. Nothing is repaired.",
        discussion: "The exit code is 3 where something is lost or cannot be trusted; what is only left over is 0."
    )

    @Flag(name: .long, help: "Read every byte of every artifact, too.")
    var deep = false

    @OptionGroup var places: PlaceOptions

    @Flag(name: .long, help: "Print one JSON document.")
    var json = false

    private struct Document: Encodable {
        struct Finding: Encodable {
            let severity: StateFinding.Severity
            let path: String
            let words: String
            let hint: String?
        }
        let state: String
        let findings: [Finding]
    }

    mutating func run() async throws {
        let state = try places.daemonState(to: "check the state")
        let database = try RunnerDatabase(at: state.database)
        let findings = try await StateCheck(state, database).run(isDeep: deep)
        try database.close()
        if json {
            let list = findings.map {
                Document.Finding(severity: $0.severity, path: $0.path.string, words: $0.words, hint: $0.hint)
            }
            try Console.document(Document(state: state.path.string, findings: list))
        } else {
            show(findings, state)
        }
        if findings.contains(where: { $0.severity == .error }) { throw CommandEnd(code: .errored) }
    }

    private func show(_ findings: [StateFinding], _ state: StateDirectory) {
        let paint = Paint.ofOutput
        for finding in findings {
            let severity = paint.bold(finding.severity.rawValue)
            Console.result("\(severity): \(finding.words.forTerminal)  \(paint.dim("\(finding.path)".forTerminal))")
            if let hint = finding.hint { Console.result("  try: \(hint.forTerminal)") }
        }
        if findings.isEmpty { Console.result("\(state.path): rows and files agree") }
    }
}

struct StateDowngradeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "downgrade",
        abstract: "Bring the database of a newer runner back to the form that this one knows.",
        discussion: "With the daemon stopped, and after a backup: what only the newer form can hold is lost."
    )

    @OptionGroup var places: PlaceOptions

    @Flag(name: .long, help: "Print one JSON document.")
    var json = false

    mutating func run() async throws {
        let state = try places.daemonState(to: "bring the database back")
        // Held until the end: no daemon may begin meanwhile.
        let lock = try StateLock(state)
        let (from, to) = try RunnerDatabase.downgrade(at: state.database)
        withExtendedLifetime(lock) {}
        if json { return try Console.document(["from": from, "to": to]) }
        Console.result(
            from == to
                ? "the database is of version \(to) already"
                : "the database was of version \(from), and is of \(to) now"
        )
    }
}

/// What a backup holds, for people and as a document.
enum BackupText {
    private struct Document: Encodable {
        let createdAt: Date
        let runs: Int
        let files: Int
        let bytes: Int64
        let notes: [String]
    }

    static func show(_ summary: BackupSummary, json: Bool, _ what: String) throws {
        if json {
            return try Console.document(
                Document(
                    createdAt: summary.createdAt,
                    runs: summary.runs,
                    files: summary.files,
                    bytes: summary.bytes,
                    notes: summary.notes
                )
            )
        }
        for note in summary.notes { Console.error("note: \(note.forTerminal)") }
        let size = ByteCount.words(summary.bytes)
        Console.result("\(what.forTerminal): \(summary.runs) runs, \(summary.files) files, \(size)")
    }
}
