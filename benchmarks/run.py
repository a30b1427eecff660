#!/usr/bin/env python3
"""Runs the benchmarks: `run.py RUNNER [NAME...]`. Method and results: docs/performance.md."""

import argparse
import subprocess
import sys

import caches
import images
import layers
import log
import reuse
import serve_follow
import serve_idle
import serve_lists
import serve_push
import serve_refs
import serve_restart
import stages
import start
import workspace
from common import Bench

SERVE = {
    "serve-push": serve_push, "serve-refs": serve_refs, "serve-idle": serve_idle, "serve-follow": serve_follow,
    "serve-restart": serve_restart, "serve-lists": serve_lists,
}
ALL = {
    "start": start, "stages": stages, "workspace": workspace, "layers": layers, "log": log, "caches": caches,
    "reuse": reuse, "images": images, **SERVE,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runner", help="the program, built for release")
    parser.add_argument("names", nargs="*", choices=[*ALL, "serve", []], help="which ones; all by default")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    names = [name for given in arguments.names or ALL for name in (SERVE if given == "serve" else [given])]
    if len(names) > 1:
        # A process of its own for each: a child's peak memory counts from what this one held when it was started.
        for name in names:
            subprocess.run([sys.executable, __file__, arguments.runner, name, "--rounds", str(arguments.rounds)], check=True)
        return
    bench = Bench(arguments.runner, arguments.rounds)
    try:
        ALL[names[0]].run(bench)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
