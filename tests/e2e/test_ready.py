"""Ready means ready: while state.db is caught up at a start messages are taken, and nothing is answered or sent that it does not know yet."""
import json
import os
import signal
import threading
import unittest
from datetime import datetime

import harness
from harness import Received, Room, eventually, messages

EVENTS, THREADS = 8000, 4              # recorded before; their catching up is long enough for the engine to be stopped in it
DECLARATIONS = 60                      # delivered before
EARLY = datetime(2026, 11, 24, 8, tzinfo=messages.CHINA)


class Ready(unittest.TestCase):
    def client(self, party):
        client = harness.gateway_client.of_party(self.room.world, party, self.machines)
        self.addCleanup(client.close)
        return client

    def monitors_get(self, path):
        client = harness.gateway_client.Client(self.monitors)
        try:
            return client.get(path)
        finally:
            client.close()

    def declaration(self, serial):
        goods = messages.Consignment(serial, self.room.world.party("FWD-QD-02").trader)
        return goods, messages.declaration(goods)

    def submit_events(self, first):
        client, trader = self.client("TML-QQCT"), self.room.world.party("FWD-QD-02").trader
        for serial in range(first, first + EVENTS // THREADS):
            message = messages.port_event(messages.Consignment(serial, trader), "DISC", EARLY)
            answer = client.submit(message)
            while answer.status == 503:
                answer = client.submit(message)
            assert answer.status == 202, answer

    def record_much(self):
        """A journal of some ten thousand messages, with everything delivered; the first number of a declaration."""
        room = self.room
        room.start()
        self.machines = room.ready["machines"]
        self.received = Received()
        self.line = room.line("TML-QQCT", self.received)
        threads = [threading.Thread(target=self.submit_events, args=(1000000 * (1 + i),)) for i in range(THREADS)]
        for thread in threads:
            thread.start()
        client, self.sent = self.client("FWD-QD-02"), {}
        for serial in range(DECLARATIONS):
            goods, message = self.declaration(serial)
            self.sent[client.submit(message, wait=60).receipt["record"]] = goods
        for thread in threads:
            thread.join()
        eventually(room.decided, "all is decided")
        for number in self.sent:
            eventually(lambda: f"{number}/TML-QQCT" in self.received, "the terminal has all")
        eventually(lambda: len(room.files("CAR-COSU", "InBox")) == DECLARATIONS, "the carrier has all")
        eventually(lambda: set(self.totals()) <= {("CAR-COSU", "delivered"), ("TML-QQCT", "delivered"), ("CUS-QD", "parked")},
                   "nothing waits any more")
        for name in room.files("CAR-COSU", "InBox"):
            os.unlink(room.world.folder("CAR-COSU", "InBox", name))
        self.before = self.totals()
        room.stop()

    def totals(self):
        rows = []
        for state in ("waiting", "parked", "delivered"):
            rows += json.loads(self.room.here("queue", "--json", "--state", state, code=0).stdout)["totals"]
        return {(row["party"], row["state"]): row["n"] for row in rows}

    def lose_state(self):
        for name in os.listdir(self.room.path("data")):
            if name.startswith("state.db"):
                os.unlink(self.room.path("data", name))

    def start_behind(self):
        """Starts, and stops the engine on its way; the ports where it listens, before it is ready."""
        before = len(self.room.log())
        self.room.start(wait=False)

        def ports():
            lines = [json.loads(line) for line in self.room.log()[before:].splitlines(True) if line.endswith("\n")]
            found = {line["name"]: line["port"] for line in lines if line["event"] == "listening" and line["port"]}
            return found if len(found) == 3 else None
        found = eventually(ports, "it listens", pause=0.002)
        self.machines, self.monitors = found["machines"], found["monitors"]
        self.engine = harness.HeldThread(self.room.gateway.pid, "engine", harness.HeldThread.BUSY)
        self.addCleanup(self.engine.let_go)

    def behind(self):
        """How far the gateway says to be behind; 0: it is ready."""
        answer = self.monitors_get("/readyz")
        if answer.status == 200:
            return 0
        self.assertEqual((answer.status, answer.json["code"]), (503, "behind"))
        self.assertTrue(int(answer.headers["Retry-After"]) > 0)
        return int(answer.json["detail"].split(":")[1].split()[0])

    def look_while_behind(self, serial):
        """Messages are taken; of what is not known yet nothing is said. The new message's record."""
        room, number = self.room, next(iter(self.sent))
        self.assertFalse(os.path.exists(room.path("data", "ready")))
        forwarder = self.client("FWD-QD-02")
        _, message = self.declaration(serial)
        taken = forwarder.submit(message, wait=60)          # is not made to wait for what is far behind
        self.assertEqual(taken.status, 202, taken)
        views = [f"/v1/track/{self.sent[number].bill}", f"/v1/messages/{number}", f"/v1/messages/{number}/content",
                 f"/v1/messages?id={self.sent[number].client_seq_no}", "/v1/deliveries"]
        for view in views:
            answer = forwarder.get(view)
            self.assertEqual((answer.status, answer.json["code"]), (503, "behind"), view)
            self.assertIn("records to go", answer.json["detail"])
            self.assertIn("Retry-After", answer.headers)
        self.assertEqual(forwarder.get(f"/v1/messages/{number}/receipt").status, 200)
        self.assertIn("what came after is not shown", room.here("queue", code=0).stderr)
        self.assertEqual(self.client("OFC-QD").get("/v1/report?month=2026-11").status, 503)
        self.assertEqual(self.monitors_get("/healthz").status, 200)
        self.assertIn("records to go", room.here("queue", "redrive", f"{number}/TML-QQCT", code=69).stderr)
        self.assertTrue(self.behind() > 0, "caught up before the engine was stopped: record more")
        return taken.receipt["record"]

    def test_a_lost_state_is_caught_up_before_anything_is_answered_or_sent(self):
        """case 143: it said ready, answered owners 404 and sent again what had been acknowledged."""
        self.room = Room()
        self.addCleanup(self.room.close)
        self.record_much()
        room = self.room

        self.lose_state()
        self.start_behind()
        distance = self.behind()
        self.assertTrue(EVENTS < distance)
        new = [self.look_while_behind(500)]
        self.engine.let_go()
        room.kill()                                         # in the middle: the next start goes on from where it stood
        self.start_behind()
        self.assertTrue(0 < self.behind() <= distance + 2)
        new.append(self.look_while_behind(501))
        before = len(room.log())
        room.gateway.send_signal(signal.SIGTERM)
        eventually(lambda: "draining" in room.log()[before:], "it ends")
        self.engine.let_go()
        self.assertEqual(room.gateway.wait(harness.PATIENCE), 0)
        self.start_behind()
        new.append(self.look_while_behind(502))
        self.engine.let_go()

        eventually(lambda: self.behind() == 0, "it has caught up")
        eventually(lambda: os.path.exists(room.path("data", "ready")), "now it is ready")
        with open(room.path("data", "ready")) as file:
            room.ready = json.load(file)
        eventually(room.decided, "all is decided")
        forwarder = self.client("FWD-QD-02")
        for number, goods in self.sent.items():
            self.assertEqual(forwarder.get(f"/v1/messages/{number}").json["status"], "decided")
            self.assertEqual(forwarder.get(f"/v1/track/{goods.bill}").status, 200)
        eventually(self.line.connected.is_set, "the terminal is back")
        for number in new:
            eventually(lambda: f"{number}/TML-QQCT" in self.received, "what came meanwhile is delivered")
        eventually(lambda: len(room.files("CAR-COSU", "InBox")) == len(new), "to the carrier, too")
        for number in self.sent:
            self.assertEqual(len(self.received.bytes_of(f"{number}/TML-QQCT")), 1, "nothing acknowledged is sent again")
        for party, state in self.before:
            eventually(lambda: self.totals().get((party, state)) == self.before[party, state] + len(new), f"{party}'s are {state}")
        room.stop()
        self.assertTrue(json.loads(room.here("replay", "--rebuild", "--json", code=0).stdout)["equal"])


if __name__ == "__main__":
    unittest.main()
