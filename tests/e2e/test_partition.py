"""A network that takes packets and does not bring them: to a destination, from it, both. Others do not wait; when it is whole again
everything comes, lost 0, doubled 0 by delivery id, misdelivered 0, also when the gateway is killed meanwhile.

The test runs in a network namespace of its own (unshare), customs and the terminal in one each, joined to it by a pair of virtual
cards. Packets are lost by writing a hardware address that nobody has into the table of neighbours: they leave, and nobody takes them;
nothing is told to who sent them. Where a user may not make namespaces, the receiver's process is stopped instead: what is sent to it
is acknowledged by the kernel at most, and never answered."""
import copy
import hashlib
import json
import os
import signal
import subprocess
import sys
import unittest

import harness
from harness import Room, eventually, messages

CUSTOMS, TERMINAL, CARRIER, FORWARDER = "CUS-QD", "TML-QQCT", "CAR-COSU", "FWD-QD-01"
INSIDE = "CLEARWAY_PARTITION_INSIDE"
NOBODY = "02:00:5e:00:53:01"
SETTINGS = {"delivery.timeout_ms": 3000, "delivery.retry_max_ms": 400}


def may_make_namespaces():
    return subprocess.run(["unshare", "-rn", "sh", "-c", "ip link add name near type veth peer name far"], capture_output=True).returncode == 0


def ip(*arguments, of=None):
    inside = ["nsenter", "-t", str(of), "-n"] if of else []
    subprocess.run([*inside, "ip", *arguments], check=True, capture_output=True, text=True)


class Far:
    """A webhook in a namespace of its own: a process that writes what it took into a file, a line each."""

    def __init__(self, room, code, net):
        self.room, self.code, self.net = room, code, net
        self.file = room.path(f"{code}.taken")
        with open(self.file, "w"):
            pass
        world = room.world
        told = json.dumps({"port": world.hook_port(code), "certificate": world.certificate(harness.world.HOOKS),
                           "key": world.key(harness.world.HOOKS), "secrets": [world.hook_secret(code)],
                           "host": self.address(2) if net else "127.0.0.1", "file": self.file})
        apart = ["unshare", "-n"] if net else []
        self.process = room.run(*apart, sys.executable, "-B", __file__, "receive", told, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if net:
            self.join()
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == b"listening\n"

    def address(self, end):
        return f"10.200.{self.net}.{end}"

    def join(self):
        assert self.process.stdout.readline() == b"apart\n"
        pid = self.process.pid
        ip("link", "add", "name", f"to{self.net}", "type", "veth", "peer", "name", "card", "netns", str(pid))
        ip("addr", "add", self.address(1) + "/24", "dev", f"to{self.net}")
        ip("link", "set", f"to{self.net}", "up")
        ip("addr", "add", self.address(2) + "/24", "dev", "card", of=pid)
        ip("link", "set", "card", "up", of=pid)

    def cut(self, ways):
        if not self.net:
            self.process.send_signal(signal.SIGSTOP)
            return
        if "to" in ways:
            ip("neigh", "replace", self.address(2), "lladdr", NOBODY, "dev", f"to{self.net}", "nud", "permanent")
        if "from" in ways:
            ip("neigh", "replace", self.address(1), "lladdr", NOBODY, "dev", "card", "nud", "permanent", of=self.process.pid)

    def heal(self, ways):
        if not self.net:
            self.process.send_signal(signal.SIGCONT)
            return
        if "to" in ways:
            ip("neigh", "del", self.address(2), "dev", f"to{self.net}")
        if "from" in ways:
            ip("neigh", "del", self.address(1), "dev", "card", of=self.process.pid)

    def taken(self):
        """{delivery id: {digests of what came under it}}."""
        found = {}
        with open(self.file) as file:
            for line in file:
                delivery, digest = line.split()
                found.setdefault(delivery, set()).add(digest)
        return found


def receive(told):
    """The far process."""
    print("apart", flush=True) if told["host"] != "127.0.0.1" else None
    sys.stdin.readline()
    with open(told["file"], "a") as file:
        def take(delivery, headers, body):
            file.write(f"{delivery} {hashlib.sha256(body).hexdigest()}\n")
            file.flush()
        harness.wires.Hook(told["port"], told["certificate"], told["key"], told["secrets"], take, host=told["host"])
        print("listening", flush=True)
        sys.stdin.readline()


class Partition(unittest.TestCase):
    def setUp(self):
        apart = INSIDE in os.environ
        rows = copy.deepcopy(harness.world.PARTIES)
        for row in rows:
            if row.code in (CUSTOMS, TERMINAL):
                row.deliver, row.to, row.zmq = "webhook", "", False
                row.webhook = f"10.200.{1 if row.code == CUSTOMS else 2}.2" if apart else True
        if apart:
            ip("link", "set", "lo", "up")
        self.room = Room(settings=SETTINGS, parties=rows)
        self.addCleanup(self.room.close)
        self.sent, self.serial = {}, 0
        self.customs, self.terminal = Far(self.room, CUSTOMS, 1 * apart), Far(self.room, TERMINAL, 2 * apart)

    def submit(self, count):
        sent = {}
        for _ in range(count):
            self.serial += 1
            message = messages.declaration(messages.Consignment(self.serial, self.room.world.party(FORWARDER).trader))
            answer = self.room.party(FORWARDER).submit(message)
            self.assertEqual(answer.status, 202, answer)
            sent[answer.json["record"]] = hashlib.sha256(message).hexdigest()
        self.sent.update(sent)
        return sent

    def has(self, far, sent):
        taken = far.taken()
        return all(taken.get(f"{number}/{far.code}") == {digest} for number, digest in sent.items())

    def others_have(self, sent):
        eventually(lambda: self.has(self.terminal, sent), "the terminal does not wait for customs")
        eventually(lambda: set(sent) <= {harness.record_in_name(name) for name in self.room.files(CARRIER, "InBox")}, "nor the carrier")

    def waits_with_a_reason(self):
        listed = json.loads(self.room.here("queue", "--json", "--to", CUSTOMS, code=0).stdout)
        return {row["reason"] for row in listed["deliveries"] if row["reason"]}

    def test_case_649_packets_are_lost(self):
        self.room.start()
        first = self.submit(2)
        eventually(lambda: self.has(self.customs, first), "it works")
        self.others_have(first)
        for ways in (("to",), ("from",), ("to", "from")):
            with self.subTest(ways):
                self.customs.cut(ways)
                lost = self.submit(10)
                self.others_have(lost)
                eventually(self.waits_with_a_reason, "the queue tells why customs has not got it")
                self.assertLessEqual(self.waits_with_a_reason(), {"unreachable", "unacknowledged"})
                if "to" in ways:
                    self.assertFalse(set(self.customs.taken()) & {f"{number}/{CUSTOMS}" for number in lost})
                if len(ways) == 2:
                    self.room.kill()
                    self.room.start()
                    more = self.submit(3)
                    self.others_have(more)
                    lost.update(more)
                self.customs.heal(ways)
                eventually(lambda: self.has(self.customs, lost), "customs has all of it")
        for far in (self.customs, self.terminal):
            eventually(lambda: self.has(far, self.sent), "lost 0")
            self.assertEqual(set(far.taken()), {f"{number}/{far.code}" for number in self.sent})
        eventually(lambda: not json.loads(self.room.here("queue", "--json", code=0).stdout)["totals"], "the queue is empty")
        self.room.stop()


if __name__ == "__main__":
    if sys.argv[1:2] == ["receive"]:
        receive(json.loads(sys.argv[2]))
    elif INSIDE not in os.environ and may_make_namespaces():
        os.execvpe("unshare", ["unshare", "-rn", sys.executable, "-B", *sys.argv], {**os.environ, INSIDE: "1"})
    else:
        print("by", "namespaces" if INSIDE in os.environ else "stopping the receiver: namespaces may not be made here", file=sys.stderr)
        unittest.main()
