package import RunnerCore
package import RunnerStore
package import SystemPackage

/// The directories of one stage run on this machine: what it writes while it runs.
package struct StagePlaces: Sendable, Hashable {
    package let root: FilePath

    package init(state: StateDirectory, run: RunNumber, stage: StageID) {
        root = state.work.appending("\(run)-\(RunDirectory.directoryName(stage.description))")
    }

    /// The workspace itself: a mounted overlay, or a copy.
    package var workspace: FilePath { root.appending("workspace") }
    /// What the stage changed over the layers.
    var upper: FilePath { root.appending("upper") }
    /// Scratch space that overlayfs asks for, on the same file system as `upper`.
    var overlayWork: FilePath { root.appending("overlay") }
    var home: FilePath { root.appending("home") }
    var temporary: FilePath { root.appending("tmp") }
    /// Script, `RUNNER_ENV`, `RUNNER_OUTPUT`: between the runner and one step.
    var exchange: FilePath { root.appending("exchange") }
    /// How a shell in a kept workspace gets what the failed step had.
    var keptStep: FilePath { root.appending("kept.json") }
    /// Links to the artifacts taken, where there is no sandbox to show them at a fixed place.
    var artifacts: FilePath { root.appending("artifacts") }

    /// Where secrets are mounted that the stage gets as files.
    var secrets: FilePath { root.appending("secrets") }

    /// Artifacts of one name from several stages, laid over one another.
    var mergedArtifacts: FilePath { root.appending("merged-artifacts") }

    func cache(_ cache: Int, path: Int) -> FilePath { root.appending("cache-\(cache)-\(path)") }
}

/// Where a step finds things. In a sandbox these are the same on every machine, so that absolute paths in caches hold.
struct VisiblePlaces: Sendable, Hashable {
    let workspace: String
    let home: String
    let temporary: String
    let exchange: String
    let artifacts: String

    static let sandbox = VisiblePlaces(
        workspace: "/workspace",
        home: "/home/runner",
        temporary: "/tmp",
        exchange: "/runner",
        artifacts: "/artifacts"
    )

    init(workspace: String, home: String, temporary: String, exchange: String, artifacts: String) {
        self.workspace = workspace
        self.home = home
        self.temporary = temporary
        self.exchange = exchange
        self.artifacts = artifacts
    }

    /// Without a sandbox: the real directories.
    init(_ places: StagePlaces) {
        self.init(
            workspace: places.workspace.string,
            home: places.home.string,
            temporary: places.temporary.string,
            exchange: places.exchange.string,
            artifacts: places.artifacts.string
        )
    }
}
