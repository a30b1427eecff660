import FoundationEssentials
import Git
import Glibc
import RunnerCore
import RunnerEngine
import RunnerStore
import Synchronization
import SystemPackage

/// Runs of a repository's only pipeline, each given to a supervisor of its own, as a daemon does it.
final class SupervisedFixture: Sendable {
    let fixture: RunnerFixture
    let state: StateDirectory
    /// Of every run, but for the number.
    let spec: RunSpec
    private let started = Mutex<[SupervisorProcess]>([])

    init(_ stages: String, isolation: Isolation = .none, files: [String: String] = [:]) async throws {
        // As the runner does: a supervisor that is gone is an error of the write.
        signal(SIGPIPE, SIG_IGN)
        let pipeline = "name: ci\non: { branches: [\"**\"] }\n\(stages)\n"
        fixture = try await RunnerFixture(files.merging(["pipelines/ci.yml": pipeline]) { given, _ in given })
        state = StateDirectory(fixture.state)
        let project = try LocalProject(around: fixture.repository, state: state)
        let planning = try await LocalPlanning.make(LocalRequest(), in: project)
        guard let plan = planning.plans.first, let number = RunNumber(1) else {
            throw RunnerFixture.Failure(description: "the pipeline does not run")
        }
        let layers = LayerStore(state.layers, store: project.store, repository: project.name)
        spec = RunSpec(
            number: number,
            repository: project.name,
            objects: project.store.path,
            plan: plan,
            layers: try await layers.layers(of: plan.event.tree, relatives: []),
            isolation: isolation,
            isolationNote: nil,
            slots: 4,
            capacity: Resources(),
            searchPath: "/usr/local/bin:/usr/bin:/bin",
            home: fixture.home,
            expose: [],
            hide: [],
            limits: StageLimits(),
            keepsFailedWorkspaces: false,
            reuses: false
        )
    }

    deinit {
        for process in started.withLock({ $0 }) {
            process.kill()
            _ = process.wait()
        }
    }

    /// Writes a run down.
    func prepare(_ number: Int, _ change: (inout RunSpec) -> Void = { _ in }) throws -> RunDirectory {
        guard let number = RunNumber(number) else { throw RunnerFixture.Failure(description: "run \(number)") }
        let directory = try RunDirectory.create(number: number, in: state)
        var spec = spec
        spec.number = number
        change(&spec)
        try JSON.write(spec, to: directory.spec)
        return directory
    }

    /// Starts a supervisor, which ends with the fixture at the latest.
    @discardableResult
    func supervise(_ run: RunDirectory, secrets: [String: String] = [:]) throws -> SupervisorProcess {
        let process = try SupervisorProcess(
            run,
            state: state,
            isolation: spec.isolation,
            secrets: secrets,
            program: RunnerFixture.program
        )
        started.withLock { $0.append(process) }
        return process
    }

    /// Writes a run down, runs it to its end and says how that was.
    func run(_ number: Int, _ change: (inout RunSpec) -> Void = { _ in }) async throws -> RunResult {
        let run = try prepare(number, change)
        try supervise(run)
        return try await result(of: run)
    }

    func result(of run: RunDirectory, within seconds: Int = 20) async throws -> RunResult {
        let result = try await Await.value("the result of run \(run.number)", within: seconds) {
            // Not yet there, or for a moment not to be read.
            (try? JSON.read(RunResult.self, at: run.result)).flatMap { $0 }
        }
        try await Await.until("the end of the supervisor of run \(run.number)") {
            (try? run.isSupervised()) == false
        }
        return result
    }

    /// What a supervisor has told so far.
    func happenings(of run: RunDirectory) throws -> [RunRecord.Happening] {
        guard let data = try FileSystem.read(run.events) else { return [] }
        return try data.split(separator: UInt8(ascii: "\n")).map {
            try JSON.decode(RunRecord.self, from: Data($0)).happening
        }
    }

    /// Waits until a supervisor tells something.
    func wait(for happening: RunRecord.Happening, of run: RunDirectory) async throws {
        try await Await.until("\(happening)") { (try? happenings(of: run))?.contains(happening) == true }
    }

    /// A script that ends once `open` was said for its stage.
    static let gate = "while [ ! -e ~/go ]; do sleep 0.01; done"

    func open(_ stage: String, of run: RunDirectory) throws {
        try FileSystem.write([UInt8](), to: state.work.pushing(FilePath("\(run.number)-\(stage)/home/go")))
    }

    /// Waits until stages run, and no others of those of the plan.
    func wait(forRunning stages: Set<String>, of run: RunDirectory) async throws {
        try await Await.until("\(stages) of run \(run.number) to run") { (try? running(of: run)) == stages }
    }

    /// Stages whose first step has begun and that have not ended.
    private func running(of run: RunDirectory) throws -> Set<String> {
        guard let data = try FileSystem.read(run.events) else { return [] }
        var running: Set<String> = []
        for line in data.split(separator: UInt8(ascii: "\n")) {
            let record = try JSON.decode(RunRecord.self, from: Data(line))
            guard let stage = record.stage?.description else { continue }
            switch record.happening {
            case .stepStarted: running.insert(stage)
            case .stageFinished: running.remove(stage)
            case .runStarted, .stageStarted, .stepFinished, .note, .cancelRequested, .deploymentWanted, .granted,
                .wants, .runFinished:
                break
            }
        }
        return running
    }
}
