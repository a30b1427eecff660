/// What `runner local --json` printed, as far as scenarios look at it.
struct LocalDocument: Decodable {
    struct Stage: Decodable {
        let name: String
        let outcome: String
        let reason: String?
        let attempt: Int
        let reused: Bool
        let log: [String]
        let artifacts: [Artifact]
        let outputs: [String: String]
    }

    struct Artifact: Decodable {
        let name: String
        let files: Int
    }

    struct Run: Decodable {
        let directory: String
    }

    let outcome: String
    let stages: [Stage]
    let runs: [Run]
}
