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
        let help = try await RunnerFixture().run("--help").output
        let list = help[(help.firstRange(of: "SUBCOMMANDS:")?.upperBound ?? help.endIndex)...]
        let commands = list.split(separator: "\n").filter {
            $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  See ")
        }
        .compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(commands.contains("local") && commands.contains("plan"))
        for command in commands { #expect(!Self.section(command).isEmpty, "`\(command)` has no section") }
    }

    @Test(arguments: ["local", "plan", "lint", "schema", "doctor"])
    func `every flag of a command is described`(command: String) async throws {
        let help = try await RunnerFixture().run(command, "--help").output
        let flags = Set(help.matches(of: /--[a-z][a-z-]*/).map { String($0.output) }).subtracting([
            "--version", "--help",
        ])
        let section = Self.section(command)
        for flag in flags { #expect(section.contains("`\(flag)"), "`\(flag)` of `\(command)` is not described") }
    }

    @Test(arguments: 0...5)
    func `every exit code is described`(code: Int) {
        #expect(Self.page.contains("\n| \(code) |"))
    }
}
