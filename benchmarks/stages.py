"""200 stages that do nothing, two at a time: what the runner itself costs."""

import os

from common import Bench, interleaved, mebibytes, median, seconds, table

COUNT = 200


def run(bench: Bench) -> None:
    stages = "".join(f"  s{number}: {{ run: 'true' }}\n" for number in range(COUNT))
    pipeline = f"name: noop\non: {{ branches: [develop] }}\nstages:\n{stages}"
    directory = bench.repository("stages", {"pipelines/noop.yml": pipeline, "README.md": "bench\n"})
    write_peers(directory)
    documents = {}
    peaks = {}

    def local(name, *arguments):
        def measure():
            elapsed, peak, document = bench.local(directory, "--committed", "--jobs", "2", *arguments)
            documents[name] = document
            peaks[name] = max(peak, document["runs"][0]["peakKibibytes"])
            return elapsed

        return measure

    def peer(name, command):
        def measure():
            elapsed, peaks[name] = bench.run(command, directory)
            return elapsed

        return measure

    results = interleaved(bench.rounds, {
        "sh | xargs -P2": peer("sh | xargs -P2", ["sh", "-c", f"seq {COUNT} | xargs -P2 -n1 sh -c true"]),
        "make -j2": peer("make -j2", ["make", "-s", "-j2", "-f", "peer.mk"]),
        "ninja -j2": peer("ninja -j2", ["sh", "-c", "ninja -f peer.ninja -t clean >/dev/null; ninja -j2 -f peer.ninja"]),
        "runner, no isolation": local("runner, no isolation", "--isolation", "none"),
        "runner, sandbox": local("runner, sandbox"),
    })
    floor = median(results["make -j2"])
    rows = [
        [name, seconds(median(values)), f"{median(values) / floor:.1f}", mebibytes(peaks[name])]
        for name, values in results.items()
    ]
    table(f"{COUNT} stages of `true`, two at a time (median of {bench.rounds})",
          ["what", "time", "times make -j2", "peak memory of a process"], rows)
    phases(documents["runner, sandbox"], median(results["runner, sandbox"]))


def phases(document: dict, total: float) -> None:
    """Where the time goes: seconds of all stages by part, two of them going on at any time."""
    sums = {}
    for stage in document["stages"]:
        for name, value in stage["phases"].items():
            sums[name] = sums.get(name, 0) + value
        sums["cleanup and records"] = (
            sums.get("cleanup and records", 0) + stage["seconds"] - sum(stage["phases"].values())
        )
    run = document["runs"][0]
    rows = [[name, seconds(value / COUNT)] for name, value in sums.items()]
    rows.append(["sum per stage", seconds(sum(sums.values()) / COUNT)])
    rows.append(["wall time per stage and slot", seconds(run["seconds"] * 2 / COUNT)])
    rows.append(["whole command less the run", seconds(total - run["seconds"])])
    table("Where the time goes, sandboxed, per stage", ["part", "time"], rows)


def write_peers(directory: str) -> None:
    names = [f"s{number}" for number in range(COUNT)]
    with open(os.path.join(directory, "peer.mk"), "w") as file:
        # A recipe that make cannot run without a shell.
        file.write(f"all: {' '.join(names)}\n{' '.join(names)}: ; @:; true\n.PHONY: all {' '.join(names)}\n")
    with open(os.path.join(directory, "peer.ninja"), "w") as file:
        file.write("rule run\n  command = true\n")
        file.writelines(f"build {name}: run\n" for name in names)
