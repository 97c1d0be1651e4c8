"""Kills the gateway at random moments under load and asks at the end whether everything acknowledged is everywhere, once.

The gateway is killed CLEARWAY_CRASHES times (SIGKILL; now and then while it is still recovering from the last one). Outside of it,
and surviving, stand: those who submit over HTTPS, ZeroMQ and the OutBox with a list of what was acknowledged to them, a broker
with customs behind it, a terminal, a carrier's folder. CLEARWAY_SEED repeats the moments of a run.
"""
import hashlib
import http.client
import json
import os
import random
import sys
import threading
import time
from datetime import datetime, timedelta

import harness
from harness import Received, Room, eventually, messages, world

CRASHES = int(os.environ.get("CLEARWAY_CRASHES", "200"))
SEED = int(os.environ.get("CLEARWAY_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
ALIVE_MAX_S = 0.5
FORWARDERS = (("FWD-QD-01", 1), ("FWD-QD-02", 2), ("FWD-QD-02", 3))      # party, thread


class Ledger:
    """The outside list: what each party sent, and the receipt it got, if it got one."""

    def __init__(self):
        self.lock = threading.Lock()
        self.acknowledged, self.unknown = {}, {}       # message bytes: (party, receipt); message bytes: party
        self.declarations = []                         # (party, goods) acknowledged over HTTPS
        self.repeated, self.turned_away = 0, 0

    def note(self, party, message, answer):
        with self.lock:
            self.unknown.pop(message, None)
            before = self.acknowledged.get(message)
            if before:
                assert before[1] == answer.body, f"another receipt for the same message:\n{before[1]}\n{answer.body}"
                self.repeated += 1
            self.acknowledged[message] = (party, answer.body)

    def doubt(self, party, message):
        with self.lock:
            if message not in self.acknowledged:
                self.unknown[message] = party

    def pick(self, chance, where):
        with self.lock:
            return chance.choice(list(where.items())) if where else None


class Crash:
    def __init__(self, room):
        self.room, self.ledger, self.ending = room, Ledger(), threading.Event()
        self.customs, self.terminal = Received(), Received()
        room.customs(self.customs)
        self.line = room.line("TML-QQCT", self.terminal)
        self.dropped = {}                              # own id: (name, bytes)
        self.failures = []
        self.starts = []

    # --- the load ----------------------------------------------------------------------------------------------------

    def client(self, party):
        return harness.gateway_client.of_party(self.room.world, party, self.room.world.machines, timeout=30)

    def submit(self, client, party, message):
        """True when it was acknowledged. What happened to it is unknown when the connection broke."""
        try:
            if not client.connection:
                client.connect()
        except OSError:
            time.sleep(0.01)
            return False
        try:
            answer = client.submit(message)
        except (OSError, http.client.HTTPException):
            self.ledger.doubt(party, message)
            return False
        if answer.status == 503:
            self.ledger.turned_away += 1
            time.sleep(0.02)
            return False
        assert answer.status == 202, answer
        self.ledger.note(party, message, answer)
        return True

    def forwarder(self, party, thread):
        chance, client, serial = random.Random(f"{SEED}/{thread}"), self.client(party), thread * 1000000
        trader = self.room.world.party(party).trader
        while not self.ending.is_set():
            serial += 1
            goods = messages.Consignment(serial, trader)
            if self.submit(client, party, messages.declaration(goods)):
                with self.ledger.lock:
                    self.ledger.declarations.append((party, goods))
            again = self.ledger.pick(chance, self.ledger.acknowledged) if chance.random() < 0.2 else None
            if again and again[1][0] == party:
                self.submit(client, party, again[0])
            doubtful = self.ledger.pick(chance, self.ledger.unknown) if chance.random() < 0.3 else None
            if doubtful and doubtful[1] == party:
                self.submit(client, party, doubtful[0])
            time.sleep(0.01 * chance.random())

    def answering(self):
        chance, client = random.Random(f"{SEED}/customs"), self.client("CUS-QD")
        now = datetime(2026, 11, 24, 8, tzinfo=messages.CHINA)
        while not self.ending.is_set():
            with self.ledger.lock:
                chosen = chance.choice(self.ledger.declarations) if self.ledger.declarations else None
            if chosen:
                goods, channel = chosen[1], chance.choice("LJPR")
                answers = [messages.customs_result(goods, channel, now + timedelta(seconds=goods.number % 80000)),
                           messages.import_response(goods.client_seq_no, goods.seq_no)]
                for answer in chance.sample(answers, 2):
                    self.submit(client, "CUS-QD", answer)
            time.sleep(0.02)

    def reporting(self):
        chance, serial = random.Random(f"{SEED}/terminal"), 5000000
        trader = self.room.world.party("FWD-QD-01").trader
        while not self.ending.is_set():
            serial += 1
            event = messages.port_event(messages.Consignment(serial, trader), chance.choice(("ARRI", "DISC", "GTOT")),
                                        datetime(2026, 11, 24, 8, tzinfo=messages.CHINA))
            while not self.ending.is_set():
                try:
                    verb, headers, receipt = self.line.submit(event, timeout=1)
                except TimeoutError:
                    self.ledger.doubt("TML-QQCT", event)
                    continue
                if verb == "RECEIPT":
                    self.ledger.note("TML-QQCT", event, harness.gateway_client.Answer(202, {}, receipt))
                    break
                time.sleep(0.02)
            time.sleep(0.03)

    def dropping(self):
        serial, party = 8000000, "FWD-QD-01"
        trader = self.room.world.party(party).trader
        while not self.ending.is_set():
            if len(self.room.files(party, "OutBox")) < 20:
                serial += 1
                goods = messages.Consignment(serial, trader)
                message = messages.declaration(goods)
                self.dropped[goods.client_seq_no] = (f"{serial}.xml", message)
                self.room.drop(party, f"{serial}.xml", message)
            time.sleep(0.03)

    def watched(self, work, *arguments):
        try:
            work(*arguments)
        except Exception as failure:       # told at the end by the main thread
            self.failures.append(failure)

    # --- the crashes ---------------------------------------------------------------------------------------------------

    def crashes(self):
        chance = random.Random(SEED)
        for number in range(CRASHES):
            began = time.monotonic()
            if chance.random() < 0.12:
                self.room.start(wait=False)
                time.sleep(chance.random() * (self.starts[-1] if self.starts else 0.1))
            else:
                self.room.start()
                self.starts.append(time.monotonic() - began)
                time.sleep(chance.random() * ALIVE_MAX_S)
            self.room.kill()
            assert not self.failures, self.failures[0]
            if number % 20 == 19:
                print(f"{number + 1} crashes, {len(self.ledger.acknowledged)} acknowledged, {len(self.dropped)} dropped", flush=True)

    def run(self):
        threads = [threading.Thread(target=self.watched, args=(self.forwarder, *who)) for who in FORWARDERS]
        threads += [threading.Thread(target=self.watched, args=(work,)) for work in (self.answering, self.reporting, self.dropping)]
        for thread in threads:
            thread.start()
        try:
            self.crashes()
        finally:
            self.ending.set()
            for thread in threads:
                thread.join()
        assert not self.failures, self.failures[0]

    # --- the reckoning ---------------------------------------------------------------------------------------------------

    def settle(self):
        """What is unknown is sent again until it is known, what waits is delivered."""
        self.room.start()
        clients = {party: self.client(party) for party in ("FWD-QD-01", "FWD-QD-02", "CUS-QD", "TML-QQCT")}
        for message, party in list(self.ledger.unknown.items()):
            eventually(lambda: self.submit(clients[party], party, message), "what was unknown is acknowledged")
        for message, (party, _) in random.Random(SEED).sample(list(self.ledger.acknowledged.items()), min(200, len(self.ledger.acknowledged))):
            assert self.submit(clients[party], party, message)
        eventually(lambda: not self.room.files("FWD-QD-01", "OutBox"), "the OutBox is empty")
        eventually(self.room.decided, "everything is decided")
        eventually(lambda: not json.loads(self.room.here("queue", "--json", code=0).stdout)["totals"], "everything is delivered", pause=0.2)
        for own_id, (name, message) in self.dropped.items():
            answer = clients["FWD-QD-01"].find(own_id)
            assert answer.status == 200, f"{name} was dropped and is not there: {answer}"
            number = answer.json["record"]
            receipt = clients["FWD-QD-01"].get(f"/v1/messages/{number}/receipt")
            assert self.room.files_of("FWD-QD-01", "SentBox", name) == message, f"{name} is not in the SentBox as it was dropped"
            self.ledger.acknowledged[message] = ("FWD-QD-01", receipt.body)

    def check_party(self, name, code, copies, expected):
        """copies: {delivery id: [bytes]}; expected: {delivery id: bytes}."""
        missing = expected.keys() - copies.keys()
        assert not missing, f"{name} never got {len(missing)}, such as {sorted(missing)[:3]}"
        extra = copies.keys() - expected.keys()
        assert not extra, f"{name} got {len(extra)} it should not have, such as {sorted(extra)[:3]}"
        for delivery, bodies in copies.items():
            assert set(bodies) == {expected[delivery]}, f"{name}: {delivery} is not what was sent"
        repeats = sum(len(bodies) - 1 for bodies in copies.values())
        print(f"{name}: {len(copies)} messages, each byte for byte, each under one delivery id; {repeats} came more than once")

    def check(self):
        numbers = {}
        for message, (party, receipt) in self.ledger.acknowledged.items():
            told = json.loads(receipt)
            assert told["verdict"] == "accepted", told
            assert told["digest"] == "sha256:" + hashlib.sha256(message).hexdigest(), told
            assert told["record"] not in numbers, f"record {told['record']} was acknowledged for two messages"
            numbers[told["record"]] = (told["family"], message)
        recorded = [json.loads(line)["number"] for line in
                    self.room.here("journal", "cat", "--json", "--kind", "message", code=0).stdout.splitlines()]
        assert sorted(recorded) == sorted(numbers), f"{len(recorded)} messages in the journal, {len(numbers)} acknowledged"

        declarations = {number: message for number, (family, message) in numbers.items() if family == "declaration"}
        at_customs = {d: self.customs.bytes_of(d) for d in self.customs.deliveries}
        alerts = self.alerts_to("CUS-QD")
        self.check_party("customs", "CUS-QD", {d: b for d, b in at_customs.items() if d not in alerts},
                         {f"{n}/CUS-QD": m for n, (family, m) in numbers.items() if family in ("declaration", "port-event")})
        assert alerts <= at_customs.keys(), f"customs never got the alerts {sorted(alerts - at_customs.keys())[:3]}"
        at_terminal = {d: self.terminal.bytes_of(d) for d in self.terminal.deliveries}
        self.check_party("the terminal", "TML-QQCT", {d: b for d, b in at_terminal.items() if int(d.split("/")[0]) in declarations},
                         {f"{n}/TML-QQCT": m for n, m in declarations.items()})
        self.check_party("the carrier", "CAR-COSU", self.in_folder("CAR-COSU", declarations),
                         {f"{n}/CAR-COSU": m for n, m in declarations.items()})
        self.check_answers(numbers)

    def alerts_to(self, party):
        """The decisions that no message caused, but time: what is told of goods that stay too long, as it is addressed."""
        decisions = [json.loads(line) for line in self.room.here("journal", "cat", "--json", "--kind", "decision", code=0).stdout.splitlines()]
        return {f"{decision['number']}/{party}" for decision in decisions
                if decision["meta"].get("answer", {}).get("code") in ("ALERT-WARNING", "ALERT-ALARM")
                and any(to["party"] == party and to.get("record") == 0 for to in decision["meta"].get("destinations", []))}

    def in_folder(self, party, numbers):
        copies = {}
        for name, body in self.room.files(party, "InBox").items():
            number = harness.record_in_name(name)
            if number in numbers:
                copies.setdefault(f"{number}/{party}", []).append(body)
        for delivery, bodies in copies.items():
            assert len(bodies) == 1, f"{delivery} stands in the folder {len(bodies)} times"
        return copies

    def check_answers(self, numbers):
        """Customs' answers about what FWD-QD-01 sent over HTTPS are in its InBox."""
        mine = {goods.client_seq_no for party, goods in self.ledger.declarations if party == "FWD-QD-01"}
        mine |= {goods.seq_no for party, goods in self.ledger.declarations if party == "FWD-QD-01"}
        answers = {number: message for number, (family, message) in numbers.items() if family == "customs-response"}
        # An answer that names the declaration by SeqNo alone is linked once another has told whose SeqNo it is.
        linked = {self.text(m, b"SeqNo") for m in answers.values() if self.text(m, b"ClientSeqNo") in mine}
        expected = {n: m for n, m in answers.items() if self.text(m, b"ClientSeqNo") in mine or self.text(m, b"CUS_CIQ_NO") in linked}
        self.check_party("the forwarder", "FWD-QD-01", self.in_folder("FWD-QD-01", expected),
                         {f"{n}/FWD-QD-01": m for n, m in expected.items()})

    @staticmethod
    def text(message, element):
        start = message.find(b"<" + element + b">")
        return message[start + len(element) + 2:message.find(b"<", start + 1)].decode() if start >= 0 else ""


def main():
    print(f"seed {SEED}: {CRASHES} crashes", flush=True)
    with Room(kafka=True, settings={"delivery.retry_max_ms": 200, "delivery.attempts": 1000000}) as room:
        room.world.machines = world.free_port()
        room.world.write_config()
        crash = Crash(room)
        crash.run()
        crash.settle()
        crash.check()
        room.stop()
        print(room.here("journal", "verify", code=0).stdout.strip())
        rebuilt = json.loads(room.here("replay", "--rebuild", "--json", code=0).stdout)
        assert rebuilt["equal"], rebuilt
        ledger = crash.ledger
        print(f"rebuilt and equal; {len(ledger.acknowledged)} acknowledged, {ledger.repeated} receipts again byte for byte, "
              f"{ledger.turned_away} turned away; start to ready {sum(crash.starts) / len(crash.starts):.3f} s, at most {max(crash.starts):.3f} s")


if __name__ == "__main__":
    sys.exit(main())
