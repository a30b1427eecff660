import Glibc
import RunnerStore
import SystemPackage

/// How a supervisor comes into namespaces of its own: util-linux' `unshare`, because a process with threads cannot.
package enum Namespaces {
    /// Our user becomes root of a new user namespace, with mounts that nobody else sees and that end with it.
    package static let arguments = ["--user", "--map-root-user", "--mount", "--propagation", "private", "--"]

    /// Who we are outside: the first line of the map is `0 USER 1` in a namespace that `arguments` made.
    static var outerUser: uid_t {
        guard let map = (try? FileSystem.read("/proc/self/uid_map")).flatMap({ $0 }) else { return getuid() }
        let fields = String(decoding: map, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard fields.count == 3, let user = uid_t(fields[1]) else { return getuid() }
        return user
    }
}
