#!/usr/bin/python3
"""How much longer the others wait while one sender attacks: their p99 beside the quiet one, as ratios of one run.

    bench_fairness.py [--messages 400] [--rounds 3]

Four connections of another party submit declarations one behind the other; before and after each attack without it. The
median of the rounds. The attacker's own work (TLS, making messages) takes processor time of this machine, too: on few
cores a ratio tells of that as well.
"""
import argparse
import contextlib
import itertools
import sys

import bench_gateway as bench

sys.path.insert(0, bench.os.path.join(bench.os.path.dirname(bench.HERE), "e2e"))

import attacks          # noqa: E402
import harness          # noqa: E402

CONNECTIONS = 4


@contextlib.contextmanager
def flooded_outbox(room):
    attacks.outbox_flood(room)
    yield
    harness.eventually(lambda: not room.files("CAR-COSU", "OutBox"), "each file is answered", 600, 0.2)


@contextlib.contextmanager
def full_flood(room):
    path = bench.template(room, party=attacks.ATTACKER)[0]
    port = room.ready["machines"]
    process = room.run(*bench.load_command(room, port, 64, 10000000, path, next(FIRST), attacks.ATTACKER),
                       stdin=bench.subprocess.DEVNULL, stdout=bench.subprocess.DEVNULL)
    yield
    process.kill()
    process.wait()


FIRST = itertools.count(1, 10000000)

ATTACKS = {
    "silent connections of one address": lambda room: attacks.silent_connections(room),
    "silent connections of many": lambda room: attacks.silent_connections(room, addresses=200),
    "39 stalled uploads of 9 MB": attacks.stalled_uploads,
    "refused bodies of 300 KB, 4 connections": lambda room: attacks.refused_bodies(room, []),
    "a flood of declarations, 16 connections": attacks.http_flood,
    "the same by a program, 64 connections": full_flood,
    "a pipelined flood over ZeroMQ": attacks.zeromq_flood,
    "600 files in an OutBox": flooded_outbox,
}


class Others:
    def __init__(self, room, count):
        self.room, self.count, self.sent = room, count, 0
        self.path = bench.template(room)[0]

    def p99_us(self):
        result = bench.load(self.room, self.room.ready["machines"], CONNECTIONS, self.count, self.path, self.sent + 1)
        self.sent += self.count
        if result["other"]:
            sys.exit(f"{result['other']} messages of the others were not accepted")
        return result["p99_us"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"p99 of another party's {options.messages} declarations over {CONNECTIONS} connections, on {bench.os.cpu_count()} cores")
    with harness.Room(settings={"journal.segment_mib": 64}) as room:
        room.start()
        others = Others(room, options.messages)
        others.p99_us()                                    # warm
        for name, attack in ATTACKS.items():
            ratios, quiet, attacked = [], [], []
            for _ in range(options.rounds):
                before = others.p99_us()
                with attack(room):
                    attacked.append(others.p99_us())
                harness.eventually(room.decided, "the attack is digested", 600, 0.2)
                quiet.append((before + others.p99_us()) / 2)
                ratios.append(attacked[-1] / quiet[-1])
            bench.row(name, f"{bench.median(ratios):.1f}", f"quiet {bench.median(quiet):.0f} us, attacked {bench.median(attacked)} us, goal 3")


if __name__ == "__main__":
    main()
