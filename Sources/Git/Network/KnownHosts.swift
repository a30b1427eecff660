internal import Crypto
internal import FoundationEssentials
package import SystemPackage

/// OpenSSH's `known_hosts`: plain, wildcard and hashed names, `[host]:port`, `@revoked`. Certificate authorities are
/// passed over, because libgit2 knows no host certificates.
package struct KnownHosts: Sendable {
    package enum Verdict: Sendable, Hashable {
        case known
        /// No key of this kind is known for the host; the kinds that are, as `ssh-ed25519`.
        case unknown(otherKinds: [String])
        /// Another key of this kind is known for the host, in the line with this number.
        case changed(line: Int)
        case revoked(line: Int)
    }

    private struct Line {
        let number: Int
        let isRevoked: Bool
        let hosts: String
        let key: [UInt8]
    }

    private let lines: [Line]

    package init(_ text: String) {
        var lines: [Line] = []
        for (index, text) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let line = Self.line(text, index + 1) { lines.append(line) }
        }
        self.lines = lines
    }

    /// All files one after the other; a file that is not there has no lines, one that cannot be read throws.
    package init(files: [FilePath]) throws(GitError) {
        var text = ""
        for file in files where FileStatus(file) != nil {
            text += String(decoding: try FileBytes.read(file), as: UTF8.self) + "\n"
        }
        self.init(text)
    }

    /// Whether the host may show this key, in the format of RFC 4253, section 6.6.
    package func verdict(host: String, port: Int, key: [UInt8]) -> Verdict {
        let name = Self.name(host, port)
        let kind = Self.kind(of: key)
        let matching = lines.filter { Self.matches($0.hosts, name) }
        if let revoked = matching.first(where: { $0.isRevoked && $0.key == key }) {
            return .revoked(line: revoked.number)
        }
        let believed = matching.filter { !$0.isRevoked }
        if believed.contains(where: { $0.key == key }) { return .known }
        if let other = believed.first(where: { Self.kind(of: $0.key) == kind }) { return .changed(line: other.number) }
        return .unknown(otherKinds: Set(believed.map { Self.kind(of: $0.key) }).sorted())
    }

    /// True where the host has a line of its own, whatever the key.
    package func knows(host: String, port: Int) -> Bool {
        let name = Self.name(host, port)
        return lines.contains { !$0.isRevoked && Self.matches($0.hosts, name) }
    }

    /// What a key calls itself, as `ssh-ed25519`; empty for what is no key.
    package static func kind(of key: [UInt8]) -> String {
        guard key.count >= 4 else { return "" }
        let length = key.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard length <= key.count - 4 else { return "" }
        return String(decoding: key[4..<(4 + length)], as: UTF8.self)
    }

    /// As the file names a host: `host`, or `[host]:port` for another port than 22.
    package static func name(_ host: String, _ port: Int) -> String {
        port == 22 ? host.lowercased() : "[\(host.lowercased())]:\(port)"
    }

    private static func line(_ text: Substring, _ number: Int) -> Line? {
        var fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })[...]
        guard let first = fields.first, !first.hasPrefix("#") else { return nil }
        if first.hasPrefix("@") {
            guard first == "@revoked" else { return nil }
            fields.removeFirst()
        }
        guard fields.count >= 3, let key = Data(base64Encoded: String(fields[fields.startIndex + 2])) else {
            return nil
        }
        let hosts = String(fields[fields.startIndex])
        return Line(number: number, isRevoked: first == "@revoked", hosts: hosts, key: Array(key))
    }

    private static func matches(_ hosts: String, _ name: String) -> Bool {
        if hosts.hasPrefix("|") { return matchesHash(hosts, name) }
        var isMatched = false
        for pattern in hosts.lowercased().split(separator: ",") {
            if pattern.hasPrefix("!") {
                if wildcard(Array(pattern.dropFirst().utf8)[...], Array(name.utf8)[...]) { return false }
            } else if wildcard(Array(pattern.utf8)[...], Array(name.utf8)[...]) {
                isMatched = true
            }
        }
        return isMatched
    }

    /// `|1|SALT|HASH`: the HMAC-SHA1 of the name.
    private static func matchesHash(_ hosts: String, _ name: String) -> Bool {
        let parts = hosts.split(separator: "|")
        guard parts.count == 3, parts[0] == "1", let salt = Data(base64Encoded: String(parts[1])),
            let hash = Data(base64Encoded: String(parts[2]))
        else { return false }
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array(name.utf8), using: SymmetricKey(data: salt))
        return Array(code) == Array(hash)
    }

    /// `*` for any characters, `?` for one.
    private static func wildcard(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        var (pattern, name) = (pattern, name)
        while let next = pattern.popFirst() {
            if next == UInt8(ascii: "*") {
                return name.indices.contains { wildcard(pattern, name[$0...]) } || wildcard(pattern, [])
            }
            guard let character = name.popFirst(), next == UInt8(ascii: "?") || next == character else { return false }
        }
        return name.isEmpty
    }
}
