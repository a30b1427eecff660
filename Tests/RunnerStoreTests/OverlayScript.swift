import FoundationEssentials
import Glibc
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

/// Real overlays, which need namespaces of their own: a shell that makes layers as stages do, and shows what is in some.
struct OverlayScript {
    private let home: FilePath
    private let unshare: HelperProgram

    /// `home` must be there and empty.
    init(_ home: FilePath) throws {
        self.home = home
        unshare = try #require(HelperProgram("unshare"))
        try FileSystem.write(Array(Self.script.utf8), to: home.appending("overlay.sh"))
    }

    /// Makes `home/layer-0` and so on, by random changes over all before. Returns what they show at last.
    func makeLayers(_ count: Int) async throws -> String { try await run(["make", String(count)]) }

    /// Names, kinds, modes, times and contents of what layers show, the newest first.
    func show(_ layers: [FilePath]) async throws -> String { try await run(["show"] + layers.map(\.string)) }

    private func run(_ arguments: [String]) async throws -> String {
        let output = home.appending("output")
        let fd = try checked("create", output) { open(output.string, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }
        defer { close(fd) }
        let namespaces = ["--user", "--map-root-user", "--mount", "--propagation", "private", "--"]
        let bash = ["bash", home.appending("overlay.sh").string, home.string]
        try await unshare.run(namespaces + bash + arguments, input: STDIN_FILENO, output: fd)
        return try #require(try text(output))
    }

    private static let script = """
        set -e -u
        cd "$1"; verb=$2; shift 2
        RANDOM=4
        mkdir -p upper work target

        # Directories, files, links, what replaces another, and what goes.
        change() {
          cd target
          for step in 1 2 3 4 5 6 7 8 9 10 11 12; do
            name="d$((RANDOM % 4))/e$((RANDOM % 3))"
            case $((RANDOM % 9)) in
              0|1|2) [ -d "${name%/*}" ] || rm -rf "${name%/*}"; mkdir -p "${name%/*}"
                     rm -rf "$name"; echo "$1 $step" > "$name";;
              3) [ -d "${name%/*}" ] || rm -rf "${name%/*}"; rm -rf "$name"; mkdir -p "$name"; echo "$1" > "$name/f$step";;
              4) rm -rf "$name";;
              5) rm -rf "${name%/*}"; mkdir -p "$name"; echo "$1" > "$name/g";;
              6) rm -rf "${name%/*}"; echo "file $1" > "${name%/*}";;
              7) [ -d "${name%/*}" ] || rm -rf "${name%/*}"; mkdir -p "${name%/*}"; rm -rf "$name"; ln -s "to $1" "$name";;
              8) [ ! -f "$name" ] || [ -L "$name" ] || chmod 750 "$name"; rm -rf "d$((RANDOM % 4))";;
            esac
          done
          cd ..
        }

        mounted() { mount -t overlay overlay -o "userxattr,lowerdir=$1,upperdir=upper,workdir=work" target; }

        dump() {
          (cd target; find . -mindepth 1 -printf '%p %y %m %T@ %l\\n' | sort; find . -type f | sort | xargs -r cat)
        }

        case $verb in
          make)
            mkdir empty; lower=empty
            for number in $(seq 0 $(($1 - 1))); do
              mounted "$lower"; change "$number"; dump > seen; umount target
              mv upper "layer-$number"; mkdir upper
              [ "$lower" = empty ] && lower="layer-$number" || lower="layer-$number:$lower"
            done
            cat seen;;
          show)
            lower=$(IFS=:; echo "$*" | sed "s|$PWD/||g")
            mounted "$lower"; dump; umount target;;
        esac
        """
}
