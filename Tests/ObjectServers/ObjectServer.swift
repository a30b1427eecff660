package import Foundation

/// A real S3 server of this machine, with a bucket named `bucket`, for as long as this lives.
package final class ObjectServer: Sendable {
    package enum Kind: String, Sendable, CaseIterable, CustomStringConvertible {
        /// `rclone serve s3`: checks every signature.
        case rclone
        /// moto: what most clients of AWS are tested with.
        case moto

        package var description: String { rawValue }
    }

    package static let accessKey = "accesskey01"
    package static let secretKey = "secretkey01"

    package let port: Int
    /// Where rclone keeps its buckets.
    package let directory: URL
    private let process: Process

    package init(_ kind: Kind, port wanted: Int? = nil) throws {
        let tools = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(".build/object-tools/bin")
        let program = tools.appendingPathComponent(kind == .rclone ? "rclone" : "moto_server")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw Missing(description: "no \(program.path): scripts/setup test installs it")
        }
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("objects-\(UUID().uuidString)")
        let bucket = directory.appendingPathComponent("bucket")
        try FileManager.default.createDirectory(at: bucket, withIntermediateDirectories: true)
        port = try wanted ?? Self.freePort()
        process = Process()
        process.executableURL = program
        let keys = "\(Self.accessKey),\(Self.secretKey)"
        process.arguments =
            kind == .rclone
            ? [
                "serve", "s3", "--config", "/dev/null", "--auth-key", keys, "--addr", "127.0.0.1:\(port)",
                directory.path,
            ]
            : ["-H", "127.0.0.1", "-p", "\(port)"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try waitUntilItAnswers()
        if kind == .moto { try makeBucket() }
    }

    deinit {
        process.terminate()
        try? FileManager.default.removeItem(at: directory)  // What stays is in the directory for temporary things.
    }

    /// As a machine that dies.
    package func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    struct Missing: Error, CustomStringConvertible { let description: String }

    private func waitUntilItAnswers() throws {
        let limit = Date().addingTimeInterval(60)
        while Date() < limit, process.isRunning {
            if Self.isOpen(port) { return }
            usleep(20_000)  // Looks again for the event: there is nothing to wait on.
        }
        throw Missing(
            description: "no answer from \(process.executableURL?.lastPathComponent ?? "") at port \(port) in 60 s"
        )
    }

    /// moto lets everybody make a bucket.
    private func makeBucket() throws {
        let curl = Process()
        curl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        curl.arguments = ["curl", "--silent", "--fail", "-X", "PUT", "http://127.0.0.1:\(port)/bucket"]
        curl.standardOutput = FileHandle.nullDevice
        try curl.run()
        curl.waitUntilExit()
        guard curl.terminationStatus == 0 else { throw Missing(description: "moto made no bucket") }
    }

    package static func freePort() throws -> Int {
        let listener = try SilentServer(listening: false)
        return listener.port
    }

    private static func isOpen(_ port: Int) -> Bool {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(fd) }
        var address = SilentServer.address(port)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(fd, $0, 16) == 0 }
        }
    }
}
