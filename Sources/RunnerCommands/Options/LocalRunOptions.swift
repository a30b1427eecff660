import ArgumentParser
import RunnerStore
import SystemPackage

/// Whether a command is about runs of `runner local` instead of a daemon's.
struct LocalRunOptions: ParsableArguments {
    @Flag(name: .long, help: "Runs of `runner local`, not of the daemon.")
    var local = false

    @Option(
        name: .customLong("state"),
        help: "With --local: the state directory. Default: $RUNNER_STATE, else ~/.local/state/runner."
    )
    var directory: String?

    mutating func validate() throws {
        if directory != nil, !local { throw ValidationError("--state goes with --local") }
    }

    /// `nil` where the daemon is meant.
    func state() throws -> StateDirectory? {
        guard local else { return nil }
        var place = PlaceOptions()
        place.state = directory
        return try place.stateDirectory()
    }
}
