import ArgumentParser
import RunnerAPI
import RunnerCore

extension RunNumber: ExpressibleByArgument {
    package init?(argument: String) {
        // `#7` is how people write it to each other.
        guard let number = Int(argument.hasPrefix("#") ? argument.dropFirst() : argument[...]) else { return nil }
        self.init(number)
    }
}

extension Outcome: ExpressibleByArgument {}
extension Role: ExpressibleByArgument {}
extension RepositoryDefinition.Transport: ExpressibleByArgument {}

extension RunDetail {
    /// The stage that a person named. Throws with those that there are.
    func stage(named name: String) throws(RunnerError) -> StageView {
        if let stage = stages.first(where: { $0.name == name }) { return stage }
        let names = stages.map(\.name)
        let all = names.isEmpty ? "no stages" : names.map { "`\($0)`" }.joined(separator: ", ")
        throw RunnerError(
            .input,
            "run \(run.number) has no stage `\(name)`",
            why: "it has \(all)",
            hint: DidYouMean.hint(for: name, among: names)
        )
    }
}
