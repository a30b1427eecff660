"""The workspace of a commit that changed 100 of 50,000 files, beside git's and cp's ways to get one."""

import os
import shutil
import subprocess

from common import Bench, median, seconds, table

FILES = 50_000
CHANGED = 100


def run(bench: Bench) -> None:
    directory = make(bench)
    pipeline = "workspace"
    bench.local(directory, "--ref", "HEAD~" + str(bench.rounds), "--pipeline", pipeline)
    results = {"runner: whole command": [], "runner: layout": [], "runner: mount": []}
    peers = {"git worktree add": [], "git clone --shared": [], "cp -al": [], "cp -a": []}
    checkout = bench.path("checkout")
    bench.git(directory, "worktree", "add", "-q", checkout, "HEAD")
    for number in range(bench.rounds - 1, -1, -1):
        commit = f"HEAD~{number}"
        elapsed, _, document = bench.local(directory, "--ref", commit, "--pipeline", pipeline)
        results["runner: whole command"].append(elapsed)
        results["runner: layout"].append(document["runs"][0]["phases"]["layout"])
        results["runner: mount"].append(document["stages"][0]["phases"]["workspace"])
        target = bench.path(f"target-{number}")
        peers["git worktree add"].append(
            bench.run(["git", "worktree", "add", "-q", "--detach", target, commit], directory)[0])
        shutil.rmtree(target)
        peers["git clone --shared"].append(bench.run(["git", "clone", "-q", "--shared", directory, target])[0])
        shutil.rmtree(target)
        for name, flags in (("cp -al", "-al"), ("cp -a", "-a")):
            peers[name].append(bench.run(["cp", flags, checkout, target])[0])
            shutil.rmtree(target)
    floor = median(peers["git worktree add"])
    rows = [
        [name, seconds(median(values)), f"1/{floor / median(values):.0f}" if median(values) < floor else f"{median(values) / floor:.1f}"]
        for name, values in {**results, **peers}.items()
    ]
    table(f"The workspace of a commit with {CHANGED} changed files over {FILES:,} (median of {bench.rounds})",
          ["what", "time", "of git worktree add"], rows)


def make(bench: Bench) -> str:
    """A repository with one large commit and one small one per round, written by git's own fast-import."""
    directory = bench.path("large")
    os.makedirs(directory)
    bench.git(directory, "init", "-q", "-b", "develop")
    lines = []

    def commit(message):
        lines.append(f"commit refs/heads/develop\ncommitter bench <bench@example.invalid> 1700000000 +0000\n"
                     f"data {len(message)}\n{message}\n")

    def put(path, text):
        lines.append(f"M 100644 inline {path}\ndata {len(text)}\n{text}\n")

    commit("begin")
    body = "x" * 4000
    for number in range(FILES):
        put(f"d{number // 100}/sub{number % 10}/f{number}.txt", f"{number}\n{body}")
    put("pipelines/workspace.yml", "name: workspace\nstages: { look: { run: 'true' } }\n")
    for round_number in range(bench.rounds):
        commit(f"change {round_number}")
        for number in range(CHANGED):
            place = (number * 499 + round_number) % FILES
            put(f"d{place // 100}/sub{place % 10}/f{place}.txt", f"changed {round_number}\n{body}")
    subprocess.run(["git", "-C", directory, "fast-import", "--quiet"], input="".join(lines).encode(), check=True,
                   env=bench.environment)
    bench.git(directory, "reset", "-q", "--hard")
    return directory
