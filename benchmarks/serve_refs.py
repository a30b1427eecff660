"""200 refs in one push, each a run of one stage that does nothing."""

import os
import time

from common import Bench, interleaved, median, seconds, table
from serve_daemon import Daemon, bare

COUNT = 200
PIPELINE = "name: noop\non: { branches: ['*/**'] }\nstages:\n  noop: { run: 'true' }\n"
ONE = "name: all\non: { branches: [develop] }\nstages:\n"


def run(bench: Bench) -> None:
    slots = os.cpu_count() or 1
    stages = "".join(f"  s{number}: {{ run: 'true' }}\n" for number in range(COUNT))
    project = bench.repository("project", {"pipelines/noop.yml": PIPELINE})
    one = bench.repository("one", {"pipelines/all.yml": ONE + stages})
    watched = bare(bench, "watched.git", project)
    memory, processor, round_of = [], [], []
    with Daemon(bench, "refs", {"watched": {"url": watched}}, slots=slots) as daemon:
        daemon.start()

        def serve():
            refs = [f"develop:refs/heads/r{len(round_of)}/n{number}" for number in range(COUNT)]
            round_of.append(None)
            before = daemon.processor()
            begin = time.perf_counter()
            bench.git(project, "push", "-q", watched, *refs)
            daemon.wait_for_end(COUNT * len(round_of))
            elapsed = time.perf_counter() - begin
            processor.append(daemon.processor() - before)
            memory.append(daemon.memory())
            return elapsed

        def local():
            return bench.local(one, "--committed", "--jobs", str(slots))[0]

        sandbox = "bwrap --dev-bind / / --unshare-pid --unshare-ipc --die-with-parent true"
        results = interleaved(min(bench.rounds, 3), {
            "xargs -P bwrap true": lambda: bench.run(["sh", "-c", f"seq {COUNT} | xargs -P{slots} -I_ {sandbox}"])[0],
            f"runner local, one run of {COUNT} stages": local,
            f"runner serve, {COUNT} runs of one stage": serve,
        })
        outcomes = {run["outcome"] for run in daemon.runs()}
    floor = median(results["xargs -P bwrap true"])
    rows = [
        [name, seconds(median(values)), seconds(median(values) / COUNT), f"{median(values) / floor:.1f}"]
        for name, values in results.items()
    ]
    what = f"{COUNT} refs in one push, {slots} slots (median of {min(bench.rounds, 3)})"
    table(f"{what}; outcomes: {', '.join(sorted(outcomes))}",
          ["what", "time", "each", "times bwrap"], rows)
    grown = ", ".join(f"{resident / 1024:.0f} ({anonymous / 1024:.0f})" for resident, anonymous in memory)
    print(f"\nThe daemon's own processor time per run: {seconds(median(processor) / COUNT)}."
          f" MB resident (anonymous) after each round: {grown}.")
