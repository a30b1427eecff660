/// What `runner serve` takes from the server's file beside the limits that `runner local` shares.
package struct ServerOptions: Sendable, Hashable {
    /// Where the API listens.
    package struct Listen: Sendable, Hashable {
        /// Of the unix socket; `nil` means `runner.sock` in the state directory.
        package var socket: String?
        /// `HOST:PORT`; `nil` means no TCP. Anything but loopback needs `tls` or `insecure`.
        package var address: String?
        /// PEM files.
        package var tlsCertificate: String?
        package var tlsKey: String?
        /// True: TCP beyond loopback without TLS, as behind a proxy.
        package var isInsecureAllowed: Bool
        /// Requests of one client per minute, over TCP.
        package var rateLimit: Int

        package init(
            socket: String? = nil,
            address: String? = nil,
            tlsCertificate: String? = nil,
            tlsKey: String? = nil,
            isInsecureAllowed: Bool = false,
            rateLimit: Int = 600
        ) {
            self.socket = socket
            self.address = address
            self.tlsCertificate = tlsCertificate
            self.tlsKey = tlsKey
            self.isInsecureAllowed = isInsecureAllowed
            self.rateLimit = rateLimit
        }
    }

    /// What one kind of data may take; `nil` is no bound.
    package struct Budget: Sendable, Hashable {
        /// Bytes.
        package var size: Int64?
        /// Since it was last used.
        package var age: Duration?

        package init(size: Int64? = nil, age: Duration? = nil) {
            self.size = size
            self.age = age
        }
    }

    /// Kinds of data with a budget of their own.
    package enum DataClass: String, Sendable, Hashable, Codable, CaseIterable {
        case mirrors, layers, caches, artifacts, logs, workspaces
    }

    package var repositories: [RepositoryDefinition]
    package var listen: Listen
    package var budgets: [DataClass: Budget]
    /// New work waits while less is free than this, in bytes.
    package var minimumFree: Int64
    /// Runs older than this lose their record, logs and reports; `nil` keeps them.
    package var keepRuns: Duration?
    /// Where releases go.
    package var environments: [EnvironmentFile] = []
    /// Who gets which secret.
    package var secrets: [SecretRule] = []
    /// The key that stored secrets lie under; `nil` leaves it to the state directory.
    package var secretsKeyFile: String?

    package init(
        repositories: [RepositoryDefinition] = [],
        listen: Listen = Listen(),
        budgets: [DataClass: Budget] = [:],
        minimumFree: Int64 = 1 << 30,
        keepRuns: Duration? = .seconds(90 * 86_400)
    ) {
        self.repositories = repositories
        self.listen = listen
        self.budgets = budgets
        self.minimumFree = minimumFree
        self.keepRuns = keepRuns
    }
}
