"""What a reader pays for the depth of a cache's layers, and what merging them by hard links costs."""

import ctypes
import json
import os
import random
import shutil
import subprocess
import sys
import time

from common import seconds, table

FILES = 100_000
CHANGED = 200
DEPTHS = (1, 2, 4, 8, 12, 16, 24, 32, 48)


def run(bench) -> None:
    answer = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", sys.executable, __file__, bench.path("layers"),
         str(bench.rounds)],
        check=True, capture_output=True, text=True,
    ).stdout
    document = json.loads(answer)
    columns = ("mount", "first walk", "second walk", "missing names", "first reads")
    rows = [[depth, *(seconds(document["depths"][str(depth)][name]) for name in columns)] for depth in DEPTHS]
    table(f"A cache of {FILES} files by layers; each one above the base has {CHANGED} files", ["layers", *columns], rows)
    rows = [[name, seconds(value)] for name, value in document["merging"].items()]
    table("Merging by hard links", ["what", "time"], rows)


def name(number: int) -> str:
    return f"{number // 10_000}/{number // 100 % 100}/{number % 100}"


def fill(layer: str, numbers, text: str) -> None:
    for number in numbers:
        path = os.path.join(layer, name(number))
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
        os.write(file, text.encode())
        os.close(file)


def walk(root: str) -> int:
    count = 0
    with os.scandir(root) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                count += walk(entry.path)
            else:
                entry.stat(follow_symlinks=False)
                count += 1
    return count


def timed(body) -> float:
    start = time.perf_counter()
    body()
    return time.perf_counter() - start


def missing(root: str) -> None:
    for number in range(0, FILES, 10):
        try:
            os.stat(os.path.join(root, name(number) + ".missing"))
        except FileNotFoundError:
            pass


def read(root: str) -> None:
    for number in range(0, FILES, 10):
        with open(os.path.join(root, name(number)), "rb") as file:
            file.read()


class Mounted:
    """An overlay of some layers, for one measurement: what the kernel remembers of names is the mount's own."""

    libc = ctypes.CDLL(None, use_errno=True)

    def __init__(self, root: str, layers: list):
        self.target = os.path.join(root, "target")
        for place in ("target", "upper", "work"):
            shutil.rmtree(os.path.join(root, place), ignore_errors=True)
            os.mkdir(os.path.join(root, place))
        places = layers + [os.path.join(root, "upper"), os.path.join(root, "work")]
        files = [os.open(place, os.O_RDONLY | os.O_DIRECTORY) for place in places]
        names = [f"/proc/self/fd/{file}" for file in files]
        options = f"userxattr,lowerdir={':'.join(names[:-2])},upperdir={names[-2]},workdir={names[-1]}"
        start = time.perf_counter()
        status = self.libc.mount(b"overlay", self.target.encode(), b"overlay", 0, options.encode())
        self.seconds = time.perf_counter() - start
        if status != 0:
            raise SystemExit(f"mount: {os.strerror(ctypes.get_errno())}")
        for file in files:
            os.close(file)

    def close(self) -> None:
        self.libc.umount2(self.target.encode(), 2)


def measure(root: str, layers: list) -> dict:
    mounted = Mounted(root, layers)
    result = {"mount": mounted.seconds}
    result["first walk"] = timed(lambda: walk(mounted.target))
    result["second walk"] = timed(lambda: walk(mounted.target))
    result["missing names"] = timed(lambda: missing(mounted.target))
    result["first reads"] = timed(lambda: read(mounted.target))
    mounted.close()
    return result


def link(layers: list, target: str) -> None:
    """The layers as one, the first over the others."""
    os.mkdir(target)
    for layer in layers:
        for directory, _, files in os.walk(layer):
            place = os.path.join(target, os.path.relpath(directory, layer))
            os.makedirs(place, exist_ok=True)
            for file in files:
                try:
                    os.link(os.path.join(directory, file), os.path.join(place, file))
                except FileExistsError:
                    pass


def inside(root: str, rounds: int) -> dict:
    chance = random.Random(1)
    layers = []
    for depth in range(max(DEPTHS)):
        layer = os.path.join(root, f"layer-{depth}")
        os.makedirs(layer)
        numbers = range(FILES) if depth == 0 else chance.sample(range(FILES), CHANGED)
        fill(layer, numbers, f"layer {depth}\n")
        layers.insert(0, layer)
    depths = {}
    for _ in range(rounds):
        for depth in DEPTHS:
            for what, value in measure(root, layers[-depth:]).items():
                depths.setdefault(depth, {}).setdefault(what, []).append(value)
    medians = {
        depth: {what: sorted(values)[len(values) // 2] for what, values in row.items()}
        for depth, row in depths.items()
    }
    merging = {}
    for what, chosen in {
        f"8 layers of {CHANGED} files": layers[-9:-1],
        f"32 layers of {CHANGED} files": layers[-33:-1],
        f"8 layers, and the base of {FILES}": layers[-9:],
    }.items():
        target = os.path.join(root, "merged")
        merging[what] = timed(lambda: link(chosen, target))
        shutil.rmtree(target)
    return {"depths": medians, "merging": merging}


if __name__ == "__main__":
    print(json.dumps(inside(sys.argv[1], int(sys.argv[2]))))
