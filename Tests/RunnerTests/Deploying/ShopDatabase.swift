import FoundationEssentials
import Glibc
import ObjectServers
import SystemPackage

/// A PostgreSQL of its own with one empty database, `shop`.
final class ShopDatabase: Sendable {
    /// Where PostgreSQL's programs are.
    let bin: String
    private let directory: FilePath
    private let port: Int

    var url: String { "postgres://runner@127.0.0.1:\(port)/shop" }

    init() throws {
        var template = Array("/tmp/runner-shop-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw RunnerFixture.Failure(description: "mkdtemp: errno \(errno)") }
        directory = FilePath(platformString: template)
        let versions = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql").compactMap(Int.init)
        guard let version = versions.max() else { throw RunnerFixture.Failure(description: "there is no PostgreSQL") }
        bin = "/usr/lib/postgresql/\(version)/bin"
        port = try ObjectServer.freePort()
        // It refuses to run as root.
        try Self.shell(
            """
            cd / && data=\(directory)/data
            as=""
            if [ "$(id -u)" = 0 ]; then chown postgres \(directory); as="setpriv --reuid=postgres --regid=postgres --clear-groups"; fi
            $as \(bin)/initdb -D "$data" -U runner -A trust --no-sync -E UTF8 --locale C
            $as \(bin)/pg_ctl -D "$data" -l "$data/log" -w -o "-F -k \(directory) -h 127.0.0.1 -p \(port)" start
            \(bin)/createdb -h 127.0.0.1 -p \(port) -U runner shop
            """
        )
    }

    deinit {
        // What cannot be ended now ends with the machine.
        _ = try? Self.shell(
            """
            cd /; as=""
            if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=postgres --regid=postgres --clear-groups"; fi
            $as \(bin)/pg_ctl -D \(directory)/data -m immediate stop; rm -rf \(directory)
            """
        )
    }

    /// Names of its tables but for the runner's own, sorted.
    func tables() throws -> [String] {
        let query = """
            select table_name from information_schema.tables
            where table_schema = 'public' and table_name <> 'runner_migrations' order by 1
            """
        return try Self.shell("\(bin)/psql -XAtq \"\(url)\" -c \"\(query)\"").split(separator: "\n").map(String.init)
    }

    @discardableResult
    private static func shell(_ script: String) throws -> String {
        guard let pipe = popen("exec 2>&1; set -e\n\(script)", "r") else {
            throw RunnerFixture.Failure(description: "popen: errno \(errno)")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, pipe)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        let output = String(decoding: bytes, as: UTF8.self)
        guard pclose(pipe) == 0 else { throw RunnerFixture.Failure(description: "\(script): \(output)") }
        return output
    }
}
