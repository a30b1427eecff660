import FoundationEssentials
import GRDB
import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct StateBackupTests {
    private let fixture: StateFixture
    private var state: StateDirectory { fixture.state }
    private var file: FilePath { fixture.scratch.path.appending("backup.tar.zst") }
    private var place: StateDirectory { StateDirectory(fixture.scratch.path.appending("restored")) }

    init() async throws { fixture = try await StateFixture() }

    @Test func `what is saved comes back as it was`() async throws {
        let run = try await fixture.finish(artifact: ["dist/app": "app", "dist/data": "data"])
        let long = "reports/" + String(repeating: "long-", count: 40) + "/x.xml"
        try fixture.scratch.write("<x/>", to: state.run(run).path.pushing(FilePath(long)))
        _ = try await fixture.database.createToken(name: "ada", role: .admin)
        let saved = try await StateBackup.write(to: file, state: state)
        #expect(saved.runs == 1 && saved.notes.isEmpty)
        #expect(FileSystem.names(in: state.work).isEmpty)
        #expect(try await StateBackup.list(file) == saved)
        try await StateBackup.restore(from: file, to: place)
        for folder in ["runs", "artifacts/blobs", "artifacts/manifests"] {
            let before = try StateFixture.contents(state.path.pushing(FilePath(folder)))
            #expect(try StateFixture.contents(place.path.pushing(FilePath(folder))) == before, "\(folder)")
        }
        let database = try RunnerDatabase(at: place.database)
        #expect(try await database.run(run)?.status == .finished(.succeeded))
        #expect(try await database.tokens().map(\.name) == ["ada"])
        #expect(try await database.audit().last?.action == "state-restored")
        #expect(try await database.verifyAudit() == nil)
    }

    @Test func `what vouches for artifacts comes back, and no private key leaves`() async throws {
        let names = ["artifacts/promotions/ab/abcd.json", "artifacts/provenance/abcd.json", "keys/public/abcd.pem"]
        let secrets = ["keys/provenance.key", "keys/reuse.key", "keys/secrets.key"]
        for name in names + secrets { try fixture.scratch.write(name, to: state.path.pushing(FilePath(name))) }
        _ = try await StateBackup.write(to: file, state: state)
        try await StateBackup.restore(from: file, to: place)
        for name in names { #expect(try text(place.path.pushing(FilePath(name))) == name) }
        for name in secrets { #expect(!FileSystem.exists(place.path.pushing(FilePath(name)))) }
    }

    @Test func `a run that was going on is errored, and its number not given again`() async throws {
        let open = try await fixture.begin()
        _ = try await StateBackup.write(to: file, state: state)
        try await StateBackup.restore(from: file, to: place)
        let database = try RunnerDatabase(at: place.database)
        let row = try #require(try await database.run(open))
        #expect(row.status == .finished(.errored) && row.reason == "was running when the state was saved")
        #expect(!FileSystem.exists(place.run(open).path))
        let web = try #require(try await database.repository(named: "web"))
        #expect(try await database.add(DatabaseFixture.run(), of: web.id) > open)
    }

    @Test func `it is saved while others write`() async throws {
        let writing = Task { [fixture] in
            var count = 0
            while !Task.isCancelled {
                try await fixture.finish(artifact: ["f": "\(count)"])
                count += 1
            }
        }
        for _ in 0..<5 { _ = try await StateBackup.write(to: file, state: state) }
        writing.cancel()
        _ = await writing.result
        try await StateBackup.restore(from: file, to: place)
        let database = try RunnerDatabase(at: place.database)
        for row in try await database.runs(RunFilter(outcomes: [.succeeded], limit: 1000)) {
            #expect(FileSystem.exists(place.run(row.number).result), "\(row.number)")
        }
    }

    @Test func `it is restored to nothing but an empty place`() async throws {
        _ = try await StateBackup.write(to: file, state: state)
        let before = try StateFixture.contents(state.path)
        let error = await #expect(throws: RunnerError.self) { try await StateBackup.restore(from: file, to: state) }
        #expect(error?.why == "there is something there")
        #expect(try StateFixture.contents(state.path).keys.sorted() == before.keys.sorted())
        try FileSystem.makeDirectories(place.path)
        try await StateBackup.restore(from: file, to: place)
    }

    @Test func `a state without a database is no state`() async throws {
        await #expect(throws: RunnerError.self) { try await StateBackup.write(to: file, state: place) }
        #expect(!FileSystem.exists(file))
        await #expect(throws: RunnerError.self) { try await StateBackup.restore(from: state.database, to: place) }
        #expect(!FileSystem.exists(place.path))
    }

    // MARK: - Archives of strangers

    /// Unpacks a good backup with the system's tar, lets a script change it, and packs it again.
    private func tamper(_ script: String) async throws -> FilePath {
        try await fixture.finish(artifact: ["app": "app"])
        _ = try await StateBackup.write(to: file, state: state)
        let directory = try fixture.scratch.directory("tampered")
        let bad = fixture.scratch.path.appending("bad.tar")
        let shell = try #require(HelperProgram("sh"))
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        let whole = """
            set -e; cd \(directory); tar -xf \(file); pack() { tar -P --format=gnu -cf \(bad) manifest.json "$@"; }
            files=$(find runner.db pins.json runs artifacts -type f); \(script)
            """
        try await shell.run(["-c", whole], input: null, output: null)
        return bad
    }

    @Test(arguments: [
        ("echo x > extra; pack $files extra", "is in it and not in its list"),
        ("pack $files runner.db --hard-dereference", "or twice"), ("pack runner.db", "is missing from it"),
        ("printf jello > h; cat h > $(find runs -name '01-unit.log'); pack $files", "has not the size"),
        ("printf 'jello\\n' > $(find runs -name '01-unit.log'); pack $files", "its digest differs"),
        ("ln -s /etc artifacts/link; pack $files artifacts/link", "is no plain file"),
        ("mkdir -p runs/9; pack $files --no-recursion runs/9", "is no plain file"),
        ("sed -i 's,\"pins.json\",\"../pins.json\",' manifest.json; pack $files", "leads out of the state directory"),
        ("sed -i 's,\"pins.json\",\"/tmp/pins.json\",' manifest.json; pack $files", "it is absolute"),
        ("sed -i 's,\"pins.json\",\"runs/1/../../x\",' manifest.json; pack $files", "leads out of the state directory"),
        ("sed -i 's,\"pins.json\",\"passwd\",' manifest.json; pack $files", "no state directory has such a file"),
        ("echo '{' > manifest.json; pack $files", "its list of files cannot be read"),
        ("sed -i 's,\"version\":1,\"version\":9,' manifest.json; pack $files", "its form is version 9"),
        ("pack $files; truncate -s 3000 ../bad.tar", "it ends too early"),
        ("head -c 5000 /dev/urandom > ../bad.tar", "it is no backup"),
        ("tar -cf ../bad.tar $files", "does not begin with"),
    ])
    func `an archive that is not what its list says is refused, and nothing is left of it`(
        script: String,
        why: String
    ) async throws {
        let bad = try await tamper(script)
        let error = await #expect(throws: RunnerError.self) { try await StateBackup.restore(from: bad, to: place) }
        #expect(error?.why?.contains(why) == true, "\(String(describing: error))")
        let left = FileSystem.names(in: fixture.scratch.path).filter { $0.hasPrefix(".restore") || $0 == "restored" }
        #expect(left.isEmpty)
    }

    @Test func `a damaged database is not restored`() async throws {
        let bad = try await tamper(
            """
            head -c 40000 /dev/zero | tr '\\0' U | dd of=runner.db bs=4096 seek=5 conv=notrunc 2> /dev/null
            sum=$(sha256sum runner.db | cut -d ' ' -f 1); tail=$(sed 's/.*"digest":"\\([0-9a-f]*\\)"[^}]*"path":"runner.db".*/\\1/' manifest.json)
            sed -i "s/$tail/$sum/" manifest.json; pack $files
            """
        )
        await #expect(throws: RunnerError.self) { try await StateBackup.restore(from: bad, to: place) }
        #expect(!FileSystem.exists(place.path))
    }
}
