"""`kill -9` of the daemon while 100 stages run: how soon they are followed again, and whether a line is lost."""

import os
import time

from common import Bench, median, seconds, table
from serve_daemon import Daemon, bare, until

COUNT = 100
TICKS = 600
KILLS = 3
# Without a process per tick: 100 stages would start a thousand a second.
SCRIPT = f"""\
name: tick
on: {{ branches: ['*/**'] }}
stages:
  tick:
    run: |
      exec {{quiet}}<> <(:)
      for ((tick = 0; tick < {TICKS}; tick++)); do
        echo "tick $tick"
        read -r -t 0.1 -u "$quiet" _ || true
      done
"""


def run(bench: Bench) -> None:
    project = bench.repository("project", {"pipelines/tick.yml": SCRIPT})
    watched = bare(bench, "watched.git", project)
    with Daemon(bench, "restart", {"watched": {"url": watched}}, slots=COUNT) as daemon:
        daemon.start()
        begin = time.perf_counter()
        bench.git(project, "push", "-q", watched, *(f"develop:refs/heads/r/n{number}" for number in range(COUNT)))
        until(f"{COUNT} stages run", lambda: have_printed(daemon), 0.05)
        started = time.perf_counter() - begin
        times = [kill_and_start(daemon) for _ in range(KILLS)]
        memory = daemon.memory()
        daemon.wait_for_end(COUNT, TICKS * 0.1 + 120)
        runs = daemon.runs()
        lost = sum(not is_whole(daemon, run["number"]) for run in runs if run["outcome"] == "succeeded")
    running, answers, followed = zip(*times)
    table(f"After `kill -9` with {min(running)} stages running (median of {KILLS})",
          ["from its start on, the daemon", "time"],
          [["answers again", seconds(median(answers))],
           ["follows all again (goal: 2 s)", seconds(median(followed))]])
    outcomes = {name: sum(run["outcome"] == name for run in runs) for name in {run["outcome"] for run in runs}}
    print(f"\n{len(runs)} runs, outcomes {outcomes}; logs of green ones that lack a line or have one twice: {lost}."
          f" All were running {seconds(started)} after the push;"
          f" the daemon held {memory[0] / 1024:.0f} MB ({memory[1] / 1024:.0f} MB anonymous) while it followed them.")


def have_printed(daemon: Daemon) -> bool:
    """Whether every stage has begun to print."""
    runs = daemon.runs()
    if len(runs) < COUNT or any(run["status"] in ("pending", "waiting") for run in runs):
        return False
    return all(daemon.step_log(run["number"], "tick") for run in runs)


def kill_and_start(daemon: Daemon) -> tuple:
    """How many runs were open, the seconds from the daemon's start until it answers, and until it follows them all."""
    time.sleep(2)
    running = len(daemon.runs("&open=true"))
    daemon.kill()
    # What is written meanwhile nobody reads.
    time.sleep(2)
    offset = os.path.getsize(daemon.log)
    begin = time.perf_counter()
    answers = daemon.start()

    def is_followed():
        return daemon.written(offset).count(b" run followed again ") >= running

    until("all runs are followed again", is_followed, 0.005)
    followed = time.perf_counter() - begin
    assert len(daemon.runs("&open=true")) == running, "a run ended, or was begun twice"
    return running, answers, followed


def is_whole(daemon: Daemon, run: int) -> bool:
    text = daemon.request("GET", f"/api/v1/runs/{run}/stages/tick/log").decode()
    return text.splitlines() == [f"tick {tick}" for tick in range(TICKS)]
