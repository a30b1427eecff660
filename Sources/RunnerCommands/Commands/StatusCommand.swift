import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner status`: what the daemon is doing.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say what the daemon is doing, and what keeps it from doing more; or how an environment is."
    )

    @Argument(help: "An environment.")
    var environment: String?

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        if let environment {
            return try await daemon.answer {
                try await $0.environment(environment)
            } show: {
                Console.result(EnvironmentText.text($0))
            }
        }
        try await daemon.answer {
            try await $0.status()
        } show: {
            Console.result(StatusText.text($0))
        }
    }
}

/// What the daemon is doing, for people.
enum StatusText {
    static func text(_ status: StatusView) -> String {
        let paint = Paint.ofOutput
        let mode = status.isDraining ? "draining: nothing new starts (`runner drain --off`)" : "taking work"
        var facts = [
            ("runs", "\(status.running) running, \(status.waiting) waiting, \(status.pending) pending"),
            ("slots", "\(status.usedSlots) of \(status.slots) taken"),
            ("watching", "\(status.repositories) repositor\(status.repositories == 1 ? "y" : "ies")"),
            ("disk", "\(ByteCount.words(status.freeBytes)) free"), ("state", status.state),
        ]
        if status.problems > 0 { facts[2].1 += ", \(status.problems) with a problem (`runner repository list`)" }
        if let problem = status.diskProblem { facts[3].1 += "; nothing new starts: \(problem)" }
        let lines = facts.map { name, value in
            let blanks = String(repeating: " ", count: max(0, 9 - name.count))
            return TextLayout.ofOutput.paragraph("  \(name):\(blanks)", value.forTerminal, paint: paint.dim)
        }
        let since = TimeText().words(status.startedAt)
        let head =
            "\(paint.bold(mode))  \(paint.dim("runner \(status.version.forTerminal), pid \(status.pid), started \(since)"))"
        return ([head] + lines).joined(separator: "\n")
    }
}
