#!/usr/bin/python3
"""The whole gateway under load, beside its bounds, as ratios of one run.

    bench_gateway.py [--messages 40000] [--million]

  durable 202    256 mTLS connections; engine running, three destinations acknowledging at once (loopback)
                 against the same HTTP server answering without work, and against libxml2 SAX+XSD alone on one core
  delivered      messages handed to all their destinations a second, from the first submission to the last acknowledgement
  memory         resident set after 1,000 and after many messages (--million: 1,000,000)
  restart        a journal of at least --journal-gb GB accepts again within so many seconds (only with --journal-gb)
"""
import argparse
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

import harness   # noqa: E402
import messages  # noqa: E402
import world     # noqa: E402

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


LINES = 15              # goods lines: about 10 KB, the size the reference figures are for


def template(room):
    """A declaration of several lines whose own id and bill of lading differ in each submission."""
    goods = messages.Consignment(1, room.world.party(SENDER).trader)
    text = messages.declaration(goods).decode()
    assert goods.client_seq_no in text and goods.bill in text
    start, end = text.index("<DecList>"), text.index("</DecList>") + len("</DecList>")
    line = text[start:end]
    lines = "\n    ".join(line.replace("<GNo>1</GNo>", f"<GNo>{number + 1}</GNo>") for number in range(LINES))
    text = text[:start] + lines + text[end:]
    text = text.replace(goods.client_seq_no, "@ID@").replace(goods.bill, "COSU@ID@")
    path = room.path("template.xml")
    with open(path, "w") as out:
        out.write(text)
    return path, len(text.encode())


def load(room, port, connections, requests, path, first):
    done = subprocess.run([LOAD, f"127.0.0.1:{port}", room.world.certificate(SENDER), room.world.key(SENDER), room.world.ca,
                           str(connections), str(requests), path, str(first)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"load: {done.stderr}{room.log()[-2000:]}")
    return json.loads(done.stdout)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def metric(room, name):
    text = room.people().get("/metrics").body.decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


def without_work(room, path, requests):
    noop = room.run(NOOP, room.world.certificate(world.GATEWAY), room.world.key(world.GATEWAY), room.world.ca,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
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
    print(f"  {name:<44} {value:>12}  {note}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=40000)
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--journal-gb", type=float, default=0)
    options = parser.parse_args()
    settings = {"delivery.window": 1024, "journal.segment_mib": 64, "zmq.secret_key": "", "files.enabled": "false"}
    with harness.Room(parties=list(parties()), settings=settings) as room:
        room.start()
        path, size = template(room)
        noop = without_work(room, path, options.messages)
        first = load(room, room.ready["machines"], 256, 1000, path, 1)
        wait_until_delivered(room, 3 * 1000)
        memory_first = resident_mib(room.gateway.pid)
        before = cpu_seconds(room.gateway.pid)
        start = time.monotonic()
        durable = load(room, room.ready["machines"], 256, options.messages, path, 2001)
        wait_until_delivered(room, 3 * (1000 + options.messages))
        seconds = time.monotonic() - start
        cpu = 1e6 * (cpu_seconds(room.gateway.pid) - before) / options.messages
        total = 1000 + options.messages
        if options.million:
            load(room, room.ready["machines"], 256, 1000000 - total, path, 10000001)
            wait_until_delivered(room, 3 * 1000000)
            total = 1000000
        memory_last = resident_mib(room.gateway.pid)
        plain = plain_rate(room, path)

        print(f"\n{options.messages} declarations of {size} bytes, 256 mTLS connections, client and gateway on {os.cpu_count()} cores\n")
        row("durable 202 a second", f"{durable['per_second']:.0f}", f"p50 {durable['p50_us']} us, p99 {durable['p99_us']} us, {durable['other']} not 202")
        row("without work a second", f"{noop['per_second']:.0f}", f"p50 {noop['p50_us']} us, p99 {noop['p99_us']} us")
        row("durable / without work", f"{durable['per_second'] / noop['per_second']:.2f}")
        row("libxml2 SAX+XSD alone, one core, a second", f"{plain:.0f}")
        row("durable / libxml2 SAX+XSD alone", f"{durable['per_second'] / plain:.2f}", "goal: at least 0.5")
        row("gateway CPU us a message", f"{cpu:.0f}", "until every destination has acknowledged")
        row("messages delivered a second, 3 destinations", f"{options.messages / seconds:.0f}")
        row("memory after 1,000 messages, MiB", f"{memory_first:.1f}")
        row(f"memory after {total:,} messages, MiB", f"{memory_last:.1f}", f"ratio {memory_last / memory_first:.2f}, goal: within 1.10")
        if first["other"]:
            sys.exit("some submissions were not accepted")
        if options.journal_gb:
            number = 20000001
            while metric(room, "clearway_journal_bytes_total") < options.journal_gb * 1e9:
                load(room, room.ready["machines"], 256, 100000, path, number)
                number += 100000
            room.kill()
            start = time.monotonic()
            room.start()
            harness.eventually(lambda: room.people().get("/readyz").status == 200, "ready again", 120)
            row(f"{options.journal_gb:g} GB journal accepts again after, s", f"{time.monotonic() - start:.1f}", "goal: within 30")


if __name__ == "__main__":
    main()
