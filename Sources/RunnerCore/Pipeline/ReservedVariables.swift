/// Names that neither a pipeline nor a step may set: the runner's own, and those that change what a later program runs.
package enum ReservedVariables {
    private static let names: Set<String> = [
        "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "BASH_ENV", "ENV", "IFS", "SHELLOPTS", "PS4", "CI", "HOME", "PATH",
    ]
    private static let prefixes = ["RUNNER_", "GIT_"]
    private static let exceptions = ["GIT_AUTHOR_", "GIT_COMMITTER_"]

    /// True for a name that is refused in `env` and in the file that `RUNNER_ENV` names.
    package static func contains(_ name: String) -> Bool {
        if names.contains(name) { return true }
        if exceptions.contains(where: name.hasPrefix) { return false }
        return prefixes.contains(where: name.hasPrefix)
    }

    /// What to do instead of setting `name`.
    package static func hint(for name: String) -> String {
        switch name {
        case "PATH": "append a line with the directory to the file that `$RUNNER_PATH` names"
        case "HOME": "use the private home that the runner makes"
        case "CI": "it is always `true`"
        case _ where name.hasPrefix("RUNNER_"): "names that start with `RUNNER_` are the runner's own"
        default: "set it inside the script, for the one command that needs it"
        }
    }
}
