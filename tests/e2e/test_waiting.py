"""Who waits for a decision while the engine is held up: connections that die, and the gateway's end; what is kept is fetched."""
import json
import signal
import threading
import time
import unittest
from datetime import datetime

import harness
from harness import Room, RoomTest, eventually, messages


class HeldUp(unittest.TestCase):
    def setUp(self):
        self.room = Room()
        self.addCleanup(self.room.close)
        self.room.start()
        self.serial = 0
        eventually(self.room.decided, "the edition is decided")

    def hold_up(self):
        engine = harness.HeldThread(self.room.gateway.pid, "engine", harness.HeldThread.IDLE)
        self.addCleanup(engine.let_go)
        return engine

    def waits_in(self):
        """The call of the system in which the gateway's first thread waits, by its number; "running": it does not. For a moment
        it may wait for anything: what it is found in again and again is meant."""
        pid, found = self.room.gateway.pid, set()
        for _ in range(10):
            with open(f"/proc/{pid}/task/{pid}/syscall", encoding="ascii") as file:
                found.add(file.read().split()[0])
            time.sleep(0.002)
        return found.pop() if len(found) == 1 else "running"

    def declaration(self):
        self.serial += 1
        return messages.declaration(messages.Consignment(self.serial, self.room.world.party("FWD-QD-01").trader))

    def recorded(self):
        return len(self.room.here("journal", "cat", "--json", "--kind", "message", code=0).stdout.splitlines())

    def client(self):
        client = harness.gateway_client.of_party(self.room.world, "FWD-QD-01", self.room.ready["machines"])
        self.addCleanup(client.close)
        return client

    def wait(self, answers):
        message, client = self.declaration(), self.client()
        thread = threading.Thread(target=lambda: answers.append(client.submit(message, wait=60)))
        before = self.recorded()
        thread.start()
        eventually(lambda: self.recorded() > before, "it is recorded")
        return thread

    def test_a_connection_that_dies_while_it_waits(self):
        engine, message = self.hold_up(), self.declaration()
        for _ in range(3):
            client = self.client()
            client.connect()
            client.connection.request("POST", "/v1/messages", body=message,
                                      headers={"Content-Type": "application/xml", "Prefer": "wait=60"})
            eventually(lambda: self.recorded() == 1, "it is recorded, once")
            client.connection.sock.close()
            client.close()
        engine.let_go()
        answer = self.room.party("FWD-QD-01").submit(message, wait=60)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json["decision"]["result"], "done")
        self.assertEqual(self.recorded(), 1)
        self.room.stop()

    # Case 38.
    def test_a_command_that_waits_in_vain(self):
        self.hold_up()
        path = self.room.path("message.xml")
        with open(path, "wb") as file:
            file.write(self.declaration())
        told = self.room.clearway("submit", "--wait", "1", path, party="FWD-QD-01", code=124)
        self.assertIn("accepted", told.stdout)

    # Bug 54: who still waited when the gateway ended lost his receipt, though his message was recorded.
    def test_who_waits_at_the_end_gets_the_receipt(self):
        answers, sender = [], self.client()
        backlog = [self.declaration() for _ in range(1100)]      # more than the engine takes at once
        engine = self.hold_up()
        for message in backlog:
            self.assertEqual(sender.submit(message).status, 202)
        thread = self.wait(answers)
        turning = eventually(lambda: next(iter({self.waits_in()} - {"running"}), None), "the loop waits")
        self.room.gateway.send_signal(signal.SIGTERM)
        eventually(lambda: "draining" in self.room.log(), "it drains")
        self.room.gateway.send_signal(signal.SIGTERM)           # and will not wait
        eventually(lambda: self.waits_in() not in ("running", turning), "it waits for the engine, and not on its loop")
        engine.let_go()
        thread.join(harness.PATIENCE)
        self.assertEqual(self.room.gateway.wait(harness.PATIENCE), 0)
        self.assertEqual([(answer.status, answer.receipt["verdict"]) for answer in answers], [(202, "accepted")])
        self.assertIsNone(answers[0].json["decision"])


class Kept(RoomTest):
    options = {"kafka": False}

    def test_bytes_are_for_sender_and_receivers(self):
        message = messages.declaration(self.goods())
        number = self.accept("FWD-QD-01", message)["record"]
        for party in ("FWD-QD-01", "CUS-QD", "TML-QQCT", "CAR-COSU"):
            answer = self.room.party(party).get(f"/v1/messages/{number}/content")
            self.assertEqual((answer.status, answer.body), (200, message), party)
            self.assertEqual(answer.headers["Content-Type"], "application/xml")
        nowhere = self.room.party("FWD-QD-02").get("/v1/messages/999999999/content")
        for party in ("FWD-QD-02", "OFC-QD", "YRD-QD-01"):
            answer = self.room.party(party).get(f"/v1/messages/{number}/content")
            self.assertEqual((answer.status, answer.body), (404, nowhere.body), party)
        self.assertEqual(self.room.people().get(f"/v1/messages/{number}/content").status, 401)

    def test_who_is_sent_nothing_asks_what_has_come(self):
        broker, other = self.room.party("FWD-QD-02"), self.room.party("FWD-QD-01")
        goods = self.goods("FWD-QD-02")
        self.accept("FWD-QD-02", messages.declaration(goods))
        mark = broker.get("/v1/deliveries").json["next"]
        result = messages.customs_result(goods, "R", datetime.now(messages.CHINA))
        number = self.accept("CUS-QD", result)["record"]      # names the declaration by what only the next one tells
        response = messages.import_response(goods.client_seq_no, goods.seq_no)
        linking = self.accept("CUS-QD", response)["record"]
        eventually(self.room.decided, "the answers are decided")
        told = broker.get(f"/v1/deliveries?after={mark}").json
        self.assertEqual([row["record"] for row in told["deliveries"]], [number, linking])
        self.assertEqual([broker.get(f"/v1/messages/{row['record']}/content").body for row in told["deliveries"]], [result, response])
        self.assertEqual(broker.get(f"/v1/deliveries?after={told['next']}").json,
                         {"deliveries": [], "next": told["next"], "more": False})
        self.assertNotIn(number, [row["record"] for row in other.get("/v1/deliveries").json["deliveries"]])
        self.assertEqual(broker.get("/v1/deliveries?after=yesterday").status, 400)
        self.assertEqual(self.room.people().get("/v1/deliveries").status, 401)

    def test_the_queue_knows_its_states(self):
        self.assertIn("deliveries", json.loads(self.room.here("queue", "--json", "--state", "kept", code=0).stdout))
        self.assertIn("state is waiting, parked", self.room.here("queue", "--state", "lost", code=2).stderr)


if __name__ == "__main__":
    unittest.main()
