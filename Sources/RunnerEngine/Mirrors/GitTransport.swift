package import Git
package import RunnerCore

/// A program that speaks with remotes.
package enum GitTransport: String, Sendable, Hashable, Codable {
    case libgit2
    case git

    /// Which program speaks, and why, in words for people.
    package struct Choice: Sendable, Hashable {
        package var transport: GitTransport
        package var because: String
        /// Whether `git` may be asked where libgit2 cannot.
        package var mayHandOn: Bool

        package init(_ transport: GitTransport, because: String, mayHandOn: Bool = false) {
            self.transport = transport
            self.because = because
            self.mayHandOn = mayHandOn
        }
    }

    /// Above this many objects an incremental fetch by libgit2 takes many times as long as git's: it completes thin
    /// packs object by object. Measured with libgit2 1.5 and 1.8: 14 s against 1.8 s for 10,000 objects.
    package static let objectLimit = 2_000

    package static func choice(for wish: RepositoryDefinition.Transport, _ kind: RepositoryURL.Kind) -> Choice {
        switch (wish, kind) {
        case (.git, _): Choice(.git, because: "the repository says `transport: git`")
        case (.libgit2, _): Choice(.libgit2, because: "the repository says `transport: libgit2`")
        case (.auto, .ssh): Choice(.git, because: "OpenSSH knows agents, key types and settings that libgit2 does not")
        case (.auto, .local): Choice(.git, because: "libgit2 packs the objects of a path many times slower")
        case (.auto, .http), (.auto, .https), (.auto, .git):
            Choice(.libgit2, because: "it speaks this protocol", mayHandOn: true)
        }
    }

    /// Why `git` is to try after libgit2 could not; `nil` where it would fail just as well, or must not succeed.
    package static func handingOn(after error: GitError) -> Choice? {
        switch error.code {
        case .tooManyObjects: Choice(.git, because: "\(error.message): libgit2 is many times slower there")
        // A host that speaks something else than libgit2 knows looks no different from a broken one: SHA-256, for one.
        case .unsupported, .other: Choice(.git, because: "libgit2 cannot: \(error.message)")
        case .authentication, .notTrusted, .notFound, .exists, .unbornBranch, .notOwned, .submoduleMissing,
            .filterUnavailable, .refused, .tooLarge, .diskRefuses:
            nil
        }
    }
}
