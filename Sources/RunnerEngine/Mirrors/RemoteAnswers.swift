package import RunnerCore

/// The branches and tags of a remote, as it showed them.
package struct RemoteListingAnswer: Sendable, Hashable {
    package var refs: RefSnapshot
    /// The full name of the branch that the remote's `HEAD` names, where it says so.
    package var defaultBranch: String?
    package var transport: GitTransport
    /// Why that program spoke, in words.
    package var because: String

    package init(refs: RefSnapshot, defaultBranch: String?, transport: GitTransport, because: String) {
        self.refs = refs
        self.defaultBranch = defaultBranch
        self.transport = transport
        self.because = because
    }
}

/// A fetch that is done.
package struct FetchAnswer: Sendable, Hashable, Codable {
    package var transport: GitTransport
    /// Why that program spoke, in words.
    package var because: String

    package init(transport: GitTransport, because: String) {
        self.transport = transport
        self.because = because
    }
}
