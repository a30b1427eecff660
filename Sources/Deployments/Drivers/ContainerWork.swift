import RunnerCore
import SystemPackage

/// A container per instance, replaced by one of the release's image.
struct ContainerWork {
    let work: ReleaseWork
    let driver: ContainerRelease

    init(_ work: ReleaseWork, _ driver: ContainerRelease) {
        self.work = work
        self.driver = driver
    }

    func prepare(_ instance: DeployInstance) async throws {
        let target = try work.environment.target(instance.target)
        let shell = work.shells.shell(target.host)
        guard let archive = driver.archive else {
            return _ = try await shell.demand(
                "pull the image on \(target.name)",
                Script(#""$RUNNER_PROGRAM" pull -q "$RUNNER_IMAGE""#, timeout: .seconds(1800)),
                environment: variables(of: instance),
                onLine: work.say
            )
        }
        guard let artifact = work.artifact else {
            throw DeployFailure(
                .input,
                "cannot load the image on \(target.name)",
                why: "its artifact is not kept any more"
            )
        }
        guard case .local = target.host else {
            throw DeployFailure(
                .input,
                "cannot load an archive on \(target.name)",
                why: "that is done for targets of this machine alone",
                hint: "push the image to a registry, and leave `archive` away"
            )
        }
        var variables = variables(of: instance)
        variables["RUNNER_ARCHIVE"] = artifact.appending(archive).string
        try await shell.demand(
            "load the image on \(target.name)",
            Script(#""$RUNNER_PROGRAM" load -q -i "$RUNNER_ARCHIVE""#, timeout: .seconds(1800)),
            environment: variables,
            onLine: work.say
        )
    }

    func activate(_ instance: DeployInstance) async throws {
        let target = try work.environment.target(instance.target)
        let address = try work.environment.demandAddress(of: instance)
        var variables = variables(of: instance)
        variables["RUNNER_PUBLISH"] = "\(address.text):\(driver.port)"
        variables["RUNNER_ARGUMENTS"] = driver.arguments.joined(separator: "\n")
        try await work.shells.shell(target.host).demand(
            "run the container of \(instance)",
            Script(Self.run, timeout: .seconds(300)),
            environment: variables,
            onLine: work.say
        )
    }

    func deactivate(_ instance: DeployInstance) async throws {
        let target = try work.environment.target(instance.target)
        try await work.shells.shell(target.host).demand(
            "end the container of \(instance)",
            Script(#""$RUNNER_PROGRAM" rm -f "$RUNNER_CONTAINER" > /dev/null 2>&1 || true"#, timeout: .seconds(120)),
            environment: variables(of: instance)
        )
    }

    /// The engine knows which layers images share: it takes away what no container uses.
    func tidy(_ target: String) async throws {
        let place = try work.environment.target(target)
        try await work.shells.shell(place.host).demand(
            "take old images away",
            Script(#""$RUNNER_PROGRAM" image prune -f > /dev/null"#, timeout: .seconds(300)),
            environment: variables(of: DeployInstance(target))
        )
    }

    private func variables(of instance: DeployInstance) -> [String: String] {
        var all = work.variables(of: instance)
        all["RUNNER_PROGRAM"] = driver.program.rawValue
        all["RUNNER_IMAGE"] = driver.image.split(separator: "{version}", omittingEmptySubsequences: false)
            .joined(separator: work.release.version)
        let slot = instance.slot.map { "-\($0.rawValue)" } ?? ""
        all["RUNNER_CONTAINER"] = "\(work.environment.name)-\(instance.target)\(slot)"
        return all
    }

    /// A container that runs this image already is left alone: after a crash, that is the one.
    private static let run = """
        wanted=$("$RUNNER_PROGRAM" image inspect -f '{{.Id}}' "$RUNNER_IMAGE")
        running=$("$RUNNER_PROGRAM" inspect -f '{{.State.Running}} {{.Image}}' "$RUNNER_CONTAINER" 2> /dev/null || true)
        [ "$running" != "true $wanted" ] || exit 0
        "$RUNNER_PROGRAM" rm -f "$RUNNER_CONTAINER" > /dev/null 2>&1 || true
        set -- run -d --name "$RUNNER_CONTAINER" -p "$RUNNER_PUBLISH" --restart=always
        while IFS= read -r argument; do
            [ -z "$argument" ] || set -- "$@" "$argument"
        done <<EOF
        $RUNNER_ARGUMENTS
        EOF
        "$RUNNER_PROGRAM" "$@" "$RUNNER_IMAGE"
        """
}
