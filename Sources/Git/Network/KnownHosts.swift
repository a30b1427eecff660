internal import Crypto
internal import FoundationEssentials
internal import SystemPackage

/// The public key by which an ssh host proves who it is.
struct HostKey: Sendable, Hashable {
    /// As `known_hosts` names it: `ssh-ed25519`.
    let type: String
    /// The SHA-256 of the key.
    let digest: [UInt8]

    /// As ssh shows it to people: `SHA256:` and base64 without its `=`.
    var fingerprint: String {
        "SHA256:" + Data(digest).base64EncodedString().prefix { $0 != "=" }
    }
}

/// A file of host keys as OpenSSH writes it: the only thing that decides whether a host is believed.
struct KnownHosts {
    /// An ssh server.
    struct Place: Sendable, Hashable {
        let host: String
        let port: Int

        /// As the file names it: the host, or `[host]:port` for an unusual port.
        var name: String { port == 22 ? host.lowercased() : "[\(host.lowercased())]:\(port)" }
    }

    private struct Entry {
        var isRevoked: Bool
        var hosts: Substring
        var type: String
        var digest: [UInt8]
    }

    private let path: FilePath
    private let entries: [Entry]

    /// A file that is not there knows no host.
    init(at path: FilePath) throws(GitError) {
        let bytes: [UInt8]
        do throws(GitError) {
            bytes = try FileBytes.read(path)
        } catch {
            guard error.code == .notFound else { throw error }
            bytes = []
        }
        self.init(path, text: String(decoding: bytes, as: UTF8.self))
    }

    init(_ path: FilePath, text: String) {
        self.path = path
        entries = text.split(whereSeparator: \.isNewline).compactMap { Self.entry($0) }
    }

    /// Throws `.notTrusted` for a key that is not known to be the host's.
    func check(_ key: HostKey, of place: Place, _ operation: String) throws(GitError) {
        let entries = entries.filter { Self.matches($0.hosts, place.name) }
        let shown = "\(key.type) \(key.fingerprint)"
        if entries.contains(where: { $0.isRevoked && $0.digest == key.digest }) {
            throw GitError(.notTrusted, operation, "\(path) revokes the host key that \(place.name) shows: \(shown)")
        }
        let known = entries.filter { !$0.isRevoked }
        if known.contains(where: { $0.digest == key.digest }) { return }
        let scan = "ssh-keyscan -p \(place.port) \(place.host) >> \(path)"
        if known.isEmpty {
            throw GitError(
                .notTrusted,
                operation,
                "\(path) has no host key of \(place.name), which shows \(shown)",
                hint: "compare that with who runs the host, then: \(scan)"
            )
        }
        guard known.contains(where: { $0.type == key.type }) else {
            let types = Set(known.map(\.type)).sorted().joined(separator: ", ")
            let message = "\(path) has keys of \(place.name), but only \(types); it shows \(shown)"
            throw GitError(.notTrusted, operation, message, hint: "compare that with who runs the host, then: \(scan)")
        }
        throw GitError(
            .notTrusted,
            operation,
            "\(place.name) shows another host key than \(path) has, and may be somebody else: \(shown)",
            hint: "ask who runs the host; if the key did change: ssh-keygen -R '\(place.name)' -f \(path)"
        )
    }

    /// The port that an ssh url names.
    static func port(of url: String) -> Int {
        guard let scheme = url.firstRange(of: "://") else { return 22 }
        let place = url[scheme.upperBound...].prefix { $0 != "/" }
        guard let colon = place.lastIndex(of: ":"), !place[colon...].contains("]") else { return 22 }
        return Int(place[place.index(after: colon)...]) ?? 22
    }

    /// `[@marker] hosts type key [comment]`; `nil` for what is none, and for authorities, whom libgit2 cannot ask.
    private static func entry(_ line: Substring) -> Entry? {
        var fields = line.split { $0 == " " || $0 == "\t" }[...]
        guard let first = fields.first, !first.hasPrefix("#") else { return nil }
        let isRevoked = first == "@revoked"
        if first.hasPrefix("@") {
            guard isRevoked else { return nil }
            fields = fields.dropFirst()
        }
        guard fields.count >= 3 else { return nil }
        let (hosts, type, text) = (
            fields[fields.startIndex], fields[fields.startIndex + 1], fields[fields.startIndex + 2]
        )
        guard let key = Data(base64Encoded: String(text)) else { return nil }
        return Entry(isRevoked: isRevoked, hosts: hosts, type: String(type), digest: Array(SHA256.hash(data: key)))
    }

    /// Whether a list of patterns, or a hash, means the name. `!pattern` rules out.
    private static func matches(_ hosts: Substring, _ name: String) -> Bool {
        if hosts.hasPrefix("|") { return isHash(hosts, of: name) }
        var isMatch = false
        for pattern in hosts.lowercased().split(separator: ",") {
            let isNegated = pattern.hasPrefix("!")
            guard wildcard(Array((isNegated ? pattern.dropFirst() : pattern).utf8)[...], Array(name.utf8)[...]) else {
                continue
            }
            if isNegated { return false }
            isMatch = true
        }
        return isMatch
    }

    /// `|1|SALT|HASH`, with the HMAC-SHA1 of the name.
    private static func isHash(_ hosts: Substring, of name: String) -> Bool {
        let parts = hosts.split(separator: "|")
        guard parts.count == 3, parts[0] == "1" else { return false }
        guard let salt = Data(base64Encoded: String(parts[1])), let hash = Data(base64Encoded: String(parts[2])) else {
            return false
        }
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Data(name.utf8), using: SymmetricKey(data: salt))
        return Data(code) == hash
    }

    /// `*` is any text and `?` any one byte.
    private static func wildcard(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        let rest = pattern.dropFirst()
        if first == UInt8(ascii: "*") {
            return wildcard(rest, name) || !name.isEmpty && wildcard(pattern, name.dropFirst())
        }
        guard let letter = name.first, first == letter || first == UInt8(ascii: "?") else { return false }
        return wildcard(rest, name.dropFirst())
    }
}
