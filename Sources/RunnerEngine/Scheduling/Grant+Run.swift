import RunnerCore
import RunnerStore

extension Grant {
    /// As a supervisor is told. Memory is always bounded, so that stages which declare some wait for their share.
    var forRun: RunGrant { RunGrant(slots: slots, cpu: cpu, memory: max(1, memory)) }
}

extension Grant {
    /// What a run began with; nothing where that is not known any more.
    init(of directory: RunDirectory) throws {
        guard let spec = try JSON.read(RunSpec.self, at: directory.spec) else {
            self = .nothing
            return
        }
        self.init(slots: spec.slots, cpu: spec.capacity.cpu ?? 1, memory: spec.capacity.memory ?? 0)
    }
}
