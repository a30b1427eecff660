import FoundationEssentials
import Git
import Glibc
import RunnerCore
import RunnerEngine
import RunnerExecution
import RunnerStore
import SystemPackage

/// A remote repository with a branch, a second one and an annotated tag, and a mirror for it.
final class NetworkFixture: Sendable {
    let directory: FilePath
    var mirror: FilePath { directory.appending("mirror.git") }
    /// What a listing of the remote must say, as git itself says it.
    let refs: RefSnapshot

    init() throws {
        // A helper that was ended must not end the test.
        signal(SIGPIPE, SIG_IGN)
        var template = Array("/tmp/runner-network-XXXXXX".utf8CString)
        _ = try checked("make directory", "/tmp") { mkdtemp(&template) == nil ? -1 : 0 }
        directory = FilePath(platformString: template)
        let output = try Self.shell(
            """
            git init -q --bare -b main remote.git; git init -q --bare mirror.git
            git init -q -b main work; cd work
            git commit -q --allow-empty -m one; git branch side; git commit -q --allow-empty -m two
            git tag -a -m v1 v1
            git push -q ../remote.git main side v1
            for ref in refs/heads/main refs/heads/side refs/tags/v1; do
                echo $ref $(git rev-parse $ref) $(git rev-parse $ref^{commit}) ,
            done
            """,
            in: directory
        )
        var refs: [String: RefTarget] = [:]
        for line in output.split(separator: ",") {
            let fields = line.split(separator: " ")
            guard fields.count == 3, let object = ObjectID(fields[1]), let commit = ObjectID(fields[2]) else {
                continue
            }
            refs[String(fields[0])] = RefTarget(object: object, commit: commit)
        }
        self.refs = RefSnapshot(refs)
    }

    deinit {
        // What a test leaves behind in /tmp is no reason to fail it.
        try? TreeRemoval.remove(directory)
    }

    /// Throws where a command says no; what it printed, on one line.
    @discardableResult
    func shell(_ script: String) throws -> String { try Self.shell(script, in: directory) }

    private static func shell(_ script: String, in directory: FilePath) throws -> String {
        let names = "GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=a@b"
        let text = "set -e; cd \(directory); export \(names) HOME=\(directory)\n\(script)"
        let end = ProgramOutput.capture("/bin/sh", ["-c", text])
        guard end.code == 0 else { throw ServerFailure(description: "\(script): \(end.output)") }
        return end.output
    }

    /// Writes a file with a token, for `credentials.tokenFile`.
    func write(_ text: String, to name: String) throws -> String {
        let path = directory.appending(name)
        try FileSystem.write(Data(text.utf8), to: path)
        return path.string
    }

    static func pool(_ limits: GitHelperPool.Limits = GitHelperPool.Limits()) -> GitHelperPool {
        GitHelperPool(program: program, limits: limits)
    }

    /// The binary that was built beside this test.
    static let program: FilePath = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
        let own = length > 0 ? FilePath(platformString: buffer).removingLastComponent().appending("runner") : ""
        if access(own.string, X_OK) == 0 { return own }
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        return root.pushing(".build/debug/runner")
    }()
}
