internal import Glibc
internal import SystemPackage

/// A program that reads a file and writes what it makes of it.
struct ExternalProgram {
    let arguments: [String]
    /// Added to our own environment, of which the variables that steer git are left out.
    let environment: [String: String]

    /// Keeps what the program writes in a file of the directory. `notFound` when there is no such program.
    func run(input: FilePath, scratch: FilePath) throws(GitError) -> ScratchFile {
        let output = ScratchFile(in: scratch)
        let errors = ScratchFile(in: scratch)
        let process = try spawn(input: input, output: output.path, errors: errors.path)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw Libgit2.systemError("wait for `\(arguments[0])`") }
        }
        guard status == 0 else {
            let text = String(decoding: try FileBytes.read(errors.path), as: UTF8.self)
            throw GitError(.other, "run `\(arguments.joined(separator: " "))`", "it failed: \(text.prefix(2000))")
        }
        return output
    }

    private func spawn(input: FilePath, output: FilePath, errors: FilePath) throws(GitError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let create = O_WRONLY | O_CREAT | O_EXCL
        _ = input.withPlatformString { posix_spawn_file_actions_addopen(&actions, 0, $0, O_RDONLY, 0) }
        _ = output.withPlatformString { posix_spawn_file_actions_addopen(&actions, 1, $0, create, 0o600) }
        _ = errors.withPlatformString { posix_spawn_file_actions_addopen(&actions, 2, $0, create, 0o600) }
        var process: pid_t = 0
        let number = withCStrings(arguments) { argv in
            withCStrings(variables) { envp in posix_spawnp(&process, arguments[0], &actions, nil, argv, envp) }
        }
        guard number == 0 else { throw Libgit2.systemError("start `\(arguments[0])`", number) }
        return process
    }

    private var variables: [String] {
        var kept: [String] = []
        var next = environ
        while let text = next.pointee {
            let variable = String(cString: text)
            if !variable.hasPrefix("GIT_") { kept.append(variable) }
            next += 1
        }
        return kept + environment.map { "\($0.key)=\($0.value)" }
    }

    private func withCStrings(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Int32) -> Int32 {
        let pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}
