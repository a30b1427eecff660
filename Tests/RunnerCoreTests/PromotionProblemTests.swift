import RunnerCore
import Testing

/// What pipelines of one tree say of each other's artifacts.
struct PromotionProblemTests {
    @Test(arguments: [
        ("ci", "apo", "no stage of pipeline `ci` makes an artifact `apo`", "did you mean `app`?"),
        ("cu", "app", "names an unknown pipeline `cu`", "did you mean `ci`?"),
        ("release", "app", "names the pipeline that it stands in", "`needs`"),
    ])
    func `a name that nothing has is an error`(_ pipeline: String, _ name: String, _ message: String, _ hint: String) {
        let found = PromotionProblems.find(in: [maker, taker(pipeline, name)], isWhole: true)
        #expect(found.count == 1 && found[0].severity == .error)
        #expect(found[0].message.contains(message) && found[0].hint?.contains(hint) == true)
        #expect(found[0].location.description == "release.yml:3:9")
    }

    @Test func `a pipeline that may be in a file that was not read is a warning`() {
        let found = PromotionProblems.find(in: [taker("ci", "app")], isWhole: false)
        #expect(found.map(\.severity) == [.warning])
    }

    @Test func `what is there is no problem`() {
        #expect(PromotionProblems.find(in: [maker, taker("ci", "app")], isWhole: true).isEmpty)
    }

    @Test func `pipelines that take from each other in a circle are an error, told once`() {
        let circle = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")].map { pipeline($0.0, takes: $0.1) }
        let found = PromotionProblems.find(in: circle, isWhole: true)
        #expect(
            found.map(\.message) == [
                "pipelines take artifacts in a circle: `a` takes from `b` takes from `c` takes from `a`"
            ]
        )
    }

    private var maker: Pipeline { pipeline("ci", takes: nil) }

    private func taker(_ pipeline: String, _ name: String) -> Pipeline {
        self.pipeline("release", takes: pipeline, name: name)
    }

    private func pipeline(_ name: String, takes: String?, name artifact: String = "app") -> Pipeline {
        let location = SourceLocation(file: "\(name).yml", line: 3, column: 9)
        var stage = StageDefinition(name: "s", location: location, work: .steps([]))
        stage.artifacts = [ArtifactDefinition(name: "app", paths: PatternList(["x"]))]
        if let takes { stage.neededArtifacts = [NeededArtifact(pipeline: takes, name: artifact, location: location)] }
        return Pipeline(name: name, file: "\(name).yml", stages: [stage])
    }
}
