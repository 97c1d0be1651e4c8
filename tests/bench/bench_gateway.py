#!/usr/bin/python3
"""The whole gateway under load, beside its bounds, as ratios of one run.

    bench_gateway.py [--messages 20000] [--million] [--journal-gb 10]

For declarations of three sizes (about 10 KB, 16 KB as real WCO declarations are in the mean, 30 KB), the median of three rounds:
  durable 202    256 mTLS connections; engine running, three destinations acknowledging at once (loopback)
                 against the same HTTP server answering without work, and against libxml2 SAX+XSD alone on one core
  delivered      messages handed to all their destinations a second, from the first submission to the last acknowledgement
  by thread      CPU time, wake-ups and preemptions of each thread of the gateway in the last round
Then, with the smallest:
  memory         resident set at rest after 1,000 and after --messages (--million: 1,000,000) messages
  restart        after kill -9 with a journal of at least --journal-gb GB: until it accepts again
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time

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


LINES = (15, 27, 50)   # goods lines of the three sizes
DESTINATIONS = 3
ROUNDS = 3
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


def load(room, port, connections, requests, path, first):
    done = subprocess.run(load_command(room, port, connections, requests, path, first), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"load: {done.stderr}{room.log()[-2000:]}")
    return json.loads(done.stdout)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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


def thread_rows(before, after, count):
    print(f"  {'by thread, a message':<22} {'CPU us':>8} {'wake-ups':>9} {'put aside':>10}")
    for name, used in sorted(after.items(), key=lambda item: -item[1][0]):
        spent = [(a - b) / count for a, b in zip(used, before.get(name, [0, 0, 0]))]
        if spent[0] >= 1:
            print(f"    {name:<20} {spent[0]:>8.0f} {spent[1]:>9.2f} {spent[2]:>10.2f}")


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def metric(room, name):
    client = gateway_client.Client(room.ready["people"])      # a new one: minutes lie between two questions
    text = client.get("/metrics").body.decode()
    client.close()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


def without_work(room, path, requests):
    noop = room.run(NOOP, room.world.certificate(world.GATEWAY), room.world.key(world.GATEWAY), room.world.ca,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    port = int(noop.stdout.readline())
    result = load(room, port, 256, requests, path, 1)
    result["server_cpu_us"] = 1e6 * cpu_seconds(noop.pid) / requests
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

    def send(self, path, count):
        result = load(self.room, self.room.ready["machines"], 256, count, path, self.sent + 1)
        self.sent += count
        if result["other"]:
            sys.exit(f"{result['other']} submissions were not accepted")
        return result

    def settle(self):
        wait_until_delivered(self.room, DESTINATIONS * self.sent)


def measure_size(room, counted, lines, count):
    path, size = template(room, lines)
    plain, noop, durable, delivered, cpu = [], [], [], [], []
    for _ in range(ROUNDS):
        plain.append(plain_rate(room, path))
        noop.append(without_work(room, path, count)["per_second"])
        by_thread = threads(room.gateway.pid)
        before, start = cpu_seconds(room.gateway.pid), time.monotonic()
        result = counted.send(path, count)
        counted.settle()
        durable.append(result["per_second"])
        delivered.append(count / (time.monotonic() - start))
        cpu.append(1e6 * (cpu_seconds(room.gateway.pid) - before) / count)
    print(f"\ndeclarations of {size} bytes")
    row("durable 202 a second", f"{median(durable):.0f}", f"last round p50 {result['p50_us']} us, p99 {result['p99_us']} us")
    row("without work a second", f"{median(noop):.0f}", f"ratio {median(durable) / median(noop):.2f}")
    row("libxml2 SAX+XSD alone on one core, a second", f"{median(plain):.0f}", f"ratio {median(durable) / median(plain):.2f}, goal 0.5")
    row("delivered to all destinations a second", f"{median(delivered):.0f}")
    row("gateway CPU us a message", f"{median(cpu):.0f}", "with 256 handshakes of TLS a round, about 2 ms each")
    thread_rows(by_thread, threads(room.gateway.pid), count)


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
        harness.eventually(lambda: room.people().get("/readyz").status == 200, "ready again", 120)
        row(f"{gigabytes:.1f} GB of journal: accepts again after, s", f"{time.monotonic() - start:.1f}", "goal within 30")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=20000)
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--journal-gb", type=float, default=0)
    options = parser.parse_args()
    settings = {"zmq.secret_key": "", "files.enabled": "false", "journal.segment_mib": 64,
                "limits.party_messages": 0, "limits.party_mib": 0, "limits.day_mib": 0, "gateway.lag_max": 40000}   # one party sends all
    print(f"{options.messages} messages a round, 256 mTLS connections, client and gateway on {os.cpu_count()} cores")
    with harness.Room(parties=list(parties()), settings=settings) as room:
        room.start()
        counted = Counted(room)
        for lines in LINES:
            measure_size(room, counted, lines, options.messages)
    with harness.Room(parties=list(parties()), settings=settings) as room:
        room.start()
        measure_memory(room, template(room)[0], 1000000 if options.million else options.messages, options.journal_gb)


if __name__ == "__main__":
    main()
