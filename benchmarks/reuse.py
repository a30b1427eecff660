"""A run of which everything was done before, from command to result, and from the push of a tag to its result."""

import os
import time

from common import Bench, interleaved, median, seconds, table
from serve_daemon import Daemon, bare, quantile, until

COUNT = 50
TAGS = 20
# Between pushes: time to get the next supervisor ready.
REST = 0.5
FILES = 10
MANY = 20_000
INPUTS = 'reuse: { inputs: ["src/**"] }'


def run(bench: Bench) -> None:
    commands(bench)
    tags(bench)


def plain() -> str:
    return "".join(f"  s{number}: {{ run: 'true', {INPUTS} }}\n" for number in range(COUNT))


def handing_on() -> str:
    """Half of the stages make an artifact each, the others take one each."""
    made = "".join(
        f"  s{number}:\n    run: mkdir out; for f in $(seq {FILES}); do head -c 10000 src/a > out/$f; done\n"
        f"    {INPUTS}\n    artifacts: {{ a{number}: {{ paths: [\"out/**\"] }} }}\n"
        for number in range(COUNT // 2))
    taken = "".join(
        f"  t{number}: {{ needs: [s{number}], run: 'ls $RUNNER_ARTIFACTS/a{number}', {INPUTS} }}\n"
        for number in range(COUNT // 2))
    return made + taken


def commands(bench: Bench) -> None:
    head = "on: { branches: [develop] }\nstages:\n"
    directory = bench.repository("reuse", {
        "pipelines/plain.yml": head + plain(), "pipelines/artifacts.yml": head + handing_on(),
        "src/a": "a line of text\n" * 1000, "src/b": "b\n",
    })
    large = bench.repository("large", {
        "pipelines/plain.yml": head + plain(),
        **{f"src/{number // 100}/{number}": f"{number}\n" for number in range(MANY)},
    })
    peers(directory)
    documents = {}

    def local(name, pipeline, *arguments, directory=directory):
        command = ["--jobs", "2", "--pipeline", pipeline, *arguments]

        def measure():
            elapsed, _, documents[name] = bench.local(directory, *command)
            if lacking := [stage["name"] for stage in documents[name]["stages"] if not stage["reused"]]:
                raise SystemExit(f"{name}: {len(lacking)} stages were run again, the first `{lacking[0]}`")
            return elapsed

        bench.local(directory, *command)
        return measure

    def peer(*command):
        bench.run(list(command), directory)
        return lambda: bench.run(list(command), directory)[0]

    results = interleaved(bench.rounds, {
        "make, up to date": peer("make", "-s", "-j2", "-f", "peer.mk"),
        "ninja, up to date": peer("ninja", "-j2", "-f", "peer.ninja"),
        "runner": local("runner", "plain"),
        "runner, no isolation": local("runner, no isolation", "plain", "--isolation", "none"),
        "runner, half with artifacts": local("runner, half with artifacts", "artifacts"),
        f"runner, inputs of {MANY:,} files": local(f"runner, inputs of {MANY:,} files", "plain", directory=large),
    })
    floor = median(results["make, up to date"])
    table(f"{COUNT} stages, all of them done before (median of {bench.rounds}; goal: 300 ms)",
          ["what", "time", "times make"],
          [[name, seconds(median(values)), f"{median(values) / floor:.1f}"] for name, values in results.items()])
    rows = []
    for name, document in documents.items():
        of_run = document["runs"][0]
        whole = median(results[name])
        rows.append([name, seconds(of_run["phases"]["layout"]), seconds(of_run["phases"]["start"]),
                     seconds(of_run["seconds"]), seconds(of_run["seconds"] / COUNT),
                     seconds(whole - of_run["seconds"])])
    table("Where the time goes (last round)",
          ["what", "layout", "start", "the run", "of it per stage", "whole command less the run"], rows)


def peers(directory: str) -> None:
    """Fifty files, each made of the sources: what a build tool looks at to know that nothing is to do."""
    names = [f"made/{number}" for number in range(COUNT)]
    os.mkdir(os.path.join(directory, "made"))
    with open(os.path.join(directory, "peer.mk"), "w") as file:
        file.write(f"all: {' '.join(names)}\n{' '.join(names)}: src/a src/b\n\ttouch $@\n")
    with open(os.path.join(directory, "peer.ninja"), "w") as file:
        file.write("rule touch\n  command = touch $out\n")
        file.writelines(f"build {name}: touch src/a src/b\n" for name in names)


def tags(bench: Bench) -> None:
    pipeline = "name: release\non: { branches: [develop], tags: [\"v*\"] }\nstages:\n" + "".join(
        f"  s{number}: {{ run: 'sleep 0.2', {INPUTS} }}\n" for number in range(10)) + (
        f"  package:\n    needs: [{', '.join(f's{number}' for number in range(10))}]\n    run: cp -a src out\n"
        f"    {INPUTS}\n    artifacts: {{ app: {{ paths: [\"out/**\"] }} }}\n")
    project = bench.repository("project", {"pipelines/release.yml": pipeline, "src/a": "a\n", "README.md": "bench\n"})
    mark = bench.path("hook.time")
    hook = bare(bench, "hook.git", project, f"date +%s.%N > {mark}")
    watched = bare(bench, "watched.git", project)
    hooks, results, known = [], [], []
    with Daemon(bench, "tags", {"watched": {"url": watched}}) as daemon:
        daemon.start()
        bench.git(project, "commit", "-q", "--allow-empty", "-m", "next")
        begin = time.time()
        bench.git(project, "push", "-q", watched, "develop")
        daemon.wait_for_end(1)
        proof = time.time() - begin
        for number in range(TAGS):
            tag = f"v1.0.{number}"
            bench.git(project, "tag", tag)
            begin = time.time()
            bench.git(project, "push", "-q", hook, tag)
            with open(mark) as file:
                hooks.append(float(file.read()) - begin)
            begin = time.time()
            bench.git(project, "push", "-q", watched, tag)
            run_number = number + 2
            until("the result is there", lambda: is_there(daemon, run_number), 0.001)
            results.append(time.time() - begin)
            until("the daemon knows", lambda: is_over(daemon, run_number), 0.001)
            known.append(time.time() - begin)
            check(daemon, run_number)
            time.sleep(REST)
    rows = [[name, seconds(median(values)), seconds(quantile(values, 0.99))] for name, values in (
        ("a post-receive hook that runs `date`", hooks), ("runner, result of the run on disk", results),
        ("runner, the daemon says so (goal: 1 s)", known), ("for comparison: the run that proved the tree", [proof]))]
    table(f"From the start of `git push` of a tag on a proven tree, 11 stages ({TAGS} pushes)",
          ["to", "median", "p99"], rows)


def is_there(daemon: Daemon, number: int) -> bool:
    return os.path.exists(os.path.join(daemon.state, "runs", str(number), "result.json"))


def is_over(daemon: Daemon, number: int) -> bool:
    newest = daemon.get("/api/v1/runs?limit=1")["items"]
    return bool(newest) and newest[0]["number"] == number and newest[0]["status"] == "finished"


def check(daemon: Daemon, number: int) -> None:
    """Fast, because nothing was done: else the number is another's."""
    found = daemon.get(f"/api/v1/runs/{number}")
    if found["run"]["outcome"] != "succeeded":
        raise SystemExit(f"run {number} {found['run']['outcome']}")
    if ran := [stage["name"] for stage in found["stages"] if stage.get("reusedFrom") is None]:
        raise SystemExit(f"run {number} did {len(ran)} stages again, the first `{ran[0]}`")
