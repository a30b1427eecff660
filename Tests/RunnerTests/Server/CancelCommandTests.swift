import RunnerAPI
import RunnerCore
import SystemPackage
import Testing

/// `runner cancel` and `runner rerun` against a real daemon.
struct CancelCommandTests {
    private static let long = "  long: { grace: 1s, run: 'echo begun; sleep 60' }\n"

    @Test func `a run that has not begun ends at once`() async throws {
        let daemon = try await DaemonFixture(stages: Self.long)
        try await daemon.run("drain")
        let run = try await daemon.start()
        #expect(try await daemon.run("cancel", "\(run)", "--reason", "not now").output.contains("is canceled"))
        let detail = try await daemon.detail(run)
        #expect(detail.run.outcome == .canceled && detail.run.reason?.contains("not now") == true)
        try await daemon.run("watch", "\(run)", status: 4)
    }

    @Test func `a running one ends in order, and twice is as good as once`() async throws {
        let daemon = try await DaemonFixture(stages: Self.long)
        let run = try await daemon.start()
        try await daemon.wait(for: run) { $0.stages.first?.status == .running }
        #expect(try await daemon.run("cancel", "\(run)").output == "run \(run) is ending\n")
        try await daemon.run("watch", "\(run)", status: 4)
        let again = try await daemon.document(CancelAnswerView.self, "cancel", "\(run)")
        #expect(again.answer == .hadEnded && again.outcome == .canceled)
        #expect(try await daemon.run("cancel", "\(run)").output.contains("had ended: canceled"))
        try await daemon.run("cancel", "99", status: 2)
    }

    private static let stages = """
          good: { run: 'echo made > out; date +%s%N >> out', artifacts: { out: { paths: [out] } } }
          bad: { needs: [good], run: 'echo ran; test -e fixed' }
          last: { needs: [bad], run: echo last }

        """

    @Test func `from what failed, green stages are taken over`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        try await daemon.run("run", "ci", "--watch", status: 1)
        let end = try await daemon.run("rerun", "1", "--from-failed", "--watch", status: 1)
        #expect(end.output.contains("(reused from run 1)") && end.output.contains("[bad] ran"), "\(end.output)")
        let (first, second) = (try await daemon.detail(1), try await daemon.detail(2))
        #expect(second.run.rerunOf == 1)
        #expect(second.stages.first?.reusedFrom == 1)
        #expect(second.stages.first?.artifacts.first?.digest == first.stages.first?.artifacts.first?.digest)
        #expect(try await daemon.run("show", "2").output.contains("repeats:       run 1"))
    }

    @Test func `one stage is run again alone`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        try await daemon.run("run", "ci", "--watch", status: 1)
        let end = try await daemon.run("rerun", "1", "--stage", "good", "--watch")
        #expect(!end.output.contains("[bad] ran"), "\(end.output)")
        try await daemon.run("rerun", "1", "--stage", "goood", status: 2)
        try await daemon.run("rerun", "1", "--stage", "good", "--from-failed", status: 2)
    }
}
