#!/usr/bin/python3
"""What it costs to make everything anew from the journal, beside a plain read of the same files.

    bench_replay.py [--messages 100000] [--lines 1] [--rounds 3] [--beside SOURCE] [--data FOLDER]

A gateway takes so many declarations, delivers each to three destinations that acknowledge at once, and ends; its data stays in
FOLDER, and is taken from there another time. Then, in turns:
  plain read     the journal's segments, from the page cache
  verify         every record behind its checksum (`clearway journal verify`)
  rebuild        state.db made anew from the journal and compared with the one that was there (`clearway replay --rebuild`)
  --beside       the rebuild by the command of another tree, which is built in its folder `build`
"""
import argparse
import glob
import json
import os
import resource
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "e2e"), HERE]

import bench_gateway as bench   # noqa: E402
import harness                  # noqa: E402

ROUND = 20000       # messages sent at once
BLOCK = 1 << 20


def read_plainly(paths):
    count = 0
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            while block := file.read(BLOCK):
                count += len(block)
    return count


def timed(action):
    """Seconds on the clock and of CPU, its children's included."""
    def used():
        return sum(each.ru_utime + each.ru_stime for each in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
    since, before = time.monotonic(), used()
    action()
    return time.monotonic() - since, used() - before


class Journal:
    def __init__(self, room, data):
        self.config, self.data, self.out = room.world.config, data, ""
        self.segments = sorted(glob.glob(os.path.join(data, "journal", "*.seg")))
        self.bytes = read_plainly(self.segments)

    def clearway(self, *arguments, build=harness.BUILD):
        done = subprocess.run([os.path.join(build, "clearway"), *arguments, "--config", self.config, "--data", self.data, "--json"],
                              capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{arguments}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        self.out = done.stdout


def show(name, times, records, note=""):
    clock, cpu = bench.median([each[0] for each in times]), bench.median([each[1] for each in times])
    bench.row(name, f"{clock:.2f} s", f"{records / clock:,.0f} records/s, {cpu / clock:.2f} cores{note}")
    return clock


def fill(room, path, count):
    room.start()
    counted = bench.Counted(room)
    while counted.sent < count:
        counted.send(path, min(ROUND, count - counted.sent))
        counted.settle()
    room.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=100000)
    parser.add_argument("--lines", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--beside", metavar="SOURCE")
    parser.add_argument("--data", metavar="FOLDER")
    options = parser.parse_args()
    with harness.Room(parties=list(bench.parties()), settings=bench.SETTINGS) as room:
        path, size = bench.template(room, options.lines)
        data = options.data or room.path("data")
        if not os.path.isdir(os.path.join(data, "journal")):
            fill(room, path, options.messages)
            if options.data:
                shutil.move(room.path("data"), data)
        journal = Journal(room, data)
        ways = {"plain read": lambda: read_plainly(journal.segments),
                "verify": lambda: journal.clearway("journal", "verify"),
                "rebuild": lambda: journal.clearway("replay", "--rebuild")}
        if options.beside:
            ways["rebuild there"] = lambda: journal.clearway("replay", "--rebuild", build=os.path.join(options.beside, "build"))
        times = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, way in ways.items():
                times[name].append(timed(way))
        told = json.loads(journal.out)
        records = told["records"]
        if not told["equal"]:
            sys.exit("what was made anew differs from what was there")
        print(f"{told['decisions']:,} decisions, on declarations of {size} bytes: {records:,} records, {journal.bytes / 1e9:.2f} GB, on {os.cpu_count()} cores")
        plain = show("plain read", times["plain read"], records)
        for name in list(ways)[1:]:
            clock = bench.median([each[0] for each in times[name]])
            show(name, times[name], records, f", {clock / plain:.1f} times a plain read")


if __name__ == "__main__":
    main()
