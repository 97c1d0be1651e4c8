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
import world           # noqa: E402

CLEARWAY = os.path.join(BUILD, "clearway")
SCHEMAS = os.path.join(SOURCE, "schemas")
PATIENCE = 120         # seconds until something that must happen counts as not happening; nothing waits that long when all is well

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def dies_with_us():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


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


class Room:
    def __init__(self, kafka=False, settings=None, parties=world.PARTIES):
        self.directory = tempfile.mkdtemp(prefix="clearway-e2e-")
        self.processes = []
        self.gateway = None
        self.ready = {}
        self.starts = 0
        self.clients = threading.local()
        values = {"delivery.retry_first_ms": 50, "delivery.retry_max_ms": 1000, "delivery.timeout_ms": 5000, "journal.segment_mib": 4}
        values.update(settings or {})
        self.world = world.World(self.directory, CLEARWAY, SCHEMAS, parties=parties, settings=values)
        self.broker = self.start_broker() if kafka else None
        if kafka:
            self.world.kafka = self.broker
        self.world.make()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
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

    def run(self, *arguments, **options):
        """A process that ends with the room."""
        process = subprocess.Popen(arguments, preexec_fn=dies_with_us, **options)
        self.processes.append(process)
        return process

    def start(self, env=None):
        """Starts the gateway; returns when it is ready. Its log goes to gateway.log."""
        ready = self.path("data", "ready")
        if os.path.exists(ready):
            os.unlink(ready)
        self.starts += 1
        with open(self.path("gateway.log"), "ab") as log:
            self.gateway = self.run(CLEARWAY, "serve", "--config", self.world.config, stdout=log, stderr=log,
                                    env={**os.environ, **(env or {})})
        eventually(lambda: os.path.exists(ready) or self.gateway.poll() is not None, "the gateway is ready", pause=0.005)
        if self.gateway.poll() is not None:
            raise AssertionError(f"the gateway ended with {self.gateway.returncode}:\n{self.log()[-3000:]}")
        with open(ready) as file:
            self.ready = json.load(file)
        assert self.ready["pid"] == self.gateway.pid
        return self

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
        with open(self.path("gateway.log"), errors="replace") as file:
            return file.read()

    # --- asking ------------------------------------------------------------------------------------------------------

    def party(self, code):
        """This thread's connection as that party."""
        kept = self.clients.__dict__.setdefault(self.starts, {})
        if code not in kept:
            kept[code] = gateway_client.of_party(self.world, code, self.ready["machines"], PATIENCE)
        return kept[code]

    def people(self):
        return gateway_client.Client(self.ready["people"], timeout=PATIENCE)

    def clearway(self, *arguments, party=None, code=None, env=None):
        """Runs a verb of the command, as that party against the gateway, or on the data folder; the finished process."""
        environment = {**os.environ, "CLEARWAY_LANG": "en", **(env or {})}
        if party:
            environment.update(CLEARWAY_SERVER=f"https://localhost:{self.ready['machines']}", CLEARWAY_CA=self.world.ca,
                               CLEARWAY_CERT=self.world.certificate(party), CLEARWAY_KEY=self.world.key(party))
        done = subprocess.run([CLEARWAY, *arguments], capture_output=True, text=True, env=environment, timeout=PATIENCE)
        if code is not None:
            assert done.returncode == code, f"clearway {' '.join(arguments)}: {done.returncode}, not {code}\n{done.stdout}{done.stderr}"
        return done

    def here(self, verb, *arguments, **options):
        """A verb on this room's data folder."""
        return self.clearway(verb, "--config", self.world.config, *arguments, **options)

    # --- folders -----------------------------------------------------------------------------------------------------

    def drop(self, party, name, content):
        """Puts a file into the party's OutBox as a careful sender does: temporary name, then rename."""
        path = self.world.folder(party, "OutBox", name)
        with open(path + ".tmp", "wb") as file:
            file.write(content)
        os.rename(path + ".tmp", path)
        return path

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
