"""A log of 1,000,000 lines (100 MB), ten secrets looked for, beside writing it to a file."""

import os
import secrets

from common import Bench, interleaved, mebibytes, median, seconds, table

LINES = 1_000_000


def run(bench: Bench) -> None:
    line = "2026-11-21 17:00:00 INFO worker-7 processed request id=8842731 in 12 ms with status=200 and size=4711"
    # yes ends by SIGPIPE, which is no failure here.
    command = f"(yes '{line}' || true) | head -n {LINES}"
    names = [f"SECRET_{number}" for number in range(10)]
    values = [secrets.token_urlsafe(24 + 8 * number) for number in range(10)]
    bench.environment.update(zip(names, values))
    pipeline = (
        "name: log\nstages:\n"
        f"  print: {{ secrets: [{', '.join(names)}], run: \"{command}; echo token=$SECRET_3\" }}\n"
    )
    directory = bench.repository("log", {"pipelines/log.yml": pipeline})
    options = [text for name in names for text in ("--secret", name)]
    steps = {}
    peaks = {}
    leaks = []

    def local(name, stage):
        def measure():
            elapsed, peak, document = bench.local(directory, "--committed", "--pipeline", "log", "--stage", stage, *options)
            peaks[name] = max(peak, document["runs"][0]["peakKibibytes"])
            steps.setdefault(name, []).append(document["stages"][0]["phases"]["steps"])
            log = document["stages"][0]["log"][0]
            with open(log, "rb") as file:
                file.seek(-200, os.SEEK_END)
                if any(value.encode() in file.read() for value in values):
                    leaks.append(log)
            os.remove(log)
            return elapsed

        return measure

    def redirect():
        elapsed, peaks["sh -c 'cmd > file'"] = bench.run(["sh", "-c", f"{command} > {bench.path('plain.log')}"])
        os.remove(bench.path("plain.log"))
        return elapsed

    results = interleaved(bench.rounds, {
        "sh -c 'cmd > file'": redirect,
        "runner, ten secrets": local("runner, ten secrets", "print"),
    })
    floor = median(results["sh -c 'cmd > file'"])
    rows = []
    for name, values_of in results.items():
        rows.append([name, seconds(median(values_of)), f"{median(values_of) / floor:.1f}", mebibytes(peaks[name])])
        if name in steps:
            rows.append([f"{name}: the step alone", seconds(median(steps[name])), f"{median(steps[name]) / floor:.1f}", ""])
    table(f"A log of {LINES:,} lines (median of {bench.rounds}); secrets found in it: {len(leaks)}",
          ["what", "time", "times the redirect", "peak memory of a process"], rows)
