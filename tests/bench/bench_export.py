#!/usr/bin/python3
"""What memory an export takes, by its length: of the gateway that sends it, and of the command that writes it.

    bench_export.py [--rows 10000 100000 400000]

A month of so many declarations stands in state.db. An operator fetches it over HTTP in chunks, as CSV and as Zstandard, and the
command writes it: the peak of resident memory beyond that at rest (the kernel's VmHWM, reset before), how many bytes, how long.
"""
import argparse
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "e2e"), HERE]

import harness                                          # noqa: E402
from test_people import PASSWORD, Person, PeopleTest    # noqa: E402

PATH = "/v1/export?month=2026-10"
PIECE = 1 << 16


def status(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name + ":"))


def fetch(room, accept):
    """KiB beyond what it had at rest, bytes, seconds."""
    operator, pid = Person(room, "ops@port", PASSWORD), room.gateway.pid
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")
    before, began, size = status(pid, "VmRSS"), time.monotonic(), 0
    operator.client.connect()
    operator.client.connection.request("GET", PATH, headers={"Cookie": operator.cookie, "Accept": accept})
    answer = operator.client.connection.getresponse()
    assert answer.status == 200, answer.status
    while piece := answer.read(PIECE):
        size += len(piece)
    return status(pid, "VmHWM") - before, size, time.monotonic() - began


def write(room):
    began = time.monotonic()
    done = subprocess.Popen([harness.CLEARWAY, "export", "--config", room.world.config, "--month", "2026-10", "--format", "csv"], stdout=subprocess.PIPE)
    size = 0
    while piece := done.stdout.read(PIECE):
        size += len(piece)
    _, code, used = os.wait4(done.pid, 0)
    assert code == 0, code
    return used.ru_maxrss, size, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10000, 100000, 400000])
    for rows in parser.parse_args().rows:
        with harness.Room(settings={"people.accounts": "accounts.yaml", "people.origins": "https://gate.example"}) as room:
            class Accounts(PeopleTest):
                pass
            Accounts.room, Accounts.hash = room, PeopleTest.hash_of(PASSWORD)
            Accounts.write_accounts({"ops@port": ("OFC-QD", "operator")})
            room.start()
            room.stop()
            subprocess.run([os.path.join(harness.BUILD, "tests", "e2e", "large_month"), room.world.data, "2026", "10", str(rows)], check=True)
            room.start()
            for name, (kib, size, seconds) in (("over HTTP, CSV", fetch(room, "text/csv")), ("over HTTP, Zstandard", fetch(room, "application/zstd")),
                                               ("the command, in all", write(room))):
                print(f"{rows:>9,} rows  {name:22}  {kib / 1024:7.1f} MiB for {size / 1e6:7.1f} MB in {seconds:5.1f} s", flush=True)


if __name__ == "__main__":
    main()
