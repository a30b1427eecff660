#!/usr/bin/env python3
"""Runs the benchmarks: `run.py RUNNER [NAME...]`. Method and results: docs/performance.md."""

import argparse
import subprocess
import sys

import log
import stages
import start
import workspace
from common import Bench

ALL = {"start": start, "stages": stages, "workspace": workspace, "log": log}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runner", help="the program, built for release")
    parser.add_argument("names", nargs="*", choices=[*ALL, []], help="which ones; all by default")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    names = arguments.names or list(ALL)
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
