"""What the benchmarks share: timed commands, medians, tables. Standard library only."""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time


class Bench:
    """A scratch directory on memory, so that the disk says nothing, and the runner under test."""

    def __init__(self, runner: str, rounds: int):
        self.runner = os.path.abspath(runner)
        self.rounds = rounds
        root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.root = tempfile.mkdtemp(prefix="runner-bench-", dir=root)
        self.environment = dict(os.environ, RUNNER_STATE=self.path("state"), NO_COLOR="1", HOME=self.path("home"))
        os.mkdir(self.path("home"))
        for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
            self.environment[name] = "bench"
        for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
            self.environment[name] = "bench@example.invalid"

    def path(self, *names: str) -> str:
        return os.path.join(self.root, *names)

    def close(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    def run(self, command, directory=None, output=None):
        """Runs a command to its end: seconds, and the most KiB that it or a child of it held."""
        start = time.perf_counter()
        with open(output or os.devnull, "wb") as out:
            process = subprocess.Popen(command, cwd=directory, env=self.environment, stdout=out, stderr=subprocess.PIPE)
            errors = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if status != 0:
            raise SystemExit(f"{command} ended with status {status}:\n{errors.decode(errors='replace')}")
        return seconds, usage.ru_maxrss

    def git(self, directory, *arguments):
        return subprocess.run(
            ["git", "-C", directory, *arguments], env=self.environment, check=True, capture_output=True
        ).stdout

    def repository(self, name: str, files: dict) -> str:
        directory = self.path(name)
        os.makedirs(directory)
        self.git(directory, "init", "-q", "-b", "develop")
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(directory, path)), exist_ok=True)
            with open(os.path.join(directory, path), "w") as file:
                file.write(text)
        self.git(directory, "add", "-A")
        self.git(directory, "commit", "-qm", "begin")
        return directory

    def local(self, directory, *arguments):
        """One `runner local`: seconds, peak KiB of the command line, and its document."""
        output = self.path("document.json")
        seconds, peak = self.run([self.runner, "local", "--json", *arguments], directory, output)
        with open(output) as file:
            return seconds, peak, json.load(file)


def interleaved(rounds: int, subjects: dict) -> dict:
    """Each subject in turn, `rounds` times over, so that a busy moment of the machine falls on all of them."""
    results = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, subject in subjects.items():
            results[name].append(subject())
    return results


def median(values) -> float:
    return statistics.median(values)


def table(title: str, header: list, rows: list) -> None:
    print(f"\n{title}\n")
    cells = [header] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for number, row in enumerate(cells):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def seconds(value: float) -> str:
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def mebibytes(kibibytes: float) -> str:
    return f"{kibibytes / 1024:.0f} MB"
