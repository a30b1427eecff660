import Foundation
import Glibc
import ObjectServers
import SystemPackage

/// A repository, and two runners with a state directory of their own each that share a store.
final class SharedFixture: Sendable {
    enum Place: Sendable {
        case directory
        case bucket(port: Int, secret: String)
    }

    static let pipeline = """
        name: ci
        on: { branches: ["**"] }
        stages:
          build:
            reuse: true
            run: |
              cat /proc/sys/kernel/random/uuid
              mkdir -p out/bin && cat /proc/sys/kernel/random/uuid > out/bin/app && chmod +x out/bin/app
              ln -s app out/bin/link
            artifacts: { app: { paths: ["out/**"] } }
          use:
            needs: [build]
            run: 'test -x $RUNNER_ARTIFACTS/app/out/bin/app; echo "made: $(cat $RUNNER_ARTIFACTS/app/out/bin/link)"'

        """

    /// Stage `hold` goes on long after `build` has ended.
    static let waiting = """
        name: ci
        on: { branches: ["**"] }
        stages:
          build: { reuse: true, run: cat file }
          hold: { run: sleep 300 }

        """

    let base: RunnerFixture
    /// What could be shown to stages; the home of the test lies beside it.
    let folder: FilePath
    var shared: FilePath { folder.appending("shared") }
    var key: FilePath { folder.appending("store.key") }

    init(_ place: Place, _ pipeline: String = SharedFixture.pipeline, more: String = "", configuration: String = "")
        async throws
    {
        base = try await RunnerFixture(["file": "first\n"])
        folder = base.directory.appending("etc")
        try base.write(pipeline.replacing("BASE", with: folder.string), to: "pipelines/ci.yml")
        try await base.commit("Add a pipeline")
        for path in [folder, shared] { mkdir(path.string, 0o700) }
        try file("store.key", "0123456789abcdef0123456789abcdef")
        try file("access", ObjectServer.accessKey)
        var options = "key-file: \(key), "
        switch place {
        case .directory: options += "directory: \(shared)"
        case .bucket(let port, let secret):
            try file("secret", secret)
            options +=
                "bucket: bucket, endpoint: \"http://127.0.0.1:\(port)\", prefix: team, "
                + "access-key-file: \(folder)/access, secret-key-file: \(folder)/secret"
        }
        let others = configuration.replacing("BASE", with: folder.string)
        try file("runner.yml", "store: { \(options)\(more) }\n" + others)
    }

    /// A file for its owner alone, beside the repository.
    func file(_ name: String, _ text: String, mode: mode_t = 0o600) throws {
        let path = folder.appending(name).string
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, mode)
    }

    func state(_ runner: String) -> FilePath { base.directory.appending("state-\(runner)") }

    /// Runs the pipeline on a machine of that name.
    func run(on runner: String, _ arguments: [String] = [], seconds: Int = 90) async throws -> RunnerFixture.End {
        try await base.execute(
            RunnerFixture.program.string,
            ["local", "--config", folder.appending("runner.yml").string] + arguments,
            ["RUNNER_STATE": state(runner).string],
            seconds: seconds
        )
    }

    /// What the run's events say besides.
    func notes(of run: Int = 1, on runner: String) throws -> String {
        let path = state(runner).appending("runs").appending("\(run)").appending("events.jsonl").string
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    /// What the artifact says that stage `use` has shown.
    func made(_ end: RunnerFixture.End) -> Substring? {
        end.output.split(separator: "\n").first { $0.contains("made: ") && !$0.contains("echo") }
    }

    /// What stage `build` wrote, or the run that it was taken from did.
    func log(of run: Int = 1, on runner: String) throws -> String {
        let stage = state(runner).appending("runs").appending("\(run)").appending("build")
        let names = try FileManager.default.contentsOfDirectory(atPath: stage.string).filter { $0.hasSuffix(".log") }
        return try names.sorted().map { try String(contentsOfFile: stage.appending($0).string, encoding: .utf8) }
            .joined()
    }

    func outbox(of runner: String) -> [String] {
        // None is made where nothing was ever to be sent.
        let names = try? FileManager.default.contentsOfDirectory(atPath: state(runner).appending("outbox").string)
        return (names ?? []).filter { !$0.hasPrefix(".") }
    }

    /// Paths of all objects in a shared directory, below it.
    func objects(_ kind: String) throws -> [FilePath] {
        let root = shared.appending(kind)
        let names = FileManager.default.subpaths(atPath: root.string) ?? []
        return names.map { root.pushing(FilePath($0)) }.filter { path in
            var status = stat()
            return lstat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }
    }
}
