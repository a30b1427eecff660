import Glibc
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// A daemon that dies or ends leaves its runs alone, and the next one finds them again.
@Suite(.serialized) struct ServeRestartTests {
    private static let slow = """
          slow: { run: "for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; sleep 0.2; done" }
          after: { needs: [slow], run: echo after }

        """

    @Test(arguments: [SIGKILL, SIGTERM])
    func `a run goes on without its daemon, and the next one follows it to its end`(signal: Int32) async throws {
        let served = try await ServedRepository(stages: Self.slow)
        let first = try await served.serve()
        try await served.push()
        try await Await.until("the first line") { (try? served.output(of: "slow", run: 1))?.contains("line 2") == true }
        #expect(first.end(signal) == (signal == SIGKILL ? 137 : 0))
        let second = try await served.serve()
        let run = try await served.end(of: 1)
        #expect(run.outcome == .succeeded)
        #expect(second.hasSaid("run followed again"))
        #expect(try served.output(of: "slow", run: 1) == (1...10).map { "line \($0)\n" }.joined())
        let database = try served.database()
        let stages = try await database.stages(of: run.number)
        #expect(stages.map(\.status) == [.finished(.succeeded), .finished(.succeeded)])
        try database.close()
        second.end()
    }

    @Test func `a run that ended while no daemon lived is recorded by the next`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: sleep 0.5 }\n")
        let first = try await served.serve()
        try await served.push()
        try await Await.until("the run's start") { (try? served.directory(1).hasBegun) == true }
        first.end(SIGKILL)
        try await Await.until("the run's end") { (try? FileSystem.exists(served.directory(1).result)) == true }
        let second = try await served.serve()
        #expect(try await served.end(of: 1).outcome == .succeeded)
        second.end()
    }

    @Test func `a run that a dying daemon just started is not lost to a second supervisor`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: sleep 2 }\n")
        let first = try await served.serve()
        try await served.push()
        try await Await.until("the run's start") { (try? served.directory(1).isSupervised()) == true }
        first.end(SIGKILL)
        // As the next daemon finds it when the supervisor has not come to its first line yet.
        let events = try served.directory(1).events
        let aside = FilePath("\(events.string).aside")
        rename(events.string, aside.string)
        let second = try await served.serve()
        rename(aside.string, events.string)
        #expect(try await served.end(of: 1).outcome == .succeeded)
        second.end()
    }

    @Test func `a run whose supervisor died is errored, and its lock is free`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: sleep 30 }\n")
        let daemon = try await served.serve()
        try await served.push()
        try await Await.until("the stage's start") {
            (try? served.directory(1).holder()) != nil && daemon.hasSaid("run begins")
        }
        let holder = try #require(try served.directory(1).holder())
        kill(holder.pid, SIGKILL)
        let run = try await served.end(of: 1)
        #expect(run.outcome == .errored)
        daemon.end()
    }

    @Test func `a stage that asks for it is tried again after its supervisor died`() async throws {
        let served = try await ServedRepository(
            stages: """
                  first: { run: echo once }
                  go: { needs: [first], retry: { attempts: 2, on: [errored] }, run: sleep 2 }

                """
        )
        let daemon = try await served.serve()
        try await served.push()
        try await Await.until("the second stage") {
            (try? FileSystem.exists(served.directory(1).stage(StageID("go")).spec)) == true
        }
        let holder = try #require(try served.directory(1).holder())
        kill(holder.pid, SIGKILL)
        #expect(try await served.end(of: 1).outcome == .errored)
        let again = try await served.end(of: 2)
        #expect(again.outcome == .succeeded)
        #expect(again.rerunOf?.value == 1)
        let database = try served.database()
        #expect(try await database.stages(of: again.number).map(\.reusedFrom?.value) == [1, nil])
        try database.close()
        daemon.end()
    }

    @Test func `a cancel that a dead daemon was asked for is carried out by the next`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: sleep 30 }\n")
        let first = try await served.serve()
        try await served.push()
        try await Await.until("the run's start") { (try? served.directory(1).hasBegun) == true }
        first.end(SIGKILL)
        let database = try served.database()
        #expect(try await database.requestCancel(ServedRepository.number(1), reason: "by hand") == .isRunning)
        try database.close()
        let second = try await served.serve()
        #expect(try await served.end(of: 1).outcome == .canceled)
        second.end()
    }
}
