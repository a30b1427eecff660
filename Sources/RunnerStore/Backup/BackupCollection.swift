import FoundationEssentials
import GRDB
import Git
import Glibc
import RunnerCore
import SystemPackage

/// Gathers what goes into a backup by links in a directory of its own, so that whatever is cleaned up meanwhile stays until
/// it is packed.
struct BackupCollection {
    let state: StateDirectory
    let staging: FilePath
    private(set) var manifest: BackupManifest
    private(set) var notes: [String] = []

    init(state: StateDirectory, staging: FilePath) {
        self.state = state
        self.staging = staging
        // Whole seconds: the list says the same after it was written and read.
        let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
        manifest = BackupManifest(createdAt: now, runs: 0, files: [])
    }

    mutating func collect() async throws {
        try add(staging.appending(BackupManifest.databaseName), as: BackupManifest.databaseName)
        try await writePins()
        try noteSecrets()
        let open = try openRuns()
        for name in FileSystem.names(in: state.runs) {
            guard let run = Int(name).flatMap(RunNumber.init), run.description == name, !open.contains(run) else {
                continue
            }
            // One without a result is being made by somebody who is no daemon.
            guard FileSystem.exists(state.run(run).result) else { continue }
            try addTree("runs/\(name)")
            manifest.runs += 1
        }
        // An artifact's list of files is written after them: so each that is taken has its files.
        try addTree("artifacts/manifests")
        try addTree("artifacts/keep")
        try addTree("artifacts/blobs")
        // The private key stays where it is: after a restore a new one is made, and old statements can be verified.
        for folder in ["artifacts/promotions", "artifacts/provenance", "keys/public"] { try addTree(folder) }
    }

    /// Sealed values are in the database; what opens them is not here.
    private mutating func noteSecrets() throws {
        let queue = try DatabaseQueue(path: staging.appending(BackupManifest.databaseName).string)
        let count = try queue.read { database in
            try database.tableExists("secret")
                ? Int.fetchOne(database, sql: "SELECT COUNT(*) FROM secret WHERE sealed IS NOT NULL") ?? 0 : 0
        }
        try queue.close()
        guard count > 0 else { return }
        notes.append("\(count) secrets are in it, sealed, and not the key that opens them: keep that elsewhere")
    }

    private func openRuns() throws -> Set<RunNumber> {
        let queue = try DatabaseQueue(path: staging.appending(BackupManifest.databaseName).string)
        let open = try queue.read { try Int.fetchAll($0, sql: "SELECT number FROM run WHERE status <> 'finished'") }
        try queue.close()
        return Set(open.compactMap(RunNumber.init))
    }

    /// By mirror and ref, the commits that runs hold on to.
    private mutating func writePins() async throws {
        var pins: [String: [String: String]] = [:]
        for name in FileSystem.names(in: state.repositories) where name.hasSuffix(".git") && !name.hasPrefix(".") {
            do {
                let repository = try Repository(at: state.repositories.appending(name))
                let references = try await repository.references().filter { $0.name.hasPrefix("refs/runner/") }
                if references.isEmpty { continue }
                pins[String(name.dropLast(4))] = Dictionary(
                    references.map { ($0.name, $0.target.description) }
                ) { first, _ in first }
            } catch {
                notes.append("the pins of `\(name)` are left out: \(error)")
            }
        }
        let file = staging.appending("pins.json")
        try JSON.write(pins, to: file)
        try add(file, as: "pins.json")
    }

    private mutating func addTree(_ folder: String) throws {
        let root = state.path.pushing(FilePath(folder))
        guard FileSystem.isDirectory(root) else { return }
        var found: [(String, FilePath)] = []
        var odd = 0
        try DirectoryWalk.visit(root) { entry in
            let base = entry.name.lastIndex(of: UInt8(ascii: "/")).map { entry.name[($0 + 1)...] } ?? entry.name[...]
            // Begun and not done.
            if base.first == UInt8(ascii: ".") { return false }
            switch entry.kind {
            case .directory: return true
            case .file:
                if let name = String(validating: entry.name, as: UTF8.self) {
                    found.append(("\(folder)/\(name)", entry.path(below: root)))
                } else {
                    odd += 1
                }
            case .link, .special: odd += 1
            }
            return false
        }
        if odd > 0 { notes.append("\(odd) links or files with odd names in `\(folder)` are left out") }
        for (name, path) in found {
            let place = staging.pushing(FilePath(name))
            try FileSystem.makeDirectories(place.removingLastComponent())
            if link(path.cString, place.cString) != 0 {
                // Gone meanwhile, with all that belongs to it.
                if errno == ENOENT { continue }
                try FileCopy.file(path, to: place, mode: 0o600)
            }
            try add(place, as: name)
        }
    }

    private mutating func add(_ file: FilePath, as name: String) throws {
        let fd = try checked("open", file) { open(file.cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        defer { close(fd) }
        var status = stat()
        try checked("inspect", file) { fstat(fd, &status) }
        let (digest, bytes) = try DigestStream.read(fd, name: file)
        let isExecutable = status.st_mode & 0o111 != 0
        manifest.files.append(.init(path: name, bytes: bytes, digest: digest, isExecutable: isExecutable))
    }
}
