import RunnerCore

extension Grant {
    /// As a supervisor is told. Memory is always bounded, so that stages which declare some wait for their share.
    var forRun: RunGrant { RunGrant(slots: slots, cpu: cpu, memory: max(1, memory)) }
}
