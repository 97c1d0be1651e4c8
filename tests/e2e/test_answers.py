"""Customs' answers, port events, bookings and charges: decided, moved along, and shown to those who may see them."""
import itertools
import unittest
from datetime import datetime, timedelta

import harness
from harness import Received, RoomTest, eventually, messages

NOW = datetime.now(messages.CHINA).replace(microsecond=0)
OPERATOR, OPERATOR_NAME = "QQCT", "青岛前湾集装箱码头"


def next_slot(hour=10):
    """A working day's slot at least two days from now."""
    day = NOW + timedelta(days=2)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0)


class Answers(RoomTest):
    options = {"kafka": True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customs, cls.terminal = Received(), Received()
        cls.room.customs(cls.customs)
        cls.line = cls.room.line("TML-QQCT", cls.terminal)

    def declared(self, forwarder="FWD-QD-01", **options):
        goods = self.goods(forwarder, **options)
        self.accept(forwarder, messages.declaration(goods))
        return goods

    def results(self, goods, channels, start=None):
        start = start or NOW - timedelta(hours=1)
        return {channel: messages.customs_result(goods, channel, start + timedelta(minutes=place)) for place, channel in enumerate(channels)}

    def inbox_of(self, number):
        return [body for name, body in self.room.files("FWD-QD-01", "InBox").items() if name.startswith(f"{number}_")]

    def track(self, party, query, status=200):
        answer = self.room.party(party).track(query)
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def state(self, goods, party="FWD-QD-01"):
        return self.track(party, goods.bill)["consignments"][0]

    def test_answers_in_any_order_find_their_sender(self):
        for order in itertools.permutations(("response", "L", "R")):
            goods = self.declared()
            told = {"response": messages.import_response(goods.client_seq_no, goods.seq_no), **self.results(goods, "LR")}
            sent = {}
            for name in order:
                sent[self.accept("CUS-QD", told[name])["record"]] = told[name]
            for number, message in sent.items():
                eventually(lambda: self.inbox_of(number) == [message], f"{order}: the answer is in the forwarder's InBox")
            declaration = self.state(goods)["declarations"][0]
            self.assertEqual(declaration["state"], "closed", order)
            self.assertEqual(declaration["entry_number"], goods.entry_number)

    def test_answers_before_the_declaration_wait_for_it(self):
        goods = self.goods()
        answer = self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        self.assertEqual(answer["decision"]["result"], "waiting")
        self.accept("FWD-QD-01", messages.declaration(goods))
        eventually(lambda: self.inbox_of(answer["record"]), "it came along with the declaration")

    def test_closed_is_not_undone_by_a_late_release(self):
        goods = self.declared()
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        told = self.results(goods, "LJPR")
        for channel in "RLPJ":
            self.accept("CUS-QD", told[channel])
        self.assertEqual(self.state(goods)["declarations"][0]["state"], "closed")

    def test_the_way_of_an_import(self):
        goods = self.goods()
        start = NOW - timedelta(days=2)
        line = self.line
        eventually(line.connected.is_set, "the terminal's line stands")
        for code, hours in (("ARRI", 0), ("DISC", 6)):
            self.assertEqual(line.submit(messages.port_event(goods, code, start + timedelta(hours=hours)))[0], "RECEIPT")
        self.accept("FWD-QD-01", messages.declaration(goods))
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        for channel, message in self.results(goods, "LJP", start + timedelta(hours=20)).items():
            self.accept("CUS-QD", message)
        self.accept("TML-QQCT", messages.port_event(goods, "GTOT", start + timedelta(hours=30)))
        shown = self.state(goods)
        self.assertEqual(shown["state"], "gate-out", shown)
        codes = [milestone["code"] for milestone in shown["milestones"]]
        for code in ("ARRIVED", "DISCHARGED", "ACCEPTED", "RELEASED", "GATE_OUT"):
            self.assertIn(code, codes)
        for query in (goods.bill, goods.containers[0], goods.client_seq_no, goods.entry_number):
            self.assertEqual(self.track("FWD-QD-01", query)["consignments"][0]["bill"], goods.bill)
        printed = self.room.clearway("track", goods.bill, party="FWD-QD-01", code=0).stdout
        self.assertIn(goods.bill, printed)
        self.assertRegex(printed, r"released +CUS-QD +#")
        chinese = self.room.clearway("track", goods.bill, "--lang", "zh", party="FWD-QD-01", code=0).stdout
        self.assertIn("放行", chinese)

    def test_the_way_of_an_export(self):
        goods = self.goods(direction="E")
        start = NOW - timedelta(days=2)
        self.accept("FWD-QD-01", messages.declaration(goods))
        self.accept("TML-QQCT", messages.port_event(goods, "GTIN", start))
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        for channel, message in self.results(goods, "LJP", start + timedelta(hours=2)).items():
            self.accept("CUS-QD", message)
        for code, hours in (("LOAD", 20), ("DEPA", 30)):
            self.accept("TML-QQCT", messages.port_event(goods, code, start + timedelta(hours=hours)))
        self.assertEqual(self.state(goods)["state"], "departed")

    def test_an_inspection_is_booked_changed_and_held(self):
        goods = self.selected()
        start = next_slot()
        booked = self.accept("FWD-QD-01", messages.booking(goods, start))
        self.assertEqual(booked["decision"]["result"], "done", booked)
        self.assertEqual(booked["decision"]["answer"]["code"], "BOOKED", booked)
        self.assertEqual(self.state(goods)["bookings"][0]["state"], "booked")
        twice = self.accept("FWD-QD-01", messages.booking(goods, start + timedelta(days=7), message_id=f"X-{goods.number}", booking_id=f"X-{goods.number}"))
        self.assertEqual(twice["decision"]["result"], "refused", "one active booking per container")
        self.accept("TML-QQCT", messages.port_event(goods, "POSN", NOW))
        self.accept("TML-QQCT", messages.port_event(goods, "IDON", NOW + timedelta(seconds=1)))
        self.assertEqual(self.state(goods)["bookings"][0]["state"], "done")
        printed = self.room.clearway("track", goods.bill, party="FWD-QD-01", code=0).stdout
        self.assertEqual(len([line for line in printed.splitlines() if "inspection done" in line and "#" in line]), 1, printed)

    def selected(self, forwarder="FWD-QD-01"):
        goods = self.declared(forwarder)
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        for message in self.results(goods, "LJC").values():
            self.accept("CUS-QD", message)
        return goods

    def test_bookings_that_are_refused(self):
        goods, strangers = self.declared(), self.selected("FWD-QD-02")
        not_selected = self.accept("FWD-QD-01", messages.booking(goods, next_slot(10)))
        self.assertEqual(not_selected["decision"]["result"], "refused", not_selected)
        at_night = self.accept("FWD-QD-01", messages.booking(self.selected(), next_slot(3)))
        self.assertEqual(at_night["decision"]["result"], "refused", at_night)
        strangers.declarant = self.room.world.party("FWD-QD-01").trader
        foreign = self.accept("FWD-QD-01", messages.booking(strangers, next_slot(10), message_id="F-1", booking_id="F-1"))
        self.assertEqual(foreign["decision"]["result"], "refused", foreign)

    def test_charges_on_and_off_the_list(self):
        goods = self.declared()
        items = [("STORAGE", "库场使用费", "BOX_DAY", 10), ("TERMINAL_HANDLING", "港口作业包干费", "BOX20", 490)]
        day = f"{NOW:%Y-%m-%d}"
        published = self.accept("TML-QQCT", messages.charge_list(OPERATOR, OPERATOR_NAME, items, at=NOW))
        self.assertEqual(published["decision"]["result"], "done", published)

        def charge(*lines, number):
            note = messages.charge_note(goods, OPERATOR, OPERATOR_NAME, lines, day, message_id=f"N-{goods.number}-{number}")
            return self.room.party("TML-QQCT").submit(note, wait=60)

        listed = charge(("STORAGE", "库场使用费", "BOX_DAY", 3, 10), ("TERMINAL_HANDLING", "港口作业包干费", "BOX20", 1, 490), number=1)
        self.assertEqual(listed.json["decision"]["result"], "done", listed)
        dearer = charge(("STORAGE", "库场使用费", "BOX_DAY", 3, 11), number=2)
        self.assertEqual(dearer.json["decision"]["result"], "refused", dearer)
        unlisted = charge(("WEIGHING", "称重服务费", "BOX", 1, 50), number=3)
        self.assertEqual(unlisted.json["decision"]["result"], "refused", unlisted)
        abolished = charge(("PORT_CONSTRUCTION", "港口建设费", "BOX20", 1, 64), number=4)
        self.assertEqual(abolished.status, 422, abolished)
        self.assertIn("P01", [finding["code"] for finding in abolished.receipt["findings"]])

    def test_in_the_name_of_a_foreign_code_or_port(self):
        goods = self.goods()
        cases = [("YRD-QD-01", messages.charge_list(OPERATOR, OPERATOR_NAME, [("STORAGE", "库场使用费", "BOX_DAY", 10)], message_id="Y-1")),
                 ("TML-QQCT", messages.port_event(goods, "DISC", NOW, port="CNTXG")),
                 ("FWD-QD-02", messages.booking(goods, next_slot()))]
        for party, message in cases:
            answer = self.room.party(party).submit(message)
            self.assertEqual(answer.status, 422, (party, answer))

    def test_a_wrong_party_sees_nothing(self):
        """Another forwarder declares the same bill of lading: it sees its own declaration and nothing else."""
        goods = self.declared("FWD-QD-01")
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        for message in self.results(goods, "LJP").values():
            self.accept("CUS-QD", message)
        self.accept("TML-QQCT", messages.port_event(goods, "DISC", NOW - timedelta(hours=3)))
        before = self.room.party("FWD-QD-02").track(goods.bill)
        nowhere = self.room.party("FWD-QD-02").track("COSU6999999999")
        self.assertEqual((before.status, before.body), (404, nowhere.body))

        stranger = self.room.world.party("FWD-QD-02").trader
        thief = messages.Consignment(900000 + goods.number, stranger)
        thief.bill = goods.bill
        thief.containers = goods.containers
        self.accept("FWD-QD-02", messages.declaration(thief))
        seen = self.track("FWD-QD-02", goods.bill)
        told = str(seen)
        for secret in (goods.client_seq_no, goods.seq_no, goods.entry_number, "FWD-QD-01", "RELEASED", "DISCHARGED", "released", "discharged"):
            self.assertNotIn(secret, told, f"FWD-QD-02 sees {secret}")
        self.assertEqual(self.room.party("FWD-QD-02").track(goods.entry_number).status, 404)
        self.assertEqual(self.room.party("FWD-QD-02").track(goods.client_seq_no).status, 404)
        mine = self.state(goods)
        self.assertEqual([d["entry_number"] for d in mine["declarations"]], [goods.entry_number])
        everything = self.track("OFC-QD", goods.bill)["consignments"][0]
        self.assertEqual(len(everything["declarations"]), 2)

    def test_each_sees_its_part(self):
        goods = self.declared()
        for party in ("CUS-QD", "TML-QQCT", "CAR-COSU", "OFC-QD"):
            self.assertEqual(self.track(party, goods.bill)["consignments"][0]["bill"], goods.bill, party)
        self.track("YRD-QD-01", goods.bill, status=404)


if __name__ == "__main__":
    unittest.main()
