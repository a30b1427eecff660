import FoundationEssentials
import Git
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// One request as the helper process does it: by libgit2, by git, or by one after the other. Blocks.
struct RemoteErrand {
    private let request: GitHelperRequest
    private let url: RepositoryURL
    private let access: RemoteAccess
    private let choice: GitTransport.Choice
    private let git: GitProgram

    /// Throws a `RunnerError` for a url or a token file that is of no use.
    init(_ request: GitHelperRequest) throws(RunnerError) {
        self.request = request
        let repository = request.repository
        do throws(TextProblem) {
            url = try RepositoryURL(repository.url)
        } catch {
            throw RunnerError(.input, request.what, why: "its url \(error.message)", hint: error.hint)
        }
        let given = repository.credentials
        access = RemoteAccess(
            user: given.user,
            token: try given.tokenFile.map { (path) throws(RunnerError) in try Self.token(FilePath(path), request.what)
            },
            sshKey: given.sshKey.map { FilePath($0) },
            knownHosts: given.knownHosts.map { FilePath($0) } ?? Self.home.appending(".ssh/known_hosts")
        )
        choice = GitTransport.choice(for: repository.transport, url.kind)
        git = GitProgram(url: url, access: access, believesOnlyKnownHosts: given.knownHosts != nil)
    }

    func run(onProgress: @escaping () -> Void) throws(RunnerError) -> GitHelperReply {
        do throws(GitError) {
            switch request.errand {
            case .list: return try .listed(list(onProgress))
            case .fetch(let mirror, let refspecs, let isInitial, let prune):
                let choice = try fetch(FilePath(mirror), refspecs, isInitial: isInitial, prune: prune, onProgress)
                return .fetched(FetchAnswer(transport: choice.transport, because: choice.because))
            }
        } catch {
            throw RunnerError(.errored, request.what, why: error.message, hint: error.hint)
        }
    }

    private func list(_ onProgress: () -> Void) throws(GitError) -> GitHelperReply.Listing {
        let (listing, choice) = try speak { () throws(GitError) in
            try RemoteListing.list(url: url.text, access: access)
        } git: { () throws(GitError) in
            try git.list(onProgress: onProgress)
        }
        var refs: [String: RefTarget] = [:]
        for ref in listing.refs where ref.name.hasPrefix("refs/heads/") || ref.name.hasPrefix("refs/tags/") {
            refs[ref.name] = RefTarget(object: ref.object, commit: ref.peeled ?? ref.object)
        }
        return GitHelperReply.Listing(
            refs: refs,
            defaultBranch: listing.defaultBranch,
            transport: choice.transport,
            because: choice.because
        )
    }

    private func fetch(
        _ mirror: FilePath,
        _ refspecs: [String],
        isInitial: Bool,
        prune: Bool,
        _ onProgress: @escaping () -> Void
    ) throws(GitError) -> GitTransport.Choice {
        let (_, taken) = try speak { () throws(GitError) in
            try RemoteFetch.fetch(
                url: url.text,
                into: mirror,
                refspecs: refspecs,
                access: access,
                prune: prune,
                objectLimit: isInitial || !choice.mayHandOn ? nil : GitTransport.objectLimit,
                onProgress: onProgress
            )
        } git: { () throws(GitError) in
            try git.fetch(into: mirror, refspecs: refspecs, prune: prune, onProgress: onProgress)
        }
        return taken
    }

    private func speak<Result>(
        _ libgit2: () throws(GitError) -> Result,
        git: () throws(GitError) -> Result
    ) throws(GitError) -> (Result, GitTransport.Choice) {
        guard choice.transport == .libgit2 else { return (try git(), choice) }
        do throws(GitError) {
            return (try libgit2(), choice)
        } catch {
            guard choice.mayHandOn, let next = GitTransport.handingOn(after: error) else { throw error }
            return (try git(), next)
        }
    }

    private static func token(_ path: FilePath, _ what: String) throws(RunnerError) -> String {
        let hint = "put the token on one line into a file that the runner's user may read"
        let bytes: Data?
        do throws(SystemFailure) {
            bytes = try FileSystem.read(path, limit: 64 << 10)
        } catch {
            throw RunnerError(.errored, what, why: "cannot read the token file: \(error)", hint: hint)
        }
        guard let bytes else { throw RunnerError(.errored, what, why: "there is no token file \(path)", hint: hint) }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard lines.count == 1, let line = lines.first else {
            throw RunnerError(.errored, what, why: "the token file \(path) has \(lines.count) lines", hint: hint)
        }
        return line.split(separator: " ").joined(separator: " ")
    }

    /// Of the user that we run as.
    private static var home: FilePath {
        if let home = getenv("HOME"), home.pointee != 0 { return FilePath(platformString: home) }
        guard let entry = getpwuid(geteuid()), let home = entry.pointee.pw_dir else { return "/" }
        return FilePath(platformString: home)
    }
}
