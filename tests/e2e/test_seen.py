"""Ids that are free again: what the engine refused may be mended under its id, or decided again when its sender says so."""
import os
import time
import unittest
from datetime import datetime, timedelta

from harness import Room, RoomTest, eventually, messages

NOW = datetime.now(messages.CHINA).replace(microsecond=0)
OPERATOR, OPERATOR_NAME = "QQCT", "青岛前湾集装箱码头"
FORWARDER = "FWD-QD-01"


def a_slot(hour):
    day = NOW + timedelta(days=3)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0)


def without_summary(goods, **options):
    """A complete declaration whose summary was never declared: the engine refuses it (T01)."""
    return messages.declaration(goods, step="6", entry_number=goods.entry_number, **options)


class Seen(RoomTest):
    def setUp(self):
        self.forwarder = self.room.party(FORWARDER)

    def submit(self, message, party=FORWARDER, again=False):
        """The message's number, and the result of the decision about it."""
        path = "/v1/messages" + ("?again=1" if again else "")
        answer = self.room.party(party).ask("POST", path, message, {"Content-Type": "application/xml", "Prefer": "wait=60"})
        self.assertEqual(answer.status, 200, answer)
        return answer.json["record"], answer.json["decision"]["result"]

    def conflict(self, message, party=FORWARDER):
        answer = self.room.party(party).submit(message)
        self.assertEqual(answer.status, 409, answer)
        return answer.receipt

    # Case 02.
    def test_a_refused_declaration_is_mended_under_its_id(self):
        goods = self.goods()
        refused, mended = without_summary(goods), messages.declaration(goods)
        first, result = self.submit(refused)
        self.assertEqual(result, "refused")
        shown = self.forwarder.find(goods.client_seq_no).json
        self.assertEqual((shown["record"], shown["decision"]["result"]), (first, "refused"))
        second, result = self.submit(mended)
        self.assertEqual(result, "done")
        self.assertNotEqual(second, first)
        self.assertEqual(self.submit(refused), (first, "refused"), "the same bytes: their first receipt")
        self.assertEqual(self.submit(mended), (second, "done"))
        self.assertEqual(self.forwarder.find(goods.client_seq_no).json["record"], second, "?id= shows the holder")
        self.assertEqual(self.conflict(messages.declaration(goods, note="other"))["conflicts"], second)
        self.assertEqual(self.forwarder.find(goods.client_seq_no).json["record"], second)

    def test_conflicts_with_what_was_refused_end_with_it(self):
        goods = self.goods()
        first, _ = self.submit(without_summary(goods))
        mended = messages.declaration(goods)
        second, _ = self.submit(mended)
        other = messages.declaration(goods, note="other")
        number = self.conflict(other)["record"]
        self.assertEqual(self.conflict(other)["record"], number, "recorded once")
        self.assertEqual(self.forwarder.get(f"/v1/messages/{first}").json["decision"]["result"], "refused")

    # The slot has two places; a cancelled one is free again, which changes nothing for bytes that were refused, until
    # their sender asks for it.
    def test_a_booking_for_a_full_slot(self):
        slot, bookings = a_slot(10), []
        for _ in range(3):
            goods = self.goods()
            self.accept(FORWARDER, messages.declaration(goods))
            self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
            for place, channel in enumerate("LJC"):
                self.accept("CUS-QD", messages.customs_result(goods, channel, NOW - timedelta(hours=1, minutes=-place)))
            bookings.append((goods, messages.booking(goods, slot, mode="SHIPSIDE")))
        self.assertEqual([self.submit(message)[1] for _, message in bookings], ["done", "done", "refused"])
        goods, full = bookings[2]
        first, _ = self.submit(full)
        self.assertEqual(self.submit(full, again=True)[1], "refused", "still full")
        cancel = messages.booking(bookings[0][0], slot, action="CANCEL")
        self.assertEqual(self.submit(cancel)[1], "done")
        second, result = self.submit(full)
        self.assertEqual(result, "refused", "its receipt, and what was decided then")
        third, result = self.submit(full, again=True)
        self.assertEqual(result, "done")
        self.assertLess(second, third)
        self.assertEqual(self.submit(full, again=True), (third, "done"), "taken only after a refusal")

    def test_a_refused_booking_is_mended(self):
        goods = self.goods()
        self.accept(FORWARDER, messages.declaration(goods))
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        for place, channel in enumerate("LJC"):
            self.accept("CUS-QD", messages.customs_result(goods, channel, NOW - timedelta(hours=1, minutes=-place)))
        at_night, by_day = messages.booking(goods, a_slot(4)), messages.booking(goods, a_slot(14))
        first, result = self.submit(at_night)
        self.assertEqual(result, "refused")
        second, result = self.submit(by_day)
        self.assertEqual(result, "done")
        self.assertEqual(self.submit(at_night)[0], first)

    def test_a_charge_note_dearer_than_its_list_is_mended(self):
        goods = self.goods()
        self.accept(FORWARDER, messages.declaration(goods))
        items = [("STORAGE", "库场使用费", "BOX_DAY", 10)]
        self.accept("TML-QQCT", messages.charge_list(OPERATOR, OPERATOR_NAME, items, at=NOW))

        def note(price):
            lines = [("STORAGE", "库场使用费", "BOX_DAY", 3, price)]
            return messages.charge_note(goods, OPERATOR, OPERATOR_NAME, lines, f"{NOW:%Y-%m-%d}", message_id=f"N-{goods.number}")
        first, result = self.submit(note(11), "TML-QQCT")
        self.assertEqual(result, "refused")
        second, result = self.submit(note(10), "TML-QQCT")
        self.assertEqual(result, "done")
        self.assertEqual(self.conflict(note(9), "TML-QQCT")["conflicts"], second)
        self.assertEqual(self.submit(note(11), "TML-QQCT"), (first, "refused"))

    def test_the_command_asks_again(self):
        goods = self.goods()
        path = self.room.path("again.xml")
        with open(path, "wb") as file:
            file.write(without_summary(goods))

        def submit(*arguments, code):
            return self.room.clearway("submit", "--wait", "30", *arguments, path, party=FORWARDER, code=code).stdout
        first = submit(code=1)
        self.assertEqual(submit(code=1), first)
        again = submit("--again", code=1)
        self.assertNotEqual(again, first)
        self.assertEqual(submit(code=1), again, "the receipt of the newest")
        self.assertNotEqual(submit("--again", "--format", "cn-dec", code=1), again)
        for value in ("0", "2", "yes", "11"):
            answer = self.forwarder.ask("POST", f"/v1/messages?again={value}", b"<a/>", {"Content-Type": "application/xml"})
            self.assertEqual((answer.status, answer.json["code"]), (400, "again"))

    # A file that was taken is read again after a crash, when its id is another's already: its own first receipt.
    def test_kills_and_starts(self):
        with Room() as room:
            room.start()
            goods = [messages.Consignment(n, room.world.party(FORWARDER).trader) for n in range(1, 9)]
            first, holder = {}, {}
            for one in goods:
                answer = room.party(FORWARDER).submit(without_summary(one), wait=60).json
                self.assertEqual(answer["decision"]["result"], "refused")
                first[one.number] = answer["record"]
                if one.number % 2:
                    holder[one.number] = room.party(FORWARDER).submit(messages.declaration(one), wait=60).json["record"]
            for way in ("killed", "stopped", "without its table"):
                if way == "killed":
                    room.kill()
                else:
                    room.stop()
                if way == "without its table":
                    for ending in ("", "-wal", "-shm"):
                        table = room.path("data", "seen.db" + ending)
                        if os.path.exists(table):
                            os.unlink(table)
                for one in goods[:2]:
                    room.drop(FORWARDER, f"{way[:4]}-{one.number}.xml", without_summary(one))
                room.start()
                eventually(lambda: not room.files(FORWARDER, "OutBox"), "the files are taken")
                names = room.files(FORWARDER, "InBox")
                for one in goods[:2]:
                    receipts = [body for name, body in names.items() if name.startswith(f"Successed_{way[:4]}-{one.number}")]
                    self.assertEqual(len(receipts), 1, names.keys())
                    self.assertIn(f"记录号 {first[one.number]}，".encode(), receipts[0])
                for one in goods:
                    again = room.party(FORWARDER).submit(without_summary(one), wait=60).json
                    self.assertEqual(again["record"], first[one.number], way)
                    found = room.party(FORWARDER).find(one.client_seq_no).json["record"]
                    self.assertEqual(found, holder.get(one.number, first[one.number]))
                    if one.number % 2:
                        conflict = room.party(FORWARDER).submit(messages.declaration(one, note=way)).receipt
                        self.assertEqual((conflict["verdict"], conflict["conflicts"]), ("conflict", holder[one.number]))
            for one in goods:
                answer = room.party(FORWARDER).submit(messages.declaration(one), wait=60).json
                self.assertEqual(answer["decision"]["result"], "done")
                self.assertEqual(answer["record"], holder.get(one.number, answer["record"]))
            room.stop()
            room.here("replay", "--rebuild", code=0)
            room.here("journal", "verify", code=0)

    # Case 151, from outside: one bit of seen.db, at rest.
    def test_a_flipped_bit_gives_nobody_anothers_receipt(self):
        with Room() as room:
            room.start()
            first = {}
            for party in (FORWARDER, "FWD-QD-02"):
                for n in range(1, 4):
                    goods = messages.Consignment(n if party == FORWARDER else 100 + n, room.world.party(party).trader)
                    message = messages.declaration(goods)
                    first[party, message] = room.party(party).submit(message, wait=60).json["record"]
            room.stop()
            table = room.path("data", "seen.db")
            with open(table, "rb") as file:
                good = file.read()
            self.assertEqual(os.stat(table).st_mode & 0o777, 0o600)
            for offset in range(5000, len(good), 997):
                with open(table, "r+b") as file:
                    file.write(good)
                    file.seek(offset)
                    file.write(bytes([good[offset] ^ 0x10]))
                room.start()
                for (party, message), number in first.items():
                    answer = room.party(party).submit(message)
                    while answer.status == 503:                    # this very question found it
                        time.sleep(0.01)
                        answer = room.party(party).submit(message)
                    self.assertEqual((answer.status, answer.receipt["record"]), (202, number))
                room.stop()
                with open(table, "rb") as file:
                    good = file.read()


if __name__ == "__main__":
    unittest.main()
