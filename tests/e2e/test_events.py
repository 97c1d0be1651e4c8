"""What happens, as it happens, over HTTP: server-sent events of the asking party, without a gap or a repeat over any restart."""
import contextlib
import http.client
import json
import time
import unittest
from datetime import datetime

from harness import PATIENCE, Room, RoomTest, eventually, messages


class Stream:
    """An open stream of events, as a browser's EventSource reads it."""

    def __init__(self, room, party, query="", last=None, waits=False):
        """waits: it asks later."""
        client = room.party(party)
        self.connection = http.client.HTTPSConnection("localhost", client.port, context=client.context, timeout=PATIENCE)
        self.connection.connect()
        self.asked = "/v1/events" + query, {"Last-Event-ID": last} if last else {}
        # Without a place it begins with what is told from now on, and that may be what was decided before.
        self.before = 0 if last or "after=" in query else int(room.metric("clearway_engine_position_number"))
        if not waits:
            self.ask()

    def ask(self):
        path, headers = self.asked
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()
        self.last = None
        if self.answer.status == 200:
            assert self.answer.headers["Content-Type"] == "text/event-stream"
            self.block()          # where it begins
            if self.before > 0:
                self.last = str(max(int(self.last), self.before))

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.connection.close()

    def block(self):
        """The next block of lines, as {field: value}; None: the stream has ended."""
        fields = {}
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if not line:
                break
            name, _, value = line.partition(": ")
            fields[name] = value
        self.last = fields.get("id", self.last)
        return fields or None

    def event(self):
        while True:
            block = self.block()
            if block is None or "data" in block and int(block["id"].split("-")[0]) > self.before:
                return block and json.loads(block["data"])

    def events(self, count):
        return [self.event() for _ in range(count)]


class Events(RoomTest):
    def declare(self, party="FWD-QD-01"):
        goods = self.goods(party)
        return goods, self.accept(party, messages.declaration(goods))["record"]

    def decided(self, number, party="FWD-QD-01"):
        """The record of what was decided of that message."""
        path = f"/v1/messages/{number}"
        return eventually(lambda: self.room.party(party).get(path).json.get("decision"), f"{number} is decided")["record"]

    def test_an_event_within_a_decision_is_a_place_too(self):
        _, record = self.declare()
        with Stream(self.room, "FWD-QD-01", f"?after={record - 1}") as stream:
            events = stream.events(2)
        self.assertEqual([event["type"].split(".")[2] for event in events], ["decision", "milestone"])
        with Stream(self.room, "FWD-QD-01", last=events[0]["id"]) as stream:
            self.assertEqual(stream.event(), events[1])

    def test_case_883_a_place_before_the_first_record_is_the_beginning(self):
        self.declare()
        with Stream(self.room, "FWD-QD-01", last="0") as stream:
            first = stream.event()
        for place in ("0-0", "0-5"):
            with Stream(self.room, "FWD-QD-01", last=place) as stream:
                self.declare()                                  # who waits for what is new hears of this one first
                self.assertEqual(stream.event(), first)

    def test_case_879_who_is_sent_a_decision_hears_of_it_here_too(self):
        """It was told over ZeroMQ and Kafka (case 866), and left out of the stream as the fate of another's message."""
        goods = self.goods("FWD-QD-01")
        with Stream(self.room, "CUS-QD", "?type=decision") as stream, Stream(self.room, "FWD-QD-02", "?type=decision") as others:
            record = self.accept("FWD-QD-01", messages.dangerous_goods(goods, True, datetime.now(messages.CHINA)))["record"]
            event = stream.event()
            self.assertEqual((event["subject"], event["data"]["record"], event["data"]["party"], event["data"]["code"]),
                             (f"CNQDG/{goods.bill}", record, "", "DG-SELECTED"))
            self.declare("FWD-QD-02")
            self.assertEqual(others.event()["data"]["party"], "FWD-QD-02", "who is sent nothing hears nothing")

    def test_case_893_who_is_handed_a_message_hears_that_it_came(self):
        """The list of dangerous goods of customs and the maritime administration did not move: nothing in it is a milestone."""
        goods = self.goods("FWD-QD-01")
        with Stream(self.room, "CUS-QD", "?type=message") as stream, Stream(self.room, "FWD-QD-02", "?type=message") as others:
            record = self.accept("FWD-QD-01", messages.dangerous_goods(goods, False, datetime.now(messages.CHINA)))["record"]
            event = stream.event()
            self.assertEqual((event["type"], event["subject"], event["data"]),
                             ("clearway.event.message.v1", f"CNQDG/{goods.bill}", {"record": record, "family": "dangerous-goods"}))
            customs = self.room.party("CUS-QD")
            self.assertEqual(customs.get(f"/v1/messages/{record}").status, 200, "and may read it")
            self.assertIn(record, [row["record"] for row in customs.get("/v1/dangerous?limit=1000").json["dangerous_goods"]])
            again = self.accept("CUS-QD", messages.import_response(*self.answered("FWD-QD-02")))["record"]
            self.assertEqual(others.event()["data"]["record"], again, "of what is handed to others nothing is told")

    def answered(self, party):
        goods, _ = self.declare(party)
        return goods.client_seq_no, goods.seq_no

    def test_each_party_hears_of_its_own_messages(self):
        with Stream(self.room, "FWD-QD-01") as mine, Stream(self.room, "FWD-QD-01") as mine_too, Stream(self.room, "FWD-QD-02") as others:
            goods, record = self.declare()
            other_goods, other_record = self.declare("FWD-QD-02")
            for stream in (mine, mine_too):
                event = stream.event()
                self.assertEqual((event["type"], event["subject"], event["data"]["record"]),
                                 ("clearway.event.decision.v1", f"CNQDG/{goods.bill}", record))
                self.assertEqual(stream.last, event["id"])
            self.assertEqual(others.event()["data"]["record"], other_record, "and nothing of what the other sent")

    def test_case_912_many_streams_are_each_told_everything_once(self):
        """They are told in rounds, and who reads late catches up."""
        with contextlib.ExitStack() as streams:
            some, late = ([streams.enter_context(Stream(self.room, "FWD-QD-01", "?type=decision")) for _ in range(count)] for count in (40, 3))
            records = []
            for _ in range(3):
                records += [self.declare()[1] for _ in range(4)]
                for stream in some:
                    self.assertEqual([event["data"]["record"] for event in stream.events(4)], records[-4:])
            for stream in late:
                self.assertEqual([event["data"]["record"] for event in stream.events(len(records))], records)

    def test_case_948_many_come_back_to_many_places_behind_a_restart(self):
        """What the journal says to one goes to all near it: to each what stands behind its own place."""
        numbers = [self.declare()[1] for _ in range(6)]
        places = [str(numbers[0] - 1)] + [str(self.decided(number)) for number in numbers]
        self.room.stop()
        self.room.start()
        with contextlib.ExitStack() as streams:
            back = [(place, streams.enter_context(Stream(self.room, "FWD-QD-01", "?type=decision", last=places[place], waits=True)))
                    for place in [number % len(places) for number in range(50)]]
            for _, stream in back:
                stream.ask()
            numbers.append(self.declare()[1])
            for place, stream in back:
                self.assertEqual([event["data"]["record"] for event in stream.events(len(numbers) - place)], numbers[place:])

    def test_case_924_who_comes_while_others_are_told_is_told_too(self):
        """Mostly at once, and not with the next beat, up to 15 s later."""
        waited = []
        with contextlib.ExitStack() as streams:
            there = [streams.enter_context(Stream(self.room, "FWD-QD-01", "?type=decision")) for _ in range(250)]
            for _ in range(24):
                place = self.declare()[1] - 1
                coming = [streams.enter_context(Stream(self.room, "FWD-QD-01", last=str(place), waits=True)) for _ in range(6)]
                last = self.declare()[1]
                begin = time.monotonic()
                for stream in coming:
                    stream.ask()
                for stream in there:
                    while stream.event()["data"]["record"] != last:
                        pass
                usual = time.monotonic()
                for stream in coming:
                    stream.event()
                waited.append((time.monotonic() - usual, usual - begin))
        self.assertLess(sum(more > 4 + usual for more, usual in waited), 6, waited)

    def test_who_comes_back_misses_nothing_and_hears_nothing_twice(self):
        with Stream(self.room, "FWD-QD-01", "?type=decision") as stream:
            begin = stream.last
            records = [self.declare()[1] for _ in range(4)]
            ids = [stream.event()["id"] for _ in records]
        for place, last in enumerate([begin] + ids):
            with Stream(self.room, "FWD-QD-01", "?type=decision", last) as again:
                record = self.declare()[1]
                records.append(record)
                self.assertEqual([event["data"]["record"] for event in again.events(len(records) - place)], records[place:])
        with Stream(self.room, "FWD-QD-01", f"?type=decision&after={ids[1]}") as asked:
            self.assertEqual([event["data"]["record"] for event in asked.events(len(records) - 2)], records[2:])

    def test_only_what_was_asked_for(self):
        goods, later = self.goods(), self.goods()
        with Stream(self.room, "FWD-QD-01", f"?subject=CNQDG/{later.bill}") as of_goods, Stream(self.room, "FWD-QD-01", "?port=CNYTG") as elsewhere, \
                Stream(self.room, "FWD-QD-01", "?type=milestone&port=CNQDG") as milestones:
            first, second = (self.accept("FWD-QD-01", messages.declaration(each))["record"] for each in (goods, later))
            self.assertEqual(of_goods.event()["data"]["record"], second)
            self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
            self.accept("CUS-QD", messages.customs_result(goods, "P", datetime.now(messages.CHINA)))
            told = [(event["subject"], event["data"]["code"]) for event in milestones.events(3)]
            self.assertEqual(told, [(f"CNQDG/{goods.bill}", "DECLARED"), (f"CNQDG/{later.bill}", "DECLARED"), (f"CNQDG/{goods.bill}", "RELEASED")])
            elsewhere.connection.sock.settimeout(0.2)
            self.assertRaises(TimeoutError, elsewhere.event)
            self.assertLess(first, second)

    def test_by_the_family_of_the_message_that_tells_it(self):
        """A replay is narrowed as what comes is."""
        goods = self.goods()
        with Stream(self.room, "FWD-QD-01", "?family=customs-response") as answers:
            begin = answers.last
            self.accept("FWD-QD-01", messages.declaration(goods))
            self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
            self.accept("CUS-QD", messages.customs_result(goods, "P", datetime.now(messages.CHINA)))
            heard = answers.events(3)               # two answers that it is handed, and what the second one proves
            self.assertEqual([event["type"].split(".")[2] for event in heard], ["message", "milestone", "message"])
            self.assertEqual({(event["data"]["family"], event["subject"]) for event in heard}, {("customs-response", f"CNQDG/{goods.bill}")})
            self.assertEqual(heard[1]["data"]["code"], "RELEASED")
        with Stream(self.room, "FWD-QD-01", "?family=customs-response", begin) as again:
            self.assertEqual(again.events(3), heard)
        with Stream(self.room, "FWD-QD-01", "?family=declaration", begin) as others:
            self.assertEqual([event["data"]["family"] for event in others.events(2)], ["declaration"] * 2)

    def test_while_nothing_happens_the_place_is_told(self):
        """Who comes back to it is not told anew what was nothing to it, and misses nothing."""
        with Stream(self.room, "FWD-QD-02") as stream:
            last = [self.declare()[1] for _ in range(3)][-1]
            while int(stream.last.split("-")[0]) <= last:
                self.assertFalse("data" in stream.block() and int(stream.last.split("-")[0]) > stream.before, "no event")
            place = stream.last
        with Stream(self.room, "FWD-QD-02", last=place) as stream:
            _, record = self.declare("FWD-QD-02")
            self.assertEqual(stream.event()["data"]["record"], record)

    def test_a_place_that_is_none(self):
        for last in ("x", "1-", "1-x", "-1", "99999999", "1;2"):
            with Stream(self.room, "FWD-QD-01", last=last) as stream:
                self.assertEqual((stream.answer.status, json.loads(stream.answer.read())["code"]), (400, "no-event"), last)
        with Stream(self.room, "FWD-QD-01", "?type=x") as stream:
            self.assertEqual((stream.answer.status, json.loads(stream.answer.read())["code"]), (400, "event-type"))


class Restarts(unittest.TestCase):
    def test_over_restarts(self):
        with Room() as room:
            room.start()
            trader = room.world.party("FWD-QD-01").trader
            told, sent, last = [], [], None
            for number in range(3):
                with Stream(room, "FWD-QD-01", "?type=decision", last) as stream:
                    for serial in range(1, 4):
                        goods = messages.Consignment(number * 10 + serial, trader)
                        sent.append(room.party("FWD-QD-01").submit(messages.declaration(goods), wait=60).json["record"])
                    told += [event["data"]["record"] for event in stream.events(2 if number < 2 else len(sent) - len(told))]
                    last = stream.last
                    if number == 0:
                        room.stop()
                        while stream.event():          # what it had still to say
                            pass
                    elif number == 1:
                        room.kill()
                if number < 2:
                    room.start()
            self.assertEqual(told, sent)
            room.stop()


if __name__ == "__main__":
    unittest.main()
