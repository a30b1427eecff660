package import RunnerCore

/// Shares requests out between instances. What is set is all there is: setting the same twice changes nothing.
package struct TrafficControl: Sendable {
    private let driver: TrafficDriver
    private let environment: DeployEnvironment
    private let shell: HostShell
    private let facts: [String: String]

    package init(
        _ driver: TrafficDriver,
        environment: DeployEnvironment,
        shells: DeployShells,
        facts: [String: String]
    ) {
        self.driver = driver
        self.environment = environment
        self.facts = facts
        shell = shells.shell(driver.host)
    }

    /// Returns once new requests go where they should; those under way go on where they are.
    package func set(_ weights: [DeployInstance: Int]) async throws {
        let shares = Self.reduced(weights)
        guard shares.contains(where: { $0.weight > 0 }) else {
            throw DeployFailure(.input, "cannot send traffic to nobody", why: "every instance has weight 0")
        }
        let lines = try shares.map { share -> Line in
            Line(
                name: share.instance.description.map { $0 == "/" ? "-" : String($0) }.joined(),
                address: try environment.demandAddress(of: share.instance).text,
                weight: share.weight
            )
        }
        switch driver.kind {
        case .nginx(let file, let upstream, let test, let reload):
            try await setNginx(file, upstream, test: test, reload: reload, lines)
        case .haproxy(let socket, let backend): try await setHaproxy(socket, backend, lines)
        case .command(let script): try await setByCommand(script, lines)
        }
    }

    private struct Line {
        let name: String
        let address: String
        let weight: Int
    }

    /// In a fixed order, divided by what all weights have in common; at most 256, which is as much as haproxy counts.
    static func reduced(_ weights: [DeployInstance: Int]) -> [(instance: DeployInstance, weight: Int)] {
        let divisor = weights.values.reduce(0) { gcd($0, $1) }
        var shares = weights.map { (instance: $0.key, weight: divisor > 0 ? $0.value / divisor : 0) }
        let most = shares.map(\.weight).max() ?? 0
        if most > 256 {
            // Whoever has traffic keeps some.
            shares = shares.map { ($0.instance, $0.weight == 0 ? 0 : max(1, $0.weight * 256 / most)) }
        }
        return shares.sorted { $0.instance < $1.instance }
    }

    private static func gcd(_ left: Int, _ right: Int) -> Int { right == 0 ? left : gcd(right, left % right) }

    // MARK: - nginx

    /// Aside and renamed; a configuration that nginx does not take is put back.
    private func setNginx(
        _ file: String,
        _ upstream: String,
        test: String,
        reload: String,
        _ lines: [Line]
    ) async throws {
        var text =
            "# Written by runner for environment \(environment.name): changes are lost.\nupstream \(upstream) {\n"
        for line in lines where line.weight > 0 { text += "    server \(line.address) weight=\(line.weight);\n" }
        text += "}\n"
        var variables = facts
        variables["RUNNER_FILE"] = file
        variables["RUNNER_TEXT"] = text
        variables["RUNNER_TEST"] = test
        variables["RUNNER_RELOAD"] = reload
        try await shell.demand(
            "give nginx other servers",
            Script(Self.nginx, timeout: driver.timeout),
            environment: variables
        )
    }

    /// A reload only tells nginx's master, and ends. It has happened once there are new workers and the old ones beside them
    /// say that they shut down: they take no connection any more. Where that cannot be seen, as from outside of a
    /// container, it is waited for a while and no longer.
    private static let nginx = #"""
        workers() { ps -e -o pid= -o ppid= -o args= 2> /dev/null | grep '[n]ginx: worker process' || true; }
        reload() {
            BEFORE=$(workers)
            export BEFORE
            sh -c "$RUNNER_RELOAD"
            for try in $(seq 100); do
                workers | awk '
                    BEGIN { count = split(ENVIRON["BEFORE"], lines, "\n")
                        for (i = 1; i <= count; i++) { split(lines[i], words, " "); old[words[1]] = 1 } }
                    { parent[$1] = $2; ends[$1] = /shutting down/ }
                    END { for (pid in parent) if (!(pid in old) && !ends[pid]) fresh[parent[pid]] = 1
                        found = 0
                        for (master in fresh) found = 1
                        for (pid in parent) if (pid in old && parent[pid] in fresh && !ends[pid]) found = 0
                        exit found ? 0 : 1 }' && return 0
                sleep 0.05
            done
            echo "nobody saw nginx start new workers; going on"
        }
        if [ ! -f "$RUNNER_FILE" ] || [ "$(cat "$RUNNER_FILE")" != "$(printf '%s' "$RUNNER_TEXT")" ]; then
            aside=$(dirname "$RUNNER_FILE")/.$(basename "$RUNNER_FILE").new
            before=$(dirname "$RUNNER_FILE")/.$(basename "$RUNNER_FILE").before
            rm -f "$before"
            [ ! -e "$RUNNER_FILE" ] || cp -p "$RUNNER_FILE" "$before"
            printf '%s' "$RUNNER_TEXT" > "$aside"
            mv "$aside" "$RUNNER_FILE"
            if ! sh -c "$RUNNER_TEST"; then
                if [ -e "$before" ]; then mv "$before" "$RUNNER_FILE"; else rm -f "$RUNNER_FILE"; fi
                exit 1
            fi
            rm -f "$before"
        fi
        reload
        """#

    // MARK: - Others

    /// Those that get more first: somebody always has traffic.
    private func setHaproxy(_ socket: String, _ backend: String, _ lines: [Line]) async throws {
        var commands: [String] = []
        for line in lines where line.weight > 0 {
            commands.append("set server \(backend)/\(line.name) weight \(line.weight)")
            commands.append("set server \(backend)/\(line.name) state ready")
        }
        for line in lines where line.weight == 0 {
            commands.append("set server \(backend)/\(line.name) state drain")
        }
        let input = commands.joined(separator: "; ") + "\n"
        let place = socket.hasPrefix("/") ? "UNIX-CONNECT:\(socket)" : "TCP:\(socket)"
        let said = try await shell.demand(
            "give haproxy other weights",
            Script(#"printf '%s' "$RUNNER_COMMANDS" | socat -t 5 - "$RUNNER_SOCKET""#, timeout: driver.timeout),
            environment: ["RUNNER_COMMANDS": input, "RUNNER_SOCKET": place]
        )
        // It says nothing where it did what it was told.
        if let problem = said.first(where: { !$0.allSatisfy(\.isWhitespace) }) {
            throw DeployFailure(.refused, "cannot give haproxy other weights", why: problem)
        }
    }

    private func setByCommand(_ script: String, _ lines: [Line]) async throws {
        var variables = facts
        variables["RUNNER_ENVIRONMENT"] = environment.name
        variables["RUNNER_WEIGHTS"] = lines.map { "\($0.name) \($0.address) \($0.weight)" }.joined(separator: "\n")
        try await shell.demand(
            "set the traffic",
            Script(script, timeout: driver.timeout),
            environment: variables
        )
    }
}
