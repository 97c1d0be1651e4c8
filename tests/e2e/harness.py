"""One gateway in a room of its own: a temporary folder, throw-away certificates and keys, free ports, nothing left behind.

    with Room() as room:
        room.start()
        answer = room.party("FWD-QD-01").submit(messages.declaration(goods))

Everything listens on loopback and on ports nobody else has, so tests may run side by side. Processes are started through
room.run() and end with the room; should the test itself be killed, the kernel ends them (PR_SET_PDEATHSIG).
The programs under test are found through CLEARWAY_BUILD, the build folder.
"""
import ctypes
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("CLEARWAY_BUILD", os.path.join(SOURCE, "build")))
sys.path.insert(0, os.path.join(SOURCE, "ops", "port"))

import gateway_client  # noqa: E402
import messages        # noqa: E402
import wires           # noqa: E402
import world           # noqa: E402

CLEARWAY = os.path.join(BUILD, "clearway")
SCHEMAS = os.path.join(SOURCE, "schemas")
PATIENCE = int(os.environ.get("CLEARWAY_PATIENCE", "120"))         # seconds until something that must happen counts as not happening; nothing waits that long when all is well



MISSING = []        # what could not be fetched, so that it was not tried


def missing(what):
    MISSING.append(what)
    print("not tried:", what, flush=True)


def main():
    """unittest.main() of a test with peers that are fetched. 77, which ctest tells as skipped, where one is missing: not passed."""
    well = unittest.main(verbosity=2, exit=False).result.wasSuccessful()
    sys.exit(1 if not well else 77 if MISSING else 0)


def program(name):
    return os.path.join(BUILD, "ops", "port", name)


def eventually(question, what, patience=PATIENCE, pause=0.02):
    """The first true answer to question()."""
    end = time.monotonic() + patience
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"never happened in {patience} s: {what}")
        time.sleep(pause)


def record_in_name(name):
    """The record number that a file in an InBox is named after; None: it has none."""
    found = re.search(r"(?<![0-9])[0-9]+(?![0-9])", name)
    return int(found.group()) if found else None


class Received:
    """What came to a party: {delivery id: [(headers, bytes), ...]} in the order it came."""

    def __init__(self):
        self.lock, self.deliveries = threading.Lock(), {}

    def take(self, delivery, headers, body=None):
        with self.lock:
            self.deliveries.setdefault(delivery, []).append((headers, body))

    def __contains__(self, delivery):
        with self.lock:
            return delivery in self.deliveries

    def bytes_of(self, delivery):
        """The bytes of each copy."""
        with self.lock:
            return [body for _, body in self.deliveries.get(delivery, [])]

    def headers_of(self, delivery):
        with self.lock:
            return self.deliveries[delivery][0][0]


class HeldThread:
    """One thread of a process that we started stands still, as long as a test likes, while all others go on.

    The kernel does it, as for a debugger. It is held in a call in which it holds no lock that another thread needs: while it
    waits for work (IDLE), or for its files (BUSY). Hold and let go from the same thread of the test."""
    SEIZE, INTERRUPT, DETACH, ANY_CHILD = 0x4206, 0x4207, 17, 0x40000000     # ptrace(2), waitpid(2): __WALL
    IDLE = {"x86_64": {202}, "aarch64": {98}}                                # futex
    BUSY = {"x86_64": {17, 18, 75}, "aarch64": {67, 68, 83}}                 # pread64, pwrite64, fdatasync

    def __init__(self, pid, name, calls):
        self.calls = calls[os.uname().machine]
        self.libc, self.held = ctypes.CDLL(None, use_errno=True), False
        tasks = f"/proc/{pid}/task"
        self.thread = next(int(task) for task in os.listdir(tasks) if self.read(f"{tasks}/{task}/comm") == name)
        self.syscall = f"{tasks}/{self.thread}/syscall"
        self.ask(self.SEIZE)
        eventually(self.hold, f"{name} stands where it may be held", pause=0.001)

    @staticmethod
    def read(path):
        with open(path, encoding="ascii") as file:
            return file.read().strip()

    def ask(self, request):
        if self.libc.ptrace(request, self.thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    def hold(self):
        self.ask(self.INTERRUPT)
        os.waitpid(self.thread, self.ANY_CHILD)
        self.held = True
        waits = int(self.read(self.syscall).split()[0]) in self.calls
        if not waits:
            self.let_go()
            self.ask(self.SEIZE)
        return waits

    def let_go(self):
        if self.held:
            self.ask(self.DETACH)
            self.held = False


class Room:
    def __init__(self, kafka=False, settings=None, parties=world.PARTIES):
        self.directory = tempfile.mkdtemp(prefix="clearway-e2e-")
        self.processes = []
        self.gateway = None
        self.ready = {}
        self.starts = 0
        self.clients = {}
        values = {"delivery.retry_first_ms": 50, "delivery.retry_max_ms": 1000, "delivery.timeout_ms": 5000, "journal.segment_mib": 4}
        values.update(settings or {})
        self.world = world.World(self.directory, CLEARWAY, SCHEMAS, parties=parties, settings=values)
        self.wires = []
        self.broker = self.wire(wires.Broker(program("mock_broker"), world.TOPIC)) if kafka else None
        self.world.kafka = self.broker.address if kafka else ""
        self.world.make()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        for client in self.clients.values():
            client.close()
        for wire in reversed(self.wires):
            wire.close()
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
            process.wait()
        if os.environ.get("CLEARWAY_KEEP"):
            print("kept:", self.directory, file=sys.stderr)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, *names):
        return self.world.path(*names)

    # --- processes ---------------------------------------------------------------------------------------------------

    def run(self, *arguments, limits=None, close=(), **options):
        """A process that ends with the room. limits: {resource.RLIMIT_...: (soft, hard)}; close: descriptors it does not have."""
        def before():
            wires.dies_with_us()
            for limit, values in (limits or {}).items():
                resource.setrlimit(limit, values)
            for descriptor in close:
                os.close(descriptor)
        process = subprocess.Popen(arguments, preexec_fn=before, **options)
        self.processes.append(process)
        return process

    def start(self, wait=True, env=None, limits=None, log=None):
        """Starts the gateway; returns when it is ready, or at once. Its log goes to gateway.log. env: added variables;
        limits: as in run(); log: another place for it, an open descriptor."""
        ready = self.path("data", "ready")
        if os.path.exists(ready):
            os.unlink(ready)
        self.starts += 1
        with open(self.path("gateway.log"), "ab") as file:
            self.gateway = self.run(CLEARWAY, "serve", "--config", self.world.config, stdout=file, stderr=log or file,
                                    env={**os.environ, **(env or {})}, limits=limits)
        if not wait:
            return self
        eventually(lambda: os.path.exists(ready) or self.gateway.poll() is not None, "the gateway is ready", pause=0.005)
        if self.gateway.poll() is not None:
            raise AssertionError(f"the gateway ended with {self.gateway.returncode}:\n{self.log()[-3000:]}")
        self.read_ready()
        return self

    def read_ready(self):
        """The ports of a gateway that was started without waiting, when it is ready."""
        with open(self.path("data", "ready")) as file:
            self.ready = json.load(file)
        assert self.ready["pid"] == self.gateway.pid

    def stop(self, expect=0):
        self.gateway.send_signal(signal.SIGTERM)
        code = self.gateway.wait(PATIENCE)
        self.processes.remove(self.gateway)
        assert code == expect, f"the gateway ended with {code}, not {expect}:\n{self.log()[-3000:]}"

    def kill(self):
        self.gateway.kill()
        self.gateway.wait()
        self.processes.remove(self.gateway)

    def log(self):
        """Its lines; one that is still being written is not there yet."""
        with open(self.path("gateway.log"), errors="replace") as file:
            text = file.read()
        return text[:text.rfind("\n") + 1]

    # --- asking ------------------------------------------------------------------------------------------------------

    def party(self, code):
        """This thread's connection as that party."""
        return self.client(code, lambda: gateway_client.of_party(self.world, code, self.ready["machines"], PATIENCE))

    def people(self):
        """This thread's connection without a certificate."""
        return self.client("", lambda: gateway_client.Client(self.ready["people"], timeout=PATIENCE))

    def monitors(self):
        """This thread's connection to where health and metrics are asked."""
        return self.client("monitors", lambda: gateway_client.Client(self.ready["monitors"], timeout=PATIENCE))

    def client(self, name, make):
        """Connections belong to one start of the gateway."""
        key = (self.starts, threading.get_ident(), name)
        if key not in self.clients:
            self.clients[key] = make()
        return self.clients[key]

    def metric(self, name):
        """The value of one row of /metrics, named with its labels."""
        lines = self.monitors().get("/metrics").body.decode().splitlines()
        return next(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name + " "))

    def decided(self):
        """Everything recorded is decided and applied."""
        return self.metric("clearway_engine_position_number") == self.metric("clearway_journal_durable_number")

    def clearway(self, *arguments, party=None, code=None, env=None):
        """Runs a verb of the command, as that party against the gateway, or on the data folder; the finished process."""
        environment = {**os.environ, "CLEARWAY_LANG": "en"}
        if party:
            environment.update(CLEARWAY_SERVER=f"https://localhost:{self.ready['machines']}", CLEARWAY_CA=self.world.ca,
                               CLEARWAY_CERT=self.world.certificate(party), CLEARWAY_KEY=self.world.key(party))
        environment.update(env or {})
        done = subprocess.run([CLEARWAY, *arguments], capture_output=True, text=True, env=environment, timeout=PATIENCE)
        if code is not None:
            assert done.returncode == code, f"clearway {' '.join(arguments)}: {done.returncode}, not {code}\n{done.stdout}{done.stderr}"
        return done

    def here(self, verb, *arguments, **options):
        """A verb on this room's data folder."""
        return self.clearway(verb, "--config", self.world.config, *arguments, **options)

    # --- the parties' ends -------------------------------------------------------------------------------------------

    def wire(self, wire):
        self.wires.append(wire)
        return wire

    def customs(self, received, group="customs"):
        return self.wire(wires.Topic(program("port_kafka"), self.broker.address, world.TOPIC, group, received.take))

    def line(self, code, received, keys_of=None):
        """The party's ZeroMQ line; keys_of: with another party's keys."""
        keys = keys_of or code
        return self.wire(wires.Line(program("port_zmq"), f"tcp://127.0.0.1:{self.world.zmq_port(code)}",
                                    self.world.curve(world.GATEWAY, "public"), self.world.curve(keys, "public"),
                                    self.world.curve(keys, "secret"), received.take))

    def hook(self, code, received, secrets=("secret",), answer=None, certificate=world.HOOKS):
        """The party's webhook; secrets: which of its secrets it goes by."""
        return self.wire(wires.Hook(self.world.hook_port(code), self.world.certificate(certificate), self.world.key(certificate),
                                    [self.world.hook_secret(code, which) for which in secrets], received.take, answer))

    # --- folders -----------------------------------------------------------------------------------------------------

    def drop(self, party, name, content):
        """Puts a file into the party's OutBox as a careful sender does: temporary name, then rename."""
        path = self.world.folder(party, "OutBox", name)
        with open(path + ".tmp", "wb") as file:
            file.write(content)
        os.rename(path + ".tmp", path)
        return path

    def files_of(self, party, box, name):
        """The bytes of one file; None when it is not there."""
        try:
            with open(self.world.folder(party, box, name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def files(self, party, box):
        """{name: bytes} of what stands in a folder; files still being written are not there."""
        found = {}
        for name in os.listdir(self.world.folder(party, box)):
            if not name.endswith(".tmp") and not name.startswith("."):
                try:
                    with open(self.world.folder(party, box, name), "rb") as file:
                        found[name] = file.read()
                except FileNotFoundError:
                    pass
        return found


class RoomTest(unittest.TestCase):
    """A topic: its tests share one running gateway, and each takes goods of its own."""
    options = {}

    @classmethod
    def setUpClass(cls):
        cls.room = Room(**cls.options)
        cls.addClassCleanup(cls.room.close)
        cls.room.start()
        cls.serial = 0

    @classmethod
    def tearDownClass(cls):
        if cls.room.gateway.poll() is None:
            cls.room.stop()          # so that leaks and races of the whole topic are told

    @classmethod
    def goods(cls, forwarder="FWD-QD-01", **options):
        cls.serial += 1
        return messages.Consignment(cls.serial, cls.room.world.party(forwarder).trader, **options)

    def accept(self, party, message, status=200):
        """Submits and waits for the decision; the answer as JSON."""
        answer = self.room.party(party).submit(message, wait=60)
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def message_records(self):
        lines = self.room.here("journal", "cat", "--json", "--kind", "message", code=0).stdout.splitlines()
        return [json.loads(line)["number"] for line in lines]
