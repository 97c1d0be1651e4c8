#!/usr/bin/python3
"""What readers of the event stream cost: ratios of one run.

    bench_events.py [--readers 2000] [--messages 4000] [--rounds 3] [--connections 16]

So many connections with mTLS read /v1/events, and another forwarder submits, in turns:
  alone      nobody reads
  others     the readers are a party that hears nothing of it, as most are of most
  its own    the readers are the party itself, each of them told of each message
And what a reader costs of the gateway's memory, its TLS included: resident memory with all of them, less that without.
"""
import argparse
import contextlib
import http.client
import os
import resource
import selectors
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "e2e"), HERE]

import bench_gateway as bench   # noqa: E402
import harness                  # noqa: E402

OTHER = "FWD-QD-01"
FIGURES = ("p50_us", "p99_us", "per_second")
PIECE = 1 << 16


class Readers:
    """They read whatever comes, on a thread."""

    def __init__(self, room, party, count):
        self.selector, self.bytes, self.over = selectors.DefaultSelector(), 0, threading.Event()
        self.connections = [self.connect(room.party(party)) for _ in range(count)]
        self.thread = threading.Thread(target=self.read)

    def connect(self, client):
        connection = http.client.HTTPSConnection("localhost", client.port, context=client.context, timeout=harness.PATIENCE)
        connection.request("GET", "/v1/events")
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        connection.sock.setblocking(False)
        self.selector.register(connection.sock, selectors.EVENT_READ)
        return connection

    def read(self):
        while not self.over.is_set():
            for key, _ in self.selector.select(0.1):
                with contextlib.suppress(OSError):      # nothing more has come
                    while piece := key.fileobj.recv(PIECE):
                        self.bytes += len(piece)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.over.set()
        self.thread.join()
        for connection in self.connections:
            connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, value in ("readers", 2000), ("messages", 4000), ("rounds", 3), ("connections", 16):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    parties = {"alone": None, "others": OTHER, "its own": bench.SENDER}
    settings = {**bench.SETTINGS, "limits.party_connections": 2 * (options.readers + options.connections)}
    with harness.Room(parties=list(bench.parties()), settings=settings) as room:
        room.start()
        path, _ = bench.template(room, 1)
        counted = bench.Counted(room)
        results, kib, told = {name: [] for name in parties}, [], dict.fromkeys(parties, 0)
        for _ in range(options.rounds):
            for name, party in parties.items():
                before = bench.at_rest(room, counted)
                with Readers(room, party, options.readers if party else 0) as readers:
                    if party:
                        kib.append((bench.at_rest(room, counted) - before) * 1024 / options.readers)
                    results[name].append(bench.load(room, room.ready["machines"], options.connections, options.messages, path, counted.sent + 1))
                    counted.sent += options.messages
                    counted.settle()
                    told[name] += readers.bytes
        print(f"{options.readers} readers, {options.messages} declarations a round over {options.connections} connections, {options.rounds} rounds, {os.cpu_count()} cores")
        bench.row("memory of a reader, KiB", f"{bench.median(kib):.1f}", f"{min(kib):.1f} to {max(kib):.1f}; goal 40")
        for name, rounds in results.items():
            plain, figures = [[bench.median([each[figure] for each in of]) for figure in FIGURES] for of in (results["alone"], rounds)]
            bench.row(name, f"{told[name] / 1e6:.1f} MB told",
                      ", ".join(f"{figure} {value:.0f} ({value / base:.2f})" for figure, value, base in zip(FIGURES, figures, plain)))


if __name__ == "__main__":
    main()
