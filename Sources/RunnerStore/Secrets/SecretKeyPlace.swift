import FoundationEssentials
import Glibc
import RunnerCore
package import SystemPackage

/// Where the key of secrets lies, and how it is made and changed. A key is never overwritten before nothing needs it.
package struct SecretKeyPlace: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        /// In the state directory; made at first use.
        case own
        /// As the server's file names it.
        case named
        /// A credential that systemd hands over.
        case credential
    }

    package let source: Source
    package let path: FilePath
    /// Where the runner's own key lies, or lay.
    private let own: FilePath

    /// `named` is `secrets-key-file` of the server's file; `credentials` is systemd's directory.
    package init(_ state: StateDirectory, named: FilePath?, credentials: FilePath?) {
        own = state.secretsKey
        let credential = credentials?.appending(Self.credentialName)
        if let named {
            (source, path) = (.named, named)
        } else if let credential, FileSystem.exists(credential) {
            (source, path) = (.credential, credential)
        } else {
            (source, path) = (.own, state.secretsKey)
        }
    }

    /// As `LoadCredential=` calls it.
    package static let credentialName = "runner-secrets-key"

    /// The keys that are there.
    struct Keys: Sendable {
        /// What new values are sealed with; `nil` where it is missing.
        var current: SecretKey?
        /// That one, and those that a change of keys has left, by id.
        var known: [String: SecretKey] = [:]
    }

    /// Throws for a file that is there and is no key.
    func keys() throws -> Keys {
        var keys = Keys()
        keys.current = try read(path)
        let others = [next, old, own, Self.next(own), Self.old(own)].filter { $0 != path }
        for key in [keys.current] + (try others.map(read)) {
            if let key { keys.known[key.id] = key }
        }
        return keys
    }

    /// Makes the runner's own key, where there is none. The caller has seen that nothing needs an earlier one.
    func make() throws -> SecretKey {
        guard source == .own else {
            throw RunnerError(
                .errored,
                "cannot keep secrets",
                why: "the key file `\(path)` is missing",
                hint: "make one: `(umask 077; head -c \(SecretKey.length) /dev/urandom > \(path))`"
            )
        }
        let key = SecretKey()
        try FileSystem.makeDirectories(path.removingLastComponent(), mode: 0o700)
        try write(key, to: path)
        return key
    }

    // MARK: - Another key

    /// Written beside the current one before anything is sealed with it.
    func makeNext() throws -> SecretKey {
        let key = SecretKey()
        do {
            try write(key, to: next)
        } catch {
            throw RunnerError(
                .errored,
                "cannot make a new key for secrets",
                why: "\(error)",
                hint:
                    "let the daemon write to `\(path.removingLastComponent())`, or change the key yourself: see docs/secrets.md"
            )
        }
        return key
    }

    /// Puts the next key in the current one's place, once all is sealed with it. The old one stays until the new one is
    /// safe on the disk.
    func useNext() throws {
        try removeFile(old)
        if FileSystem.exists(path), link(path.cString, old.cString) != 0 { throw SystemFailure("keep", old) }
        try FileSystem.rename(next, to: path)
        try syncDirectory()
        try forgetOld()
    }

    /// Removes a next key that seals nothing.
    func forgetNext() throws { try removeFile(next) }

    /// Removes an old key that seals nothing any more.
    func forgetOld() throws {
        try removeFile(old)
        if source != .own { try removeFile(Self.old(own)) }
    }

    func nextKey() throws -> SecretKey? { try read(next) }
    var hasOld: Bool { FileSystem.exists(old) }

    private var next: FilePath { Self.next(path) }
    private var old: FilePath { Self.old(path) }

    private static func next(_ path: FilePath) -> FilePath { FilePath("\(path).new") }
    private static func old(_ path: FilePath) -> FilePath { FilePath("\(path).old") }

    // MARK: - Files

    private func read(_ path: FilePath) throws -> SecretKey? {
        // Links are followed: a credential may be one.
        let fd = open(path.cString, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if fd < 0 {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw refusal(path, "\(SystemFailure("open", path))")
        }
        defer { close(fd) }
        var status = stat()
        try checked("inspect", path) { fstat(fd, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw refusal(path, "it is no file") }
        guard status.st_mode & 0o007 == 0 else {
            throw refusal(path, "everybody may read it", hint: "chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: SecretKey.length + 1)
        let count = Glibc.read(fd, &bytes, bytes.count)
        guard count >= 0 else { throw refusal(path, "\(SystemFailure("read", path))") }
        guard let key = SecretKey(Data(bytes.prefix(count))) else {
            let found = count > SecretKey.length ? "more than \(SecretKey.length)" : "\(count)"
            throw refusal(path, "it has \(found) bytes; a key has \(SecretKey.length)")
        }
        return key
    }

    private func refusal(_ path: FilePath, _ why: String, hint: String? = nil) -> RunnerError {
        RunnerError(.errored, "cannot use the key file `\(path)`", why: why, hint: hint ?? "put the right key there")
    }

    private func write(_ key: SecretKey, to path: FilePath) throws {
        try FileSystem.write(key.bytes, to: path, mode: 0o600, durable: true)
        try syncDirectory()
    }

    private func removeFile(_ path: FilePath) throws {
        if unlink(path.cString) != 0, errno != ENOENT, errno != ENOTDIR { throw SystemFailure("remove", path) }
    }

    private func syncDirectory() throws {
        let directory = path.removingLastComponent()
        let fd = try checked("open", directory) { open(directory.cString, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(fd) }
        if fsync(fd) != 0 { throw SystemFailure("write to disk", directory) }
    }
}
