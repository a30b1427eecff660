import ArgumentParser
import FoundationEssentials
import RunnerAPI
import RunnerCore

/// `runner why RELEASE ENV`: each gate, its state, and who or when next.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say what each gate of an environment says of a release: now, or at a time to come.",
        discussion: "Exit code 0: it may go there; 1: it waits, or is refused."
    )

    @Argument(help: "The release's version.")
    var release: String

    @Argument(help: "The environment.")
    var environment: String

    @Option(name: .long, help: "Judge for that time: after 2h, or 2026-11-27, or a whole RFC 3339 time.")
    var at: String?

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let date = try at.map(TimeOption.future)
        let why = try await daemon.reach.call { try await $0.why(release, environment, at: date) }
        if daemon.json { try Console.document(why) } else { Console.result(EnvironmentText.text(why)) }
        if why.decision != .open { throw CommandEnd(code: .failed) }
    }
}

/// `runner approve N`: let a deployment's plan pass.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve what a deployment would do.",
        discussion: """
            The approval is of this plan alone: commit, artifact, migrations and the environment's file. When any of it
            changes, it counts no more. Whoever wrote the commit, or asked for the deployment, counts not.
            """
    )

    @Argument(help: "The deployment.")
    var deployment: Int64

    @Option(name: .long, help: "The plan that you looked at, or its first digits: another one is not approved.")
    var plan: String?

    @Option(name: .long, help: "For the record.")
    var reason: String?

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let body = GateAnswerBody(kind: .approve, reason: reason, plan: plan)
        try await daemon.give(body, to: deployment, "approved")
    }
}

/// `runner reject N`: end it.
struct RejectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Reject a deployment that waits: it is over."
    )

    @Argument(help: "The deployment.")
    var deployment: Int64

    @Option(name: .long, help: "Why.")
    var reason: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.give(GateAnswerBody(kind: .reject, reason: reason), to: deployment, "rejected")
    }
}

/// `runner sign N ITEM`: an item of the checklist is done.
struct SignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign an item of a deployment's checklist."
    )

    @Argument(help: "The deployment.")
    var deployment: Int64

    @Argument(help: "The item, as the environment's file calls it.")
    var item: String

    @Option(name: .long, help: "For the record.")
    var reason: String?

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let body = GateAnswerBody(kind: .sign, subject: item, reason: reason)
        try await daemon.give(body, to: deployment, "\(item) signed")
    }
}

/// `runner override N GATE`: an emergency.
struct OverrideCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "override",
        abstract: "Set a gate of a waiting deployment aside. For emergencies: it takes an admin, and is audited.",
        discussion: "Never: repository, refs, signature and lock, which say what the release is."
    )

    @Argument(help: "The deployment.")
    var deployment: Int64

    @Argument(help: "The gate, as `runner why` calls it.")
    var gate: String

    @Option(name: .long, help: "Why.")
    var reason: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let body = GateAnswerBody(kind: .override, subject: gate, reason: reason)
        try await daemon.give(body, to: deployment, "gate \(gate) set aside")
    }
}

/// `runner freeze ENV`: nothing is deployed there.
struct FreezeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze",
        abstract: "Let nothing be deployed to an environment for a while. Rollbacks still are."
    )

    @Argument(help: "The environment.")
    var environment: String

    @Option(name: .long, help: "Until when: after 2h, or 2026-12-01. Default: until `runner unfreeze`.")
    var until: String?

    @Option(name: .long, help: "Why.")
    var reason: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let date = try until.map(TimeOption.future)
        try await daemon.answer { client in
            try await client.freeze(environment, until: date, reason: reason)
            return ["frozen": environment]
        } show: { _ in
            let end = date.map { "until \(TimeText.second($0))" } ?? "until `runner unfreeze \(environment)`"
            Console.result("\(environment) is frozen \(end)".forTerminal)
        }
    }
}

struct UnfreezeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unfreeze",
        abstract: "Lift the freezes of an environment that people began. Those of its file stay."
    )

    @Argument(help: "The environment.")
    var environment: String

    @Option(name: .long, help: "Why.")
    var reason: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.unfreeze(environment, reason: reason)
        } show: { count in
            guard count.lifted > 0 else { return Console.error("nobody froze \(environment)".forTerminal) }
            Console.result("\(environment) is not frozen any more".forTerminal)
        }
    }
}

extension DaemonOptions {
    fileprivate func give(_ body: GateAnswerBody, to deployment: Int64, _ done: String) async throws {
        try await answer {
            try await $0.answer(deployment, body)
        } show: { view in
            Console.result(
                "\(done): \(view.release.version) for \(view.environment), plan \(view.plan.prefix(12))".forTerminal
            )
        }
    }
}
