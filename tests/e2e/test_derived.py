"""What is derived is not believed blindly: a state.db that was changed shows nobody what is another's, and is made again."""
import json
import os
import sqlite3
import unittest
from datetime import datetime

import harness
from harness import Received, Room, eventually, messages


class Changed(unittest.TestCase):
    def start(self, **settings):
        self.room = Room(settings=settings)
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
        self.start(**{"state.audit_rows_s": 0})    # or the audit may find it first
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
        found = [json.loads(line) for line in self.room.log().splitlines() if '"row_differs"' in line]
        self.assertEqual([(line["table"], line["record"]) for line in found], [("deliveries", record)])
        self.room.stop()


    def test_case_265_a_row_that_hides_something_is_found_while_it_runs_and_at_the_start(self):
        """Nobody asks for what is not there: only the audit finds that a row is gone, or says something else."""
        self.start()
        record, _ = self.declare(1)
        rows = self.room.path("data", "state.db")
        eventually(lambda: self.room.metric("clearway_state_checked_timestamp_seconds") > 0, "all of it was checked")
        self.change("DELETE FROM deliveries WHERE record = ? AND party = 'TML-QQCT'", record)
        self.wait_until_made_again()
        self.assertEqual(self.state_of(record, "TML-QQCT"), "delivered")
        self.assertEqual(len(self.received.bytes_of(f"{record}/TML-QQCT")), 1)
        self.declare(2)                            # and everything goes on, in the same process
        self.assertEqual(self.room.metric("clearway_state_remade_total"), 1)
        self.assertGreater(self.room.metric("clearway_state_rows_checked_total"), 0)
        self.room.stop()

        os.unlink(rows + ".damaged")               # another day, while it is down
        with sqlite3.connect(rows) as base:        # from the log beside it into the file itself
            base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        base.close()
        with open(rows, "r+b") as file:            # one byte of a delivery's family
            at = file.read().index(b"declarationdelivered") + 3
            file.seek(at)
            file.write(b"m")
        self.room.start(wait=False)
        self.wait_until_made_again()
        self.assertEqual(self.room.metric("clearway_state_remade_total"), 1)
        self.assertEqual(self.state_of(record, "TML-QQCT"), "delivered")
        found = [json.loads(line) for line in self.room.log().splitlines() if '"table_differs"' in line]
        self.assertEqual(found[0]["table"], "deliveries")
        self.assertGreaterEqual(len(found), 2)
        self.room.stop()

    def test_case_363_a_byte_of_the_file_is_spoilt_while_nobody_writes(self):
        """SQLite keeps the pages it read as long as nothing is written: the audit saw those, and not the file."""
        self.start()
        self.declare(1)
        rows = self.room.path("data", "state.db")
        base = sqlite3.connect(rows, timeout=30)   # from the log beside it into the file itself
        self.assertEqual(base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0], 0)
        base.close()
        checked = self.room.metric("clearway_state_rows_checked_total")
        eventually(lambda: self.room.metric("clearway_state_rows_checked_total") > checked + 300, "its pages were read since")
        with open(rows, "r+b") as file:            # one byte of a delivery's family
            file.seek(file.read().index(b"declarationdelivered") + 3)
            file.write(b"m")
        self.wait_until_made_again()
        self.room.stop()


class Owner(unittest.TestCase):
    """A decision stands for ever: what was decided from a spoilt row no rebuild takes back. So whose something is, is
    compared before, and does not wait for the audit, which is off here."""
    def setUp(self):
        self.room = Room(settings={"state.audit_rows_s": 0})
        self.addCleanup(self.room.close)
        self.room.start()

    def client(self, party):
        client = harness.gateway_client.of_party(self.room.world, party, self.room.ready["machines"])
        self.addCleanup(client.close)
        return client

    def declare(self):
        goods = messages.Consignment(1, self.room.world.party("FWD-QD-02").trader)
        self.assertEqual(self.client("FWD-QD-02").submit(messages.declaration(goods), wait=60).status, 200)
        return goods

    def change(self, sql):
        with sqlite3.connect(self.room.path("data", "state.db"), timeout=30) as base:
            self.assertGreater(base.execute(sql).rowcount, 0)
        base.close()

    def goes_to_its_owner_alone(self, party, message, table):
        """The message is decided after the table was made again, and another party never sees it."""
        record = self.client(party).submit(message).receipt["record"]
        aside = self.room.path("data", "state.db.damaged")
        eventually(lambda: os.path.exists(aside), "it is put aside")
        eventually(lambda: os.path.exists(self.room.path("data", "ready")), "the gateway is ready again")
        self.room.read_ready()
        self.room.starts += 1
        eventually(self.room.decided, "it is decided")
        self.assertEqual(self.client("FWD-QD-02").get(f"/v1/messages/{record}/content").body, message)
        self.assertEqual(self.client("FWD-QD-01").get(f"/v1/messages/{record}/content").status, 404)
        self.assertNotIn("FWD-QD-01", self.room.here("journal", "cat", "--json", "--kind", "decision", code=0).stdout)
        found = [json.loads(line)["table"] for line in self.room.log().splitlines() if '"row_differs"' in line]
        self.assertEqual(found, [table])
        self.room.stop()

    def test_case_360_an_answer_of_customs_for_a_declaration_whose_row_names_another_party(self):
        goods = self.declare()
        self.change("UPDATE declarations SET party = 'FWD-QD-01'")
        self.goes_to_its_owner_alone("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no), "declarations")

    def test_case_361_an_answer_of_customs_whose_number_is_linked_to_another_party(self):
        goods = self.declare()
        answer = messages.import_response(goods.client_seq_no, goods.seq_no)
        self.assertEqual(self.client("CUS-QD").submit(answer, wait=60).status, 200)
        self.change("UPDATE links SET declaration = replace(declaration, 'FWD-QD-02', 'FWD-QD-01')")
        self.goes_to_its_owner_alone("CUS-QD", messages.customs_result(goods, "L", datetime.now(messages.CHINA)), "links")

    def test_case_362_an_event_of_a_consignment_whose_holder_became_another_party(self):
        goods, now = self.declare(), datetime.now(messages.CHINA)
        answers = [messages.import_response(goods.client_seq_no, goods.seq_no)]
        answers += [messages.customs_result(goods, channel, now) for channel in "LJ"]
        for answer in answers:
            self.assertEqual(self.client("CUS-QD").submit(answer, wait=60).status, 200)
        self.change("UPDATE holds SET party = 'FWD-QD-01'")
        self.goes_to_its_owner_alone("TML-QQCT", messages.port_event(goods, "DISC", now), "holds")


class Cut(unittest.TestCase):
    def test_case_211_what_an_unclean_stop_left_unfinished_is_a_warning_with_its_count(self):
        """A batch that a power cut tore: begun behind the last record, and never acknowledged."""
        with Room() as room:
            room.start()
            self.assertEqual(room.metric("clearway_journal_cut_bytes"), 0)
            room.kill()
            segments = sorted(name for name in os.listdir(room.path("data", "journal")) if name.endswith(".seg"))
            with open(room.path("data", "journal", segments[0]), "r+b") as segment:
                end = len(segment.read()[:1 << 20].rstrip(bytes(1)))      # far from the seal
                segment.seek((end + 7) // 8 * 8)
                segment.write(b"CWR1" + b"half a record")
            verified = json.loads(room.here("journal", "verify", "--json", code=0).stdout)
            self.assertEqual((verified["whole"], verified["torn_bytes"], verified["torn_records"]), (True, 17, 0))
            room.start()
            cut = [json.loads(line) for line in room.log().splitlines() if "tail_cut" in line]
            self.assertEqual([(line["level"], line["bytes"], line["whole_records"]) for line in cut], [("warn", 17, 0)])
            self.assertEqual(room.metric("clearway_journal_cut_bytes"), 17)
            self.assertEqual(room.metric("clearway_journal_cut_records"), 0)
            room.stop()


if __name__ == "__main__":
    unittest.main()
