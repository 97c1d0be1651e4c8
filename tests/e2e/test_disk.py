"""A disk that is nearly full: nothing is taken (503), decisions and delivery results still are, and it goes on by itself.
One that is full to the last byte, or whose files may not grow: nothing ends, nothing is lost, and it goes on by itself."""
import http.client
import itertools
import os
import resource
import signal
import subprocess
import threading
import time
import unittest

from harness import Room, eventually, messages

MIB = 1 << 20


def free_mib(path):
    space = os.statvfs(path)
    return space.f_bavail * space.f_frsize // MIB


class NearlyFull(unittest.TestCase):
    def small_disk(self, room):
        """Gives the data folder a small disk of its own, where that is allowed; else the reserve is set just below what is free.
        How many MiB may be left free so that it counts as nearly full."""
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "clearway-e2e", room.world.data], capture_output=True)
        if done.returncode == 0:
            self.addCleanup(subprocess.run, ["umount", "-l", room.world.data], check=True)
            room.world.settings["journal.reserve_mib"] = 16
            left = 8
        else:
            room.world.settings["journal.reserve_mib"] = free_mib(room.world.data) - 1024
            left = free_mib(room.world.data) - 2048
        room.world.write_config()
        return left

    def test_503_and_on_again_by_itself(self):
        room = Room()
        self.addCleanup(room.close)
        left_mib = self.small_disk(room)
        room.start()
        forwarder = room.party("FWD-QD-01")
        trader = room.world.party("FWD-QD-01").trader
        serial = iter(range(1, 10 ** 6))

        def submit(**options):
            return forwarder.submit(messages.declaration(messages.Consignment(next(serial), trader)), **options)

        first = submit(wait=60)
        self.assertEqual(first.status, 200, first)
        ballast = room.path("data", "ballast")
        with open(ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, (free_mib(room.world.data) - left_mib) * MIB)

        turned_away = eventually(lambda: (lambda a: a if a.status == 503 else None)(submit()), "503 while the disk is nearly full")
        self.assertEqual(turned_away.headers["Content-Type"], "application/problem+json")
        self.assertTrue(turned_away.headers["Retry-After"])
        self.assertEqual(room.monitors().get("/readyz").status, 503)
        self.assertEqual(room.monitors().get("/healthz").status, 200)
        # What asks for nothing new still works, what was taken is still decided, and files stay where they are.
        self.assertEqual(forwarder.get(f"/v1/messages/{first.json['record']}").status, 200)
        room.drop("FWD-QD-01", "waits.xml", messages.declaration(messages.Consignment(next(serial), trader)))
        eventually(room.decided, "everything recorded is decided")
        self.assertIn("waits.xml", room.files("FWD-QD-01", "OutBox"))
        os.unlink(ballast)
        eventually(lambda: submit().status == 202, "it goes on by itself")
        eventually(lambda: room.monitors().get("/readyz").status == 200, "it is ready again")
        eventually(lambda: "waits.xml" in room.files("FWD-QD-01", "SentBox"), "the file is taken now")
        room.stop()
        room.here("journal", "verify", code=0)

    def test_a_reserve_larger_than_the_disk(self):
        with Room(settings={"journal.reserve_mib": 2 ** 30}) as room:
            room.start()
            answer = room.party("FWD-QD-01").submit(messages.declaration(messages.Consignment(1, room.world.party("FWD-QD-01").trader)))
            self.assertEqual(answer.status, 503, answer)
            self.assertEqual(room.monitors().get("/readyz").status, 503)


class Sender:
    """Submits one declaration after the other until it is told to end; what was acknowledged, and what else came.
    wait: seconds for the decision, without which nothing counts as acknowledged."""

    def __init__(self, room, wait=None):
        self.room, self.wait, self.stopping, self.acknowledged, self.others = room, wait, threading.Event(), [], []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        trader = self.room.world.party("FWD-QD-01").trader
        client = self.room.party("FWD-QD-01")
        for number in range(10 ** 6 if self.wait else 1, 10 ** 7):
            if self.stopping.is_set():
                break
            try:
                answer = client.submit(messages.declaration(messages.Consignment(number, trader)), wait=self.wait)
            except (OSError, http.client.HTTPException):
                break
            if answer.status == (200 if self.wait else 202):
                self.acknowledged.append(answer.json["record"])
            else:
                self.others.append(answer.status)
                time.sleep(0.05)

    def end(self):
        self.stopping.set()
        self.thread.join()
        return self.acknowledged


class Full(unittest.TestCase):
    def check(self, room, *senders):
        """Everything acknowledged is there and decided once, as a rebuild from the journal has it."""
        acknowledged = [record for sender in senders for record in sender.end()]
        self.assertEqual({status for sender in senders for status in sender.others}, {503})
        eventually(room.decided, "everything recorded is decided")
        room.stop()
        room.here("journal", "verify", code=0)
        lines = room.here("journal", "cat", "--json", "--kind", "message", code=0).stdout.splitlines()
        self.assertEqual(len(lines), len(acknowledged))
        self.assertEqual(len(room.here("journal", "cat", "--json", "--kind", "decision", code=0).stdout.splitlines()),
                         len(acknowledged) + 1)                         # and the set-up's
        room.here("replay", "--rebuild", code=0)

    def test_a_database_may_not_grow(self):
        """case 185: as with a full disk SQLite finds no space, and the engine takes its batch back until there is some."""
        room = Room(settings={"journal.segment_mib": 1, "journal.reserve_mib": 1})
        self.addCleanup(room.close)
        room.start()
        sender, waiter = Sender(room), Sender(room, wait=60)       # who waits hears it, however long it took
        self.addCleanup(sender.end)
        self.addCleanup(waiter.end)
        before = resource.prlimit(room.gateway.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(room.gateway.pid, resource.RLIMIT_FSIZE, (1100 * 1024, before[1]))
        eventually(lambda: 503 in sender.others or room.gateway.poll() is not None, "503 while there is no room")
        self.assertIsNone(room.gateway.poll(), room.log()[-3000:])
        problem = room.party("FWD-QD-01").submit(b"<x/>").json
        self.assertEqual(problem["code"], "full")
        self.assertEqual(room.monitors().get("/readyz").status, 503)
        self.assertEqual(room.monitors().get("/healthz").status, 200)
        taken, heard = len(sender.acknowledged), len(sender.others)
        eventually(lambda: len(sender.others) > heard + 20 or room.gateway.poll() is not None, "503, again and again")
        self.assertIsNone(room.gateway.poll(), room.log()[-3000:])
        resource.prlimit(room.gateway.pid, resource.RLIMIT_FSIZE, before)
        eventually(lambda: len(sender.acknowledged) > taken + 20, "it goes on by itself")
        self.check(room, sender, waiter)

    def test_a_reload_that_finds_no_room(self):
        """cases 530, 531: a reload on a full disk waited without a word; a hangup while a start waits for room was forgotten."""
        room = Room()
        self.addCleanup(room.close)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "clearway-e2e", room.world.data], capture_output=True).returncode:
            self.skipTest("may not mount a disk of its own")
        self.addCleanup(subprocess.run, ["umount", "-l", room.world.data], check=True)
        ballast = self.fill(room)
        room.start(wait=False)
        eventually(lambda: '"event":"no_room"' in room.log(), "it waits for room to start")
        room.gateway.send_signal(signal.SIGHUP)
        os.unlink(ballast)
        eventually(lambda: "reload_unchanged" in room.log(), "what was asked for while it waited is done once all stands")
        room.read_ready()
        forwarder, trader = room.party("FWD-QD-01"), room.world.party("FWD-QD-01").trader
        serial = itertools.count(1)

        def submit():
            return forwarder.submit(messages.declaration(messages.Consignment(next(serial), trader))).status

        ballast = self.fill(room)
        eventually(lambda: submit() == 503, "messages are turned away")
        with open(room.path("parties.yaml")) as file:
            parties = file.read()
        for edition in range(8):                               # until what was prepared ahead of the journal is used up
            with open(room.path("parties.yaml"), "w") as file:
                file.write(parties + f"# edition {edition}\n" * 250000)
            for seconds in ("10", "60", "120"):                # first the edition has to be read
                reload = room.here("reload", "--wait", seconds)
                if not reload.returncode or "the disk is nearly full" in reload.stderr:
                    break
            if reload.returncode:
                break
        self.assertEqual(reload.returncode, 124, reload)
        self.assertRegex(reload.stderr, r"still waiting: the (record|engine)[^\n]*: the disk is nearly full")
        self.assertIn("the reload goes on", reload.stderr)
        in_force = room.metric('clearway_reloads_total{result="in_force"}')
        os.unlink(ballast)
        eventually(lambda: room.metric('clearway_reloads_total{result="in_force"}') > in_force, "it is in force once there is room")
        eventually(lambda: submit() == 202, "messages are taken")
        room.stop()

    def fill(self, room):
        """To the last byte; the file that does it."""
        ballast = room.path("data", "ballast")
        with open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        return ballast

    def test_not_a_byte_is_left(self):
        """case 185: and it starts on such a disk, or waits for room to start, and loses nothing."""
        room = Room()
        self.addCleanup(room.close)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "clearway-e2e", room.world.data], capture_output=True).returncode:
            self.skipTest("may not mount a disk of its own; a database that may not grow is tested all the same")
        self.addCleanup(subprocess.run, ["umount", "-l", room.world.data], check=True)
        room.start()
        sender = Sender(room)
        self.addCleanup(sender.end)
        eventually(lambda: len(sender.acknowledged) > 20, "messages are taken")
        ballast = self.fill(room)
        eventually(lambda: len(sender.others) > 20 or room.gateway.poll() is not None, "503, again and again")
        self.assertIsNone(room.gateway.poll(), room.log()[-3000:])
        room.kill()
        acknowledged = sender.end()
        logged = len(room.log())
        room.start(wait=False)
        signs = ("no_room", "held_up", "ready_not_written", "ready")   # what finds no room first: rooms, engine, ready's file
        eventually(lambda: any(f'"event":"{sign}"' in room.log()[logged:] for sign in signs)
                   or room.gateway.poll() is not None, "it says that it waits for room, or has started")
        self.assertIsNone(room.gateway.poll(), room.log()[-3000:])
        os.unlink(ballast)
        eventually(lambda: os.path.exists(room.path("data", "ready")), "it starts when there is room")
        room.read_ready()
        again = Sender(room)
        self.addCleanup(again.end)
        eventually(lambda: len(again.acknowledged) > 20, "messages are taken again")
        again.end()
        eventually(room.decided, "everything recorded is decided")
        for record in acknowledged:
            self.assertEqual(room.party("FWD-QD-01").get(f"/v1/messages/{record}").status, 200)
        room.stop()
        room.here("journal", "verify", code=0)
        room.here("replay", "--rebuild", code=0)


if __name__ == "__main__":
    unittest.main()
