/// How a supervisor comes into namespaces of its own: util-linux' `unshare`, because a process with threads cannot.
package enum Namespaces {
    /// Our user becomes root of a new user namespace, with mounts that nobody else sees and that end with it.
    package static let arguments = ["--user", "--map-root-user", "--mount", "--propagation", "private", "--"]
}
