"""The process: health, readiness, metrics, its log, one gateway a folder, draining on SIGTERM, mistakes in what it is given."""
import json
import os
import signal
import subprocess
import threading
import time
import unittest

import harness
from harness import Room, RoomTest, eventually, messages


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def held_files(pid):
    """What it has open; None: it has ended."""
    try:
        return [os.readlink(f"/proc/{pid}/fd/{descriptor}") for descriptor in os.listdir(f"/proc/{pid}/fd")] or None
    except FileNotFoundError:
        return None


class Serving(RoomTest):
    def test_health_readiness_version(self):
        monitors = self.room.monitors()
        self.assertEqual(monitors.get("/healthz").json, {"status": "alive"})
        self.assertEqual(monitors.get("/readyz").json, {"status": "ready"})
        self.assertEqual(monitors.get("/version").json["name"], "clearway")

    def test_who_has_not_signed_in_cannot_submit(self):
        answer = self.room.people().submit(messages.declaration(self.goods()))
        self.assertEqual((answer.status, answer.json["code"]), (403, "origin"))

    def test_metrics_are_prometheus_and_count(self):
        accepted = 'clearway_messages_judged_total{verdict="accepted"}'
        before = self.room.metric(accepted)
        self.accept("FWD-QD-01", messages.declaration(self.goods()))
        self.assertEqual(self.room.metric(accepted), before + 1)
        answer = self.room.monitors().get("/metrics")
        self.assertTrue(answer.headers["Content-Type"].startswith("text/plain"))
        for line in answer.body.decode().splitlines():
            if line and not line.startswith("#"):
                float(line.rsplit(" ", 1)[1])

    def test_the_log_is_one_json_object_a_line(self):
        lines = self.room.log().splitlines()
        self.assertTrue(lines)
        for line in lines:
            event = json.loads(line)
            self.assertTrue({"ts", "level", "component", "event"} <= set(event), line)
        self.assertIn("ready", [json.loads(line)["event"] for line in lines])

    def test_one_gateway_a_folder(self):
        done = self.room.here("serve", code=69)
        self.assertIn("in use", done.stderr)
        self.assertEqual(self.room.monitors().get("/readyz").status, 200)

    def test_a_hangup_ends_nothing(self):
        """Case 34: SIGHUP ended the gateway at once, without a drain or a line."""
        self.room.gateway.send_signal(signal.SIGHUP)
        eventually(lambda: "reload_unchanged" in self.room.log(), "the log says so")
        self.assertEqual(self.room.monitors().get("/readyz").status, 200)

    def test_a_hangup_at_a_start_ends_nothing(self):
        """case 530: one that came in the first moments of a start, before there was a loop to hear it, ended the process."""
        hangup, held, room = 1 << (signal.SIGHUP - 1), 0, Room()
        self.addCleanup(room.close)
        for start in range(40):
            if start >= 4 and held:
                break
            room.start(wait=False)
            minds = eventually(lambda: minded_signals(room.gateway.pid), "it minds signals", pause=0)
            held += bool(minds["SigBlk"] & hangup)
            while not os.path.exists(room.path("data", "ready")) and room.gateway.poll() is None:
                room.gateway.send_signal(signal.SIGHUP)
                time.sleep(0.002)                              # nothing is waited for: they come all the while
            self.assertIsNone(room.gateway.poll(), room.log()[-2000:])
            room.read_ready()
            eventually(lambda: room.metric('clearway_reloads_total{result="unchanged"}') > 0, "all is read anew once it stands")
            room.stop()
        self.assertGreater(held, 0)                            # some came before there was a loop

    def test_case_914_who_tries_schemas_holds_nothing_of_the_gateway(self):
        """Its lock above all: killed at a start, it left a child that held it, and the next found the folder in use."""
        room, seen = Room(), []
        self.addCleanup(room.close)
        ready = room.path("data", "ready")
        for _ in range(40):
            if os.path.exists(ready):
                os.unlink(ready)                               # of one that was killed
            room.start(wait=False)
            child = eventually(lambda: children(room.gateway.pid) or os.path.exists(ready) and [None], "it tries schemas", pause=0)[0]
            while child and (held := held_files(child)) is not None:
                seen.append(any(name.endswith("/journal/lock") for name in held))
                if not seen[-1]:
                    room.kill()
                    room.start()                               # at once, and is ready
                    room.stop()
                    return
            room.kill()
        self.fail(f"the lock was held whenever it was looked at: {len(seen)} times")

    def test_the_control_socket_is_for_its_owner(self):
        mode = os.stat(self.room.path("data", "control.sock")).st_mode & 0o777
        self.assertEqual(mode & 0o077, 0, oct(mode))


def minded_signals(pid):
    """Which signals do not end it, as soon as SIGHUP is among them: {"SigBlk": mask, "SigCgt": mask}."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        masks = {name: int(value, 16) for name, value in (line.split(":", 1) for line in file) if name in ("SigBlk", "SigCgt")}
    return masks if (masks["SigBlk"] | masks["SigCgt"]) & 1 << (signal.SIGHUP - 1) else None


class Draining(unittest.TestCase):
    def test_requests_in_flight_are_answered(self):
        with Room() as room:
            room.start()
            trader = room.world.party("FWD-QD-01").trader
            done, unknown, stop = [], [], threading.Event()
            clients = [harness.gateway_client.of_party(room.world, "FWD-QD-01", room.ready["machines"]) for _ in range(4)]

            def submit(thread):
                client, serial = clients[thread], (thread + 1) * 100000
                while not stop.is_set():
                    serial += 1
                    message = messages.declaration(messages.Consignment(serial, trader))
                    try:
                        client.connection or client.connect()
                    except OSError:
                        return           # the listener is closed: nothing was sent
                    try:
                        answer = client.submit(message)
                    except Exception:
                        unknown.append(serial)
                        return
                    if answer.status == 202:
                        done.append(answer.json["record"])
                    elif answer.status != 503:
                        unknown.append(answer)

            threads = [threading.Thread(target=submit, args=(n,)) for n in range(4)]
            for thread in threads:
                thread.start()
            eventually(lambda: len(done) > 50, "messages are accepted")
            room.stop()
            stop.set()
            for thread in threads:
                thread.join()
            for client in clients:
                client.close()
            # A kept-alive connection may be closed just while the next request is on its way (RFC 9112 §9.3.1): at most
            # one a connection, and none of those was recorded.
            self.assertLessEqual(len(unknown), len(threads))
            self.assertFalse([answer for answer in unknown if not isinstance(answer, int)])
            recorded = {json.loads(line)["number"] for line in
                        room.here("journal", "cat", "--json", "--kind", "message", code=0).stdout.splitlines()}
            self.assertEqual(recorded, set(done))

    def test_one_who_waits_for_a_decision_is_answered(self):
        with Room() as room:
            room.start()
            answers = []
            goods = messages.Consignment(1, room.world.party("FWD-QD-01").trader)

            def wait():
                answers.append(room.party("FWD-QD-01").submit(messages.declaration(goods), wait=60))

            thread = threading.Thread(target=wait)
            thread.start()
            eventually(lambda: '"kind":"message"' in room.here("journal", "cat", "--json").stdout, "it is recorded")
            room.stop()
            thread.join()
            self.assertIn(answers[0].status, (200, 202))

    def test_sigint_stops_too(self):
        with Room() as room:
            room.start()
            room.gateway.send_signal(signal.SIGINT)
            self.assertEqual(room.gateway.wait(harness.PATIENCE), 0)


class WrongConfiguration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.room = Room()
        cls.addClassCleanup(cls.room.close)

    def refused(self, **options):
        done = subprocess.run([harness.CLEARWAY, "serve", "--config", self.room.world.config], capture_output=True, text=True,
                              timeout=harness.PATIENCE, **options)
        self.assertEqual(done.returncode, 78, done.stderr)
        return done.stderr

    def test_mistakes_are_told_with_their_places(self):
        world = self.room.world
        world.write_config()
        with open(world.config) as file:
            good = file.read()
        self.addCleanup(world.write_config)
        with open(world.config, "w") as file:
            file.write(good.replace("machines:", "machynes:"))
        self.assertRegex(self.refused(), r"clearway\.yaml:\d+:\d+")
        with open(world.config, "w") as file:
            file.write(good.replace("tls/gateway.pem", "tls/nobody.pem"))
        self.assertIn("nobody.pem", self.refused())

    def test_parties_with_mistakes(self):
        world = self.room.world
        self.addCleanup(world.write_parties)
        world.write_parties()
        with open(world.path("parties.yaml"), "a") as file:
            file.write("  - code: X 1\n    name: { zh: 甲, en: A }\n    roles: [wizard]\n")
        told = self.refused()
        self.assertRegex(told, r"parties\.yaml:\d+:\d+")
        self.assertIn("wizard", told)

    def test_an_environment_value_of_the_wrong_kind(self):
        self.assertIn("gateway.workers", self.refused(env={**os.environ, "CLEARWAY_GATEWAY_WORKERS": "many"}))


if __name__ == "__main__":
    unittest.main()
