import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// Deployments that migrate a real PostgreSQL database: forward, back, and what is said beforehand.
@Suite(.timeLimit(.minutes(5))) struct DeployDataTests {
    private func settings(_ database: ShopDatabase) -> String {
        """
        secrets: [DATABASE_URL]
        migrations: { sql: app/migrations }
        backup:
          create: \(database.bin)/pg_dump -Fc -f "$RUNNER_BACKUP" "$DATABASE_URL"
          restore: \(database.bin)/pg_restore --clean --if-exists -d "$DATABASE_URL" "$RUNNER_BACKUP"
          verify: |
            \(database.bin)/createdb --maintenance-db "$DATABASE_URL" "proof$RUNNER_BACKUP_ID"
            trap '\(database.bin)/dropdb --maintenance-db "$DATABASE_URL" "proof$RUNNER_BACKUP_ID"' EXIT
            \(database.bin)/pg_restore -d "$(dirname "$DATABASE_URL")/proof$RUNNER_BACKUP_ID" "$RUNNER_BACKUP"

        """
    }

    @Test func `the schema goes with the release, and back where there is a way`() async throws {
        let database = try ShopDatabase()
        let shop = try await ShopFixture(.rolling, targets: 2, more: settings(database))
        let daemon = try await shop.served.serve()
        try await shop.keep("DATABASE_URL", database.url)

        try await shop.push(["app/migrations/0001_orders.sql": "-- runner: expand\ncreate table orders (id int);\n"])
        let first = try await shop.end(of: "staging", count: 1)
        #expect(first.status == .finished(.succeeded), "\(first.reason ?? "")")
        #expect(try database.tables() == ["orders"])

        // With a way back, which a sick release takes.
        try await shop.push([
            "app/migrations/0002_notes.up.sql": "create table notes (id int);\n",
            "app/migrations/0002_notes.down.sql": "drop table notes;\n", "app/broken": "health",
        ])
        #expect(try await shop.end(of: "staging", count: 2).status == .finished(.failed))
        #expect(try database.tables() == ["orders"])

        try await shop.push(["app/broken": nil])
        #expect(try await shop.end(of: "staging", count: 3).status == .finished(.succeeded))
        #expect(try database.tables() == ["notes", "orders"])
        let said = try await shop.runner("rollback", "staging", "--dry-run").output
        #expect(said.contains("takes `0002_notes` back first"), "\(said)")
        try await shop.runner("rollback", "staging")
        #expect(try database.tables() == ["orders"])

        // Without one, it is said before, and refused.
        try await shop.push(["app/migrations/0003_gone.sql": "-- runner: irreversible\ndrop table orders;\n"])
        let third = try await shop.end(of: "staging", count: 5)
        #expect(third.status == .finished(.succeeded), "\(third.reason ?? "")")
        #expect(try database.tables() == ["notes"])
        let restore = try await shop.runner("rollback", "staging", "--dry-run").output
        #expect(restore.contains("needs a restore of backup"), "\(restore)")
        try await shop.runner("rollback", "staging", status: 1)

        // The backup that was made before brings it back, and was tried out.
        let backups = try await shop.runner("backup", "list", "staging", "--json").output
        let newest = try #require(try APIJSON.decode(Page<BackupView>.self, from: Data(backups.utf8)).items.first)
        #expect(newest.cause == "deployment \(third.id)")
        try await shop.runner("backup", "verify", "\(newest.id)")
        try await shop.runner("restore", "staging", "\(newest.id)", "--reason", "orders are missed")
        #expect(try database.tables().contains("orders"))
        _ = daemon.end()
    }

    @Test func `a migration that fails in the middle leaves nothing, and the release of before`() async throws {
        let database = try ShopDatabase()
        let shop = try await ShopFixture(.blueGreen, targets: 1, more: settings(database))
        let daemon = try await shop.served.serve()
        try await shop.keep("DATABASE_URL", database.url)
        try await shop.push(["app/migrations/0001_orders.sql": "create table orders (id int);\n"])
        try await shop.end(of: "staging", count: 1)
        let before = try shop.answer(of: "staging")
        try await shop.push([
            "app/migrations/0002_half.sql": "create table half (id int);\nselect nothing from nowhere;\n"
        ])
        let bad = try await shop.end(of: "staging", count: 2)
        #expect(bad.status == .finished(.failed))
        #expect(bad.reason?.contains("0002_half") == true, "\(bad.reason ?? "")")
        #expect(try database.tables() == ["orders"])
        #expect(try shop.answer(of: "staging") == before)
        let plan = try await shop.runner("migrate", "staging", "--plan").output
        #expect(plan.contains("0001_orders  applied"), "\(plan)")
        _ = daemon.end()
    }
}
