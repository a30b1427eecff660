import Glibc
package import RunnerCore
package import SystemPackage

/// The files of one run: the contract between whoever asks for it, its supervisor, and whoever looks on.
///
///     lock            held by the supervisor for life; says who that is (SupervisorHolder)
///     run.json        what to do (RunSpec)
///     inbox/          commands to the supervisor, one file each
///     events.jsonl    what happened, a line each (RunRecord)
///     result.json     last, by rename (RunResult)
///     STAGE/          see StageDirectory
package struct RunDirectory: Sendable, Hashable {
    package let path: FilePath
    package let number: RunNumber

    package init(_ path: FilePath, number: RunNumber) {
        self.path = path
        self.number = number
    }

    package var lock: FilePath { path.appending("lock") }
    package var spec: FilePath { path.appending("run.json") }
    package var inbox: FilePath { path.appending("inbox") }
    package var events: FilePath { path.appending("events.jsonl") }
    package var result: FilePath { path.appending("result.json") }
    /// What the supervisor itself had to say, for when it breaks.
    package var supervisorLog: FilePath { path.appending("supervisor.log") }

    package func stage(_ id: StageID) -> StageDirectory {
        StageDirectory(path.appending(Self.directoryName(id.description)))
    }

    /// Takes the next free number by making its directory, which only one process can.
    package static func create(in state: StateDirectory) throws -> RunDirectory {
        let taken = FileSystem.names(in: state.runs).compactMap { Int($0) }.filter { (1...highestNumber).contains($0) }
        var candidate = (taken.max() ?? 0) + 1
        while true {
            let path = state.runs.appending(String(candidate))
            if let number = RunNumber(candidate), try FileSystem.makeDirectory(path) {
                let directory = RunDirectory(path, number: number)
                _ = try FileSystem.makeDirectory(directory.inbox)
                return directory
            }
            candidate += 1
        }
    }

    /// Makes the directory of a number that was given out elsewhere. One that is there already is as good, unless somebody
    /// was asked to run it.
    package static func create(number: RunNumber, in state: StateDirectory) throws -> RunDirectory {
        let directory = RunDirectory(state.runs.appending(number.description), number: number)
        _ = try FileSystem.makeDirectory(directory.path)
        if FileSystem.exists(directory.spec) {
            throw RunnerError(.errored, "cannot make run \(number)", why: "\(directory.spec) is there already")
        }
        _ = try FileSystem.makeDirectory(directory.inbox)
        return directory
    }

    /// A name that is one safe path component, and different for different names.
    package static func directoryName(_ name: String) -> String {
        var safe = ""
        var isChanged = false
        for scalar in name.unicodeScalars {
            let isPlain =
                scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "._-".unicodeScalars.contains(scalar))
            if isPlain {
                safe.unicodeScalars.append(scalar)
            } else {
                isChanged = true
                if safe.last != "-" { safe.append("-") }
            }
        }
        if isChanged || safe.utf8.count > 80 || safe.hasPrefix(".") || safe.isEmpty || reserved.contains(safe) {
            safe = "\(safe.prefix(60).drop { $0 == "." || $0 == "-" })~\(Digest.sha256(name).short)"
        }
        return safe
    }

    /// A name beyond it is no run of ours.
    private static let highestNumber = 1 << 40

    private static let reserved: Set<String> = [
        "lock", "inbox", "run.json", "events.jsonl", "result.json", "supervisor.log",
    ]
}

/// The files of one stage run. Whoever runs the stage reads `spec.json` and writes the rest, `result.json` last.
package struct StageDirectory: Sendable, Hashable {
    package let path: FilePath

    package init(_ path: FilePath) { self.path = path }

    package var spec: FilePath { path.appending("spec.json") }
    package var events: FilePath { path.appending("events.jsonl") }
    package var result: FilePath { path.appending("result.json") }
    /// What the stage's key was made of (StageKeyRecord); only where it declares `reuse`.
    package var key: FilePath { path.appending("key.json") }
    /// What the daemon made of a stage that deploys (DeployAnswer).
    package var deployment: FilePath { path.appending("deployment.json") }
    package var reports: FilePath { path.appending("reports") }
    /// How the stage differs from the outcome that it was compared with.
    package var differences: FilePath { path.appending("differences.txt") }

    /// Names of the records, which tell of this run alone.
    static let records: Set<String> = [
        "spec.json", "events.jsonl", "result.json", "key.json", "caches.json", "deployment.json",
    ]

    /// `01-unit.log` for the first step, named `unit`.
    package func log(step index: Int, name: String) -> FilePath {
        let number = index < 9 ? "0\(index + 1)" : "\(index + 1)"
        return path.appending("\(number)-\(RunDirectory.directoryName(String(name.prefix(40)))).log")
    }

    /// What a service beside the stage printed.
    package func service(_ name: String) -> FilePath {
        path.appending("service-\(RunDirectory.directoryName(name)).log")
    }

    /// Where an earlier attempt is kept when the stage is tried again.
    package func attempt(_ number: Int) -> StageDirectory { StageDirectory(FilePath("\(path.string)~\(number)")) }
}
