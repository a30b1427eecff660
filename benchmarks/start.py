"""How long the program takes to say its version: what every command pays."""

from common import Bench, median, seconds, table


def run(bench: Bench) -> None:
    rounds = 20 * bench.rounds
    rows = []
    for name, command in (("true", ["true"]), ("git --version", ["git", "--version"]),
                          ("runner --version", [bench.runner, "--version"])):
        rows.append([name, seconds(median([bench.run(command)[0] for _ in range(rounds)]))])
    table(f"Start (median of {rounds})", ["what", "time"], rows)
