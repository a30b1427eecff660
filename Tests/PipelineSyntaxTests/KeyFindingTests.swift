import PipelineSyntax
import RunnerCore
import Testing

/// Keys, types and texts of values.
@Suite struct KeyFindingTests {
    static let keys: [Row] = [
        Row("on: { manual: }\nname: x\n", "1:1", "missing `stages` in a pipeline", hint: "stages: {"),
        Row("on: { manual: }\nstages: {}\n", "2:1", "`stages` is empty"),
        Row("on: { manual: }\nstages:\n", "2:1", "`stages` has no value"),
        Row(
            "on: { manual: }\nstage: { s: { run: x } }\nstages: { s: { run: x } }\n",
            "2:1",
            "unknown key `stage`",
            hint: "`stages`?"
        ),
        Row(
            "on: { manual: }\njobs: {}\nstages: { s: { run: x } }\n",
            "2:1",
            "unknown key `jobs`",
            hint: "write `stages`"
        ),
        Row(
            "on: { push: {}, manual: }\nstages: { s: { run: x } }\n",
            "1:7",
            "unknown key `push` in `on`",
            hint: "`branches`"
        ),
        Row(
            "on: { manual: }\nstages: [{ s: { run: x } }]\n",
            "2:9",
            "`stages` must be a mapping of names, found a list"
        ),
        .stage("run: x\ntiemout: 5m", "5:5", "unknown key `tiemout` in a stage", hint: "did you mean `timeout`?"),
        .stage("run: x\nneeds-outcome: failed", "5:5", "unknown key `needs-outcome`", hint: "only stages of `finally`"),
        .stage("run: x\nneeds-artifact: { name: a }", "5:5", "missing `pipeline` in `needs-artifact`"),
        .stage(
            "run: x\nneeds-artifact: { pipeline: p, artifact: a, name: b }",
            "5:36",
            "unknown key `artifact`",
            hint: "write `name`"
        ),
        .stage("run: x\nneeds-artifact: { pipeline: p, name: ../x }", "5:42", "`../x`"),
        .stage("run: x\nruns-on: linux", "5:5", "unknown key `runs-on`", hint: "resources"),
        .stage("steps: [{ run: x, uses: y }]", "4:23", "unknown key `uses` in a step", hint: "include"),
        .stage("steps: [{ name: x }]", "4:13", "missing `run` in a step"),
        .stage("steps: []", "4:12", "`steps` is an empty list"),
        .stage("steps: x", "4:12", "`steps` must be a list"),
        .stage("run: x\nenv: [A]", "5:10", "`env` must be a mapping", hint: "without `-`"),
        .stage("run: x\nenv: { A: }", "5:12", "`A` has no value", hint: "\"\""),
        .stage("run: x\nenv: { A: [1] }", "5:15", "`A` must be text, in which `${{ }}` is expanded, found a list"),
        .stage("run: x\nenv: { A: { ref.name } }", "5:15", "`A` must be text", hint: "quote"),
        .stage("run: [x]", "4:10", "`run` must be a script, found a list"),
        .stage("run: x\nneeds: { a: b }", "5:12", "`needs` must be a name, or a list of such, found a mapping"),
        .stage("run: x\ntimeout:", "5:5", "`timeout` has no value", hint: "a duration"),
        .stage("run: x\ncache: { key: a }", "5:5", "missing `paths` in a cache"),
        .stage("run: x\nreuse: { verify: 2 }", "5:22", "`verify` must be a percentage such as `2%`, found `2`"),
        .stage("run: x\nreuse: { verify: 101% }", "5:22", "`verify` must be a percentage such as `2%`, found `101%`"),
        .stage("run: x\nreuse: { tools: [\"cc ${{ ref.name }}\"] }", "5:26", "has an expression"),
        .stage("run: x\nreuse: sometimes", "5:12", "`reuse` must be `true` or `false`"),
        .stage("deploy: {}", "4:5", "missing `environment` in `deploy`"),
    ]

    static let texts: [Row] = [
        .stage(
            "run: x\ntimeout: soon",
            "5:14",
            "`timeout` must be a duration such as `90s`, `30m` or `1h30m`, found `soon`"
        ),
        .stage("run: x\ntimeout: 30", "5:14", "found `30`", hint: "`30s` or `30m`"),
        .stage("run: x\ngrace: 1.5h", "5:12", "must be a duration", hint: "whole numbers"),
        .stage("run: x\ntimeout: 5m1h", "5:14", "must be a duration"),
        .stage("run: x\ntimeout: 99999999999999999999d", "5:14", "must be a duration"),
        .stage(
            "run: x\nresources: { memory: 4G }",
            "5:26",
            "must be a size such as `512MiB` or `4GiB`, found `4G`",
            hint: "`4GiB`"
        ),
        .stage("run: x\nresources: { disk: 99999999TiB }", "5:24", "must be a size"),
        .stage("run: x\nresources: { cpu: -1 }", "5:23", "must be a number above 0, found `-1`"),
        .stage("run: x\nresources: { cpu: nan }", "5:23", "must be a number above 0"),
        .stage("run: x\nresources: { cpu: inf }", "5:23", "must be a number above 0"),
        .stage("run: x\nresources: { cpu: 0.0 }", "5:23", "must be a number above 0"),
        .stage("run: x\nresources: { cpu: 0.x }", "5:23", "must be a number above 0"),
        .stage("run: x\nresources: { cpu: 02 }", "5:23", "must be a number above 0"),
        .stage("run: x\nretry: 0", "5:12", "`retry` must be a whole number from 1 to 10, found `0`"),
        .stage("run: x\nretry: 02", "5:12", "must be a whole number"),
        .stage(
            "run: x\nretry: { attempts: 2, on: skipped }",
            "5:31",
            "must be one of `failed`, `errored` or `timed-out`"
        ),
        .stage(
            "run: x\nnetwork: hots",
            "5:14",
            "`network` must be one of `host` or `none`, found `hots`",
            hint: "`host`?"
        ),
        .stage("run: x\nsecrets: [1A]", "5:15", "is not the name of a variable: `1A`"),
        .stage("run: x\nenv: { A-B: c }", "5:12", "`env` is not the name of a variable: `A-B`", hint: "letters"),
        .stage("run: x\nenv: { LD_PRELOAD: c }", "5:12", "`env` may not set `LD_PRELOAD`"),
        .stage("run: x\nenv: { PATH: c }", "5:12", "may not set `PATH`", hint: "RUNNER_PATH"),
        .stage("run: x\nenv: { RUNNER_X: c }", "5:12", "may not set `RUNNER_X`", hint: "the runner's own"),
        .stage("run: x\nenv: { GIT_DIR: c }", "5:12", "may not set `GIT_DIR`"),
        .stage("run: x\nsecrets: [PATH]", "5:15", "may not set `PATH`"),
        .stages("  a b: { run: x }\n", "3:3", "is not a name: `a b`", hint: "letters, digits"),
        .stages("  \(String(repeating: "a", count: 101)): { run: x }\n", "3:3", "is not a name"),
        .stage("run: x\nartifacts: { -x: [y] }", "5:18", "is not a name: `-x`"),
        .stage("run: ''", "4:10", "`run` is empty"),
        .stage("steps: [{ run: x, directory: ../up }]", "4:34", "must be a path below the workspace", hint: "`..`"),
        .stage("steps: [{ run: x, directory: /etc }]", "4:34", "must be a path below the workspace", hint: "relative"),
        .stage("run: x\ncache: { key: a, paths: /var }", "5:29", "must be a path below the workspace or `~/`"),
        .stage("run: x\nartifacts: { a: [\"dist/?\"] }", "5:22", "`?` is not known in patterns"),
        .stage("run: x\nreports: { junit: \"\" }", "5:23", "`junit` cannot be ``"),
    ]

    static let triggers: [Row] = [
        Row(
            "on: { branches: [\"v[0-9]\"] }\nstages: { s: { run: x } }\n",
            "1:18",
            "an item of `branches` cannot be `v[0-9]`"
        ),
        Row(
            "on: { tags: refs/tags/v1 }\nstages: { s: { run: x } }\n",
            "1:13",
            "`tags` cannot be `refs/tags/v1`",
            hint: "`v1`"
        ),
        Row("on: { tags: { semver: \">=1.x.y\" } }\nstages: { s: { run: x } }\n", "1:26", "`semver` cannot be read"),
        Row(
            "on: { schedule: { cron: \"0 25 * * *\" } }\nstages: { s: { run: x } }\n",
            "1:28",
            "has `25` as hour, which must be 0 to 23"
        ),
        Row(
            "on: { schedule: { cron: 0 3 * * } }\nstages: { s: { run: x } }\n",
            "1:25",
            "must have five fields, found 4"
        ),
        Row(
            "on: { schedule: { cron: \"@daily\" } }\nstages: { s: { run: x } }\n",
            "1:25",
            "must have five fields",
            hint: "0 0 * * *"
        ),
        Row(
            "on: { schedule: { cron: \"*/0 * * * *\" } }\nstages: { s: { run: x } }\n",
            "1:26",
            "has a step `0` in minute"
        ),
        Row(
            "on: { schedule: { cron: \"9-3 * * * *\" } }\nstages: { s: { run: x } }\n",
            "1:26",
            "the range `9-3` that ends before it starts"
        ),
        Row(
            "on: { schedule: { cron: 0 3 * * *, zone: Europe/Berlim } }\nstages: { s: { run: x } }\n",
            "1:42",
            "must be an IANA time zone such as `Europe/Berlin`, found `Europe/Berlim`",
            hint: "`Europe/Berlin`?"
        ),
        Row("on: { schedule: { zone: UTC } }\nstages: { s: { run: x } }\n", "1:7", "missing `cron` in a schedule"),
        Row(
            "on: { manual: { inputs: { a: { type: int } } } }\nstages: { s: { run: x } }\n",
            "1:38",
            "`type` must be one of"
        ),
        Row(
            "on: { manual: { inputs: { a: { type: choice } } } }\nstages: { s: { run: x } }\n",
            "1:27",
            "the input `a` is a choice without `options`"
        ),
        Row(
            "on: { manual: { inputs: { a: { options: [b] } } } }\nstages: { s: { run: x } }\n",
            "1:32",
            "`options` belong to the type `choice`"
        ),
        Row(
            "on: { manual: { inputs: { a: { type: choice, options: [b], default: c } } } }\n"
                + "stages: { s: { run: x } }\n",
            "1:69",
            "`default` must be one of `b`, found `c`"
        ),
        Row(
            "on: { manual: { inputs: { a: { type: number, default: c } } } }\nstages: { s: { run: x } }\n",
            "1:55",
            "`default` must be a number, found `c`"
        ),
        Row(
            "on: { manual: { inputs: { a: { type: bool, default: yes } } } }\nstages: { s: { run: x } }\n",
            "1:53",
            "`default` must be `true` or `false`, found `yes`",
            hint: "write `true`"
        ),
        Row(
            "on: { manual: { inputs: { a: { required: on } } } }\nstages: { s: { run: x } }\n",
            "1:42",
            "`required` must be `true` or `false`, found `on`"
        ),
        Row(
            "on: { manual: }\nconcurrency: { group: a, policy: queued }\nstages: { s: { run: x } }\n",
            "2:34",
            "`policy` must be one of",
            hint: "`queue`?"
        ),
    ]

    @Test(arguments: keys)
    func `a key or a type that does not belong is found at its place`(row: Row) { row.check(.error) }

    @Test(arguments: texts)
    func `a text that means nothing is found at its place`(row: Row) { row.check(.error) }

    @Test(arguments: triggers)
    func `a trigger that means nothing is found at its place`(row: Row) { row.check(.error) }
}
