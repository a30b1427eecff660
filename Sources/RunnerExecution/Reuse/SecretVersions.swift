import Crypto
import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// Tells whether a secret's value is another one, without telling the value: a keyed digest of it. The key is this state
/// directory's own, so that nobody can try values out against what stands in records.
enum SecretVersions {
    /// By name. Where the server's own store gives versions, these are better: they are the same on all machines.
    static func versions(of secrets: [String: String], known: [String: String], state: StateDirectory) throws
        -> [String: String]
    {
        if secrets.keys.allSatisfy({ known[$0] != nil }) { return known }
        let key = SymmetricKey(data: try key(in: state))
        return secrets.reduce(into: known) { versions, secret in
            guard versions[secret.key] == nil else { return }
            let code = HMAC<SHA256>.authenticationCode(for: Data("\(secret.key)\u{0}\(secret.value)".utf8), using: key)
            versions[secret.key] = code.prefix(8).map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0\(digits)" : digits
            }.joined()
        }
    }

    private static func key(in state: StateDirectory) throws -> Data {
        let path = state.keys.appending("reuse.key")
        if let key = try FileSystem.read(path), key.count == 32 { return key }
        try FileSystem.makeDirectories(state.keys, mode: 0o700)
        let lock = try FileLock(state.keys.appending("lock"), wait: true)
        defer { withExtendedLifetime(lock) {} }
        // Another run may have made it meanwhile.
        if let key = try FileSystem.read(path), key.count == 32 { return key }
        let key = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        try FileSystem.write(key, to: path, mode: 0o600, durable: true)
        return key
    }
}
