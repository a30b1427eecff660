import Foundation

/// A program of this machine.
enum Tool {
    struct Result: Sendable {
        let status: Int32
        let text: String
    }

    static func path(_ name: String) -> String? {
        ["/usr/bin", "/usr/local/bin", "/bin"].map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Its outputs together.
    static func run(_ path: String, _ arguments: [String], input: String = "", in directory: String? = nil) async throws
        -> Result
    {
        try await withCheckedThrowingContinuation { continuation in
            // Reading to the end blocks: a thread of its own.
            Thread.detachNewThread {
                continuation.resume(with: Swift.Result { try runBlocking(path, arguments, input, directory) })
            }
        }
    }

    private static func runBlocking(
        _ path: String,
        _ arguments: [String],
        _ input: String,
        _ directory: String?
    ) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        let output = Pipe()
        let given = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = given
        try process.run()
        try given.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try given.fileHandleForWriting.close()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, text: String(decoding: data, as: UTF8.self))
    }
}
