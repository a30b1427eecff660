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
        if try await hasTree(at: place, digest: digest) { return false }
        let what = "bring files to \(place.quoted)"
        var variables = ["RUNNER_TO": place, "RUNNER_DIGEST": digest, "LC_ALL": "C"]
        var input = ScriptInput.bytes([])
        switch host {
        case .local: variables["RUNNER_FROM"] = directory.string
        case .ssh: input = .program(try Self.packing(directory))
        }
        do {
            try await demand(what, Script(Self.receive, timeout: timeout), environment: variables, input: input)
            // Only now it is sure that the other end of the pipe sent all of it.
            try await demand(what, Script(Self.place, timeout: timeout), environment: variables)
        } catch var failure as DeployFailure {
            // Where not even that works, the next upload of the same does it.
            _ = try? await run(Script(Self.discard, timeout: .seconds(60)), environment: variables)
            if failure.why?.contains("No space left") == true {
                failure.hint = "make room there, or keep fewer releases"
            }
            throw failure
        }
        return true
    }

    /// Whether an uploaded tree with that digest is at a place; throws where something else is.
    package func hasTree(at place: String, digest: String) async throws -> Bool {
        let variables = ["RUNNER_TO": place, "RUNNER_DIGEST": digest]
        let look = Script(Self.look, timeout: .seconds(60))
        switch try await demand("look at \(place.quoted)", look, environment: variables).last {
        case "there": return true
        case "absent": return false
        default:
            throw DeployFailure(
                .refused,
                "cannot use \(place.quoted) on \(host.words)",
                why: "something else is there",
                hint: "look at it, and move it away"
            )
        }
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
        trap 'status=$?; [ $status -eq 0 ] || head -c 65536 /dev/zero > "$incoming/.more" || true; exit $status' EXIT
        rm -rf "$incoming"
        mkdir "$incoming"
        if [ -n "${RUNNER_FROM-}" ]; then
            cp -R -P --preserve=mode,timestamps,links --reflink=auto "$RUNNER_FROM/." "$incoming"
        else
            tar -x -p -o -f - -C "$incoming"
        fi
        """

    private static let place = """
        umask 022
        incoming=$(dirname "$RUNNER_TO")/.incoming-$RUNNER_DIGEST
        chmod u+rwx,go+rx "$incoming"
        rm -rf "$incoming/\(releaseMark)"
        printf '%s\\n' "$RUNNER_DIGEST" > "$incoming/\(releaseMark)"
        sync -f "$incoming" 2> /dev/null || sync
        mv -T "$incoming" "$RUNNER_TO"
        """

    private static let discard = #"rm -rf "$(dirname "$RUNNER_TO")/.incoming-$RUNNER_DIGEST""#

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
