package import RunnerCore
import Synchronization

/// Looks at instances again and again, and knows how many answers were bad and how long they took. Keeps the last 4096
/// answers of each: over an hour at one per second.
package final class FleetProbe: Sendable {
    private static let kept = 4096

    private let look: HealthLook
    private let instances: [DeployInstance]
    private let answers: Mutex<[DeployInstance: Ring]>

    package init(_ look: HealthLook, at instances: [DeployInstance]) {
        self.look = look
        self.instances = instances
        answers = Mutex([:])
    }

    /// Looks until the task is canceled, at each instance by itself: one that is slow holds up no other.
    package func run() async {
        await withTaskGroup { group in
            for instance in instances {
                group.addTask { [self] in
                    while !Task.isCancelled {
                        let answer = await look.look(at: instance)
                        // Given up half-way, it says nothing about the instance.
                        if Task.isCancelled { return }
                        answers.withLock { $0[instance, default: Ring()].add(answer) }
                        // Canceled, the loop ends.
                        try? await Task.sleep(for: look.check.interval)
                    }
                }
            }
        }
    }

    /// Bad answers in percent, of some instances or of all; `nil` where there are none yet.
    package func errorRate(of some: Set<DeployInstance>? = nil) -> Double? {
        let answers = kept(some)
        guard !answers.isEmpty else { return nil }
        return 100 * Double(answers.count { !$0.isGood }) / Double(answers.count)
    }

    /// Seconds within which 95 of 100 answers came, good and bad ones; `nil` where there are none yet.
    package func p95(of some: Set<DeployInstance>? = nil) -> Double? {
        let seconds = kept(some).map(\.seconds).sorted()
        guard !seconds.isEmpty else { return nil }
        return seconds[(seconds.count * 95 + 99) / 100 - 1]
    }

    /// How many answers there are.
    package func count(of some: Set<DeployInstance>? = nil) -> Int { kept(some).count }

    private func kept(_ some: Set<DeployInstance>?) -> [Ring.Answer] {
        answers.withLock { answers in
            answers.filter { some?.contains($0.key) ?? true }.flatMap(\.value.answers)
        }
    }

    /// The last answers, the oldest replaced by the next.
    struct Ring {
        struct Answer {
            var isGood: Bool
            var seconds: Double
        }

        private(set) var answers: [Answer] = []
        private var next = 0

        mutating func add(_ answer: HealthAnswer) {
            let short = Answer(isGood: answer.isGood, seconds: answer.seconds)
            if answers.count < FleetProbe.kept { answers.append(short) } else { answers[next] = short }
            next = (next + 1) % FleetProbe.kept
        }
    }
}
