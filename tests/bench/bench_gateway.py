#!/usr/bin/python3
"""The whole gateway under load, beside its bounds, as ratios of one run.

    bench_gateway.py [--messages 20000] [--million] [--journal-gb 10] [--beside SOURCE] [--sizes 1] [--rounds 3]

For declarations of three sizes (about 10 KB, 16 KB as real WCO declarations are in the mean, 30 KB), the median of three rounds:
  durable 202    256 mTLS connections; engine running, three destinations acknowledging at once (loopback)
                 against the same HTTP server answering without work, and against libxml2 SAX+XSD alone on one core
  delivered      messages handed to all their destinations a second, from the first submission to the last acknowledgement
  CPU            of the gateway, a message; the connections stand by then, and what each handshake costs is a line of its own
  by thread      CPU time, wake-ups and preemptions of each thread of the gateway in the last round; in one more round, under
                 perf where it may be used, its system calls, those of them that are for a lock or a wait, and the locks it took
  --beside       the same in the gateway of another tree, which is built in its folder `build`: rounds take turns, and what
                 stands there is told as a ratio
Then, with the smallest:
  memory         resident set at rest after 1,000 and after --messages (--million: 1,000,000) messages
  restart        after kill -9 with a journal of at least --journal-gb GB: until it accepts again
"""
import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import harness          # noqa: E402
import gateway_client   # noqa: E402
import messages         # noqa: E402
import world            # noqa: E402

LOAD = os.path.join(harness.BUILD, "tests", "bench", "load")
NOOP = os.path.join(harness.BUILD, "tests", "bench", "noop_server")
PLAIN = os.path.join(harness.BUILD, "tests", "bench", "plain_xsd")
SENDER = "FWD-QD-02"


def parties():
    """The usual port, but every destination is served by the in-process transport that acknowledges at once."""
    for party in world.PARTIES:
        kept = world.Party(party.code, party.zh, party.en, party.role, party.traders or party.declares, party.reports, party.serves,
                           deliver="loopback" if party.deliver else "")
        kept.declares = party.declares
        yield kept


SETTINGS = {"zmq.secret_key": "", "files.enabled": "false", "journal.segment_mib": 64,
            "limits.party_messages": 0, "limits.party_mib": 0, "limits.day_mib": 0, "gateway.lag_max": 40000}   # one party sends all
LINES = (15, 27, 50)   # goods lines of the three sizes
DESTINATIONS = 3
ROUNDS = 3
CONNECTIONS = 256
REST_S = 7             # the gateway gives back what a peak left behind every five seconds


def template(room, count=LINES[0], party=SENDER):
    """A declaration of several lines whose own id and bill of lading differ in each submission."""
    goods = messages.Consignment(1, room.world.party(party).trader)
    text = messages.declaration(goods).decode()
    assert goods.client_seq_no in text and goods.bill in text
    start, end = text.index("<DecList>"), text.index("</DecList>") + len("</DecList>")
    line = text[start:end]
    lines = "\n    ".join(line.replace("<GNo>1</GNo>", f"<GNo>{number + 1}</GNo>") for number in range(count))
    text = text[:start] + lines + text[end:]
    for weight in "GrossWet", "NetWt":      # of all its lines: no finding, as most declarations have none
        text = re.sub(f"<{weight}>([0-9]+)<", lambda found: f"<{weight}>{int(found[1]) * count}<", text, count=1)
    text = text.replace(goods.client_seq_no, "@ID@").replace(goods.bill, "COSU@ID@")
    path = room.path(f"template-{count}-{party}.xml")
    with open(path, "w") as out:
        out.write(text)
    return path, len(text.encode())


def load_command(room, port, connections, requests, path, first, party=SENDER):
    return [LOAD, f"127.0.0.1:{port}", room.world.certificate(party), room.world.key(party), room.world.ca,
            str(connections), str(requests), path, str(first)]


@contextlib.contextmanager
def loading(room, port, connections, requests, path, first):
    """Yields, once all connections stand, what lets the messages go and returns the result."""
    process = subprocess.Popen(load_command(room, port, connections, requests, path, first), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    connected = process.stdout.readline()

    def go():
        out, why = process.communicate("\n")
        if process.returncode:
            sys.exit(f"load: {why}{room.log()[-2000:]}")
        return json.loads(out)

    yield go if connected else sys.exit(f"load: {process.stderr.read()}{room.log()[-2000:]}")


def load(room, port, connections, requests, path, first):
    with loading(room, port, connections, requests, path, first) as go:
        return go()


def threads(pid):
    """By the name of its threads: CPU microseconds, times it slept and was woken, times it was put aside."""
    used = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        folder = f"/proc/{pid}/task/{task}"
        try:
            with open(f"{folder}/comm") as comm, open(f"{folder}/schedstat") as spent, open(f"{folder}/status") as status:
                name, cpu_us = comm.read().strip(), int(spent.read().split()[0]) / 1e3
                switches = [int(line.split()[1]) for line in status if "ctxt_switches" in line]
        except FileNotFoundError:       # it has ended
            continue
        used[name] = [a + b for a, b in zip(used.get(name, [0, 0, 0]), [cpu_us] + switches)]
    return used


def cpu_us(pid):
    return sum(used[0] for used in threads(pid).values())


LOCK_PROBE = "probe_libc:pthread_mutex_lock"
EVENTS = {"system calls": "raw_syscalls:sys_enter", "futex": "syscalls:sys_enter_futex", "locks": LOCK_PROBE}


@contextlib.contextmanager
def counting(room):
    """Yields {event: {thread: times}}, which is filled in the end; empty where perf is missing or may not look."""
    counts, out = {}, room.path("perf.csv")

    def perf(*arguments):
        return subprocess.run(["perf", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    with open(f"/proc/{room.gateway.pid}/maps") as maps:
        libc = next(line.split()[-1] for line in maps if "/libc.so" in line)
    try:
        probed = perf("probe", "-x", libc, "--add", "pthread_mutex_lock")
    except FileNotFoundError:
        yield counts
        return
    events = [event for event in EVENTS.values() if probed or event != LOCK_PROBE]
    stat = subprocess.Popen(["perf", "stat", "-x", ",", "--per-thread", "-e", ",".join(events), "-p", str(room.gateway.pid), "-o", out],
                            stderr=subprocess.DEVNULL)
    time.sleep(1)       # until it looks
    yield counts
    stat.send_signal(signal.SIGINT)
    stat.wait()
    perf("probe", "--del", LOCK_PROBE)
    with open(out) as file:
        for name, count, _, event, *_ in (line.split(",") for line in file if line.count(",") > 4):
            of_thread = counts.setdefault(event, {})
            thread = name.rsplit("-", 1)[0]
            of_thread[thread] = of_thread.get(thread, 0) + (int(count) if count.isdigit() else 0)


def thread_rows(used, counts, count):
    """used: as of threads(), in a round of so many messages; counts: of one more such round."""
    columns = [(title, counts[event]) for title, event in EVENTS.items() if event in counts]
    titles = ["CPU us", "wake-ups", "put aside"] + [title for title, _ in columns]
    print(f"  {'by thread, a message':<22}" + "".join(f" {title:>12}" for title in titles))
    for name, (spent, *switches) in sorted(used.items(), key=lambda item: -item[1][0]):
        if spent >= count:
            figures = [f"{spent / count:.0f}"] + [f"{value / count:.2f}" for value in switches + [by.get(name, 0) for _, by in columns]]
            print(f"    {name:<20}" + "".join(f" {figure:>12}" for figure in figures))


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def metric(room, name):
    client = gateway_client.Client(room.ready["monitors"])    # a new one: minutes lie between two questions
    text = client.get("/metrics").body.decode()
    client.close()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


def without_work(room, path, requests):
    noop = room.run(NOOP, room.world.certificate(world.GATEWAY), room.world.key(world.GATEWAY), room.world.ca,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    port = int(noop.stdout.readline())
    result = load(room, port, CONNECTIONS, requests, path, 1)
    noop.stdin.close()
    noop.wait()
    return result


def plain_rate(room, path):
    """Messages a second of libxml2 SAX+XSD alone on one core."""
    message = room.path("message.xml")
    with open(path) as template_file, open(message, "w") as out:
        out.write(template_file.read().replace("@ID@", "0" * 18))
    done = subprocess.run([PLAIN, os.path.join(harness.SCHEMAS, "cn-dec", "DecMessage.xsd"), message], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return float(done.stdout)


def wait_until_delivered(room, count):
    harness.eventually(lambda: metric(room, 'clearway_deliveries_total{outcome="delivered"}') >= count, f"{count} deliveries", 600, 0.2)


def row(name, value, note=""):
    print(f"  {name:<44} {value:>12}  {note}", flush=True)


def median(figures):
    return sorted(figures)[len(figures) // 2]


class Counted:
    """Ids go up and deliveries are waited for, whatever was sent before."""

    def __init__(self, room):
        self.room, self.sent = room, 0

    def send(self, path, count, connected=lambda: None):
        with loading(self.room, self.room.ready["machines"], CONNECTIONS, count, path, self.sent + 1) as go:
            connected()
            result = go()
        self.sent += count
        if result["other"]:
            sys.exit(f"{result['other']} submissions were not accepted")
        return result

    def settle(self):
        wait_until_delivered(self.room, DESTINATIONS * self.sent)


FIGURES = ("accepted a second", "delivered a second", "CPU us a message", "CPU us a handshake")


class Rounds:
    """What rounds with messages of one size come to in one gateway."""

    def __init__(self, counted, lines):
        self.counted, self.room = counted, counted.room
        self.path, self.size = template(self.room, lines)
        self.figures = {name: [] for name in FIGURES}
        self.used, self.result = {}, {}

    def add(self, count):
        pid, since = self.room.gateway.pid, {}

        def connected():
            since.update(used=threads(pid), time=time.monotonic())

        before = cpu_us(pid)
        self.result = self.counted.send(self.path, count, connected)
        self.counted.settle()
        seconds, used = time.monotonic() - since["time"], threads(pid)
        self.used = {name: [now - then for now, then in zip(each, since["used"].get(name, [0, 0, 0]))] for name, each in used.items()}
        handshakes = sum(each[0] for each in since["used"].values()) - before
        for name, figure in zip(FIGURES, (self.result["per_second"], count / seconds, sum(each[0] for each in self.used.values()) / count,
                                          handshakes / CONNECTIONS)):
            self.figures[name].append(figure)


def measure_size(sides, count, rounds, lines):
    mine, *others = [Rounds(counted, lines) for counted in sides]
    room, plain, noop = mine.room, [], []
    for _ in range(rounds):
        plain.append(plain_rate(room, mine.path))
        noop.append(without_work(room, mine.path, count)["per_second"])
        for each in (mine, *others):
            each.add(count)
    durable, result = median(mine.figures["accepted a second"]), mine.result
    print(f"\ndeclarations of {mine.size} bytes")
    row("durable 202 a second", f"{durable:.0f}", f"last round p50 {result['p50_us']} us, p99 {result['p99_us']} us")
    row("without work a second", f"{median(noop):.0f}", f"ratio {durable / median(noop):.2f}")
    row("libxml2 SAX+XSD alone on one core, a second", f"{median(plain):.0f}", f"ratio {durable / median(plain):.2f}, goal 0.5")
    row("delivered to all destinations a second", f"{median(mine.figures['delivered a second']):.0f}")
    row("gateway CPU us a message", f"{median(mine.figures['CPU us a message']):.0f}")
    row("gateway CPU us a handshake of TLS", f"{median(mine.figures['CPU us a handshake']):.0f}", f"{CONNECTIONS} a round, before it begins")
    for other in others:
        for name in FIGURES:
            here, there = mine.figures[name], other.figures[name]
            shown = [f"{median(figures):.0f} ({min(figures):.0f}-{max(figures):.0f})" for figures in (here, there)]
            row(f"here to there: {name}", f"{median(here) / median(there):.2f}", f"here {shown[0]}, there {shown[1]}")
    used = mine.used
    with counting(room) as counts:
        mine.add(count)
    thread_rows(used, counts, count)


def at_rest(room, counted):
    counted.settle()
    time.sleep(REST_S)
    return resident_mib(room.gateway.pid)


def measure_memory(room, path, total, journal_gb):
    counted = Counted(room)
    counted.send(path, 1000)
    first = at_rest(room, counted)
    while counted.sent < total or metric(room, "clearway_journal_bytes_total") < journal_gb * 1e9:
        counted.send(path, min(50000, max(total - counted.sent, 1000)))
    last = at_rest(room, counted)
    print("\nmemory and restart")
    row("memory at rest after 1,000 messages, MiB", f"{first:.1f}")
    row(f"memory at rest after {counted.sent:,}, MiB", f"{last:.1f}", f"ratio {last / first:.2f}, goal within 1.10")
    if journal_gb:
        gigabytes = metric(room, "clearway_journal_bytes_total") / 1e9
        room.kill()
        start = time.monotonic()
        room.start()
        harness.eventually(lambda: room.monitors().get("/readyz").status == 200, "ready again", 120)
        row(f"{gigabytes:.1f} GB of journal: accepts again after, s", f"{time.monotonic() - start:.1f}", "goal within 30")


ELSEWHERE = """
import json, os, sys
source = sys.argv[1]
os.environ["CLEARWAY_BUILD"] = os.path.join(source, "build")
sys.path[:0] = [os.path.join(source, "tests", "bench"), os.path.join(source, "tests", "e2e")]
import bench_gateway, harness
with harness.Room(parties=list(bench_gateway.parties()), settings=json.loads(sys.argv[2])) as room:
    room.start()
    print(json.dumps({"pid": room.gateway.pid, "ready": room.ready, "directory": room.directory}), flush=True)
    sys.stdin.read()
"""


class Elsewhere(harness.Room):
    """The room of another source tree, in a process of its own, for its harness is another one; asked like ours."""

    def start(self, source):
        self.keeper = self.run(sys.executable, "-c", ELSEWHERE, os.path.abspath(source), json.dumps(SETTINGS),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        there = json.loads(self.keeper.stdout.readline())
        self.gateway, self.ready = types.SimpleNamespace(pid=there["pid"]), there["ready"]
        self.ready.setdefault("monitors", self.ready["people"])     # of a tree that has no port of its own for them
        self.world.directory = there["directory"]

    def close(self):
        self.keeper.stdin.close()
        self.keeper.wait()
        super().close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--sizes", type=int, default=len(LINES))
    parser.add_argument("--beside", metavar="SOURCE")
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--journal-gb", type=float, default=0)
    options = parser.parse_args()
    print(f"{options.messages} messages a round, {CONNECTIONS} mTLS connections, client and gateway on {os.cpu_count()} cores")
    with contextlib.ExitStack() as stack:
        rooms = [stack.enter_context(harness.Room(parties=list(parties()), settings=SETTINGS))]
        rooms[0].start()
        if options.beside:
            rooms.append(stack.enter_context(Elsewhere(parties=list(parties()))))
            rooms[1].start(options.beside)
        sides = [Counted(room) for room in rooms]
        for lines in LINES[:options.sizes]:
            measure_size(sides, options.messages, options.rounds, lines)
    if options.beside:
        return
    with harness.Room(parties=list(parties()), settings=SETTINGS) as room:
        room.start()
        measure_memory(room, template(room)[0], 1000000 if options.million else options.messages, options.journal_gb)


if __name__ == "__main__":
    main()
