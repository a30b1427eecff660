import RunnerCore
import RunnerExecution
package import SystemPackage

extension HostShell {
    /// In every uploaded tree, the last file written: its content's digest. Its time tells when the release was last made
    /// live.
    package static let releaseMark = ".runner-release"

    /// Copies a directory tree to a place of its own: into `.incoming-DIGEST` beside it, and by one rename into the place
    /// once all of it is on the disk. A place that has that digest already is left alone. Modes, times and links are kept,
    /// owners are not. Whatever goes wrong takes away what it brought.
    ///
    /// - Parameter place: absolute; what is above it is made.
    /// - Returns: false where it was there already.
    @discardableResult
    package func upload(
        _ directory: FilePath,
        to place: String,
        digest: String,
        timeout: Duration = .seconds(600)
    ) async throws -> Bool {
        let what = "send \(directory.lastComponent?.string.quoted ?? "it") to \(place.quoted)"
        var variables = ["RUNNER_TO": place, "RUNNER_DIGEST": digest, "LC_ALL": "C"]
        let look = Script(Self.look, timeout: min(timeout, .seconds(60)))
        switch try await demand(what, look, environment: variables).last {
        case "there": return false
        case "absent": break
        default:
            throw DeployFailure(
                .refused,
                "cannot \(what) on \(host.words)",
                why: "something else is there",
                hint: "look at it, and move it away"
            )
        }
        var input = ScriptInput.bytes([])
        switch host {
        case .local: variables["RUNNER_FROM"] = directory.string
        case .ssh: input = .program(try Self.packing(directory))
        }
        do {
            try await demand(what, Script(Self.receive, timeout: timeout), environment: variables, input: input)
        } catch var failure as DeployFailure {
            if failure.why?.contains("No space left") == true {
                failure.hint = "make room there, or keep fewer releases"
            }
            throw failure
        }
        return true
    }

    private static let look = """
        if [ -f "$RUNNER_TO/\(releaseMark)" ] && [ "$(cat "$RUNNER_TO/\(releaseMark)")" = "$RUNNER_DIGEST" ]; then
            echo there
        elif [ -e "$RUNNER_TO" ] || [ -L "$RUNNER_TO" ]; then
            echo other
        else
            echo absent
        fi
        """

    /// The tree may be a stranger's: a link of the mark's name must not be written through, and a directory that only its
    /// owner could enter would be of no use to a server. Of a full disk, tar says only that it wrote too little; who
    /// writes a little more is told.
    private static let receive = """
        umask 022
        mkdir -p "$(dirname "$RUNNER_TO")"
        incoming=$(dirname "$RUNNER_TO")/.incoming-$RUNNER_DIGEST
        give_up() {
            head -c 65536 /dev/zero > "$incoming/.more" || true
            rm -rf "$incoming"
        }
        trap 'status=$?; [ $status -eq 0 ] || give_up; exit $status' EXIT
        rm -rf "$incoming"
        mkdir "$incoming"
        if [ -n "${RUNNER_FROM-}" ]; then
            cp -R -P --preserve=mode,timestamps,links --reflink=auto "$RUNNER_FROM/." "$incoming"
        else
            tar -x -p -o -f - -C "$incoming"
        fi
        chmod u+rwx,go+rx "$incoming"
        rm -rf "$incoming/\(releaseMark)"
        printf '%s\\n' "$RUNNER_DIGEST" > "$incoming/\(releaseMark)"
        sync -f "$incoming" 2> /dev/null || sync
        mv -T "$incoming" "$RUNNER_TO"
        """

    private static func packing(_ directory: FilePath) throws -> Launch {
        guard let program = Programs.find("tar") else {
            throw DeployFailure(.input, "cannot send files to other hosts", why: "there is no `tar` here")
        }
        return Launch(
            executable: program,
            arguments: ["-c", "-f", "-", "--owner=0", "--group=0", "--numeric-owner", "-C", directory.string, "."],
            environment: ["LC_ALL": "C"],
            directory: "/",
            guarding: .everything
        )
    }
}
