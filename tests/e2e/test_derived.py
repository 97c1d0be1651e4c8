"""What is derived is not believed blindly: a state.db that was changed shows nobody what is another's, and is made again."""
import json
import os
import sqlite3
import unittest

import harness
from harness import Received, Room, eventually, messages


class Changed(unittest.TestCase):
    def setUp(self):
        self.room = Room()
        self.addCleanup(self.room.close)
        self.room.start()
        self.received = Received()
        self.room.line("TML-QQCT", self.received)

    def client(self, party):
        client = harness.gateway_client.of_party(self.room.world, party, self.room.ready["machines"])
        self.addCleanup(client.close)
        return client

    def content(self, party, record):
        return self.client(party).get(f"/v1/messages/{record}/content")

    def declare(self, serial):
        goods = messages.Consignment(serial, self.room.world.party("FWD-QD-02").trader)
        message = messages.declaration(goods)
        record = self.client("FWD-QD-02").submit(message, wait=60).receipt["record"]
        eventually(lambda: f"{record}/TML-QQCT" in self.received, "the terminal has it")
        eventually(lambda: self.state_of(record, "TML-QQCT") == "delivered", "and its row says so")
        return record, message

    def state_of(self, record, party):
        rows = json.loads(self.room.here("queue", "--json", "--state", "delivered", code=0).stdout)["deliveries"]
        return next((row["state"] for row in rows if row["id"] == f"{record}/{party}"), "")

    def change(self, sql, *values):
        """As a disk does, or somebody who may not."""
        with sqlite3.connect(self.room.path("data", "state.db"), timeout=30) as base:
            self.assertEqual(base.execute(sql, values).rowcount, 1)
        base.close()

    def wait_until_made_again(self):
        aside = self.room.path("data", "state.db.damaged")
        eventually(lambda: os.path.exists(aside), "it is put aside")
        eventually(lambda: os.path.exists(self.room.path("data", "ready")), "the gateway is ready again")
        self.room.read_ready()
        self.room.starts += 1                      # connections belong to one start

    def test_case_210_a_changed_row_shows_nothing_and_is_mended(self):
        record, message = self.declare(1)
        row = "UPDATE deliveries SET party = 'FWD-QD-01' WHERE record = ? AND party = 'TML-QQCT'"
        self.change(row, record)
        self.assertEqual(self.content("FWD-QD-01", record).status, 404)
        self.wait_until_made_again()
        self.assertEqual(self.room.metric("clearway_state_remade_total"), 1)
        self.assertEqual(self.content("FWD-QD-01", record).status, 404)
        self.assertEqual(self.content("TML-QQCT", record).body, message)
        another, _ = self.declare(2)               # and everything goes on, in the same process
        self.assertEqual(self.content("FWD-QD-01", another).status, 404)
        self.assertEqual(len(self.received.bytes_of(f"{record}/TML-QQCT")), 1)
        found = [json.loads(line) for line in self.room.log().splitlines() if "row-is-not-what-the-journal-says" in line]
        self.assertEqual([(line["table"], line["record"]) for line in found], [("deliveries", record)])
        self.room.stop()


if __name__ == "__main__":
    unittest.main()
