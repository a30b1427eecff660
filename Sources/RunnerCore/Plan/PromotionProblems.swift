/// What is wrong with the artifacts that pipelines of one tree take from each other.
package enum PromotionProblems {
    /// `isWhole` says that `pipelines` are all that the tree has: otherwise what is not found may be in the others.
    package static func find(in pipelines: [Pipeline], isWhole: Bool) -> [Diagnostic] {
        let known = Dictionary(pipelines.map { ($0.name, $0) }) { first, _ in first }
        var found: [Diagnostic] = []
        for pipeline in pipelines {
            for need in needs(of: pipeline) {
                if let problem = problem(with: need, of: pipeline, known, isWhole) { found.append(problem) }
            }
        }
        return found + circles(pipelines, known)
    }

    private static func needs(of pipeline: Pipeline) -> [NeededArtifact] {
        (pipeline.stages + pipeline.finally).flatMap { $0.neededArtifacts ?? [] }
    }

    private static func problem(
        with need: NeededArtifact,
        of pipeline: Pipeline,
        _ known: [String: Pipeline],
        _ isWhole: Bool
    ) -> Diagnostic? {
        if need.pipeline == pipeline.name {
            let message = "`needs-artifact` names the pipeline that it stands in"
            return Diagnostic(.error, at: need.location, message, hint: "name the stage that makes it in `needs`")
        }
        guard let maker = known[need.pipeline] else {
            let others = known.keys.filter { $0 != pipeline.name }.sorted()
            let message = "`needs-artifact` names an unknown pipeline `\(need.pipeline)`"
            let hint =
                DidYouMean.hint(for: need.pipeline, among: others)
                ?? (isWhole ? list(others) : "it may be in a file that was not read")
            return Diagnostic(isWhole ? .error : .warning, at: need.location, message, hint: hint)
        }
        let names = (maker.stages + maker.finally).flatMap { $0.artifacts.map(\.name) }
        if names.contains(need.name) { return nil }
        let message = "no stage of pipeline `\(need.pipeline)` makes an artifact `\(need.name)`"
        let hint = DidYouMean.hint(for: need.name, among: names) ?? list(names)
        return Diagnostic(.error, at: need.location, message, hint: hint)
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "there is none" : "there is \(names.prefix(20).map { "`\($0)`" }.joined(separator: ", "))"
    }

    /// One finding for each pipeline that, over others, takes from itself and stands first among them.
    private static func circles(_ pipelines: [Pipeline], _ known: [String: Pipeline]) -> [Diagnostic] {
        var told: Set<String> = []
        var found: [Diagnostic] = []
        for pipeline in pipelines where !told.contains(pipeline.name) {
            guard let circle = circle(from: pipeline, known),
                let first = needs(of: pipeline).first(where: { need in
                    need.pipeline == circle.dropFirst().first
                })
            else { continue }
            told.formUnion(circle)
            let names = (circle + [pipeline.name]).map { "`\($0)`" }.joined(separator: " takes from ")
            found.append(Diagnostic(.error, at: first.location, "pipelines take artifacts in a circle: \(names)"))
        }
        return found
    }

    /// The shortest way from a pipeline back to itself, without the last step.
    private static func circle(from start: Pipeline, _ known: [String: Pipeline]) -> [String]? {
        var ways = [[start.name]]
        var seen: Set<String> = []
        while !ways.isEmpty {
            let way = ways.removeFirst()
            for need in way.last.flatMap({ known[$0] }).map(needs) ?? [] where need.pipeline != way.last {
                if need.pipeline == start.name { return way }
                if seen.insert(need.pipeline).inserted { ways.append(way + [need.pipeline]) }
            }
        }
        return nil
    }
}
