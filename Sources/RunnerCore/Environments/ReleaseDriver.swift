/// What puts a release onto a target and makes it run.
package enum ReleaseDriver: Sendable, Hashable, Codable {
    case directory(DirectoryRelease)
    case command(CommandRelease)
    case container(ContainerRelease)
}

/// `PATH/releases/VERSION` with the files of the artifact, and `PATH/current` (or `PATH/SLOT`) that points to it.
package struct DirectoryRelease: Sendable, Hashable, Codable {
    /// How many releases stay on a target, the live one among them: at least 2.
    package var keep = 5
    /// Below `PATH/shared`, linked into each release: files and directories that outlive it.
    package var shared: [String] = []
    /// After the switch, on the target; `nil` where whatever serves the files looks at the link.
    package var restart: Script?
    /// Of a slot that gets no more traffic, before its release is replaced; for blue-green and canary.
    package var stop: Script?

    package init() {}
}

/// Four scripts, each of which may be run twice. `prepare` brings the release, `activate` makes it run, `deactivate` ends
/// it, `remove` takes it away.
package struct CommandRelease: Sendable, Hashable, Codable {
    package enum Place: String, Sendable, Hashable, Codable, CaseIterable {
        /// On the machine of the daemon, with the artifact's files in `RUNNER_ARTIFACT`.
        case runner
        case target
    }

    package var place: Place
    package var prepare: Script?
    package var activate: Script
    package var deactivate: Script?
    package var remove: Script?

    package init(place: Place = .runner, activate: Script) {
        self.place = place
        self.activate = activate
    }
}

/// A container per instance.
package struct ContainerRelease: Sendable, Hashable, Codable {
    package enum Program: String, Sendable, Hashable, Codable, CaseIterable {
        case podman, docker
    }

    package var program: Program
    /// The image, in which `{version}` stands for the release's; or the name of a file of the artifact that `load` reads.
    package var image: String
    package var archive: String?
    /// The port inside that the instance's address leads to.
    package var port: Int
    /// More arguments of `run`.
    package var arguments: [String] = []
    package var keep = 3

    package init(program: Program, image: String, port: Int) {
        self.program = program
        self.image = image
        self.port = port
    }
}

/// What sends requests to instances.
package struct TrafficDriver: Sendable, Hashable, Codable {
    package enum Kind: Sendable, Hashable, Codable {
        /// A file with the one upstream, tested before it is used.
        case nginx(file: String, upstream: String, test: String, reload: String)
        /// The runtime API on a socket or `HOST:PORT`; servers are called as instances, with `/` as `-`.
        case haproxy(socket: String, backend: String)
        /// Gets `RUNNER_WEIGHTS`: a line per instance, `NAME ADDRESS WEIGHT`.
        case command(String)
    }

    package var kind: Kind
    /// Where it runs.
    package var host: DeployTarget.Host
    /// How long requests that are under way are given, once their instance gets no new ones.
    package var drain: Duration
    package var timeout: Duration

    package init(
        _ kind: Kind,
        host: DeployTarget.Host = .local,
        drain: Duration = .seconds(5),
        timeout: Duration = .seconds(30)
    ) {
        self.kind = kind
        self.host = host
        self.drain = drain
        self.timeout = timeout
    }
}
