import RunnerStore
import SystemPackage

/// The logs of a stage's steps, as they lie in its directory.
struct StageLogs {
    private let directory: StageDirectory

    init(_ directory: StageDirectory) { self.directory = directory }

    /// `nil` for a step that has printed nothing yet.
    func path(of step: Int) -> FilePath? { all.first { $0.step == step }?.path }

    /// In the order of the steps.
    var all: [(step: Int, path: FilePath)] {
        FileSystem.names(in: directory.path).compactMap { name in
            guard name.hasSuffix(".log"), let number = Int(name.prefix { $0.isNumber }), number > 0,
                name.dropFirst(String(number).count + (number < 10 ? 1 : 0)).hasPrefix("-")
            else { return nil }
            return (number - 1, directory.path.appending(name))
        }
        .sorted { $0.step < $1.step }
    }
}
