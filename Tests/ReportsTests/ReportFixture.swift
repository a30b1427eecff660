import FoundationEssentials
import RunnerCore
import SystemPackage

@testable import Reports

/// A file in a directory of its own, gone when the test is over.
final class ReportFixture {
    let directory: FilePath
    let file: FilePath

    init(_ bytes: [UInt8], name: String = "report") throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("reports-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        directory = FilePath(root.path)
        file = directory.appending(name)
        try Data(bytes).write(to: URL(fileURLWithPath: file.string))
    }

    convenience init(_ text: String) throws { try self.init(Array(text.utf8)) }

    // The system clears its temporary directory of what cannot be removed here.
    deinit { try? FileManager.default.removeItem(atPath: directory.string) }

    func tests() throws -> TestReport {
        var report = TestReport()
        try JUnitReader.read(file, into: &report)
        return report
    }

    func findings() throws -> FindingReport {
        var report = FindingReport()
        try SarifReader.read(file, into: &report)
        return report
    }
}
