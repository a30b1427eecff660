import Glibc
import Testing

/// Disks that take no more, and those that take nothing.
@Suite(.serialized) struct DiskTests {
    static let pipeline = """
        name: ci
        on: { branches: ["**"] }
        stages:
          log: { run: "head -c 60000000 /dev/zero" }
          workspace: { run: "head -c 60000000 /dev/zero > big" }
          quiet: { run: "head -c 60000000 /dev/zero > big 2> /dev/null" }
          artifact: { run: "head -c 24000000 /dev/urandom > big", artifacts: { app: { paths: [big] } } }
          cache: { run: "head -c 60000000 /dev/zero > c/big", cache: [{ key: k, paths: [c] }] }
          small: { run: "echo small" }
        """

    /// Runs a script in a mount namespace with a small disk at `$RUNNER_STATE`.
    private func onSmallDisk(
        _ fixture: RunnerFixture,
        _ script: String,
        seconds: Int = 60
    ) async throws -> RunnerFixture.End {
        let mount =
            "mkdir -p $RUNNER_STATE && mount -t tmpfs -o size=40m tmpfs $RUNNER_STATE && runner=\(RunnerFixture.program)"
        let namespace = geteuid() == 0 ? ["-m"] : ["-Urm"]
        return try await fixture.execute(
            "/usr/bin/unshare",
            namespace + ["/bin/sh", "-c", "\(mount)\n\(script)"],
            seconds: seconds
        )
    }

    @Test(arguments: ["log", "workspace", "quiet", "artifact", "cache"], ["auto", "none"])
    func `a stage that fills the disk is errored, and the next run works`(stage: String, isolation: String) async throws
    {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline])
        let end = try await onSmallDisk(
            fixture,
            """
            $runner local --isolation \(isolation) --stage \(stage); echo status $?
            grep -o '"outcome":"errored"' $RUNNER_STATE/runs/1/result.json | head -n 1
            rm -rf $RUNNER_STATE/runs/1
            $runner local --isolation \(isolation) --stage small; echo status $?
            """
        )
        #expect(end.output.contains("status 3\n\"outcome\":\"errored\"\n"), "\(end.output.suffix(2000))")
        #expect(end.output.contains("the disk is full"))
        #expect(end.output.hasSuffix("status 0\n"), "\(end.output.suffix(2000))\(end.errors.suffix(2000))")
    }

    @Test(arguments: [1, 2], ["auto", "none"])
    func `a run on a full disk can be canceled`(signals: Int, isolation: String) async throws {
        let script = "trap '' TERM; cat /dev/zero > big 2> /dev/null || true; sleep 1000"
        let fixture = try await RunnerFixture([
            "pipelines/ci.yml": """
            name: ci
            on: { branches: ["**"] }
            stages: { hold: { grace: \(signals == 1 ? 0 : 100)s, run: "\(script)" } }
            """
        ])
        let end = try await onSmallDisk(
            fixture,
            """
            $runner local --isolation \(isolation) & run=$!
            until [ $(stat -f -c %a $RUNNER_STATE) = 0 ]; do sleep 0.05; done
            for i in $(seq \(signals)); do kill -TERM $run; sleep 0.3; done
            wait $run; echo status $?
            """,
            seconds: 20
        )
        #expect(end.output.contains("status 4\n"), "\(end.output)\(end.errors)")
        #expect(!end.errors.contains("cannot cancel"))
    }

    @Test func `a disk that is full from the beginning is the runner's failure`() async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline])
        let end = try await onSmallDisk(
            fixture,
            """
            $runner local --stage small; rm $RUNNER_STATE/reserve; echo new > new
            cat /dev/zero > $RUNNER_STATE/fill
            $runner local --stage small; echo status $?
            rm $RUNNER_STATE/fill
            $runner local --stage small; echo status $?
            """
        )
        #expect(end.output.contains("status 3\n"), "\(end.output)\(end.errors)")
        #expect(end.errors.contains("No space left on device"), "\(end.errors)")
        #expect(end.output.hasSuffix("status 0\n"), "\(end.output)\(end.errors)")
    }

    @Test(arguments: ["", "$runner local --stage small > /dev/null;"])
    func `a read-only disk is the runner's failure`(before: String) async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline])
        let end = try await onSmallDisk(
            fixture,
            "\(before) mount -o remount,ro $RUNNER_STATE; $runner local --stage small; echo status $?"
        )
        #expect(end.output.hasSuffix("status 3\n"), "\(end.output)\(end.errors)")
        #expect(end.errors.contains("Read-only file system"), "\(end.errors)")
    }
}
