import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage
import Testing

/// A run that lives on grants: what it may take changes while it runs.
@Suite(.serialized) struct GrantTests {
    private static let stages = """
        stages:
          a: { run: "\(SupervisedFixture.gate)" }
          b: { run: "\(SupervisedFixture.gate)", resources: { cpu: 2, memory: 1MiB } }
          c: { run: "\(SupervisedFixture.gate)" }
          d: { needs: [a], run: "true" }
        finally:
          last: { run: "true" }
        """

    private func start(_ fixture: SupervisedFixture, slots: Int) throws -> RunDirectory {
        let run = try fixture.prepare(1) {
            $0.isGranted = true
            $0.slots = slots
        }
        try fixture.supervise(run)
        return run
    }

    private func grant(_ slots: Int, _ run: RunDirectory, running: Int, to fixture: SupervisedFixture) async throws {
        try Inbox(run.inbox).send(.grant(RunGrant(slots: slots)))
        try await fixture.wait(for: .granted(slots: slots, cpu: nil, memory: nil, running: running), of: run)
    }

    @Test func `grants go up and down while stages run`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let run = try start(fixture, slots: 1)
        try await fixture.wait(forRunning: ["a"], of: run)
        try await grant(3, run, running: 1, to: fixture)
        try await fixture.wait(forRunning: ["a", "b", "c"], of: run)
        try await grant(1, run, running: 3, to: fixture)
        for stage in ["b", "a"] { try fixture.open(stage, of: run) }
        try await fixture.wait(forRunning: ["c"], of: run)
        try await fixture.wait(for: .wants(slots: 2, cpu: 2, memory: 0), of: run)
        try fixture.open("c", of: run)
        #expect(try await fixture.result(of: run).outcome == .succeeded)
        let wants: [RunRecord.Happening] = [
            .wants(slots: 3, cpu: 4, memory: 1 << 20), .wants(slots: 1, cpu: 1, memory: 0),
        ]
        let told = try fixture.happenings(of: run)
        for demand in wants { #expect(told.contains(demand)) }
    }

    @Test func `a run without a slot waits for one`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let run = try start(fixture, slots: 0)
        try await fixture.wait(for: .wants(slots: 3, cpu: 4, memory: 1 << 20), of: run)
        try await grant(1, run, running: 0, to: fixture)
        try await fixture.wait(forRunning: ["a"], of: run)
        try await grant(0, run, running: 1, to: fixture)
        try fixture.open("a", of: run)
        try await fixture.wait(forRunning: [], of: run)
        try Inbox(run.inbox).send(.cancel)
        try await fixture.wait(for: .wants(slots: 1, cpu: 1, memory: 0), of: run)
        try await grant(1, run, running: 0, to: fixture)
        let result = try await fixture.result(of: run)
        #expect(result.outcome == .canceled)
        #expect(result.stages.map(\.outcome) == [.succeeded, .skipped, .skipped, .skipped, .succeeded])
    }

    @Test func `a kill needs no slot`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let run = try start(fixture, slots: 0)
        try await fixture.wait(for: .wants(slots: 3, cpu: 4, memory: 1 << 20), of: run)
        try Inbox(run.inbox).send(.kill)
        #expect(try await fixture.result(of: run).outcome == .canceled)
    }

    @Test func `a run of its own says nothing of its wants`() async throws {
        let fixture = try await SupervisedFixture("stages: { a: { run: 'true' } }")
        #expect(try await fixture.run(1).outcome == .succeeded)
        let run = RunDirectory(fixture.state.runs.appending("1"), number: fixture.spec.number)
        let isGrant = try fixture.happenings(of: run).contains { happening in
            if case .wants = happening { true } else { false }
        }
        #expect(!isGrant)
    }
}
