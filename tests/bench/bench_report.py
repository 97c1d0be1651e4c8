#!/usr/bin/python3
"""Whether who submits waits longer while the port office has all of a month counted: ratios of one run.

    bench_report.py [--consignments 10000] [--messages 4000] [--rounds 3] [--connections 2]

A gateway is told of so many consignments of the last month (`clearway simulate`), behind which declarations are submitted over
a few connections, in turns:
  alone          nobody asks for anything
  scan           the office has all declarations grouped by a field of the dictionary, each time for other days, for an answer
                 that was given before is kept
"""
import argparse
import datetime
import itertools
import os
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "e2e"), HERE]

import bench_gateway as bench   # noqa: E402
import gateway_client           # noqa: E402
import harness                  # noqa: E402

OFFICE = "OFC-QD"
KEPT_NEVER = 1000       # more than the answers that are kept
FIGURES = ("p50_us", "p99_us", "per_second")


class Asker:
    """The office asks one question after another, until it is left."""

    def __init__(self, room, questions):
        self.room, self.questions, self.answers, self.over = room, questions, 0, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        client = gateway_client.of_party(self.room.world, OFFICE, self.room.ready["machines"], 600)
        while not self.over.is_set():
            answer = client.get(next(self.questions))
            assert answer.status == 200, (answer.status, answer.body[:500])
            self.answers += 1
        client.close()

    def __enter__(self):
        if self.questions:
            self.thread.start()
        return self

    def __exit__(self, *unused):
        if self.questions:
            self.over.set()
            self.thread.join()


def tell_history(room, count, month):
    last = (month.replace(day=28) + datetime.timedelta(days=4)).replace(day=1) - datetime.timedelta(days=1)
    told = subprocess.run([harness.CLEARWAY, "simulate", "--submit", "--server", f"https://localhost:{room.ready['machines']}", "--tls", room.path("tls"),
                           "--from", month.isoformat(), "--to", last.isoformat(), "--consignments", str(count)], capture_output=True, text=True)
    if told.returncode:
        sys.exit(f"the history was not told: {told.returncode} {told.stderr[-2000:]}{room.log()[-2000:]}")


def scans(month):
    """The same declarations, by a period that was not asked for before."""
    last = datetime.date.today()
    for days in itertools.cycle(range(1, KEPT_NEVER)):
        yield f"/v1/report?from={month - datetime.timedelta(days=days)}&to={last}&by=field:trade_mode"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, value in ("consignments", 10000), ("messages", 4000), ("rounds", 3), ("connections", 2):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    month = (datetime.date.today().replace(day=1) - datetime.timedelta(days=1)).replace(day=1)
    questions = {"alone": None, "scan": scans(month)}
    with harness.Room(parties=list(bench.parties()), settings=bench.SETTINGS) as room:
        room.start()
        tell_history(room, options.consignments, month)
        harness.eventually(room.decided, "the history is decided", 600, 0.2)
        path, _ = bench.template(room, 1)
        results, answers, sent = {name: [] for name in questions}, dict.fromkeys(questions, 0), 1
        for _ in range(options.rounds):
            for name, asked in questions.items():
                with Asker(room, asked) as asker:
                    result = bench.load(room, room.ready["machines"], options.connections, options.messages, path, sent)
                sent += options.messages
                results[name].append(result)
                answers[name] += asker.answers
        print(f"{options.consignments:,} consignments in {month:%Y-%m}; {options.messages} declarations a round over {options.connections} connections, "
              f"{options.rounds} rounds, {os.cpu_count()} cores")
        for name, rounds in results.items():
            figures = [bench.median([each[figure] for each in rounds]) for figure in FIGURES]
            plain = [bench.median([each[figure] for each in results["alone"]]) for figure in FIGURES]
            ratios = ", ".join(f"{figure} {value:.0f} ({value / base:.2f})" for figure, value, base in zip(FIGURES, figures, plain))
            bench.row(name, f"{answers[name]} asked", ratios)


if __name__ == "__main__":
    main()
