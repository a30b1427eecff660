internal import CLibgit2
internal import FoundationEssentials
internal import SystemPackage

/// What the callbacks of one network call need and find out.
final class RemoteSession {
    private static let maximumTries = 3

    let access: RemoteAccess
    private let objectLimit: UInt32?
    private let progress: (FetchProgress) -> Void
    private var tries = 0
    /// Why a callback ended the call. It says more than what libgit2 makes of that.
    private var refusal: GitError?

    init(
        _ access: RemoteAccess,
        objectLimit: UInt32? = nil,
        progress: @escaping (FetchProgress) -> Void = { _ in }
    ) {
        self.access = access
        self.objectLimit = objectLimit
        self.progress = progress
    }

    /// Runs one call or several over the same connection. The session outlives them.
    func run<Result>(
        _ body: (inout git_remote_callbacks) throws(GitError) -> Result
    ) throws(GitError) -> Result {
        var callbacks = git_remote_callbacks()
        try Libgit2.check(git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION)), "start")
        callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
        callbacks.credentials = { out, _, user, allowed, payload in
            RemoteSession.from(payload)?.prove(out, user, allowed) ?? GIT_EUSER.rawValue
        }
        callbacks.certificate_check = { certificate, isValid, _, payload in
            RemoteSession.from(payload)?.believe(certificate, isValid != 0) ?? GIT_EUSER.rawValue
        }
        callbacks.transfer_progress = { statistics, payload in
            RemoteSession.from(payload)?.transfer(statistics) ?? GIT_EUSER.rawValue
        }
        return try withExtendedLifetime(self) { () throws(GitError) in
            do throws(GitError) {
                return try body(&callbacks)
            } catch {
                throw refusal ?? error
            }
        }
    }

    private static func from(_ payload: UnsafeMutableRawPointer?) -> RemoteSession? {
        payload.map { Unmanaged<RemoteSession>.fromOpaque($0).takeUnretainedValue() }
    }

    private func refuse(_ error: GitError) -> Int32 {
        refusal = error
        return GIT_EUSER.rawValue
    }

    // MARK: - Who we are

    private func prove(
        _ out: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?,
        _ urlUser: UnsafePointer<CChar>?,
        _ allowed: UInt32
    ) -> Int32 {
        let user = access.user ?? urlUser.map { String(cString: $0) } ?? "git"
        if offers(allowed, GIT_CREDENTIAL_USERNAME) { return git_credential_username_new(out, user) }
        tries += 1
        if offers(allowed, GIT_CREDENTIAL_USERPASS_PLAINTEXT), let secret = access.secret {
            if tries > 1 { return refuseAuthentication("the server refused the user and token that it was given") }
            return git_credential_userpass_plaintext_new(out, user, secret)
        }
        if offers(allowed, GIT_CREDENTIAL_SSH_KEY) {
            if tries > (access.sshKey == nil ? Self.maximumTries : 1) {
                return refuseAuthentication("the server refused the ssh key")
            }
            guard let key = access.sshKey else { return git_credential_ssh_key_from_agent(out, user) }
            return git_credential_ssh_key_new(out, user, nil, key.string, nil)
        }
        if offers(allowed, GIT_CREDENTIAL_USERPASS_PLAINTEXT) {
            return refuseAuthentication("the server wants a user and a token, and it was given none")
        }
        return refuse(GitError(.unsupported, operation, "libgit2 knows none of the server's ways to authenticate"))
    }

    private func offers(_ allowed: UInt32, _ kind: git_credential_t) -> Bool { allowed & kind.rawValue != 0 }

    private func refuseAuthentication(_ reason: String) -> Int32 {
        refuse(GitError(.authentication, operation, reason))
    }

    // MARK: - Who the server is

    private func believe(_ certificate: UnsafeMutablePointer<git_cert>?, _ isValid: Bool) -> Int32 {
        guard let certificate, certificate.pointee.cert_type == GIT_CERT_HOSTKEY_LIBSSH2 else {
            if isValid { return 0 }
            return refuse(GitError(.untrusted, operation, "the certificate of \(access.host) is not valid"))
        }
        return certificate.withMemoryRebound(to: git_cert_hostkey.self, capacity: 1) { hostKey in
            guard let start = hostKey.pointee.hostkey else {
                return refuse(GitError(.untrusted, operation, "the server showed no host key"))
            }
            let bytes = UnsafeRawBufferPointer(start: start, count: hostKey.pointee.hostkey_len)
            return believe(hostKey: Array(bytes))
        }
    }

    private func believe(hostKey key: [UInt8]) -> Int32 {
        let hosts: KnownHosts
        do {
            hosts = try KnownHosts(files: access.knownHosts)
        } catch {
            return refuse(error)
        }
        let verdict = hosts.verdict(host: access.host, port: access.port, key: key)
        if verdict == .known { return 0 }
        return refuse(HostKeyRefusal(access: access, key: key, verdict: verdict).error(operation))
    }

    // MARK: - What comes

    private func transfer(_ statistics: UnsafePointer<git_indexer_progress>?) -> Int32 {
        guard let statistics = statistics?.pointee else { return 0 }
        if let objectLimit, statistics.total_objects > objectLimit {
            let count = statistics.total_objects
            return refuse(GitError(.largeFetch, operation, "the server sends \(count) objects"))
        }
        progress(
            FetchProgress(
                received: Int(statistics.received_objects),
                total: Int(statistics.total_objects),
                bytes: Int(statistics.received_bytes)
            )
        )
        return 0
    }

    var operation: String { "speak with \(access.host)" }
}
