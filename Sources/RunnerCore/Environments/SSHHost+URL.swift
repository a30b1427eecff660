extension SSHHost {
    /// Reads `ssh://USER@HOST:PORT`. User and host stand in the arguments of `ssh`, so they are plain words that no
    /// program takes for an option. No message repeats the text: there may be a password in it.
    package init(url text: String) throws(TextProblem) {
        let scheme = "ssh://"
        guard text.hasPrefix(scheme) else {
            throw TextProblem("must be `ssh://USER@HOST:PORT`", hint: Self.hint(for: text))
        }
        func offset(_ index: String.Index) -> Int { text.distance(from: text.startIndex, to: index) }

        let rest = text.dropFirst(scheme.count)
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        var place = rest[..<end]
        var user: Substring?
        // A password may have an `@` of its own.
        if let at = place.lastIndex(of: "@") {
            let word = place[..<at]
            if word.contains(":") {
                let hint = "name a key in its place: `identity: /PATH`"
                throw TextProblem("has a password in it", hint: hint, offset: offset(word.startIndex))
            }
            guard Self.isPlain(word) else {
                throw TextProblem("has a user that \(Self.rule)", offset: offset(word.startIndex))
            }
            user = word
            place = place[place.index(after: at)...]
        }
        let (host, digits) = Self.split(place)
        guard Self.isPlain(host) || Self.isIPv6(host) else {
            let message = host.isEmpty ? "names no host" : "has a host that \(Self.rule)"
            throw TextProblem(message, hint: "write `ssh://USER@HOST:PORT`", offset: offset(host.startIndex))
        }
        let port = digits.flatMap { $0.allSatisfy(\.isASCII) ? UInt16($0) : nil }
        guard digits == nil || port ?? 0 > 0 else {
            throw TextProblem("has a port that is not from 1 to 65535", offset: offset(digits?.startIndex ?? end))
        }
        guard ["", "/"].contains(rest[end...]) else {
            let hint = "write the directory as `path: /PATH`"
            throw TextProblem("has a path: only the host stands here", hint: hint, offset: offset(end))
        }
        self.init(user: user.map(String.init), host: String(host), port: port.map(Int.init))
    }

    private static let rule = "is not of letters, digits, `.`, `_` and `-`, not starting with `-`"

    /// An IPv6 address comes without its brackets.
    private static func split(_ place: Substring) -> (host: Substring, port: Substring?) {
        if place.hasPrefix("["), let end = place.firstIndex(of: "]") {
            let rest = place[place.index(after: end)...]
            // What is no port at all becomes one that is refused.
            return (place[..<end].dropFirst(), rest.isEmpty ? nil : rest.hasPrefix(":") ? rest.dropFirst() : rest)
        }
        guard let colon = place.firstIndex(of: ":") else { return (place, nil) }
        return (place[..<colon], place[place.index(after: colon)...])
    }

    private static func isPlain(_ word: Substring) -> Bool {
        !word.isEmpty && !word.hasPrefix("-")
            && word.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                    || [".", "_", "-"].contains(scalar)
            }
    }

    private static func isIPv6(_ word: Substring) -> Bool {
        word.contains(":")
            && word.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII && scalar.properties.isASCIIHexDigit || scalar == ":" || scalar == "."
            }
    }

    private static func hint(for text: String) -> String {
        if ["local", "localhost", "127.0.0.1", ""].contains(text) { return "leave it out for this machine" }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isNear = parts.count <= 2 && parts.allSatisfy { isPlain($0) }
        return isNear ? "write `ssh://\(text.prefix(60))`" : "without `host` it is this machine"
    }
}
