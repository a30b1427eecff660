internal import CLibgit2
internal import SystemPackage

/// What libgit2 asks while it speaks with one remote: who we are, whether the remote is to be believed, whether to go
/// on. Keeps the reason of a "no", which libgit2 only hands back as a number.
final class RemoteConversation {
    private let operation: String
    private let port: Int
    private let access: RemoteAccess
    private let objectLimit: Int?
    private let onProgress: () -> Void
    private var tries = 0
    private var refusal: GitError?

    /// How often a remote may ask who we are: for a name, and for the proof.
    private static let maximumTries = 3

    init(
        _ operation: String,
        url: String,
        access: RemoteAccess,
        objectLimit: Int? = nil,
        onProgress: @escaping () -> Void = {}
    ) {
        self.operation = operation
        port = KnownHosts.port(of: url)
        self.access = access
        self.objectLimit = objectLimit
        self.onProgress = onProgress
    }

    /// A token follows no redirect, which may lead anywhere.
    var redirects: git_remote_redirect_t {
        access.token == nil ? GIT_REMOTE_REDIRECT_INITIAL : GIT_REMOTE_REDIRECT_NONE
    }

    /// Runs a call of libgit2 that may ask; a reason of our own goes before its.
    func check(_ call: () -> Int32) throws(GitError) {
        let code = withExtendedLifetime(self, call)
        if code < 0, let refusal { throw refusal }
        if code == GIT_EAUTH.rawValue {
            throw GitError(.authentication, operation, lastMessage)
        }
        try Libgit2.check(code, operation)
    }

    private var lastMessage: String {
        git_error_last().flatMap { $0.pointee.message }.map { String(cString: $0) } ?? "the remote did not believe us"
    }

    /// Points the callbacks here; they are only valid while this object is.
    func fill(_ callbacks: inout git_remote_callbacks) {
        callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
        callbacks.credentials = { out, _, user, allowed, payload in
            RemoteConversation.from(payload)?.giveCredentials(
                out,
                user: user.map { String(cString: $0) },
                allowed: allowed
            ) ?? -1
        }
        callbacks.certificate_check = { certificate, isValid, host, payload in
            guard let certificate, let host, let conversation = RemoteConversation.from(payload) else { return -1 }
            return conversation.judge(certificate, isValid: isValid != 0, host: String(cString: host))
        }
        callbacks.sideband_progress = { _, _, payload in
            RemoteConversation.from(payload)?.onProgress()
            return 0
        }
        callbacks.transfer_progress = { progress, payload in
            guard let progress, let conversation = RemoteConversation.from(payload) else { return -1 }
            return conversation.follow(progress.pointee)
        }
    }

    private static func from(_ payload: UnsafeMutableRawPointer?) -> RemoteConversation? {
        payload.map { Unmanaged<RemoteConversation>.fromOpaque($0).takeUnretainedValue() }
    }

    private func refuse(_ code: GitError.Code, _ message: String, hint: String? = nil) {
        refusal = GitError(code, operation, message, hint: hint)
    }

    private func follow(_ progress: git_indexer_progress) -> Int32 {
        onProgress()
        guard let objectLimit, progress.total_objects > objectLimit else { return 0 }
        refuse(.tooManyObjects, "\(progress.total_objects) objects are to come, more than \(objectLimit)")
        return -1
    }
}

// MARK: - Who we are

extension RemoteConversation {
    private typealias Credential = UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>

    private func giveCredentials(_ out: Credential?, user: String?, allowed: UInt32) -> Int32 {
        tries += 1
        func allows(_ kind: git_credential_t) -> Bool { allowed & kind.rawValue != 0 }
        guard tries <= Self.maximumTries else { return refuseCredentials("the remote takes none of our keys") }
        if allows(GIT_CREDENTIAL_SSH_KEY) { return giveKey(out, user: user ?? access.user ?? "git") }
        if allows(GIT_CREDENTIAL_USERNAME) { return git_credential_username_new(out, access.user ?? "git") }
        guard allows(GIT_CREDENTIAL_USERPASS_PLAINTEXT) else {
            refuse(.unsupported, "the remote asks for a kind of proof that libgit2 does not know")
            return GIT_EAUTH.rawValue
        }
        guard let token = access.token else {
            return refuseCredentials("the remote asks for a password or token, and none is set")
        }
        // The same token again would be refused again.
        guard tries == 1 else { return refuseCredentials("the remote does not take the token") }
        return git_credential_userpass_plaintext_new(out, access.user ?? user ?? "git", token)
    }

    private func giveKey(_ out: Credential?, user: String) -> Int32 {
        guard let key = access.sshKey else { return git_credential_ssh_key_from_agent(out, user) }
        return git_credential_ssh_key_new(out, user, nil, key.string, nil)
    }

    private func refuseCredentials(_ message: String) -> Int32 {
        refuse(.authentication, message)
        return GIT_EAUTH.rawValue
    }
}

// MARK: - Who they are

extension RemoteConversation {
    private func judge(_ certificate: UnsafeMutablePointer<git_cert>, isValid: Bool, host: String) -> Int32 {
        guard certificate.pointee.cert_type == GIT_CERT_HOSTKEY_LIBSSH2 else {
            if isValid { return 0 }
            refuse(.notTrusted, "the certificate of \(host) is signed by nobody whom this machine trusts")
            return GIT_ECERTIFICATE.rawValue
        }
        // A host key stands in a larger structure that begins as every certificate does.
        let key = UnsafeRawPointer(certificate).assumingMemoryBound(to: git_cert_hostkey.self).pointee
        guard key.type.rawValue & GIT_CERT_SSH_SHA256.rawValue != 0 else {
            refuse(.notTrusted, "libssh2 tells no SHA-256 of the host key of \(host)")
            return GIT_ECERTIFICATE.rawValue
        }
        let shown = HostKey(type: key.raw_type, digest: withUnsafeBytes(of: key.hash_sha256) { Array($0) })
        let place = KnownHosts.Place(host: host, port: port)
        do throws(GitError) {
            try KnownHosts(at: access.knownHosts).check(shown, of: place, operation)
            return 0
        } catch {
            refusal = error
            return GIT_ECERTIFICATE.rawValue
        }
    }
}

extension HostKey {
    init(type: git_cert_ssh_raw_type_t, digest: [UInt8]) {
        let name =
            switch type {
            case GIT_CERT_SSH_RAW_TYPE_RSA: "ssh-rsa"
            case GIT_CERT_SSH_RAW_TYPE_DSS: "ssh-dss"
            case GIT_CERT_SSH_RAW_TYPE_KEY_ECDSA_256: "ecdsa-sha2-nistp256"
            case GIT_CERT_SSH_RAW_TYPE_KEY_ECDSA_384: "ecdsa-sha2-nistp384"
            case GIT_CERT_SSH_RAW_TYPE_KEY_ECDSA_521: "ecdsa-sha2-nistp521"
            case GIT_CERT_SSH_RAW_TYPE_KEY_ED25519: "ssh-ed25519"
            default: "unknown"
            }
        self.init(type: name, digest: digest)
    }
}
