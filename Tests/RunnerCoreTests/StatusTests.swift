import RunnerCore
import Testing

@Suite struct StatusTests {
    static let all: [Status] = [.pending, .waiting("gate"), .running] + Outcome.allCases.map(Status.finished)

    @Test func `every transition is legal or not`() {
        let withoutRunning: [Status] = [.skipped, .canceled, .superseded, .errored].map(Status.finished)
        let ended: [Status] = [.succeeded, .failed, .errored, .canceled, .timedOut].map(Status.finished)
        for from in Self.all {
            let legal: [Status] =
                switch from {
                case .pending, .waiting: [.waiting("gate"), .running] + withoutRunning
                case .running: ended
                case .finished: []
                }
            for to in Self.all {
                #expect(((try? from.apply(to, to: "a")) == to) == legal.contains(to), "\(from) to \(to)")
            }
        }
    }

    @Test(arguments: all, Outcome.allCases)
    func `an earlier outcome is taken before a stage has started`(from: Status, outcome: Outcome) {
        let isLegal = from == .pending || from == .waiting("gate")
        #expect((try? from.take(outcome, for: "a")) == (isLegal ? .finished(outcome) : nil))
    }

    @Test func `an illegal change names both states and changes nothing`() throws {
        var progress = RunProgress(plan: try Fixture.plan([try Fixture.stage("a")]), slots: 1)
        let error = #expect(throws: TransitionError.self) {
            try progress.apply(.finished("a", .succeeded, outputs: [:]))
        }
        #expect(error?.description == "stage `a` is pending and cannot become finished (succeeded)")
        #expect(progress.next() == [.start("a")])
        #expect(throws: TransitionError.unknownStage("b")) { try progress.apply(.started("b")) }
        try progress.apply(.started("a"))
        #expect(throws: TransitionError.illegal("a", from: .running, to: .running)) {
            try progress.apply(.started("a"))
        }
        #expect(throws: TransitionError.self) { try progress.apply(.skipped("a", "")) }
        #expect(throws: TransitionError.self) { try progress.apply(.refused("a", "")) }
    }

    @Test func `a stage does not start before its needs have ended`() throws {
        let plan = try Fixture.plan([try Fixture.stage("a"), try Fixture.stage("b", needs: ["a"])])
        var progress = RunProgress(plan: plan, slots: 2)
        #expect(throws: TransitionError.notReady("b")) { try progress.apply(.started("b")) }
        try progress.apply(.waits("a", "approval"))
        #expect(progress.status(of: "a") == .waiting("approval"))
        #expect(progress.next() == [.start("a")])
    }

    @Test func `what somebody else does takes no slot, and is not started`() throws {
        let plan = try Fixture.plan([
            try Fixture.stage("a"), try Fixture.stage("b"), try Fixture.stage("c", needs: ["a"]),
        ])
        var progress = RunProgress(plan: plan, slots: 1)
        #expect(throws: TransitionError.notReady("c")) { try progress.apply(.handedOver("c", "staging")) }
        try progress.apply(.handedOver("a", "staging"))
        #expect(progress.next() == [.start("b")])
        #expect(progress.demand.slots == 1)
        try progress.apply(.started("b"))
        try progress.apply(.taken("a", .succeeded, outputs: ["url": "x"]))
        try progress.apply(.finished("b", .succeeded, outputs: [:]))
        #expect(progress.next() == [.start("c")])
    }

    @Test(arguments: [Outcome.succeeded, .failed, .canceled, .errored])
    func `a cancel does not settle what somebody else does`(outcome: Outcome) throws {
        let plan = try Fixture.plan([try Fixture.stage("a")])
        var progress = RunProgress(plan: plan, slots: 1)
        try progress.apply(.handedOver("a", "staging"))
        try progress.apply(.cancelRequested("by ada"))
        #expect(!progress.isFinished)
        try progress.apply(.taken("a", outcome, outputs: [:]))
        #expect(progress.isFinished && progress.status(of: "a") == .finished(outcome))
    }

    @Test(
        arguments: [
            ([], [], false, Outcome.skipped), ([.skipped, .skipped], [], false, .skipped),
            ([.succeeded, .skipped], [], false, .succeeded), ([.succeeded, .failed], [], false, .failed),
            ([.failed, .timedOut], [], false, .timedOut), ([.timedOut, .errored, .failed], [], false, .errored),
            ([.succeeded, .canceled], [], false, .canceled), ([.canceled, .failed], [], false, .failed),
            ([.errored], [], true, .canceled), ([.succeeded], [.failed], false, .failed),
            ([.errored], [.failed], false, .errored), ([.skipped], [.succeeded], false, .skipped),
            ([.skipped], [.failed], false, .failed), ([.succeeded], [.skipped], false, .succeeded),
            ([.superseded, .succeeded], [], false, .superseded),
        ] as [([Outcome], [Outcome], Bool, Outcome)]
    )
    func `the outcome of a run`(stages: [Outcome], finally: [Outcome], isCanceled: Bool, outcome: Outcome) {
        #expect(Outcome.rollUp(stages: stages, finally: finally, isCancelRequested: isCanceled) == outcome)
    }

    @Test(arguments: Outcome.allCases, [1, 2, 3])
    func `what is tried again`(outcome: Outcome, attempt: Int) {
        let tries = Retry(attempts: 3, outcomes: [.errored, .timedOut, .canceled]).triesAgain(
            after: outcome,
            attempt: attempt
        )
        #expect(tries == ((outcome == .errored || outcome == .timedOut) && attempt < 3))
    }
}
