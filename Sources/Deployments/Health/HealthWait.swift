package import RunnerCore
import RunnerExecution

/// Waits until instances are healthy: as many good answers in a row as the check wants, before its deadline.
package struct HealthWait: Sendable {
    private let look: HealthLook

    package init(_ look: HealthLook) { self.look = look }

    /// Throws `DeployFailure` with the last answer where the time is over; one that is good only now and then is not
    /// healthy. Throws `CancellationError` when the task is canceled.
    ///
    /// - Parameter say: each answer that differs from the one before.
    package func untilHealthy(
        _ instance: DeployInstance,
        say: @Sendable (String) -> Void = { _ in }
    ) async throws {
        let check = look.check
        let deadline = ContinuousClock.now + check.deadline
        var tally = Tally()
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            if left <= .zero, let last = tally.last { throw failure(instance, last, tally) }
            let answer = await look.look(at: instance, within: max(left, .milliseconds(1)))
            try Task.checkCancellation()
            if answer.detail != tally.last?.detail { say("\(instance): \(answer.detail)") }
            tally.add(answer)
            if tally.row >= check.threshold { return }
            try await Task.sleep(until: min(deadline, .now + check.interval))
        }
    }

    private struct Tally {
        private(set) var last: HealthAnswer?
        private(set) var row = 0
        private(set) var good = 0
        private(set) var all = 0

        mutating func add(_ answer: HealthAnswer) {
            last = answer
            all += 1
            good += answer.isGood ? 1 : 0
            row = answer.isGood ? row + 1 : 0
        }
    }

    private func failure(_ instance: DeployInstance, _ last: HealthAnswer, _ tally: Tally) -> DeployFailure {
        let count = "\(tally.good) of \(tally.all) answers were good, \(look.check.threshold) in a row are needed"
        return DeployFailure(
            .unhealthy,
            "\(instance) did not become healthy within \(look.check.deadline.words)",
            why: "the last answer: \(last.detail) (\(count))",
            hint: "look at its own log"
        )
    }
}
