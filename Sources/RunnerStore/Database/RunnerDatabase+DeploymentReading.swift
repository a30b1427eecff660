import FoundationEssentials
import GRDB
import RunnerCore

/// Looking at deployments, and at what gates ask for.
extension RunnerDatabase {
    static let deploymentQuery = """
        SELECT deployment.*, release.repository, version, ref, commitID, tree, author, artifactName, artifactDigest,
            release.run AS releaseRun, createdAt
        FROM deployment CROSS JOIN release ON release.id = deployment.release
        """

    package func deployment(_ id: Int64) async throws -> DeploymentRow? {
        try await read { try Self.deployment(id, $0) }
    }

    /// Those that have not ended, the oldest first.
    package func openDeployments() async throws -> [DeploymentRow] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "\(Self.deploymentQuery) WHERE status <> 'finished' ORDER BY deployment.id"
            ).map(DeploymentRow.init)
        }
    }

    /// The newest first, those before one where that is given.
    package func deployments(
        of environment: String? = nil,
        before: Int64? = nil,
        limit: Int = 50
    ) async throws -> [DeploymentRow] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    \(Self.deploymentQuery)
                    WHERE (?1 IS NULL OR environment = ?1) AND deployment.id < coalesce(?2, 9223372036854775807)
                    ORDER BY deployment.id DESC LIMIT ?3
                    """,
                arguments: [environment, before, max(1, min(limit, 1000))]
            ).map(DeploymentRow.init)
        }
    }

    package func events(of deployment: Int64, after: Int64 = 0, limit: Int = 1000) async throws -> [DeploymentEvent] {
        try await read { database in
            let sql = "SELECT * FROM deploymentEvent WHERE deployment = ? AND id > ? ORDER BY id LIMIT ?"
            return try Row.fetchAll(database, sql: sql, arguments: [deployment, after, max(1, min(limit, 10_000))]).map
            {
                DeploymentEvent(
                    id: $0["id"],
                    deployment: $0["deployment"],
                    at: Date(timeIntervalSince1970: $0["at"]),
                    kind: $0["kind"],
                    text: $0["text"]
                )
            }
        }
    }

    /// What is live, by environment.
    package func live() async throws -> [LiveRow] {
        try await read { database in
            let sql = """
                SELECT live.environment, live.deployment, live.since, release.* FROM live
                JOIN release ON release.id = live.release ORDER BY live.environment
                """
            return try Row.fetchAll(database, sql: sql).map { row in
                LiveRow(
                    environment: row["environment"],
                    release: ReleaseRow(row, id: row["id"], run: row["run"]),
                    deployment: row["deployment"],
                    since: Date(timeIntervalSince1970: row["since"])
                )
            }
        }
    }

    package func release(_ id: Int64) async throws -> ReleaseRow? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM release WHERE id = ?", arguments: [id]).map {
                ReleaseRow($0, id: $0["id"], run: $0["run"])
            }
        }
    }

    /// The newest first; of one version where that is given.
    package func releases(version: String? = nil, limit: Int = 50) async throws -> [ReleaseRow] {
        try await read { database in
            let sql = "SELECT * FROM release WHERE ? IS NULL OR version = ? ORDER BY id DESC LIMIT ?"
            return try Row.fetchAll(database, sql: sql, arguments: [version, version, max(1, min(limit, 1000))]).map {
                ReleaseRow($0, id: $0["id"], run: $0["run"])
            }
        }
    }

    /// Releases that were live in an environment once, the newest deployment first, each once.
    package func liveHistory(of environment: String, limit: Int = 20) async throws -> [LiveRow] {
        try await read { database in
            let sql = """
                SELECT MAX(deployment.id) AS deployment, MAX(liveAt) AS since, release.* FROM deployment
                JOIN release ON release.id = deployment.release
                WHERE environment = ? AND liveAt IS NOT NULL GROUP BY release.id ORDER BY 1 DESC LIMIT ?
                """
            return try Row.fetchAll(database, sql: sql, arguments: [environment, limit]).map { row in
                LiveRow(
                    environment: environment,
                    release: ReleaseRow(row, id: row["id"], run: row["run"]),
                    deployment: row["deployment"],
                    since: Date(timeIntervalSince1970: row["since"])
                )
            }
        }
    }

    /// Artifacts that are live, that wait to be deployed, or that an environment may go back to: its last ten.
    func deployedArtifacts() async throws -> [(Digest, String)] {
        try await read { database in
            let sql = """
                SELECT artifactDigest, environment, 'waits for' AS why FROM deployment
                    JOIN release ON release.id = deployment.release WHERE status <> 'finished'
                UNION ALL SELECT artifactDigest, environment, 'was live in' FROM (
                    SELECT artifactDigest, environment,
                        ROW_NUMBER() OVER (PARTITION BY environment ORDER BY MAX(deployment.id) DESC) AS place
                    FROM deployment JOIN release ON release.id = deployment.release
                    WHERE liveAt IS NOT NULL GROUP BY environment, release.id
                ) WHERE place <= 10
                """
            return try Row.fetchAll(database, sql: sql).compactMap { row in
                Digest(row["artifactDigest"] as String).map {
                    ($0, "it \(row["why"] as String) \(row["environment"] as String)")
                }
            }
        }
    }

    package func places(of environment: String) async throws -> [PlaceRow] {
        try await read { database in
            let sql = "SELECT * FROM deployPlace WHERE environment = ? ORDER BY target, slot"
            return try Row.fetchAll(database, sql: sql, arguments: [environment]).map {
                PlaceRow(
                    target: $0["target"],
                    slot: $0["slot"],
                    place: $0["place"],
                    retireAt: ($0["retireAt"] as Double?).map(Date.init(timeIntervalSince1970:))
                )
            }
        }
    }

    package func put(_ places: [PlaceRow], of environment: String) async throws {
        try await write { try Self.put(places, of: environment, $0) }
    }

    /// The newest run of a pipeline for a tree, whatever ref asked for it.
    package func newestRun(of pipeline: String, repository: String, tree: String) async throws -> RunRow? {
        try await read { database in
            try Row.fetchOne(
                database,
                sql: """
                    \(Self.runQuery) WHERE json_extract(event, '$.tree') = ? AND pipeline = ? AND repository.name = ?
                    ORDER BY number DESC LIMIT 1
                    """,
                arguments: [tree, pipeline, repository]
            ).map(RunRow.init)
        }
    }

    /// Whether a tag was seen to point elsewhere before, or to go.
    package func hasMoved(tag ref: String, repository: String) async throws -> Bool {
        try await read { database in
            let sql = "SELECT 1 FROM audit WHERE action = ? AND subject = ? LIMIT 1"
            let arguments: StatementArguments = [AuditAction.tagMoved.rawValue, "\(repository) \(ref)"]
            return try Bool.fetchOne(database, sql: sql, arguments: arguments) != nil
        }
    }

    static func deployment(_ id: Int64, _ database: Database) throws -> DeploymentRow? {
        try Row.fetchOne(database, sql: "\(deploymentQuery) WHERE deployment.id = ?", arguments: [id])
            .map(DeploymentRow.init)
    }
}

extension DeploymentRow.Status {
    var column: String {
        switch self {
        case .waiting: "waiting"
        case .running: "running"
        case .paused: "paused"
        case .finished: "finished"
        }
    }
}

extension DeploymentRow {
    /// Of a row of `deploymentQuery`.
    init(_ row: Row) throws {
        let status: Status
        switch row["status"] as String {
        case "waiting": status = .waiting
        case "running": status = .running
        case "paused": status = .paused
        default: status = .finished(Outcome(rawValue: row["outcome"]) ?? .errored)
        }
        func date(_ column: String) -> Date? { (row[column] as Double?).map(Date.init(timeIntervalSince1970:)) }
        self.init(
            status: status,
            id: row["id"],
            environment: row["environment"],
            release: ReleaseRow(row, id: row["release"], run: row["releaseRun"]),
            kind: Kind(rawValue: row["kind"]) ?? .deploy,
            askedBy: row["askedBy"],
            askedAt: Date(timeIntervalSince1970: row["askedAt"]),
            run: (row["run"] as Int?).flatMap(RunNumber.init),
            stage: (row["stage"] as String?).map { StageID($0) },
            definition: row["definition"],
            plan: row["plan"],
            planHash: row["planHash"],
            reason: row["reason"],
            previous: row["previous"],
            rollout: row["rollout"],
            startedAt: date("startedAt"),
            liveAt: date("liveAt"),
            finishedAt: date("finishedAt"),
            nextAt: date("nextAt"),
            cancelReason: row["cancelReason"],
            supersededBy: row["supersededBy"]
        )
    }
}

extension ReleaseRow {
    init(_ row: Row, id: Int64, run: Int?) {
        self.init(
            id: id,
            repository: row["repository"],
            version: row["version"],
            ref: row["ref"],
            commit: row["commitID"],
            tree: row["tree"],
            author: row["author"],
            artifactName: row["artifactName"],
            artifactDigest: row["artifactDigest"],
            run: run.flatMap(RunNumber.init),
            createdAt: Date(timeIntervalSince1970: row["createdAt"])
        )
    }
}
