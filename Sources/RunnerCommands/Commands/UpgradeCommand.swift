import ArgumentParser
import RunnerAPI
import RunnerCore
import RunnerExecution

/// `runner upgrade`: another binary in the daemon's place, under running stages.
struct UpgradeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Let the daemon go on as another binary. No stage is ended.",
        discussion: """
            Without --binary: the file that it was started from, as it is now. A binary that would not start
            changes nothing. The one before stays beside it as NAME.previous.
            """
    )

    @Option(name: .long, help: "A file of the daemon's machine.")
    var binary: String?

    @OptionGroup var daemon: DaemonOptions

    /// How long the new one may take to answer.
    private static let patience = Duration.seconds(60)

    mutating func run() async throws {
        let binary = try binary.map(daemon.reach.path)
        try await daemon.answer { client in
            let before = try await client.status()
            try await client.upgrade(to: binary)
            let after = try await Self.next(after: before, client)
            return Upgrade(from: before.version, to: after.version, status: after)
        } show: { upgrade in
            Console.result("runner \(upgrade.from) is runner \(upgrade.to) now".forTerminal)
            Console.result(StatusText.text(upgrade.status))
        }
    }

    private struct Upgrade: Encodable {
        let from: String
        let to: String
        let status: StatusView
    }

    /// The status of the daemon that came after. It may not answer for a while.
    private static func next(after before: StatusView, _ client: RunnerClient) async throws -> StatusView {
        let begin = ContinuousClock.now
        while ContinuousClock.now - begin < patience {
            // What does not answer yet is on its way.
            if let status = try? await client.status(), status.startedAt != before.startedAt { return status }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw RunnerError(
            .errored,
            "the new daemon does not answer",
            why: "\(Int(patience.seconds)) s have gone by since it was told to go on as another binary",
            hint: "see its log; the binary before is beside the new one as NAME.previous"
        )
    }
}
