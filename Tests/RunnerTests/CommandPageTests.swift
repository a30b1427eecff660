import FoundationEssentials
import SystemPackage
import Testing

/// docs/cli.md against the program itself.
struct CommandPageTests {
    private static let page: String = {
        let tests = FilePath(#filePath).removingLastComponent().removingLastComponent()
        let path = tests.removingLastComponent().appending("docs").appending("cli.md").string
        // `try?`: a page that is not there has nothing in it.
        return (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }()

    /// The section of one command.
    private static func section(_ command: String) -> Substring {
        guard let start = page.firstRange(of: "\n## `runner \(command)`") else { return "" }
        let rest = page[start.upperBound...]
        return rest[..<(rest.firstRange(of: "\n## ")?.lowerBound ?? rest.endIndex)]
    }

    @Test func `every command has a section`() async throws {
        let commands = try await Self.commands()
        #expect(commands.contains("local") && commands.contains("watch"))
        for command in commands { #expect(!Self.section(command).isEmpty, "`\(command)` has no section") }
    }

    @Test func `every flag of a command is described`() async throws {
        for command in try await Self.commands() {
            let section = Self.section(command)
            for words in [[command]] + (try await Self.commands(below: command).map { [command, $0] }) {
                let name = words.joined(separator: " ")
                #expect(words.count == 1 || section.contains("runner \(name)"), "`\(name)` is not described")
                for flag in try await Self.flags(of: words) {
                    #expect(section.contains("`\(flag)"), "`\(flag)` of `\(words)` is not described")
                }
            }
        }
    }

    @Test func `what all commands about a server have is described once`() async throws {
        for flag in Self.common { #expect(Self.page.contains("\n| `\(flag)")) }
    }

    /// Of every command that asks a daemon.
    private static let common = ["--server", "--server-token-file", "--server-authorities", "--json"]

    private static func flags(of words: [String]) async throws -> Set<String> {
        let help = try await help(words)
        let flags = Set(help.matches(of: /--[a-z][a-z-]*/).map { String($0.output) })
        let usual = flags.contains("--server") && words != ["local"] ? common : []
        return flags.subtracting(["--version", "--help"] + usual)
    }

    /// The names below a heading `SUBCOMMANDS`, without `help`.
    private static func commands(below command: String? = nil) async throws -> [String] {
        let help = try await help(command.map { [$0] } ?? [])
        guard let start = help.firstRange(of: "SUBCOMMANDS:") else { return [] }
        return help[start.upperBound...].split(separator: "\n").filter {
            $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  See ")
        }
        .compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    private static func help(_ words: [String]) async throws -> String {
        try await RunnerFixture().execute(RunnerFixture.program.string, words + ["--help"]).output
    }

    @Test(arguments: 0...5)
    func `every exit code is described`(code: Int) {
        #expect(Self.page.contains("\n| \(code) |"))
    }
}
