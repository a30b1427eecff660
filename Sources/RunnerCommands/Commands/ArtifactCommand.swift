import ArgumentParser
import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// `runner artifact`: what stages of a run handed on.
struct ArtifactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifact",
        abstract: "List, get and verify the artifacts of runs.",
        subcommands: [
            ArtifactListCommand.self, ArtifactGetCommand.self, ArtifactVerifyCommand.self, ArtifactKeyCommand.self,
        ]
    )
}

/// Where a command finds artifacts: a daemon, or a state directory of this machine.
struct ArtifactOptions: ParsableArguments {
    @OptionGroup var daemon: DaemonOptions

    @Flag(name: .long, help: "Of a run of `runner local`, in the state directory.")
    var local = false

    @Option(
        name: .long,
        help: "The state directory, with `--local`. Default: $RUNNER_STATE, else ~/.local/state/runner."
    )
    var state: String?

    func validate() throws {
        if state != nil, !local { throw ValidationError("--state needs --local: a daemon has its own") }
    }

    var localArtifacts: LocalArtifacts {
        get throws {
            var places = PlaceOptions()
            places = try PlaceOptions.parse(state.map { ["--state", $0] } ?? [])
            return LocalArtifacts(state: try places.stateDirectory())
        }
    }

    func with<T>(_ body: (any ArtifactSource) async throws -> T) async throws -> T {
        if local { return try await body(localArtifacts) }
        return try await daemon.reach.call { try await body(RemoteArtifacts(client: $0)) }
    }
}

struct ArtifactListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the artifacts of a run.")

    @Argument(help: "The run's number.")
    var run: RunNumber

    @OptionGroup var options: ArtifactOptions

    mutating func run() async throws {
        let artifacts = try await options.with { try await $0.artifacts(of: run) }
        if options.daemon.json { return try Console.document(Page(artifacts)) }
        guard !artifacts.isEmpty else { return Console.error("run \(run) has no artifacts") }
        let paint = Paint.ofOutput
        let rows = artifacts.map { artifact -> [TextTable.Cell] in
            let state = artifact.isThere ? artifact.provenance == nil ? "not signed" : "signed" : "cleaned up"
            return [
                .init(artifact.name, paint: paint.bold), .init(artifact.stage), .init("\(artifact.files)"),
                .init(ByteCount.words(artifact.bytes)), .init(String(artifact.digest.prefix(10)), paint: paint.dim),
                .init(state),
            ]
        }
        Console.table(TextTable(["NAME", "STAGE", "FILES", "SIZE", "DIGEST", "STATE"], rows: rows))
    }
}

struct ArtifactGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Get an artifact of a run, every byte verified.",
        discussion: "The directory appears when all of it is there. Of a matrix, what all cells made is laid together."
    )

    /// What `--json` prints.
    struct Document: Encodable {
        let name: String
        let directory: String
        let files: Int
        let bytes: Int64
    }

    @Argument(help: "The run's number.")
    var run: RunNumber

    @Argument(help: "The artifact's name.")
    var name: String

    @Option(name: .shortAndLong, help: "The directory to make. Default: the artifact's name.")
    var output: String?

    @Option(name: .long, help: "Instead, write a tar archive to this file; `-` is standard output.")
    var tar: String?

    @Option(name: .long, help: "Also write what was signed about it to this file, a statement on each line.")
    var provenance: String?

    @Flag(name: .shortAndLong, help: "Replace a directory that is not empty.")
    var force = false

    @OptionGroup var options: ArtifactOptions

    mutating func validate() throws {
        if output != nil, tar != nil { throw ValidationError("--output and --tar exclude each other") }
        if tar == "-", options.daemon.json { throw ValidationError("--tar - and --json both want standard output") }
    }

    mutating func run() async throws {
        let command = self
        let contents = try await options.with { source in try await command.get(from: source) }
        let place = tar ?? output ?? name
        if options.daemon.json {
            let files = contents.manifest.files.count
            return try Console.document(Document(name: name, directory: place, files: files, bytes: contents.bytes))
        }
        let size = "\(contents.manifest.files.count) files, \(ByteCount.words(contents.bytes))"
        Console.error("\(name) of run \(run): \(size) in \(place == "-" ? "the archive" : place)".forTerminal)
    }

    private func get(from source: any ArtifactSource) async throws -> ArtifactDownload.Contents {
        let download = ArtifactDownload(source: source, run: run, name: name)
        let contents = try await download.contents()
        if let provenance {
            let statements = try await download.statements(contents)
            guard !statements.isEmpty else {
                throw RunnerError(.input, "cannot write `\(provenance)`", why: "nothing was signed about the artifact")
            }
            try FileSystem.write(statements, to: FilePath(provenance).absolute)
        }
        if let tar {
            try await write(contents, download, asTar: tar)
        } else {
            try await download.write(contents, to: FilePath(output ?? name).absolute, replacing: force)
        }
        return contents
    }

    private func write(_ contents: ArtifactDownload.Contents, _ download: ArtifactDownload, asTar tar: String)
        async throws
    {
        if tar == "-" { return try await download.write(contents, to: TarStream(fd: STDOUT_FILENO)) }
        let target = FilePath(tar).absolute
        let aside = target.removingLastComponent().appending(".\(UniqueName.make())")
        let fd = try checked("create", aside) { open(aside.string, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644) }
        defer { close(fd) }
        do {
            try await download.write(contents, to: TarStream(fd: fd))
            try FileSystem.rename(aside, to: target)
        } catch {
            unlink(aside.string)
            throw error
        }
    }
}
