import RunnerStore
import SystemPackage
import Testing

@testable import RunnerExecution

@Suite struct ExposureTests {
    private let scratch: Scratch
    private let home: FilePath

    init() throws {
        scratch = try Scratch()
        home = try scratch.directory("home")
    }

    /// `~` is the home directory of the test, each directory is made.
    private func exposure(_ searchPath: [String], expose: [String] = []) throws -> Exposure {
        let entries = try searchPath.map { try $0.hasPrefix("~") ? made($0).string : $0 }
        return Exposure(
            searchPath: entries.joined(separator: ":"),
            home: home,
            expose: try expose.map(made),
            hidden: [home, "/root"]
        )
    }

    private func made(_ path: String) throws -> FilePath {
        path.hasPrefix("~") ? try scratch.directory("home\(path.dropFirst())") : FilePath(path)
    }

    private func shown(_ exposure: Exposure) -> [String] {
        exposure.paths.map { $0.string.replacing(home.string, with: "~") }
    }

    @Test(
        arguments: [
            (["~/.cargo/bin"], ["~/.cargo/bin"], []),
            (["~/.pyenv/shims", "~/.pyenv/bin"], ["~/.pyenv"], ["PYENV_ROOT"]),
            (["~/.nvm/versions/node/v20/bin"], ["~/.nvm"], ["NVM_DIR"]),
            (["~/.local/share/swiftly/bin"], ["~/.local/share/swiftly"], ["SWIFTLY_BIN_DIR", "SWIFTLY_HOME_DIR"]),
            (["~/.rbenv/shims"], ["~/.rbenv"], ["RBENV_ROOT"]),
            (["~/.volta/bin"], ["~/.volta"], ["VOLTA_HOME"]),
            (["~/.asdf/shims"], ["~/.asdf"], ["ASDF_DATA_DIR"]),
            (["~/.sdkman/candidates/java/current/bin"], ["~/.sdkman/candidates"], []),
            (["~/bin", "~/go/bin"], ["~/bin", "~/go/bin"], []),
            (["/usr/bin", "/bin"], [], []),
        ] as [([String], [String], [String])]
    )
    func `toolchains on PATH are shown`(_ searchPath: [String], _ paths: [String], _ variables: [String]) throws {
        let exposure = try exposure(searchPath)
        #expect(shown(exposure) == paths)
        #expect(exposure.environment.keys.filter { $0 != "RUSTUP_HOME" }.sorted() == variables)
    }

    @Test func `the compilers of rustup come with cargo, its credentials do not`() throws {
        _ = try scratch.directory("home/.rustup")
        let exposure = try exposure(["~/.cargo/bin"])
        #expect(shown(exposure) == ["~/.cargo/bin", "~/.rustup"])
        #expect(exposure.environment["RUSTUP_HOME"] == home.appending(".rustup").string)
    }

    @Test(arguments: [
        "~/.ssh", "~/.ssh/bin", "~/.aws", "~/.gnupg/bin", "~/.docker", "~/.kube/bin", "~/.config/tool/bin", "~/.azure",
        "~/.password-store", "~/.mozilla", "~",
    ])
    func `places of secrets are never shown`(_ path: String) throws {
        let onPath = try exposure([path, "/usr/bin"])
        #expect(onPath.paths.isEmpty && onPath.searchPath == "/usr/bin")
        #expect(try exposure([], expose: [path]).paths.isEmpty)
    }

    @Test func `what is exposed by hand is shown, with what lies in it`() throws {
        let exposure = try exposure(["~/tools/bin"], expose: ["~/tools"])
        #expect(shown(exposure) == ["~/tools"])
        #expect(exposure.searchPath == home.pushing("tools/bin").string)
    }

    @Test func `PATH brings nothing back that somebody hides, expose does`() throws {
        let tools = try scratch.directory("home/tools/bin")
        let hide = [home.appending("tools")]
        let hidden = Exposure(searchPath: tools.string, home: home, expose: [], hidden: [home] + hide, hide: hide)
        #expect(hidden.paths.isEmpty && hidden.searchPath == "")
        let shown = Exposure(searchPath: tools.string, home: home, expose: [tools], hidden: [home] + hide, hide: hide)
        #expect(shown.paths == [tools] && shown.searchPath == tools.string)
    }

    @Test func `PATH has each directory that is there once`() throws {
        let exposure = try exposure(["/usr/bin", "relative", "", "/does/not/exist", "/usr/bin", "/bin"])
        #expect(exposure.searchPath == "/usr/bin:/bin")
    }
}
