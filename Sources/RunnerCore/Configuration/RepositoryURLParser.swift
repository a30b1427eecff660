/// Takes a repository's url apart. No message repeats more of it than the scheme or the host: there may be a password in it.
struct RepositoryURLParser {
    static let schemes = ["https", "http", "ssh", "git", "file"]

    private let text: String

    init(_ text: String) { self.text = text }

    func parse() throws(TextProblem) -> RepositoryURL.Kind {
        guard !text.isEmpty else { throw TextProblem("is empty", hint: "write \(RepositoryURL.forms)") }
        let isPlain = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F || $0 == " " }
        guard isPlain else { throw TextProblem("has a control character") }
        if text.hasPrefix("/") { return .local(path: text) }
        guard !text.contains(" ") else { throw TextProblem("has a space", hint: "write `%20`") }
        if let mark = text.firstRange(of: "://") {
            return try parse(scheme: text[..<mark.lowerBound], rest: text[mark.upperBound...])
        }
        if !text.hasPrefix("."), let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") {
            return .ssh(try short(place: text[..<colon], path: text[text.index(after: colon)...]))
        }
        let isPath = ["./", "../", "~/"].contains { text.hasPrefix($0) } || [".", "..", "~"].contains(text)
        let hint = isPath ? "write the whole path, from `/` on" : "write \(RepositoryURL.forms)"
        throw TextProblem(isPath ? "is not an absolute path" : "is in no known form", hint: hint)
    }

    private func parse(scheme: Substring, rest: Substring) throws(TextProblem) -> RepositoryURL.Kind {
        switch scheme.lowercased() {
        case "file": return .local(path: try localPath(rest))
        case "https": return .https(try remote(rest))
        case "http": return .http(try remote(rest))
        case "ssh": return .ssh(try remote(rest))
        case "git": return .git(try remote(rest))
        default:
            let near = DidYouMean.suggestion(for: String(scheme), among: Self.schemes).map {
                "did you mean `\($0)://`?"
            }
            throw TextProblem(
                "has the unknown scheme \(String(scheme).quoted)",
                hint: near ?? "write \(RepositoryURL.forms)"
            )
        }
    }

    private func localPath(_ rest: Substring) throws(TextProblem) -> String {
        let path = rest.hasPrefix("localhost/") ? rest.dropFirst("localhost".count) : rest
        guard path.hasPrefix("/") else {
            let hint = "write `file:///PATH`, with three slashes"
            throw TextProblem("names a host, but `file://` is for this machine", hint: hint)
        }
        guard let decoded = PercentEncoding.decode(path), !decoded.contains("\0") else {
            throw TextProblem("has a `%` that two hexadecimal digits do not follow", hint: "write `%25` for `%`")
        }
        return decoded
    }

    /// `user@host:port/path`.
    private func remote(_ rest: Substring) throws(TextProblem) -> RepositoryURL.Remote {
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        let (place, path) = (rest[..<end], rest[end...])
        // A password may have an `@` of its own.
        let at = place.lastIndex(of: "@")
        let user = try at.map { (at) throws(TextProblem) in try checkedUser(place[..<at]) }
        let (host, port) = try hostAndPort(at.map { place[place.index(after: $0)...] } ?? place)
        guard path.contains(where: { $0 != "/" }) else {
            throw TextProblem("names no repository", hint: "write its path behind the host", offset: offset(of: end))
        }
        return RepositoryURL.Remote(user: user, host: host, port: port, path: String(path))
    }

    /// `user@host` of `user@host:path`.
    private func short(place: Substring, path: Substring) throws(TextProblem) -> RepositoryURL.Remote {
        // `user:password@host/path` without its scheme.
        guard !path.prefix(while: { $0 != "/" }).contains("@") else { throw Self.password }
        let at = place.lastIndex(of: "@")
        let user = try at.map { (at) throws(TextProblem) in try checkedUser(place[..<at]) }
        let host = at.map { place[place.index(after: $0)...] } ?? place
        try check(host: host)
        guard path.contains(where: { $0 != "/" }), !path.hasPrefix("-") else {
            throw TextProblem(
                "names no repository",
                hint: "write `user@host:path`",
                offset: offset(of: path.startIndex)
            )
        }
        return RepositoryURL.Remote(user: user, host: host.lowercased(), path: String(path))
    }
}

extension RepositoryURLParser {
    private static let password = TextProblem(
        "has a password in it",
        hint: "put it into a file, and write `credentials: { token-file: /PATH }`"
    )
    /// How the tokens of the great hosts begin, which stand where a user name belongs.
    private static let tokens = ["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "gldt-", "glcbt-"]

    private func checkedUser(_ user: Substring) throws(TextProblem) -> String {
        let isToken = Self.tokens.contains { user.hasPrefix($0) }
        guard !isToken, !user.contains(":"), !user.contains("@") else {
            var problem = Self.password
            problem.offset = offset(of: user.startIndex)
            throw problem
        }
        // A program would take a leading `-` for an option.
        guard !user.isEmpty, !user.hasPrefix("-") else {
            throw TextProblem("has no user name before `@`", offset: offset(of: user.startIndex))
        }
        return String(user)
    }

    private func hostAndPort(_ place: Substring) throws(TextProblem) -> (host: String, port: Int?) {
        var host = place
        var digits: Substring?
        if place.hasPrefix("["), let end = place.firstIndex(of: "]") {
            host = place[place.index(after: place.startIndex)..<end]
            let rest = place[place.index(after: end)...]
            digits = rest.isEmpty ? nil : rest.dropFirst()
            guard rest.isEmpty || rest.hasPrefix(":"), Self.isIPv6(host) else { throw unknownHost(place) }
        } else {
            if let colon = place.firstIndex(of: ":") {
                host = place[..<colon]
                digits = place[place.index(after: colon)...]
            }
            try check(host: host)
        }
        guard let digits else { return (host.lowercased(), nil) }
        guard digits.allSatisfy(\.isNumber), let port = Int(digits), (1...65_535).contains(port) else {
            throw TextProblem("has a port that is not from 1 to 65535", offset: offset(of: digits.startIndex))
        }
        return (host.lowercased(), port)
    }

    private func check(host: Substring) throws(TextProblem) {
        let isPlain = host.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }
        // A program would take a leading `-` for an option.
        guard isPlain, !host.isEmpty, !host.hasPrefix("-") else { throw unknownHost(host) }
    }

    private func unknownHost(_ host: Substring) -> TextProblem {
        TextProblem(
            host.isEmpty ? "names no host" : "has no host name where one belongs",
            offset: offset(of: host.startIndex)
        )
    }

    private static func isIPv6(_ text: Substring) -> Bool {
        text.contains(":") && text.allSatisfy { $0.isHexDigit && $0.isASCII || $0 == ":" || $0 == "." }
    }

    private func offset(of index: String.Index) -> Int { text.distance(from: text.startIndex, to: index) }
}
