import PipelineSyntax
import RunnerCore
import Testing

/// `store` in the server's file.
@Suite struct StoreConfigurationTests {
    private func parse(_ text: String) -> (configuration: RunnerConfiguration?, diagnostics: [Diagnostic]) {
        ConfigurationParser.parse(file: "runner.yml", bytes: Array(text.utf8))
    }

    @Test func `every key of a bucket becomes a value`() throws {
        let text = """
            store:
              bucket: team-runner
              endpoint: https://s3.example.com
              region: eu-central-1
              access-key-file: /etc/runner/access
              secret-key-file: /etc/runner/secret
              key-file: /etc/runner/key
              path-style: false
              prefix: team/runner
              mode: read
              wait: 5s
            """
        #expect(parse(text).diagnostics.map(\.description) == [])
        let bucket = StoreOptions.Bucket(
            name: "team-runner",
            endpoint: try StoreEndpoint("https://s3.example.com"),
            region: "eu-central-1",
            accessKeyFile: "/etc/runner/access",
            secretKeyFile: "/etc/runner/secret",
            isPathStyle: false,
            prefix: "team/runner/"
        )
        let expected = StoreOptions(
            place: .bucket(bucket),
            keyFile: "/etc/runner/key",
            isReadOnly: true,
            wait: .seconds(5)
        )
        #expect(parse(text).configuration?.store == expected)
    }

    @Test func `a directory needs a key alone`() throws {
        let parsed = parse("store: { directory: /mnt/store, key-file: /etc/runner/key }")
        #expect(parsed.diagnostics.map(\.description) == [])
        #expect(
            parsed.configuration?.store == StoreOptions(place: .directory("/mnt/store"), keyFile: "/etc/runner/key")
        )
        #expect(parse("slots: 1").configuration?.store == nil)
    }

    struct Row: Sendable {
        var store: String
        var words: String
        var severity = Diagnostic.Severity.error
    }

    private static let bucket = "endpoint: https://a.b, access-key-file: /a, secret-key-file: /s, key-file: /k"

    @Test(arguments: [
        Row(store: "key-file: /k", words: "`store` names no place"),
        Row(store: "directory: /d", words: "key-file"),
        Row(store: "bucket: b, directory: /d, \(bucket)", words: "has both `bucket` and `directory`"),
        Row(store: "bucket: b, key-file: /k", words: "without `endpoint`"),
        Row(store: "bucket: b, key-file: /k, endpoint: https://a.b", words: "without `access-key-file`"),
        Row(store: "bucket: ../b, \(bucket)", words: "`../b`"),
        Row(store: "bucket: B_b, \(bucket)", words: "`B_b`"),
        Row(store: "bucket: b, prefix: ../x, \(bucket)", words: "`../x`"),
        Row(store: "bucket: b, prefix: /x, \(bucket)", words: "`/x`"),
        Row(store: "bucket: b, mode: write, \(bucket)", words: "`write`"),
        Row(store: "bucket: b, secret-key: hush, \(bucket)", words: "put it into a file"),
        Row(store: "directory: d, key-file: /k", words: "an absolute path"),
        Row(store: "directory: /d, key-file: /k, region: r", words: "has no effect", severity: .warning),
        Row(
            store: "bucket: b, key-file: /k, access-key-file: /a, secret-key-file: /s, endpoint: http://a.b",
            words: "whoever is between reads",
            severity: .warning
        ),
    ])
    func `a fault is found`(row: Row) {
        let found = parse("store: { \(row.store) }").diagnostics.filter { $0.severity == row.severity }
        #expect(found.contains { $0.description.contains(row.words) }, "\(found.map(\.description))")
    }
}
