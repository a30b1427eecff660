/// Where a repository is, in one of the forms that git knows. A password in it is refused.
package struct RepositoryURL: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// An absolute path of this machine, with `%20` and its like resolved.
        case local(path: String)
        case https(Remote)
        case http(Remote)
        /// `ssh://` or `user@host:path`.
        case ssh(Remote)
        case git(Remote)
    }

    /// A place on another machine.
    package struct Remote: Sendable, Hashable {
        package var user: String?
        /// In lower case; an IPv6 address without its brackets.
        package var host: String
        package var port: Int?
        /// As written: with its leading `/`, but for `user@host:path`, where it starts at the user's home.
        package var path: String

        package init(user: String? = nil, host: String, port: Int? = nil, path: String) {
            self.user = user
            self.host = host
            self.port = port
            self.path = path
        }
    }

    /// All that is known, in words.
    package static let forms =
        "an absolute path, `file://`, `https://`, `http://`, `ssh://`, `user@host:path` or `git://`"

    /// As the person wrote it, for git and for people.
    package let text: String
    package let kind: Kind

    package init(_ text: String) throws(TextProblem) {
        self.text = text
        kind = try RepositoryURLParser(text).parse()
    }

    /// `nil` for a local repository.
    package var remote: Remote? {
        switch kind {
        case .local: nil
        case .https(let remote), .http(let remote), .ssh(let remote), .git(let remote): remote
        }
    }

    /// Whom to leave alone when it does not answer; `nil` for a local repository.
    package var host: String? { remote?.host }

    /// Set where the repository is on this machine.
    package var localPath: String? {
        if case .local(let path) = kind { path } else { nil }
    }

    /// Equal for urls that mean one repository, by whatever protocol: `git.example.com/team/web`.
    package var identity: String {
        var path = (localPath ?? remote?.path ?? "")[...]
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix(".git") { path.removeLast(4) }
        while path.hasSuffix("/") { path.removeLast() }
        guard let remote else { return String(path) }
        return "\(remote.host)/\(path.drop { $0 == "/" })"
    }
}

extension RepositoryURL: CustomStringConvertible {
    package var description: String { text }
}
