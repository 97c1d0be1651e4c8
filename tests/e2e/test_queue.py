"""Destinations that are dead: they delay nobody, are tried again, parked with a reason, re-driven, and survive a restart."""
import json
import struct
import unittest

from harness import HeldThread, Received, Room, eventually, messages


class Queue(unittest.TestCase):
    def make(self, **settings):
        self.room = Room(kafka=True, settings=settings)
        self.addCleanup(self.room.close)
        self.customs, self.terminal = Received(), Received()
        self.serial = 0
        return self.room

    def submit(self):
        self.serial += 1
        message = messages.declaration(messages.Consignment(self.serial, self.room.world.party("FWD-QD-01").trader))
        answer = self.room.party("FWD-QD-01").submit(message, wait=60)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["record"], message

    def queue(self, *arguments):
        return json.loads(self.room.here("queue", "--json", *arguments, code=0).stdout)

    def rows(self, *arguments):
        return {row["id"]: row for row in self.queue(*arguments)["deliveries"]}

    def test_a_dead_destination_delays_nobody_and_retries_survive_a_restart(self):
        room = self.make()
        room.start()
        room.customs(self.customs)
        sent = dict(self.submit() for _ in range(20))
        for number, message in sent.items():
            eventually(lambda: self.customs.bytes_of(f"{number}/CUS-QD") == [message], "customs is not delayed by a dead terminal")
        eventually(lambda: len(room.files("CAR-COSU", "InBox")) == 20, "nor is the carrier")
        waiting = eventually(lambda: {i: r for i, r in self.rows().items() if r["reason"]}, "the queue tells why")
        eventually(lambda: {row["party"] for row in self.rows().values()} == {"TML-QQCT"}, "only the terminal's deliveries wait")
        self.assertEqual(len(self.rows()), 20)
        self.assertTrue(all(row["state"] == "waiting" for row in waiting.values()))
        printed = room.here("queue", code=0).stdout
        self.assertIn("TML-QQCT", printed)
        gauge = 'clearway_deliveries_%s{party="TML-QQCT",state="waiting"}'
        self.assertEqual(room.metric(gauge % "open"), 20)
        eventually(lambda: room.metric(gauge % "oldest_seconds") >= 1, "how long the oldest waits is told")
        room.stop()
        self.assertEqual(len(self.rows()), 20)
        room.start()
        self.assertEqual(len(self.rows()), 20)
        self.assertEqual(room.metric(gauge % "open"), 20)
        self.assertGreaterEqual(room.metric(gauge % "oldest_seconds"), 1)
        room.line("TML-QQCT", self.terminal)
        for number, message in sent.items():
            eventually(lambda: f"{number}/TML-QQCT" in self.terminal, "the terminal came back and has it")
            self.assertEqual(set(self.terminal.bytes_of(f"{number}/TML-QQCT")), {message})
        eventually(lambda: not self.queue()["totals"], "the queue is empty")

    def test_a_broker_that_goes_and_comes_back(self):
        room = self.make()
        room.start()
        room.line("TML-QQCT", self.terminal)
        room.customs(self.customs)
        first, _ = self.submit()
        eventually(lambda: f"{first}/CUS-QD" in self.customs, "customs has the first")
        room.broker.order("down")
        second, message = self.submit()
        eventually(lambda: f"{second}/TML-QQCT" in self.terminal, "the terminal does not wait for customs")
        room.broker.order("up")
        eventually(lambda: f"{second}/CUS-QD" in self.customs, "customs gets it when it is back")
        self.assertEqual(set(self.customs.bytes_of(f"{second}/CUS-QD")), {message})
        eventually(lambda: not self.queue()["totals"], "the queue is empty")

    def test_killed_beside_a_peer_that_is_killed_before_it_acknowledges(self):
        """case 573: the terminal's program is killed between a delivery and its acknowledgement, stays away, and the gateway is killed with
        -9, again and again, while customs and the carrier are served. Lost 0, doubled 0 by delivery id, misdelivered 0."""
        room = self.make()
        room.start()
        room.customs(self.customs)
        sent = {}
        for _ in range(2):
            line, acknowledged = room.line("TML-QQCT", self.terminal), []

            def deliver(headers, body):
                self.terminal.take(headers["delivery"], headers, body)
                if len(acknowledged) < 2:
                    acknowledged.append(headers["delivery"])
                    line.pipe.send("ACK", {"delivery": headers["delivery"]})
                else:
                    line.pipe.process.kill()

            line.deliver = deliver
            sent.update(self.submit() for _ in range(8))
            eventually(lambda: line.pipe.process.poll() is not None, "the terminal's program has been killed")
            more = self.submit()                                      # it is away
            sent[more[0]] = more[1]
            eventually(lambda: all(f"{number}/CUS-QD" in self.customs for number in sent), "customs does not wait")
            eventually(lambda: len(room.files("CAR-COSU", "InBox")) == len(sent), "nor does the carrier")
            room.kill()
            room.start()
        room.line("TML-QQCT", self.terminal)
        for received, party in ((self.customs, "CUS-QD"), (self.terminal, "TML-QQCT")):
            eventually(lambda: len(received.deliveries) >= len(sent), f"{party} has all of it")
            self.assertEqual(set(received.deliveries), {f"{number}/{party}" for number in sent})
            for number, message in sent.items():
                self.assertEqual(set(received.bytes_of(f"{number}/{party}")), {message})
        eventually(lambda: not self.queue()["totals"], "nothing waits")
        boxes = room.files("CAR-COSU", "InBox")
        self.assertEqual(sorted(boxes.values()), sorted(sent.values()))
        room.stop()
        self.assertTrue(json.loads(room.here("replay", "--rebuild", "--json", code=0).stdout)["equal"])

    def test_refused_then_re_driven_or_dropped(self):
        room = self.make()
        room.start()
        line = room.line("TML-QQCT", self.terminal)
        take, line.take = line.take, lambda delivery, headers, body: False
        eventually(line.connected.is_set, "the terminal is there")
        first, message = self.submit()
        second, _ = self.submit()
        eventually(lambda: len(self.rows("--state", "parked", "--to", "TML-QQCT")) == 2, "parked at once")
        row = self.rows("--state", "parked")[f"{first}/TML-QQCT"]
        self.assertEqual(row["attempts"], 1)
        self.assertTrue(row["reason"])
        line.take = take
        later, _ = self.submit()
        eventually(lambda: f"{later}/TML-QQCT" in self.terminal, "what comes behind is delivered")
        self.assertEqual(set(self.terminal.deliveries), {f"{later}/TML-QQCT"})    # parked: nobody sends it by itself
        self.assertIn("redrive", room.here("queue", "redrive", f"{first}/TML-QQCT", "--reason", "it is back", code=0).stdout)
        eventually(lambda: self.terminal.bytes_of(f"{first}/TML-QQCT") == [message], "re-driven")
        room.here("queue", "drop", f"{second}/TML-QQCT", code=0)
        eventually(lambda: f"{second}/TML-QQCT" in self.rows("--state", "dropped"), "dropped")
        eventually(lambda: f"{first}/TML-QQCT" in self.rows("--state", "delivered"), "delivered")
        eventually(lambda: not [t for t in self.queue()["totals"] if t["party"] == "TML-QQCT"], "the queue is empty")
        self.assertNotIn(f"{second}/TML-QQCT", self.terminal)
        self.assertIn("there is no delivery 999999/TML-QQCT", room.here("queue", "redrive", "999999/TML-QQCT", code=3).stderr)
        room.here("queue", "redrive", "nonsense", code=2)
        room.stop()
        room.here("queue", "redrive", f"{first}/TML-QQCT", code=69)

    def test_a_receiver_that_never_comes_parks_nothing(self):
        """case 554: what waited for a ZeroMQ party that did not say HELLO for an hour was parked."""
        room = self.make(**{"delivery.attempts": 2, "delivery.retry_first_ms": 20, "delivery.retry_max_ms": 40})
        room.start()
        number, message = self.submit()
        tried = lambda: self.rows("--to", "TML-QQCT")[f"{number}/TML-QQCT"]["attempts"]
        eventually(lambda: tried() > 4, "it is tried more often than what is parked")
        self.assertEqual(self.rows("--state", "parked"), {})
        eventually(room.line("TML-QQCT", self.terminal).connected.is_set, "the terminal is there at last")
        eventually(lambda: self.terminal.bytes_of(f"{number}/TML-QQCT") == [message], "and has it")

    def test_many_at_once_counted_first_then_re_driven_dropped_and_sent_again(self):
        """case 556: a hundred parked deliveries needed a hundred orders; what a receiver lost again could not be sent it alone."""
        room = self.make()
        room.start()
        room.customs(self.customs)
        line = room.line("TML-QQCT", self.terminal)
        take, line.take = line.take, lambda delivery, headers, body: False
        eventually(line.connected.is_set, "the terminal is there")
        sent = dict(self.submit() for _ in range(140))                # more than one request takes
        parked = ("--to", "TML-QQCT", "--because", "receiver-refused", "--json")
        order = lambda *arguments, code=0: json.loads(room.here("queue", *arguments, code=code).stdout)
        eventually(lambda: order("redrive", *parked)["count"] == 140, "all are parked")
        told = order("redrive", *parked)
        self.assertEqual([(g["party"], g["state"], g["reason"], g["family"], g["n"]) for g in told["groups"]],
                         [("TML-QQCT", "parked", "receiver-refused", "declaration", 140)])
        self.assertFalse(told["done"])
        self.assertIn("the receiver refused it (receiver-refused)", room.here("queue", "redrive", "--to", "TML-QQCT", code=0).stdout)
        self.assertEqual(len(self.rows("--state", "parked")), 140)     # counting does nothing
        self.assertIn("with --yes", room.here("queue", "redrive", *parked[:-1], code=0).stdout)
        self.assertEqual(order("redrive", "--to", "TML-QQCT", "--until", "2026-01-01", "--json")["count"], 0)
        self.assertEqual(order("redrive", "--to", "TML-QQCT", "--family", "port-event", "--json")["count"], 0)
        room.here("queue", "redrive", code=2)                         # everything is nothing in particular
        room.here("queue", "redrive", "--since", "yesterday", code=2)
        number = min(sent)
        key = self.rows("--state", "parked")[f"{number}/TML-QQCT"]["subject"]
        self.assertEqual(order("drop", "--key", key, "--to", "TML-QQCT", "--reason", "no goods of ours", "--yes", "--json")["recorded"], 1)
        line.take = take
        done = order("redrive", *parked, "--reason", "they mended it", "--yes")
        self.assertEqual((done["count"], done["recorded"], done["left"]), (139, 139, []))
        for record, message in sent.items():
            if record != number:
                eventually(lambda: self.terminal.bytes_of(f"{record}/TML-QQCT") == [message], "each is there, once")
        self.assertNotIn(f"{number}/TML-QQCT", self.terminal)
        eventually(lambda: len(self.rows("--state", "delivered", "--to", "TML-QQCT")) == 139, "and known to be")
        eventually(lambda: len(self.customs.deliveries) == 140, "customs has them all, too")
        before = len(self.terminal.deliveries)
        again = ("redrive", "--state", "delivered", "--to", "CUS-QD", "--json")
        eventually(lambda: order(*again)["count"] == 140, "and all are known to be there")     # to be counted needs no reason
        room.here("queue", *again, "--yes", code=2)                   # without a reason
        self.assertEqual(room.here("queue", "redrive", f"{number}/CUS-QD", code=1).returncode, 1)
        done = order(*again, "--reason", "their database was restored", "--yes")
        self.assertEqual((done["count"], done["recorded"]), (140, 140))
        for record, message in sent.items():
            eventually(lambda: self.customs.bytes_of(f"{record}/CUS-QD") == [message, message], "customs has each again, under its id")
            marks = [headers.get("clearway-redelivered") for headers, _ in self.customs.deliveries[f"{record}/CUS-QD"]]
            self.assertEqual(marks, [None, "true"])
        self.assertEqual(len(self.terminal.deliveries), before)        # nobody else
        room.here("queue", "redrive", f"{max(sent)}/TML-QQCT", "--reason", "once more", code=0)
        eventually(lambda: [headers["redelivered"] for headers, _ in self.terminal.deliveries[f"{max(sent)}/TML-QQCT"]] == [False, True],
                   "over ZeroMQ it is marked, too")
        room.here("queue", "redrive", f"{max(sent)}/CAR-COSU", "--reason", "once more", code=0)
        eventually(lambda: [name for name in room.files("CAR-COSU", "InBox") if name.endswith("_again.xml")], "and in a folder")
        lines = room.here("journal", "cat", "--json", "--kind", "delivery", code=0).stdout.splitlines()
        said = [one for line in lines for one in json.loads(line)["meta"]["deliveries"]]
        self.assertEqual(sum(one.get("words") == "their database was restored" for one in said), 140)
        room.stop()
        self.assertTrue(json.loads(room.here("replay", "--rebuild", "--json", code=0).stdout)["equal"])

    def test_a_held_message_is_listed_and_released(self):
        """case 141: nothing brought a held message back; its sender waited for ever."""
        room = self.make()
        room.start()
        eventually(room.decided, "the set-up is decided")
        room.stop()
        last = json.loads(room.here("journal", "cat", "--json", code=0).stdout.splitlines()[-1])["number"]
        with open(room.path("data", "attempts"), "wb") as mark:      # two processes crashed on the next record
            mark.write(struct.pack("=QQQ", last + 1, 2, 2))
        room.start()
        number, message = self.submit()
        self.assertEqual(number, last + 1)
        held = self.queue()["held"]
        self.assertEqual([(row["record"], row["party"], row["reason"]) for row in held], [(number, "FWD-QD-01", "crashed")])
        self.assertIn("crashed twice", room.here("queue", code=0).stdout)
        self.assertEqual(room.metric("clearway_held_causes"), 1)
        room.stop()
        self.assertIn("crashed twice", room.here("queue", code=0).stdout)
        room.here("queue", "release", str(number), "--reason", "it runs not", code=69)
        room.start()
        self.assertEqual(room.metric("clearway_held_causes"), 1)
        room.here("queue", "release", str(number), code=2)           # without a reason
        room.here("queue", "release", "nonsense", "--reason", "why", code=2)
        self.assertIn("not held", room.here("queue", "release", str(number - 1), "--reason", "why", code=1).stderr)
        self.assertIn("not held", room.here("queue", "release", "999999", "--reason", "why", code=1).stderr)
        done = room.here("queue", "release", str(number), "--reason", "mended in 1.4", code=0)
        self.assertIn("done FORWARDED", done.stdout)
        self.assertIn("before", room.here("queue", "release", str(number), "--reason", "once more", code=1).stderr)
        self.assertEqual(self.queue()["held"], [])
        eventually(lambda: room.metric("clearway_held_causes") == 0, "nothing is held any more")
        line = room.line("TML-QQCT", self.terminal)
        eventually(line.connected.is_set, "the terminal listens")
        eventually(lambda: self.terminal.bytes_of(f"{number}/TML-QQCT") == [message], "it is delivered as if decided now")
        answer = room.party("FWD-QD-01").get(f"/v1/messages/{number}").json
        self.assertEqual((answer["status"], answer["decision"]["result"]), ("decided", "done"))
        orders = [json.loads(line) for line in room.here("journal", "cat", "--json", "--kind", "order", code=0).stdout.splitlines()]
        self.assertEqual(orders[-2]["meta"], {"order": "release", "record": number, "reason": "mended in 1.4"})
        room.stop()
        self.assertIn("whole", room.here("journal", "verify", code=0).stdout)
        self.assertTrue(json.loads(room.here("replay", "--rebuild", "--json", code=0).stdout)["equal"])
        self.assertEqual(json.loads(room.here("replay", "--recheck", "--json", code=0).stdout)["decision_differences"], 0)

    def test_an_answer_that_waits_is_listed_and_linked(self):
        """case 130: an answer of which it could not be told whose it is waited for ever, and nobody knew."""
        room = self.make(**{"gateway.answer_alarm_s": 1})
        room.start()
        goods = messages.Consignment(1, room.world.party("FWD-QD-01").trader)
        declared = {}
        for party in ("FWD-QD-02", "FWD-QD-01"):                     # an id that nobody registered, twice
            message = messages.declaration(goods, client_seq_no="9999-1", agent=room.world.party(party).trader)
            declared[party] = room.party(party).submit(message, wait=60).json["record"]
        told = messages.import_response("9999-1", goods.seq_no)
        number = room.party("CUS-QD").submit(told, wait=60).json["record"]
        waiting = self.queue()["answers"]
        self.assertEqual([(row["record"], row["customs"], row["id"], row["seq_no"]) for row in waiting],
                         [(number, "CUS-QD", "9999-1", goods.seq_no)])
        self.assertIn("9999-1", room.here("queue", code=0).stdout)
        eventually(lambda: room.metric("clearway_answers_waiting") == 1, "a gauge tells how many wait")
        eventually(lambda: room.metric("clearway_answers_waiting_oldest_seconds") >= 1, "and for how long")
        eventually(lambda: f'"event":"answer_waits","record":{number}' in room.log(), "the log warns")
        room.here("queue", "link", str(number), str(declared["FWD-QD-01"]), code=2)        # without a reason
        room.here("queue", "link", "nonsense", "1", "--reason", "why", code=2)
        why = ("--reason", "customs confirmed it by telephone")
        self.assertIn("no declaration", room.here("queue", "link", str(number), str(number), *why, code=1).stderr)
        other = self.submit()[0]
        self.assertIn("another id", room.here("queue", "link", str(number), str(other), *why, code=1).stderr)
        done = room.here("queue", "link", str(number), str(declared["FWD-QD-01"]), *why, code=0)
        self.assertIn("LINKED", done.stdout)
        self.assertIn("no answer", room.here("queue", "link", str(number), str(declared["FWD-QD-02"]), *why, code=1).stderr)
        self.assertEqual(self.queue()["answers"], [])
        eventually(lambda: room.metric("clearway_answers_waiting") == 0, "none waits any more")
        folder = eventually(lambda: [name for name in room.files("FWD-QD-01", "InBox") if f"_{number}" in name or str(number) in name],
                            "it is delivered to who declared")
        self.assertEqual(len(folder), 1)
        self.assertEqual(room.party("FWD-QD-02").get(f"/v1/messages/{number}").status, 404)
        orders = [json.loads(line) for line in room.here("journal", "cat", "--json", "--kind", "order", code=0).stdout.splitlines()]
        self.assertEqual(orders[-2]["meta"]["order"], "link")
        room.stop()
        self.assertTrue(json.loads(room.here("replay", "--rebuild", "--json", code=0).stdout)["equal"])
        self.assertEqual(json.loads(room.here("replay", "--recheck", "--json", code=0).stdout)["decision_differences"], 0)

    def test_what_no_route_takes_is_quarantined_seen_and_released(self):
        """case 552: a message that no route takes was accepted, and nobody heard of it any more."""
        room = self.make()
        room.start()
        goods = messages.Consignment(99, room.world.party("FWD-QD-01").trader)
        message = messages.declaration(goods).replace(b">4218<", b">4299<").replace(b"<TrafMode>2<", b"<TrafMode>5<")
        number = room.party("FWD-QD-01").submit(message, wait=60).json["record"]
        kept = [(row["record"], row["party"], row["family"]) for row in self.queue()["quarantined"]]
        self.assertEqual(kept, [(number, "FWD-QD-01", "declaration")])
        self.assertIn(str(number), room.here("queue", "--lang", "zh", code=0).stdout)
        eventually(lambda: room.metric("clearway_quarantined_messages") == 1, "a gauge tells how many there are")
        eventually(lambda: room.metric("clearway_quarantined_oldest_seconds") >= 1, "and for how long")
        eventually(lambda: f'"event":"unrouted","record":{number}' in room.log(), "the log tells")
        why = room.here("route", "--message", str(number), "--to", "CUS-QD", code=1).stdout
        self.assertIn('customs_office is "4299"', why)
        self.assertIn("CUS-QD does not get it", why)
        told = json.loads(room.here("route", "--message", str(number), "--json", code=1).stdout)
        self.assertEqual((told["decided"], told["destinations"], told["valid"]), ([], [], True))
        self.assertEqual([(party["party"], party["why"]) for party in told["routes"][0]["to"][0]["parties"]], [("CUS-QD", "not-served")])
        room.stop()
        room.start()                                                  # it stands there over a restart
        eventually(lambda: room.metric("clearway_quarantined_messages") == 1, "the gauge knows it after a restart")
        room.here("queue", "release", str(number), code=2)            # without a reason
        refused = room.here("queue", "release", str(number), "--reason", "why not", code=1)
        self.assertIn("no route of today", refused.stderr)
        self.assertIn("DROPPED", room.here("queue", "drop", str(number), "--reason", "typing error, declared anew", code=0).stdout)
        self.assertIn("not quarantined", room.here("queue", "drop", str(number), "--reason", "again", code=1).stderr)
        self.assertEqual(self.queue()["quarantined"], [])
        eventually(lambda: room.metric("clearway_quarantined_messages") == 0, "none is left")
        good, _ = self.submit()
        told = json.loads(room.here("route", "--message", str(good), "--json", code=0).stdout)
        self.assertEqual(told["decided"], told["destinations"])
        self.assertIn("CUS-QD", [row["party"] for row in told["destinations"]])
        room.here("route", "--message", "999999", code=3)
        room.here("route", "--message", "nonsense", code=2)
        room.here("route", code=2)
        room.stop()
        self.assertTrue(json.loads(room.here("replay", "--rebuild", "--json", code=0).stdout)["equal"])
        self.assertEqual(json.loads(room.here("replay", "--recheck", "--json", code=0).stdout)["decision_differences"], 0)

    def test_many_in_quarantine_counted_first_then_released_or_dropped(self):
        """case 563: a wrong route left hundreds in quarantine, and each needed an order of its own."""
        room = self.make()
        room.start()

        def unrouted(party, n):
            goods = messages.Consignment(n, room.world.party(party).trader)
            message = messages.declaration(goods).replace(b">4218<", b">4299<").replace(b"<TrafMode>2<", b"<TrafMode>5<")
            return room.party(party).submit(message, wait=60).json["record"]

        mine = [unrouted("FWD-QD-01", n) for n in range(1, 5)]
        theirs = [unrouted("FWD-QD-02", n) for n in range(11, 14)]
        order = lambda *arguments, code=0: json.loads(room.here("queue", *arguments, "--json", code=code).stdout)
        kept = lambda *arguments: [row["record"] for row in self.queue("--state", "quarantined", *arguments)["quarantined"]]
        self.assertEqual(kept(), mine + theirs)
        self.assertEqual(kept("--from", "FWD-QD-02"), theirs)
        self.assertEqual(kept("--because", "unrouted", "--family", "declaration"), mine + theirs)
        for nothing in (("--family", "port-event"), ("--because", "crashed"), ("--until", "2026-01-01"), ("--to", "CUS-QD")):
            self.assertEqual(kept(*nothing), [], nothing)
        self.assertEqual(self.queue("--state", "held")["held"], [])
        self.assertNotIn("quarantined", self.queue("--state", "parked"))
        told = order("release", "--from", "FWD-QD-02")
        self.assertEqual([(g["party"], g["state"], g["reason"], g["family"], g["n"]) for g in told["groups"]],
                         [("FWD-QD-02", "quarantined", "unrouted", "declaration", 3)])
        self.assertEqual((told["count"], told["done"], told["recorded"]), (3, False, 0))
        self.assertIn("with --yes", room.here("queue", "drop", "--state", "quarantined", code=0).stdout)
        self.assertIn("3 records", room.here("queue", "release", "--from", "FWD-QD-02", code=0).stdout)
        self.assertEqual(kept(), mine + theirs)                       # counting does nothing
        room.here("queue", "release", code=2)                         # everything is nothing in particular
        room.here("queue", "release", "--from", "FWD-QD-02", "--yes", code=2)              # without a reason
        for verb, state in (("redrive", "quarantined"), ("drop", "held"), ("release", "parked"), ("drop", "delivered")):
            self.assertIn("takes no order", room.here("queue", verb, "--state", state, code=2).stderr)
        why = ("--reason", "INC-7: office 4299 had no route", "--yes")
        told = order("release", "--from", "FWD-QD-02", *why, code=1)
        self.assertEqual(told["left"], [{"id": str(number), "code": "UNROUTED"} for number in theirs])
        left = room.here("queue", "release", "--from", "FWD-QD-02", *why, code=1).stdout
        self.assertRegex(left, rf"3 were left:\n  {theirs[0]}  no route of today takes this")         # case 597: in words
        none = room.here("queue", "release", "--from", "FWD-QD-20", *why, code=0).stdout               # mistyped
        self.assertIn("none of --state quarantined --from FWD-QD-20", none)
        self.assertNotIn("recorded", none)
        told = order("drop", "--state", "quarantined", "--from", "FWD-QD-02", *why)
        self.assertEqual((told["count"], told["recorded"], told["left"]), (3, 3, []))
        self.assertEqual(kept(), mine)
        with open(room.path("parties.yaml")) as file:
            text = file.read()
        with open(room.path("parties.yaml"), "w") as file:
            file.write(text.replace("4218", "4299", 1))
        room.here("reload", code=0)
        room.customs(self.customs)
        told = order("release", "--from", "FWD-QD-01", "--since", "2026-01-01", *why)
        self.assertEqual((told["count"], told["recorded"], told["left"]), (4, 4, []))
        eventually(lambda: all(f"{number}/CUS-QD" in self.customs for number in mine), "those that were released are there")
        self.assertEqual({name for name in self.customs.deliveries}, {f"{number}/CUS-QD" for number in mine})
        self.assertEqual(kept(), [])
        orders = [json.loads(line)["meta"] for line in room.here("journal", "cat", "--json", "--kind", "order", code=0).stdout.splitlines()]
        self.assertEqual([o["order"] for o in orders], ["release"] * 6 + ["drop"] * 3 + ["release"] * 4)
        self.assertEqual({o["reason"] for o in orders}, {why[1]})
        sent_by = lambda party: {row["record"] for row in self.rows("--state", "delivered", "--from", party, "--to", "CUS-QD").values()}
        eventually(lambda: sent_by("FWD-QD-01") == set(mine), "they are known to be delivered")
        self.assertEqual(sent_by("FWD-QD-02"), set())
        room.stop()
        self.assertTrue(json.loads(room.here("replay", "--rebuild", "--json", code=0).stdout)["equal"])

    def test_case_947_what_was_given_up_is_left_out_by_a_slow_folder(self):
        """It was written all the same, one after the other, beside each new try; and a stop waited for all of it, and was cut off with 74."""
        room = self.make(**{"delivery.timeout_ms": 500, "delivery.retry_first_ms": 600000, "delivery.retry_max_ms": 600000})
        room.start()
        folders = HeldThread(room.gateway.pid, "folders", {"x86_64": {7, 271}, "aarch64": {73}})             # poll, ppoll
        self.addCleanup(folders.let_go)
        sent = dict(self.submit() for _ in range(3))
        late = lambda: [row for row in self.rows("--to", "CAR-COSU").values() if row["reason"] == "unacknowledged"]
        eventually(lambda: len(late()) == 3, "the folder is too slow")
        room.drop("FWD-QD-01", "hello.xml", b"hello")
        folders.let_go()
        eventually(lambda: "hello.xml" in room.files("FWD-QD-01", "FailBox"), "it has come to what was dropped since")
        self.assertEqual(room.files("CAR-COSU", "InBox"), {})
        room.world.settings["delivery.timeout_ms"] = 60000
        room.world.write_config()
        room.here("reload", code=0)
        for number in sent:
            room.here("queue", "redrive", f"{number}/CAR-COSU", "--reason", "it is quick again", code=0)
        eventually(lambda: sorted(room.files("CAR-COSU", "InBox").values()) == sorted(sent.values()), "it has all of it")

    def test_a_receiver_that_says_no_for_good(self):
        room = self.make()
        room.start()
        line = room.line("TML-QQCT", self.terminal)
        line.take = lambda delivery, headers, body: False
        eventually(line.connected.is_set, "the terminal listens")
        number, _ = self.submit()
        row = eventually(lambda: self.rows("--state", "parked").get(f"{number}/TML-QQCT"), "parked at once")
        self.assertEqual(row["attempts"], 1)
        self.assertEqual((row["reason"], row["words"]), ("receiver-refused", "not taken"))
        self.assertIn("对方拒收：not taken", room.here("queue", "--lang", "zh", code=0).stdout)


if __name__ == "__main__":
    unittest.main()
