internal import Crypto
internal import FoundationEssentials

/// Says why a host key is not believed and which line would mend that.
struct HostKeyRefusal {
    let access: RemoteAccess
    let key: [UInt8]
    let verdict: KnownHosts.Verdict

    func error(_ operation: String) -> GitError {
        GitError(.untrusted, operation, "\(reason) (it showed \(KnownHosts.kind(of: key)) \(fingerprint))", hint: hint)
    }

    private var reason: String {
        let file = access.knownHosts.first.map { "\($0)" } ?? "known_hosts"
        switch verdict {
        case .known: return "the host key is known"
        case .unknown(let kinds) where kinds.isEmpty: return "\(file) knows no key of \(access.host)"
        case .unknown(let kinds):
            return "\(file) knows no key of this kind of \(access.host), only \(kinds.joined(separator: ", "))"
        case .changed(let line): return "the host key of \(access.host) is not the one in \(file), line \(line)"
        case .revoked(let line): return "the host key of \(access.host) is revoked in \(file), line \(line)"
        }
    }

    private var hint: String {
        let name = KnownHosts.name(access.host, access.port)
        let file = access.knownHosts.first.map { "\($0)" } ?? "known_hosts"
        switch verdict {
        case .known, .revoked: return "ask who runs \(access.host)"
        case .changed: return "ask who runs \(access.host); if the change is meant, replace that line"
        case .unknown:
            let line = "\(name) \(KnownHosts.kind(of: key)) \(Data(key).base64EncodedString())"
            return "compare the fingerprint with its owner, then add to \(file): \(line)"
        }
    }

    /// As `ssh-keygen -l` writes it.
    private var fingerprint: String {
        let digest = Data(SHA256.hash(data: key)).base64EncodedString()
        return "SHA256:" + digest.prefix { $0 != "=" }
    }
}
