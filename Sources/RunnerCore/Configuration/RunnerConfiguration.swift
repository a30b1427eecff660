/// What the server's file `runner-config/runner.yml` says: this machine's limits, which no commit can change.
package struct RunnerConfiguration: Sendable, Hashable {
    /// How stages are kept apart from the machine.
    package enum Isolation: String, Sendable, Hashable, Codable, CaseIterable {
        /// As well as the machine can, and said aloud where that is less than a sandbox.
        case auto
        /// Refuse to run what cannot be sandboxed.
        case required
        case none
    }

    /// What no pipeline may go beyond.
    package struct Limits: Sendable, Hashable {
        /// For stages that say nothing themselves.
        package var timeout: Duration
        /// From SIGTERM to SIGKILL.
        package var grace: Duration
        /// Bytes of log per step.
        package var log: Int64
        /// Stages of one run, matrix expanded.
        package var stages: Int

        package init(
            timeout: Duration = .seconds(3_600),
            grace: Duration = .seconds(10),
            log: Int64 = 1 << 30,
            stages: Int = 1_000
        ) {
            self.timeout = timeout
            self.grace = grace
            self.log = log
            self.stages = stages
        }
    }

    /// Stages at a time; `nil` means one per processor.
    package var slots: Int?
    package var isolation: Isolation
    /// Paths of the machine that stages may read, beside the built-in rules. Absolute, or below `~/`.
    package var expose: [String]
    /// Paths of the machine that no stage may see. They win over `expose`.
    package var hide: [String]
    /// The state directory; `nil` leaves it to the command.
    package var state: String?
    package var limits: Limits
    /// How long the workspace of a failed stage stays.
    package var keepFailedWorkspaces: Duration
    /// Refs that only trusted people can move.
    package var protected: ProtectedRefs
    /// What several machines share; `nil` means nothing.
    package var store: StoreOptions?
    /// What `runner serve` alone takes.
    package var server: ServerOptions

    package init(
        slots: Int? = nil,
        isolation: Isolation = .auto,
        expose: [String] = [],
        hide: [String] = [],
        state: String? = nil,
        limits: Limits = Limits(),
        keepFailedWorkspaces: Duration = .seconds(86_400),
        protected: ProtectedRefs = ProtectedRefs(),
        store: StoreOptions? = nil,
        server: ServerOptions = ServerOptions()
    ) {
        self.slots = slots
        self.isolation = isolation
        self.expose = expose
        self.hide = hide
        self.state = state
        self.limits = limits
        self.keepFailedWorkspaces = keepFailedWorkspaces
        self.protected = protected
        self.store = store
        self.server = server
    }
}
