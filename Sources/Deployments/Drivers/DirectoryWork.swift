import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// Releases as directories of a target:
///
///     PATH/releases/VERSION-DIGEST/   the artifact's files, with links to what is shared
///     PATH/current                    points to the one that runs; of a target with slots, PATH/blue and PATH/green
///     PATH/shared/                    what outlives releases
struct DirectoryWork {
    let work: ReleaseWork
    let driver: DirectoryRelease

    init(_ work: ReleaseWork, _ driver: DirectoryRelease) {
        self.work = work
        self.driver = driver
    }

    func prepare(_ instance: DeployInstance) async throws {
        let (target, path) = try place(of: instance)
        guard let digest = work.release.artifact?.digest else {
            throw DeployFailure(
                .input,
                "cannot bring \(work.release.version) to \(target.name)",
                why: "it has no artifact, and the `directory` driver deploys files",
                hint: "name one in the pipeline: `deploy: { environment: \(work.environment.name), artifact: NAME }`"
            )
        }
        let shell = work.shells.shell(target.host)
        if let artifact = work.artifact {
            let isNew = try await shell.upload(artifact, to: "\(path)/releases/\(name)", digest: digest)
            work.say("\(target.name): release \(name) \(isNew ? "is there now" : "was there")")
        } else if try await !shell.hasTree(at: "\(path)/releases/\(name)", digest: digest) {
            throw DeployFailure(
                .input,
                "cannot bring \(work.release.version) to \(target.name)",
                why: "its files are kept neither there nor here any more",
                hint: "build it again: `runner run`, or deploy another release"
            )
        }
        guard !driver.shared.isEmpty else { return }
        try await shell.demand(
            "link what is shared",
            Script(Self.share, timeout: .seconds(60)),
            environment: [
                "RUNNER_PATH": path, "RUNNER_RELEASE": "\(path)/releases/\(name)",
                "RUNNER_SHARED": driver.shared.joined(separator: "\n"),
            ]
        )
    }

    /// The switch is one rename, on this machine without any program.
    func activate(_ instance: DeployInstance) async throws {
        let (target, path) = try place(of: instance)
        let shell = work.shells.shell(target.host)
        let link = "\(path)/\(Self.link(instance))"
        var variables = work.variables(of: instance)
        variables["RUNNER_RELEASE"] = "\(path)/releases/\(name)"
        variables["RUNNER_CURRENT"] = link
        switch target.host {
        case .local:
            variables["RUNNER_PREVIOUS"] = Self.destination(of: link) ?? ""
            try Self.switchLocally(link, to: "releases/\(name)")
        case .ssh:
            let lines = try await shell.demand(
                "switch \(instance)",
                Script(Self.turn, timeout: .seconds(60)),
                environment: ["RUNNER_CURRENT": link, "RUNNER_TO": "releases/\(name)"]
            )
            variables["RUNNER_PREVIOUS"] = lines.last?.split(separator: "/").last.map(String.init) ?? ""
        }
        guard let restart = driver.restart else { return }
        try await shell.demand("restart \(instance)", restart, environment: variables, onLine: work.say)
    }

    func deactivate(_ instance: DeployInstance) async throws {
        let (target, path) = try place(of: instance)
        let shell = work.shells.shell(target.host)
        var variables = work.variables(of: instance)
        variables["RUNNER_RELEASE"] = "\(path)/releases/\(name)"
        variables["RUNNER_CURRENT"] = "\(path)/\(Self.link(instance))"
        if let stop = driver.stop {
            try await shell.demand("stop \(instance)", stop, environment: variables, onLine: work.say)
        }
        try await shell.demand(
            "take the link of \(instance) away",
            Script(#"rm -f "$RUNNER_CURRENT""#, timeout: .seconds(60)),
            environment: ["RUNNER_CURRENT": "\(path)/\(Self.link(instance))"]
        )
    }

    func tidy(_ target: String) async throws {
        let (place, path) = try place(of: DeployInstance(target))
        try await work.shells.shell(place.host).demand(
            "take old releases away",
            Script(Self.sweep, timeout: .seconds(300)),
            environment: ["RUNNER_PATH": path, "RUNNER_KEEP": "\(max(2, driver.keep))"]
        )
    }

    // MARK: - Names

    /// The version is a ref's name in part: what a path cannot have is replaced, and the digest tells apart.
    private var name: String {
        let version = RunDirectory.directoryName(work.release.version)
        return "\(version)-\(work.release.artifact?.digest.prefix(12) ?? "none")"
    }

    private static func link(_ instance: DeployInstance) -> String { instance.slot?.rawValue ?? "current" }

    private func place(of instance: DeployInstance) throws(DeployFailure) -> (DeployTarget, String) {
        let target = try work.environment.target(instance.target)
        guard let path = target.path else {
            throw DeployFailure(.input, "target \(target.name) has no `path`", hint: "add `path: /srv/NAME` to it")
        }
        return (target, path)
    }

    // MARK: - The switch

    private static func switchLocally(_ link: String, to destination: String) throws {
        if Self.destination(of: link) != destination {
            let aside = "\(link).\(UniqueName.make())"
            try checked("link", FilePath(aside)) { symlink(destination, aside) }
            try FileSystem.rename(FilePath(aside), to: FilePath(link))
        }
        utimensat(AT_FDCWD, "\(link)/\(HostShell.releaseMark)", nil, AT_SYMLINK_NOFOLLOW)
        try FileSystem.sync(FilePath(link).removingLastComponent())
    }

    private static func destination(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    private static let turn = """
        readlink "$RUNNER_CURRENT" || echo
        ln -sfn "$RUNNER_TO" "$RUNNER_CURRENT.new"
        mv -T "$RUNNER_CURRENT.new" "$RUNNER_CURRENT"
        touch -c "$RUNNER_CURRENT/\(HostShell.releaseMark)"
        """

    private static let share = """
        printf '%s\\n' "$RUNNER_SHARED" | while IFS= read -r shared; do
            mkdir -p "$RUNNER_PATH/shared/$(dirname "$shared")" "$RUNNER_RELEASE/$(dirname "$shared")"
            [ -e "$RUNNER_PATH/shared/$shared" ] || mkdir "$RUNNER_PATH/shared/$shared"
            if [ ! -L "$RUNNER_RELEASE/$shared" ]; then
                rm -rf "$RUNNER_RELEASE/$shared"
                ln -s "$RUNNER_PATH/shared/$shared" "$RUNNER_RELEASE/$shared"
            fi
        done
        """

    /// By when they were last made live, the newest first; what a link points to stays beside those that are kept.
    private static let sweep = """
        cd "$RUNNER_PATH/releases" || exit 0
        linked=$(for link in ../current ../blue ../green; do [ -L "$link" ] && basename "$(readlink "$link")"; done; true)
        ls -1td -- */\(HostShell.releaseMark) 2> /dev/null | sed 's|/[^/]*$||' | tail -n "+$((RUNNER_KEEP + 1))" |
            while IFS= read -r name; do
                printf '%s\\n' "$linked" | grep -qxF -- "$name" || rm -rf -- "$name"
            done
        """
}
