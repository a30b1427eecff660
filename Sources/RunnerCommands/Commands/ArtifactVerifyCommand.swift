import ArgumentParser
import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

struct ArtifactVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare an artifact with what was signed about it.",
        discussion: """
            `runner artifact verify RUN NAME` looks at every byte where it is kept. `runner artifact verify DIRECTORY \
            --provenance FILE --key PEM` needs neither daemon nor state. What differs is exit code 1.
            """
    )

    @Argument(help: "A run's number and an artifact's name; or a directory.")
    var what: [String]

    @Option(name: .long, help: "What was signed, as `runner artifact get --provenance` wrote it.")
    var provenance: String?

    @Option(name: .long, help: "A file with the public keys to believe, as `runner artifact key` prints them.")
    var key: String?

    @OptionGroup var options: ArtifactOptions

    mutating func validate() throws {
        if (provenance == nil) != (key == nil) { throw ValidationError("--provenance and --key need each other") }
        guard what.count == (provenance == nil ? 2 : 1) else {
            throw ValidationError("name a run and an artifact, or a directory with --provenance and --key")
        }
        if provenance == nil, RunNumber(argument: what[0]) == nil {
            throw ValidationError("`\(what[0])` is no run's number")
        }
    }

    mutating func run() async throws {
        let verdict = try await verdict()
        if options.daemon.json {
            try Console.document(verdict)
        } else {
            show(verdict)
        }
        if !verdict.isGood { throw CommandEnd(code: .failed) }
    }

    private func verdict() async throws -> ArtifactVerdictView {
        if let provenance, let key { return try offline(FilePath(what[0]).absolute, provenance, key) }
        guard let run = RunNumber(argument: what[0]) else { throw ValidationError("`\(what[0])` is no run's number") }
        let name = what[1]
        _ = try await options.with { try await ArtifactDownload.parts(of: run, name, in: $0) }
        if options.local { return try options.localArtifacts.verify(name, of: run) }
        return try await options.daemon.reach.call { try await $0.verify(name, of: run) }
    }

    private func offline(_ directory: FilePath, _ provenance: String, _ key: String) throws -> ArtifactVerdictView {
        guard FileSystem.isDirectory(directory) else {
            throw RunnerError(.input, "cannot verify `\(directory)`", why: "there is no such directory")
        }
        let keys = try Self.keys(in: String(decoding: Self.read(key), as: UTF8.self))
        var statements: [ProvenanceStatement] = []
        var findings: [ArtifactFinding] = []
        let lines = try Self.read(provenance).split(separator: UInt8(ascii: "\n"))
        for line in lines.isEmpty ? [nil] : lines.map(Optional.some) {
            let (statement, problems) = ArtifactInspection.open(line.map { Data($0) }, keys: keys)
            findings += problems
            if let statement { statements.append(statement) }
        }
        let manifest = try ArtifactManifest(of: directory)
        if findings.isEmpty { findings += try ArtifactInspection.compare(statements, with: manifest) }
        return ArtifactVerdictView(
            name: statements.first?.predicate.buildDefinition.externalParameters.artifact ?? what[0],
            files: manifest.files.count,
            bytes: manifest.files.reduce(0) { $0 + $1.bytes },
            findings: findings.map { .init(kind: $0.kind.rawValue, stage: nil, file: $0.file, words: $0.words) }
        )
    }

    private func show(_ verdict: ArtifactVerdictView) {
        for finding in verdict.findings {
            let place = finding.file.map { "\($0): " } ?? ""
            Console.result("\(finding.kind): \(place)\(finding.words)".forTerminal)
        }
        let size = "\(verdict.files) files, \(ByteCount.words(verdict.bytes))"
        Console.error("\(verdict.name): \(verdict.isGood ? "as signed" : "not as signed"), \(size)".forTerminal)
    }

    private static func read(_ path: String) throws -> Data {
        guard let data = try FileSystem.read(FilePath(path).absolute, limit: 1 << 30) else {
            throw RunnerError(.input, "cannot read `\(path)`", why: "there is no such file")
        }
        return data
    }

    /// One or several after each other.
    private static func keys(in text: String) throws -> [ProvenanceKeys.PublicKey] {
        let end = "-----END PUBLIC KEY-----"
        let parts = text.split(separator: end).filter { $0.contains("BEGIN") }.map { "\($0)\(end)\n" }
        return try (parts.isEmpty ? [text] : parts).map(ProvenanceKeys.PublicKey.init)
    }
}

struct ArtifactKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Print the public keys that statements about artifacts are signed with, as PEM.",
        discussion: "The one in use first; those before it stay, so that what they signed can still be verified."
    )

    @Flag(
        name: .long,
        help: "Sign with a new key from now on. Needs `--local`: it is made where the state directory is."
    )
    var rotate = false

    @OptionGroup var options: ArtifactOptions

    mutating func validate() throws {
        if rotate, !options.local { throw ValidationError("--rotate needs --local") }
    }

    mutating func run() async throws {
        let keys: [ArtifactKeyView]
        if options.local {
            let known = ProvenanceKeys(try options.localArtifacts.state)
            if rotate { _ = try known.rotate() }
            keys = try known.publicKeys().enumerated().map { index, key in
                ArtifactKeyView(id: key.id.description, pem: key.pem, isInUse: index == 0)
            }
        } else {
            keys = try await options.daemon.reach.call { try await $0.artifactKeys() }.items
        }
        if options.daemon.json { return try Console.document(Page(keys)) }
        Console.result(keys.map(\.pem).joined().trimmingSuffix { $0.isNewline })
    }
}

extension String {
    fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, isDropped(last) { text.removeLast() }
        return String(text)
    }
}
