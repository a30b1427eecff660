import FoundationEssentials
import GRDB
import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

/// Writers that are killed, disks that are full, files that are damaged.
@Suite(.serialized) struct DatabaseDamageTests {
    /// Handles events one after another until the process is killed.
    private static func writeUntilKilled(_ path: String, after microseconds: UInt32) async throws {
        let database = try RunnerDatabase(at: FilePath(path))
        let web = try await database.put(RepositoryDefinition(name: "web", url: "/srv/web"), origin: .added).id
        killThisProcess(after: microseconds)
        while true {
            for event in try await database.openRefEvents() {
                _ = try await database.handle(event, verdict: "1 run", runs: [DatabaseFixture.run()])
            }
            let changes = (0..<3).map { DatabaseFixture.created("refs/heads/\($0)") }
            let events = try await database.record(changes, of: web, isFirstSight: false)
            for event in events {
                let runs = try await database.handle(event, verdict: "1 run", runs: [DatabaseFixture.run()])
                for run in runs where try await database.start(run) {
                    try await database.finish(run, with: DatabaseFixture.result(run, .succeeded))
                }
            }
        }
    }

    @Test(arguments: 0..<8)
    func `a writer that is killed at any point leaves each event with one run`(round: Int) async throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("runner.db").string
        let delay = UInt32.random(in: 1_000...60_000)
        for _ in 0..<2 {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, delay = delay as UInt32] in
                try await Self.writeUntilKilled(path, after: delay)
            }
        }
        let database = try RunnerDatabase(at: FilePath(path))
        let isWhole = try await database.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
        #expect(isWhole == "ok")
        for event in try await database.openRefEvents() {
            _ = try await database.handle(event, verdict: "1 run", runs: [DatabaseFixture.run()])
        }
        let counts = try await database.read { database in
            try Int.fetchAll(
                database,
                sql: "SELECT (SELECT COUNT(*) FROM run WHERE run.refEvent = refEvent.id) FROM refEvent"
            )
        }
        #expect(counts.allSatisfy { $0 == 1 }, "after \(delay) µs: \(counts.count) events")
        #expect(try await database.verifyAudit() == nil)
        let locks = "SELECT COUNT(*) FROM lock JOIN run ON run.number = lock.run WHERE run.status <> 'running'"
        #expect(try await database.read { try Int.fetchOne($0, sql: locks) } == 0)
    }

    @Test(.enabled(if: geteuid() == 0, "mounting takes root"))
    func `a full disk is named, and nothing is lost`() async throws {
        let disk = try SmallDisk(kibibytes: 2048)
        let path = disk.path.appending("runner.db")
        let database = try RunnerDatabase(at: path)
        let web = try await database.put(RepositoryDefinition(name: "web", url: "/srv/web"), origin: .added).id
        var written = 0
        let error = await #expect(throws: RunnerError.self) {
            while written < 10_000 {
                _ = try await database.add(DatabaseFixture.run(), of: web)
                written += 1
            }
        }
        #expect(error?.why?.contains("the disk of `\(disk.path)` is full") == true, "\(String(describing: error))")
        #expect(written > 10)
        #expect(try await database.runs(RunFilter(limit: 1000)).count == min(written, 1000))
        try disk.grow(kibibytes: 8192)
        _ = try await database.add(DatabaseFixture.run(), of: web)
        try database.close()
        let again = try RunnerDatabase(at: path)
        let count = try await again.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM run") }
        #expect(count == written + 1)
        try again.close()
    }

    /// Where bytes are overwritten, as a part of the file's length.
    @Test(arguments: [0.0, 0.3, 0.9])
    func `a damaged file is refused in words, and nothing of it is deleted`(place: Double) async throws {
        let fixture = try DatabaseFixture()
        let web = try await fixture.repository()
        for _ in 0..<200 { _ = try await fixture.database.add(DatabaseFixture.run(), of: web) }
        try await fixture.database.checkpoint()
        try fixture.database.close()
        var bytes = try #require(try FileSystem.read(fixture.path))
        let start = Int(Double(bytes.count) * place)
        let end = min(bytes.count, start + bytes.count / 10)
        bytes.replaceSubrange(start..<end, with: repeatElement(0x55, count: end - start))
        try FileSystem.write(bytes, to: fixture.path)
        let error = await #expect(throws: RunnerError.self) {
            let database = try RunnerDatabase(at: fixture.path)
            _ = try await database.runs(RunFilter(limit: 1000))
            for number in 1...200 { _ = try await database.stages(of: try #require(RunNumber(number))) }
            throw RunnerError(.errored, "nobody noticed", why: "\(place)")
        }
        #expect(error?.why?.contains("damaged") == true, "\(String(describing: error))")
        #expect(error?.why?.contains("nothing was deleted") == true)
        #expect(error?.hint?.contains("runner state restore") == true)
        // Opening alone may lend a page to the list of free ones; what was there stays, the damage too.
        let after = try #require(try FileSystem.read(fixture.path))
        #expect(after.count >= bytes.count && after[start..<end] == bytes[start..<end])
        #expect(place > 0 || after == bytes)
    }

    @Test func `a place that cannot be written to is refused in words`() {
        let error = #expect(throws: RunnerError.self) { try RunnerDatabase(at: "/nowhere/at/all/runner.db") }
        #expect(error?.what == "cannot write to the database `/nowhere/at/all/runner.db`")
    }
}
