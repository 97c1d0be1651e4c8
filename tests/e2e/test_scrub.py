"""The journal is read again while the gateway runs; and what a power cut tore is told from what was spoilt."""
import json
import os
import unittest

from harness import Room, eventually, messages

PAGE = 4096


class Spoilt(unittest.TestCase):
    def room_of(self, **settings):
        room = Room(settings=settings)
        self.addCleanup(room.close)
        return room.start()

    def declare(self, room, serial):
        message = messages.declaration(messages.Consignment(serial, room.world.party("FWD-QD-02").trader))
        return room.party("FWD-QD-02").submit(message, wait=60).receipt["record"], message

    def content(self, room, record):
        return room.party("FWD-QD-02").get(f"/v1/messages/{record}/content")

    def segment(self, room):
        return room.path("data", "journal", "0000000001.seg")

    def flip(self, room, offset):
        """A bit on the disk changes by itself. Twice is never."""
        with open(self.segment(room), "r+b") as segment:
            segment.seek(offset)
            byte = segment.read(1)[0]
            segment.seek(offset)
            segment.write(bytes([byte ^ 1]))

    def place_of(self, room, content):
        with open(self.segment(room), "rb") as segment:
            return segment.read().index(content) + len(content) // 2

    def events(self, room, event):
        return [json.loads(line) for line in room.log().splitlines() if f'"event":"{event}"' in line]

    def test_case_270_an_old_record_is_spoilt_while_the_gateway_runs(self):
        room = self.room_of(**{"journal.scrub_bytes_s": 256 << 20, "journal.scrub_pause_s": 0})
        record, message = self.declare(room, 1)
        self.assertEqual(room.metric("clearway_journal_damaged_segments"), 0)
        place = self.place_of(room, message)
        self.flip(room, place)
        eventually(lambda: room.metric("clearway_journal_damaged_segments") == 1, "it is found")
        found = self.events(room, "scrub_found_damage")[0]
        self.assertEqual((found["level"], found["segment"], found["record"]), ("error", "0000000001.seg", record))
        self.assertTrue(0 < place - found["offset"] < len(message) + 8192)
        another, its_message = self.declare(room, 2)              # everything else goes on
        self.assertEqual(self.content(room, another).body, its_message)
        self.assertEqual(self.content(room, record).status, 500, "a damaged record is handed out to nobody")
        self.assertEqual(room.monitors().get("/readyz").status, 200)
        self.flip(room, place)                                    # a good copy is put in its place
        eventually(lambda: room.metric("clearway_journal_damaged_segments") == 0, "it is whole again")
        self.assertEqual(self.content(room, another).body, its_message)
        self.assertEqual(self.content(room, record).body, message)
        passed = room.metric("clearway_journal_scrub_passed_timestamp_seconds")
        eventually(lambda: room.metric("clearway_journal_scrub_passed_timestamp_seconds") > passed, "pass after pass")
        room.stop()
        self.assertIn("whole", room.here("journal", "verify", code=0).stdout)

    def is_at_rest(self, room):
        with open(self.segment(room), "rb") as segment:
            segment.seek(-PAGE, os.SEEK_END)
            return segment.read(8) == b"CWRESTED"

    def test_case_273_the_last_record_is_spoilt_after_the_journal_came_to_rest(self):
        """Without the mark this was taken for a torn tail: an acknowledged message was cut."""
        room = self.room_of(**{"delivery.retry_first_ms": 60000, "delivery.retry_max_ms": 60000})          # each try is a record
        _, message = self.declare(room, 1)
        eventually(lambda: self.is_at_rest(room), "nothing comes, so a mark is written")
        room.kill()
        place = self.place_of(room, message)
        self.flip(room, place)
        told = room.here("serve", code=74)
        self.assertIn("journal/0000000001.seg @", told.stderr)
        self.flip(room, place)
        room.start()
        self.assertEqual(room.metric("clearway_journal_cut_bytes"), 0)
        room.stop()


if __name__ == "__main__":
    unittest.main()
