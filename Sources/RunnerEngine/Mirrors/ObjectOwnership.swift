import FoundationEssentials
import Git
import Glibc
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// Makes borrowed objects our own, so that no clean-up of the watched repository can take away what a run or a rollback
/// needs. By `git pack-objects`: libgit2 packs six times slower.
struct ObjectOwnership: Sendable {
    let mirror: Mirror

    /// So many commits that are ours already are named to git as known: more make it slower, not smaller.
    private static let known = 50

    /// Packs what pinned commits need and we do not have. Returns how many commits became ours.
    func run() async throws -> Int {
        guard case .local = mirror.origin else { return 0 }
        let owned = try await mirror.ownedCommits()
        let wanted = try await mirror.pinned().filter { owned[$0.key] != $0.value }
        guard !wanted.isEmpty else { return 0 }
        let bases = owned.sorted { $0.key > $1.key }.prefix(Self.known).map(\.value)
        try await pack(Set(wanted.values), without: Set(bases))
        for (run, commit) in wanted { try await mirror.store.setReference(Mirror.owned + run.description, to: commit) }
        return wanted.count
    }

    private func pack(_ commits: Set<ObjectID>, without known: Set<ObjectID>) async throws {
        let lines = commits.subtracting(known).map(\.description) + known.map { "^\($0)" }
        guard !commits.isSubset(of: known) else { return }
        guard let git = Programs.find("git") else {
            throw RunnerError(.errored, "cannot keep the objects of \(mirror.name)", why: "there is no program `git`")
        }
        let list = mirror.store.path.appending("pack-\(UniqueName.make()).list")
        try FileSystem.write(Data((lines.joined(separator: "\n") + "\n").utf8), to: list)
        defer { unlink(list.string) }
        let launch = Launch(
            executable: Programs.find("nice") ?? git,
            arguments: (Programs.find("nice") == nil ? [] : ["-n", "10", git.string]) + [
                "-C", mirror.store.path.string, "pack-objects", "--revs", "--delta-base-offset", "--quiet",
                "objects/pack/pack",
            ],
            environment: [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": "/dev/null",
            ]
        )
        let (code, said) = try await BlockingThread.run { Result { try Self.run(launch, input: list) } }.get()
        guard code == 0 else {
            throw RunnerError(.errored, "cannot keep the objects of \(mirror.name)", why: "git pack-objects: \(said)")
        }
    }

    private static func run(_ launch: Launch, input: FilePath) throws -> (Int32, String) {
        let list = try checked("open", input) { open(input.string, O_RDONLY | O_CLOEXEC) }
        defer { close(list) }
        let aside = FilePath("\(input.string).out")
        let output = try checked("create", aside) { open(aside.string, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        defer {
            close(output)
            unlink(aside.string)
        }
        let code = try ChildProcess(launch, input: list, output: output).wait()
        let said = try FileSystem.read(aside).map { String(decoding: $0.suffix(500), as: UTF8.self) } ?? ""
        return (code, said.split(whereSeparator: \.isNewline).joined(separator: " "))
    }
}
