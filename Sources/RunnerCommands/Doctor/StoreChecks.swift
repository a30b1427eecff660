import RunnerCore
import RunnerEngine
import RunnerStore

/// Whether the shared store that the configuration names can be used.
enum StoreChecks {
    static func check(_ options: StoreOptions) async -> MachineCheck {
        let so = "nothing is shared with other machines"
        let setup: StoreSetup
        do {
            setup = try StoreSetup(options)
        } catch {
            return .broken("store", error.why ?? error.what, so: "no run begins", try: error.hint)
        }
        let name = setup.access.name
        if let problem = await setup.problem() {
            return .missing("store", "\(name): \(problem)", so: so, try: "mend `store` in the configuration")
        }
        return .ok("store", name + (setup.access.isReadOnly ? ", only read" : ""))
    }
}
