"""Names that lead to several addresses, and to others each time they are asked for: a webhook goes only to those that are allowed,
whichever of them a resolver tells, and in whatever order. Nobody hears a byte at the others.

The test runs in a network and a mount namespace of its own (unshare): it is the name server there, and has all addresses, those of the
internet too, on its loopback card. Where a user may not make namespaces it counts as skipped."""
import copy
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

import harness
from harness import Received, Room, eventually, messages

CUSTOMS, CARRIER, FORWARDER = "CUS-QD", "CAR-COSU", "FWD-QD-01"
INSIDE = "CLEARWAY_NAMES_INSIDE"
HOST = "hooks.example"
PUBLIC, SILENT, PRIVATE, INNER = "93.184.216.34", "93.184.216.35", "10.1.2.3", "fd00::1"
MAPPED, METADATA = "::ffff:10.1.2.3", "169.254.169.254"
APART = ["unshare", "-rnm"]


def may_make_namespaces():
    return subprocess.run([*APART, "sh", "-c", "ip link set lo up && mount --bind /etc/hosts /etc/resolv.conf"], capture_output=True).returncode == 0


class Names:
    """A name server (RFC 1035) that knows one name; says() takes the addresses of each answer, the last of them for ever."""

    def __init__(self):
        self.answers, self.lock = [[]], threading.Lock()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def says(self, *answers):
        with self.lock:
            self.answers = [list(answer) for answer in answers]

    def serve(self):
        asked = set()                                     # of this answer: A and AAAA are asked for side by side
        while True:
            question, whom = self.socket.recvfrom(512)
            end = question.index(b"\0", 12) + 1
            kind = struct.unpack("!H", question[end:end + 2])[0]
            with self.lock:
                if kind in asked:
                    asked.clear()
                    self.answers = self.answers[1:] or self.answers
                asked.add(kind)
                family = {1: socket.AF_INET, 28: socket.AF_INET6}.get(kind)
                told = [socket.inet_pton(family, address) for address in self.answers[0] if (":" in address) == (kind == 28)] if family else []
            records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(address)) + address for address in told)
            head = question[:2] + struct.pack("!HHHHH", 0x8180, 1, len(told), 0, 0)
            self.socket.sendto(head + question[12:end + 4] + records, whom)


class Listener:
    """Counts who connects."""

    def __init__(self, address, port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.count, self.socket = 0, socket.create_server((address, port), family=family)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            self.socket.accept()[0].close()
            self.count += 1


class Resolved(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        def run(*words):
            subprocess.run(words, check=True, capture_output=True)
        run("ip", "link", "set", "lo", "up")
        for address in (PUBLIC, SILENT, PRIVATE, METADATA):
            run("ip", "addr", "add", address + "/32", "dev", "lo")
        run("ip", "addr", "add", INNER + "/128", "dev", "lo", "nodad")
        with tempfile.NamedTemporaryFile("w", suffix=".resolv.conf", delete=False) as file:
            file.write("nameserver 127.0.0.1\noptions timeout:1\n")
        cls.addClassCleanup(os.unlink, file.name)
        run("mount", "--bind", file.name, "/etc/resolv.conf")
        cls.names = Names()

    def setUp(self):
        rows = copy.deepcopy(harness.world.PARTIES)
        for row in rows:
            if row.code == CUSTOMS:
                row.deliver, row.to, row.webhook = "webhook", "", True
        self.room = Room(settings={"delivery.timeout_ms": 6000, "delivery.retry_max_ms": 400}, parties=rows)
        self.addCleanup(self.room.close)
        self.serial, self.customs, self.port = 0, Received(), self.room.world.hook_port(CUSTOMS)
        self.room.world.make_certificate("named", HOST, "serverAuth", f"subjectAltName=DNS:{HOST}")
        with open(self.room.path("parties.yaml")) as file:
            text = file.read()
        text, count = re.subn(r'url: "https://localhost:', f'url: "https://{HOST}:', text)
        self.assertEqual(count, 1)
        text, count = re.subn(r"allow: \[127\.0\.0\.0/8\]", "allow: [10.99.0.0/16]", text)
        self.assertEqual(count, 1)
        with open(self.room.path("parties.yaml"), "w") as file:
            file.write(text)
        self.inner = [Listener(address, self.port) for address in (PRIVATE, INNER, METADATA, "127.0.0.1")]

    def hook(self):
        world = self.room.world
        return self.room.wire(harness.wires.Hook(self.port, world.certificate("named"), world.key("named"),
                                                 [world.hook_secret(CUSTOMS)], self.customs.take, host=PUBLIC))

    def submit(self):
        self.serial += 1
        message = messages.declaration(messages.Consignment(self.serial, self.room.world.party(FORWARDER).trader))
        answer = self.room.party(FORWARDER).submit(message, wait=60)
        self.assertEqual(answer.status, 200, answer)
        number = answer.json["record"]
        eventually(lambda: [1 for name in self.room.files(CARRIER, "InBox") if harness.record_in_name(name) == number], "the carrier has it")
        return number, message

    def arrived(self, number, message):
        eventually(lambda: f"{number}/{CUSTOMS}" in self.customs, f"customs has {number}")
        self.assertEqual(set(self.customs.bytes_of(f"{number}/{CUSTOMS}")), {message})

    def reason(self, number):
        def look():
            listed = json.loads(self.room.here("queue", "--json", "--to", CUSTOMS, code=0).stdout)
            return next((row["reason"] for row in listed["deliveries"] if row["id"] == f"{number}/{CUSTOMS}" and row["reason"]), None)
        return eventually(look, f"why {number} waits")

    def nobody_within_heard_of_it(self):
        self.assertEqual([listener.count for listener in self.inner], [0] * len(self.inner))

    def test_case_561_several_addresses_of_which_some_are_not_allowed(self):
        """Those that are, are tried; the others never, whatever comes of it."""
        self.hook()
        room = self.room.start()
        for answer in ([PRIVATE, PUBLIC], [PUBLIC, PRIVATE], [INNER, MAPPED, METADATA, "127.0.0.1", PUBLIC]):
            with self.subTest(answer):
                self.names.says(answer)
                self.arrived(*self.submit())
                room.stop()                              # and what libcurl remembers of names and connections with it
                room.start()
        self.names.says([PRIVATE, SILENT, INNER])
        number, message = self.submit()
        self.assertEqual(self.reason(number), "unreachable")
        room.stop()
        self.names.says([PRIVATE, INNER, MAPPED, METADATA, "127.0.0.1", "::1"])
        room.start()
        eventually(lambda: self.reason(number) == "address-refused", "it is told that no address is allowed")
        self.nobody_within_heard_of_it()
        room.stop()
        self.names.says([PUBLIC])
        room.start()
        self.arrived(number, message)
        self.nobody_within_heard_of_it()

    def test_case_562_another_address_each_time_it_is_asked(self):
        """What is judged is what is connected to: between the two nothing is asked again (DNS rebinding)."""
        self.hook()
        sent = {}
        for _ in range(4):
            self.names.says(*[[PUBLIC], [PRIVATE], [PUBLIC], [METADATA], [PUBLIC], ["127.0.0.1"]] * 3, [PUBLIC])
            room = self.room.start()
            sent.update([self.submit() for _ in range(3)])
            room.stop()
        self.names.says([PUBLIC])
        self.room.start()
        for number, message in sent.items():
            self.arrived(number, message)
        self.nobody_within_heard_of_it()


if __name__ == "__main__":
    if INSIDE in os.environ:
        unittest.main()
    if may_make_namespaces():
        os.execvpe(APART[0], [*APART, sys.executable, "-B", *sys.argv], {**os.environ, INSIDE: "1"})
    print("not tried: namespaces may not be made here")
    sys.exit(77)
