import FoundationEssentials
import SystemPackage
import Testing

/// One folder of `fixtures/`: the files of a repository, and in `expect.json` what `runner local` must make of them.
struct Scenario: Sendable {
    /// Every key of `expect.json`; those of `Run` stand beside them and describe the first run.
    struct Expectation: Decodable {
        /// A shell script that changes the repository after its first commit: names that no file here can have.
        var setup: String?
        /// Variables that `runner` itself gets.
        var environment: [String: String]?
        /// Whether the same must come out without a sandbox.
        var everywhere: Bool?
        /// Bytes that may stand in no file of the state directory.
        var hidden: [String]?
        /// Further runs in the same repository and with the same state.
        var again: [Run]?
    }

    struct Run: Decodable {
        /// A shell script that changes the repository before the run.
        var change: String?
        var arguments: [String]?
        var exit: Int32?
        var outcome: String?
        /// What standard error must contain.
        var stderr: [String]?
        /// Every stage of the run by name; nothing where no run must come about.
        var stages: [String: Stage]?
        /// What the run's events must contain and must not.
        var events: [String]?
        var eventsLack: [String]?
        /// Files that must lie in the run's directory.
        var records: [String]?
    }

    /// A stage that succeeds, but for what is named here. Logs are those of all steps, one after the other.
    struct Stage: Decodable {
        var outcome: String?
        /// What the reason must contain.
        var reason: String?
        var attempt: Int?
        /// Whether an earlier run's outcome was taken.
        var reused: Bool?
        var log: [String]?
        var logLacks: [String]?
        var logIs: String?
        var logBase64: String?
        /// How many lines the log must have.
        var lines: Int?
        /// How many files each artifact must have.
        var artifacts: [String: Int]?
        var outputs: [String: String]?
    }

    let expectation: Expectation
    let runs: [Run]
    /// The repository's files by path.
    let files: [String: String]

    private static let fixtures = FilePath(#filePath).removingLastComponent().appending("fixtures")

    /// Reads a folder of `fixtures/`.
    init(_ name: String) throws {
        let folder = Self.fixtures.appending(name)
        var files: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.string) {
            let file = folder.pushing(FilePath(path)).string
            var isDirectory = false
            guard FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory), !isDirectory else {
                continue
            }
            files[path] = try String(contentsOfFile: file, encoding: .utf8)
        }
        let data = Data((files.removeValue(forKey: "expect.json") ?? "").utf8)
        self.files = files
        expectation = try JSONDecoder().decode(Expectation.self, from: data)
        runs = [try JSONDecoder().decode(Run.self, from: data)] + (expectation.again ?? [])
    }

    /// One scenario in one of the two modes.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let isSandboxed: Bool

        var testDescription: String { isSandboxed ? name : "\(name), without a sandbox" }
    }

    /// All folders, those that hold everywhere twice.
    static let cases: [Case] = {
        // A list that cannot be read is empty, which a test of its own tells of.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: fixtures.string)) ?? []
        return names.sorted().flatMap { name -> [Case] in
            // What cannot be read fails in the test of its name.
            let isEverywhere = (try? Scenario(name))?.expectation.everywhere == true
            let sandboxed = Case(name: name, isSandboxed: true)
            return isEverywhere ? [sandboxed, Case(name: name, isSandboxed: false)] : [sandboxed]
        }
    }()
}
