import ArgumentParser
import RunnerAPI
import RunnerCore
import RunnerStore

/// `runner audit`: who did what.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show who did what, the newest last.",
        discussion: """
            Each line's hash covers the line before: --verify works all of them out again. To prove that none was
            taken away at the end, keep the last hash elsewhere.
            """
    )

    @Option(name: .long, help: "The last so many lines.")
    var limit: Int = 30

    @Flag(name: .long, help: "Check the chain of hashes from the first line on.")
    var verify = false

    @OptionGroup var daemon: DaemonOptions

    private static let pageSize = 1000

    mutating func validate() throws {
        if limit < 1 { throw ValidationError("--limit \(limit): at least one line") }
    }

    mutating func run() async throws {
        if verify { return try await check() }
        try await daemon.answer { client in
            var last: [AuditEntryView] = []
            try await Self.each(client) { last = (last + $0).suffix(limit) }
            return Page(last)
        } show: { page in
            guard !page.items.isEmpty else { return Console.error("nothing was done yet") }
            let paint = Paint.ofOutput
            let rows = page.items.map { line -> [TextTable.Cell] in
                [
                    .init("\(line.id)", paint: paint.dim), .init(TimeText.second(line.at), paint: paint.dim),
                    .init(line.actor), .init(line.action, paint: paint.bold), .init(line.subject), .init(line.detail),
                ]
            }
            Console.table(TextTable(["LINE", "TIME", "WHO", "DID", "TO", "DETAIL"], rows: rows))
        }
    }

    /// The document of `--verify`.
    private struct Verdict: Encodable {
        var lines: Int64 = 0
        /// Of the last line.
        var hash = ""
        /// The first line that is not as it was written.
        var broken: Int64?
    }

    private func check() async throws {
        let verdict = try await daemon.reach.call { client in
            var verdict = Verdict()
            try await Self.each(client) { lines in
                for line in lines where verdict.broken == nil {
                    verdict.lines += 1
                    if try !line.follows(verdict.hash, number: verdict.lines) { verdict.broken = line.id }
                    verdict.hash = line.hash
                }
            }
            return verdict
        }
        if daemon.json { try Console.document(verdict) }
        if let broken = verdict.broken {
            throw RunnerError(
                .errored,
                "the audit is not as it was written",
                why: "line \(broken) does not fit the one before it",
                hint: "runner state check"
            )
        }
        if !daemon.json {
            Console.result("\(verdict.lines) lines, all as they were written; the last hash is \(verdict.hash)")
        }
    }

    private static func each(_ client: RunnerClient, _ body: ([AuditEntryView]) throws -> Void) async throws {
        var after: Int64?
        repeat {
            let page = try await client.audit(after: after, limit: pageSize)
            try body(page.items)
            after = page.next
        } while after != nil
    }
}

extension AuditEntryView {
    /// Whether it is the line of that number, unchanged, after a line with that hash.
    fileprivate func follows(_ previous: String, number: Int64) throws -> Bool {
        guard let stated = Digest(hash) else { return false }
        let line = AuditLine(
            id: id,
            at: at,
            actor: actor,
            action: action,
            subject: subject,
            detail: detail,
            hash: stated
        )
        return try id == number && line.hash(after: previous) == stated
    }
}
