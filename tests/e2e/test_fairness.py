"""Case 195: while one sender attacks, every message of another party is answered, and none by 503: each attack with its own limit."""
import contextlib
import datetime
import itertools
import json
import socket
import threading
import time
import unittest

import harness
from harness import RoomTest, eventually, messages

ATTACKER, OTHER = "FWD-QD-01", "FWD-QD-02"
ASKED = 40                 # messages of the other party during each attack
MIB = 1 << 20


@contextlib.contextmanager
def meanwhile(attack, threads=1):
    """Runs attack(stop) in threads until the block ends."""
    stop = threading.Event()
    running = [threading.Thread(target=attack, args=(stop,), daemon=True) for _ in range(threads)]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in running:
            thread.join()


class Fairness(RoomTest):
    options = {"settings": {"limits.day_refused_mib": 1, "limits.strangers": 128, "limits.address_strangers": 32}}

    def client(self, party):
        client = harness.gateway_client.of_party(self.room.world, party, self.room.ready["machines"])
        self.addCleanup(client.close)
        return client

    def others_are_served(self):
        """Every fifth message over a connection of its own, as newcomers come."""
        statuses, client = [], self.client(OTHER)
        for count in range(ASKED):
            if count % 5 == 0:
                client.close()
            statuses.append(client.submit(messages.declaration(self.goods(OTHER))).status)
        self.assertEqual(statuses, [202] * ASKED)

    def throttled(self, limit):
        return self.room.metric(f'clearway_throttled_total{{limit="{limit}"}}')

    # --- connections -------------------------------------------------------------------------------------------------

    def test_silent_connections_of_one_address(self):
        before = self.throttled("address")

        def knock(stop):
            sockets = []
            while not stop.is_set():
                sockets.append(socket.create_connection(("127.0.0.1", self.room.ready["machines"]), source_address=("127.0.0.2", 0)))
                if len(sockets) > 500:
                    sockets.pop(0).close()
            for one in sockets:
                one.close()

        with meanwhile(knock):
            eventually(lambda: self.throttled("address") > before, "an address has more than its part")
            self.others_are_served()

    def test_silent_connections_of_many_addresses(self):
        before = self.throttled("strangers")

        def knock(stop):
            sockets = []
            for count in itertools.count():
                if stop.is_set():
                    break
                source = (f"127.0.1.{1 + count % 200}", 0)
                sockets.append(socket.create_connection(("127.0.0.1", self.room.ready["machines"]), source_address=source))
                if len(sockets) > 500:
                    sockets.pop(0).close()
                time.sleep(0.001)
            for one in sockets:
                one.close()

        with meanwhile(knock):
            eventually(lambda: self.throttled("strangers") > before, "there are too many strangers")
            self.others_are_served()

    # --- bodies ------------------------------------------------------------------------------------------------------

    def test_stalled_uploads(self):
        """39 uploads of 9 MB that stop before their end: the attacker's next one is told 429 and when to come back."""
        def stall(answers):
            client = self.client(ATTACKER)
            client.connect()
            connection = client.connection
            connection.putrequest("POST", "/v1/messages")
            connection.putheader("Content-Type", "application/xml")
            connection.putheader("Content-Length", str(9 * MIB))
            connection.endheaders()
            try:
                connection.send(b"x" * (8 * MIB))
            except OSError:                        # it was told so meanwhile
                pass
            connection.sock.settimeout(0.05)
            with contextlib.suppress(OSError):
                response = connection.getresponse()
                answers.append((response.status, response.headers["Retry-After"]))

        answers = []
        for _ in range(39):
            stall(answers)
        self.assertTrue(answers, "nobody was told anything")
        self.assertEqual({status for status, _ in answers}, {429})
        self.assertTrue(all(int(seconds) > 0 for _, seconds in answers))
        self.assertGreater(self.throttled("bodies"), 0)
        self.others_are_served()

    def test_refused_bodies_without_end(self):
        """Beyond the day's refused bytes: digest and verdict alone, and whoever asks for the content is told so."""
        rubbish, records = b"<Dec>" + b"x" * (300 << 10), []

        def refuse(stop):
            client = self.client(ATTACKER)
            while not stop.is_set():
                answer = client.submit(rubbish)
                if answer.status == 422:
                    records.append(answer.receipt)
                else:
                    self.assertEqual(answer.status, 429)

        with meanwhile(refuse, threads=4):
            eventually(lambda: self.room.metric("clearway_digest_only_total") > 20, "the day's refused bytes are used up")
            before = self.room.metric("clearway_journal_bytes_total")
            taken = len(records)
            self.others_are_served()
            eventually(lambda: len(records) >= taken + 20, "more is refused")
            more = len(records) - taken            # at least; those under way are not counted
            grown = self.room.metric("clearway_journal_bytes_total") - before
        self.assertLess(grown, more * len(rubbish))
        bare = next(receipt for receipt in records if receipt.get("digest_only"))
        whole = next(receipt for receipt in records if not receipt.get("digest_only"))
        self.assertEqual((bare["digest"], bare["size"]), (whole["digest"], whole["size"]))

        client = self.client(ATTACKER)
        self.assertEqual(client.get(f"/v1/messages/{whole['record']}/content").body, rubbish)
        gone = client.get(f"/v1/messages/{bare['record']}/content")
        self.assertEqual((gone.status, gone.json["code"]), (410, "not-kept"))
        self.assertEqual(client.get(f"/v1/messages/{bare['record']}").json["receipt"], bare)
        cat = self.room.here("journal", "cat", "--data-of", str(bare["record"]), code=3)
        self.assertIn("only its digest and verdict", cat.stderr)
        recheck = json.loads(self.room.here("replay", "--recheck", "--json").stdout)
        self.assertGreater(recheck["digest_only"], 0)

    # --- floods of what is taken -------------------------------------------------------------------------------------

    def test_a_flood_over_many_connections(self):
        def flood(stop):
            client = self.client(ATTACKER)
            while not stop.is_set():
                self.assertIn(client.submit(messages.declaration(self.goods(ATTACKER))).status, (202, 429))

        with meanwhile(flood, threads=16):
            self.others_are_served()

    def test_a_pipelined_flood_over_zeromq(self):
        line = self.room.line("TML-QQCT", harness.Received())
        line.deliver = lambda headers, body: None      # it only talks: what writes the flood must not wait for an answer
        self.assertTrue(line.connected.wait(harness.PATIENCE))

        now = datetime.datetime.now(datetime.timezone.utc)

        def flood(stop):
            for count in itertools.count():
                if stop.is_set():
                    break
                line.pipe.send("SUBMIT", {"ref": f"flood-{count}"}, messages.port_event(self.goods(), "DISC", now))

        with meanwhile(flood):
            self.others_are_served()

    def test_a_flood_into_an_outbox(self):
        flood = {f"flood-{count}.xml": messages.declaration(self.goods(ATTACKER)) for count in range(600)}
        own = messages.declaration(self.goods("FWD-QD-01"))
        for name, content in flood.items():
            self.room.drop("CAR-COSU", name, content)          # not a carrier's to send: each is judged, and refused
        self.others_are_served()
        self.room.drop(ATTACKER, "own.xml", own)
        eventually(lambda: self.room.files_of(ATTACKER, "SentBox", "own.xml") is not None, "another folder is served meanwhile")
        eventually(lambda: not self.room.files("CAR-COSU", "OutBox"), "each file of the flood is answered in the end")


if __name__ == "__main__":
    unittest.main()
