#!/usr/bin/env python3
"""Runs the benchmarks: `run.py RUNNER [NAME...]`. Method and results: docs/performance.md."""

import argparse

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
    bench = Bench(arguments.runner, arguments.rounds)
    try:
        for name in arguments.names or ALL:
            ALL[name].run(bench)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
