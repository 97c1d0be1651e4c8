#!/usr/bin/env python3
"""The simulated port: small clients of the gateway, each in a process of its own, each speaking the protocol it would speak.

    play.py ROLE WORLD-DIR --build build [--rate N]

  customs    reads declarations from Kafka, answers as the single window and the customs house do, over HTTPS
  terminal   takes declarations over ZeroMQ and acknowledges them, reports what its cranes and gates do over the same line
  carrier    watches its folder, reports ships over HTTPS
  forwarder  declares over HTTPS in every mode 申报模式, some in two steps, books the inspection when customs wants one, now and then repeats itself
  folders    another forwarder's old program: knows the OutBox only
  operator   publishes the terminal's charge lists and charges for storage; who paid rates it, and sometimes complains
  office     has the terminal do what the monthly review asks for, and tells when it is done
  inspection one consignment is inspected and costs nothing for it, another does not come, a third leaves without a release and is alarmed of;
             customs wants to see a contract, and a truck fetches what is released by a token that counts once
  bulk       ore, coal, fertilizer and cotton as lots, in the five modes: customs clears them, a forwarder draws them
  labs       customs takes samples of what is declared, and accepts the report of a laboratory of its registry, and no other
  parcels    orders, payments, waybills and lists of e-commerce are matched; parcels leave, and some of it comes back by air and by sea;
             parcels from abroad wait until the three papers agree, and reach their buyers
  origin     a forwarder exports to Japan and wants certificates of origin: some are issued at once, some by an officer; it prints them
  exports    what leaves is told to tax office, credit insurer and bank, who acknowledge it; one export is cancelled, and withdrawn
  sea        ships ask to be boarded remotely 云登轮; dangerous goods are declared, some are drawn for inspection 抽查
  past       tells once what `clearway simulate` does not of the last months: charge lists, lots, certificates of origin

Consignments of the live play are numbered from LIVE on; customs leaves the ones of the past alone.
"""
import argparse
import http.client
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from datetime import datetime, timedelta

import gateway_client
import messages
import wires
import world

LIVE = 100_000_000
OPERATOR, OPERATOR_NAME = "QQCT", "青岛前湾集装箱码头有限责任公司"
TARIFFS = [("TERMINAL_HANDLING", "港口作业包干费", "BOX20", 490), ("STORAGE", "库场使用费", "BOX_DAY", 10),
           ("INSPECTION_LIFT", "查验吊装费", "BOX", 120), ("REEFER_POWER", "冷藏箱供电费", "HOUR", 6)]
TARIFFS_FROM_JULY = [("TERMINAL_HANDLING", "港口作业包干费", "BOX20", 480), *TARIFFS[1:3], ("WEIGHING", "称重服务费", "BOX", 60)]


def now():
    return datetime.now(messages.CHINA)


class Player:
    """One client. post() sends a message until the gateway has answered: it may be away, or busy."""

    def __init__(self, options):
        self.options = options
        self.world = world.World(options.directory, os.path.join(options.build, "clearway"), "schemas")
        self.chance = random.Random()
        self.connection = {}

    def program(self, name):
        return os.path.join(self.options.build, "ops", "port", name)

    def gateway(self, party):
        """This thread's connection as that party, to the port the gateway wrote down when it was ready."""
        key = (party, threading.get_ident())
        if key not in self.connection:
            with open(os.path.join(self.world.data, "ready")) as file:
                port = json.load(file)["machines"]
            self.connection[key] = gateway_client.of_party(self.world, party, port)
        return self.connection[key]

    def post(self, party, message):
        while True:
            try:
                answer = self.gateway(party).submit(message)
                if answer.status != 503:
                    return answer
            except (OSError, http.client.HTTPException):
                self.connection.pop((party, threading.get_ident()), None)
            time.sleep(0.5)

    def say(self, text):
        print(f"{now():%H:%M:%S}  {text}", flush=True)


# --- customs 海关 ------------------------------------------------------------------------------------------------------

class Declared:
    """What customs knows of a declaration: enough to answer it."""

    def __init__(self, message):
        head, _, rest = message.partition(b"?>")        # ElementTree reads no GB18030 by itself
        root = ElementTree.fromstring(rest.decode("gb18030" if b"GB18030" in head else "utf-8"))

        def text(name):
            found = root.find(f".//{{{messages.DEC}}}{name}")
            return found.text or "" if found is not None else ""
        self.client_seq_no, self.bill, self.direction, self.office = text("ClientSeqNo"), text("BillNo"), text("IEFlag"), text("CustomMaster")
        self.number = int(self.client_seq_no[-12:]) if self.client_seq_no.isdigit() else 0      # others are not of this play
        self.seq_no = f"{self.direction}2026{self.number:013d}"
        self.entry_number = f"{self.office}2026{1 if self.direction == 'I' else 0}{self.number % 1000000000:09d}"


class Customs(Player):
    """Registers at once, assesses soon, inspects one in eight, releases."""

    def run(self):
        self.seen = set()
        with open(self.world.path("kafka")) as file:
            brokers = file.read().strip()
        topic = wires.Topic(self.program("port_kafka"), brokers, world.TOPIC, "customs", self.take)
        topic.thread.join()

    def take(self, delivery, headers, body):
        if delivery in self.seen or headers.get("ce_type") != "clearway.declaration.v1":
            return
        self.seen.add(delivery)
        declared = Declared(body)
        if declared.number >= LIVE:
            threading.Thread(target=self.answer, args=(declared,), daemon=True).start()

    def answer(self, declared):
        self.post("CUS-QD", messages.import_response(declared.client_seq_no, declared.seq_no))
        steps = [("L", 1, "入库"), ("J", 2, "审结")] + ([("C", 1, "查验通知")] if declared.number % 8 == 0 else [])
        steps += [("P", 25 if declared.number % 8 == 0 else 3, "放行"), ("R", 5, "结关")]
        for channel, seconds, what in steps:
            time.sleep(seconds * (0.5 + self.chance.random()))
            self.post("CUS-QD", messages.customs_result(declared, channel, now()))
            self.say(f"customs    {declared.entry_number} {what}")


# --- terminal 码头 -----------------------------------------------------------------------------------------------------

class Terminal(Player):
    """Acknowledges what it is sent; discharges before the declaration comes, opens the gate after release."""

    def run(self):
        self.seen, self.released = set(), threading.Condition()
        party = "TML-QQCT"
        self.line = wires.Line(self.program("port_zmq"), f"tcp://127.0.0.1:{self.world.zmq_port(party)}",
                               self.world.curve(world.GATEWAY, "public"), self.world.curve(party, "public"),
                               self.world.curve(party, "secret"), self.take)
        self.line.thread.join()

    def take(self, delivery, headers, body):
        if delivery in self.seen or headers.get("family") != "declaration":
            return
        self.seen.add(delivery)
        declared = Declared(body)
        if declared.number >= LIVE:
            threading.Thread(target=self.handle, args=(declared, Goods(declared.number)), daemon=True).start()

    def plan(self, goods, hours):
        """When the ship is to arrive and to berth, and to be discharged, so many hours from now."""
        for code, classifier, ahead in zip(("ARRI", "BERT", "DISC"), ("EST", "PLN", "EST"), hours):
            self.report(messages.port_event(goods, code, now() + timedelta(hours=ahead), classifier=classifier,
                                            message_id=f"EV-{goods.number}-{code}-{classifier}"))

    def handle(self, declared, goods):
        if declared.direction == "I" and declared.number % 8 == 1:      # declared in advance: its ship is on her way
            self.plan(goods, (18, 20, 32))
            self.say(f"terminal   {goods.bill} is planned")
            return
        steps = [("DISC", 0), ("POSN", 12), ("IDON", 6), ("GTOT", 20)] if declared.direction == "I" else [("GTIN", 0), ("LOAD", 20)]
        if declared.number % 8 == 5:                                        # its ship was told ahead, and came a little later
            self.plan(goods, (0, 0.001, 0.003))
            steps = [("ARRI", 2), ("BERT", 4), *steps]
        for code, seconds in steps:
            if code in ("POSN", "IDON") and declared.number % 8:
                continue
            time.sleep(seconds * (0.7 + 0.6 * self.chance.random()))
            self.report(messages.port_event(goods, code, now()))
            self.say(f"terminal   {goods.bill} {code}")

    def report(self, event):
        while True:
            try:
                if self.line.submit(event)[0] == "RECEIPT":
                    return
            except TimeoutError:
                pass
            time.sleep(0.5)


# --- carrier 承运人 ----------------------------------------------------------------------------------------------------

class Carrier(Player):
    def run(self):
        folder = wires.Folder(self.world.folder("CAR-COSU", "InBox"), self.take, pause=0.5)
        folder.thread.join()

    def take(self, name, body):
        if b"<DecMessage" in body:
            declared = Declared(body)
            if declared.number >= LIVE and declared.direction == "E":
                threading.Timer(30, self.depart, args=(declared.number,)).start()

    def depart(self, number):
        goods = Goods(number)
        self.post("CAR-COSU", messages.port_event(goods, "DEPA", now()))
        self.say(f"carrier    {goods.bill} DEPA")


# --- forwarders 货代 ---------------------------------------------------------------------------------------------------

def Goods(number):
    """The consignment of that number: everybody in the play makes the same one of it."""
    party = next(p for p in world.PARTIES if p.code == ("FWD-QD-01" if number % 3 == 0 else "FWD-QD-02"))
    return messages.Consignment(number, party.trader, direction="E" if number % 4 == 3 else "I", containers=1 + number % 2)


def in_mode(goods):
    """In which mode goods of that number are declared 申报模式: every third another one than the ordinary."""
    if goods.number % 3:
        return {}
    if goods.direction == "E":
        return {"note": "抵港直装"}
    return {"note": "船边直提"} if goods.number % 2 else {"liftoff": True}


class Forwarder(Player):
    def numbers(self, mine):
        number = LIVE + int(time.time())
        while True:
            time.sleep(1 / self.options.rate * (0.5 + self.chance.random()))
            number += 1
            while (number % 3 == 0) != mine:
                number += 1
            yield number

    def run(self):
        for number in self.numbers(mine=False):
            goods = Goods(number)
            two_steps = number % 4 == 0
            message = messages.declaration(goods, step="5" if two_steps else "", **in_mode(goods))
            answer = self.post("FWD-QD-02", message)
            self.say(f"forwarder  {goods.client_seq_no} {answer.receipt.get('verdict', answer.status)}")
            if number % 10 == 0:
                self.post("FWD-QD-02", message)
            if two_steps:
                threading.Thread(target=self.complete, args=(goods,), daemon=True).start()
            if number % 8 == 0 and goods.direction == "I":
                threading.Thread(target=self.book, args=(goods,), daemon=True).start()

    def complete(self, goods):
        """The second of the two steps, once customs has given the summary its number."""
        time.sleep(12)
        answer = self.post("FWD-QD-02", messages.declaration(goods, client_seq_no=f"{goods.declarant.ids}9{goods.number:011d}", step="6",
                                                             entry_number=goods.entry_number, **in_mode(goods)))
        self.say(f"forwarder  {goods.client_seq_no} completed {answer.receipt.get('verdict', answer.status)}")

    def book(self, goods):
        time.sleep(10)
        answer = self.post("FWD-QD-02", messages.booking(goods, next_slot(goods.number)))
        self.say(f"forwarder  {goods.bill} booking {answer.receipt.get('verdict', answer.status)}")


class Folders(Forwarder):
    """Writes a temporary name, renames; reads what comes back in the InBox."""

    def run(self):
        for number in self.numbers(mine=True):
            goods = Goods(number)
            path = self.world.folder("FWD-QD-01", "OutBox", f"DEC_{goods.client_seq_no}.xml")
            with open(path + ".tmp", "wb") as file:
                file.write(messages.declaration(goods, encoding="GB18030" if number % 2 else "UTF-8", **in_mode(goods)))
            os.rename(path + ".tmp", path)
            self.say(f"folders    {goods.client_seq_no} dropped")


def next_slot(number):
    """One of the slots of a working day that is at least a day away."""
    day = now() + timedelta(days=1 + number % 5)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.replace(hour=8 + 2 * (number // 8 % 6), minute=0, second=0, microsecond=0)


# --- operator 经营人 ---------------------------------------------------------------------------------------------------

def charge_lists():
    """What the operator publishes: a list for the year, and another from July on."""
    yield messages.charge_list(OPERATOR, OPERATOR_NAME, TARIFFS)
    yield messages.charge_list(OPERATOR, OPERATOR_NAME, TARIFFS_FROM_JULY, version="2026-2", valid_from="2026-07-01")


class Operator(Player):
    def run(self):
        for charges in charge_lists():
            self.post("TML-QQCT", charges)
        for round in itertools.count():
            goods = Goods(LIVE + int(time.time()) - 60)
            for again, rate, what in ((1, 99, "above its own list, which is refused"), (2, 10, "")):
                note = messages.charge_note(goods, OPERATOR, OPERATOR_NAME, [("STORAGE", "库场使用费", "BOX_DAY", 2, rate)],
                                            f"{now():%Y-%m-%d}", again=again)
                answer = self.post("TML-QQCT", note)
                self.say(f"operator   {goods.bill} charge note {what or answer.receipt.get('verdict', answer.status)}")
            time.sleep(2)                                   # the note is decided before its payer speaks of it
            self.speak_of(goods, round % 4 == 0)
            time.sleep(15)

    def speak_of(self, goods, complains):
        """Who paid rates the operator, and one in four complains; the operator answers."""
        payer = next(p.code for p in world.PARTIES if goods.declarant in p.traders)
        score = self.chance.choice([3, 4, 4, 5, 5])
        self.post(payer, messages.service_rating(goods, OPERATOR, score, now()))
        self.say(f"{payer}  rates {OPERATOR} {score}")
        if complains:
            self.post(payer, messages.complaint(goods, OPERATOR, now()))
            time.sleep(2)
            self.post("TML-QQCT", messages.complaint_reply(goods, OPERATOR, now()))
            self.say(f"{payer}  complained of {goods.bill}, and is answered")


# --- the port office 口岸办 -------------------------------------------------------------------------------------------

class Office(Player):
    """Has the terminal do what the review of last month asks for, which reports it; that before is confirmed by then."""
    def run(self):
        number = 0
        while True:
            before, number = number, int(time.time())
            self.post("OFC-QD", messages.review_measure(number, "TML-QQCT", now()))
            time.sleep(10)
            self.post("TML-QQCT", messages.review_measure_done(number, now(), "OFC-QD"))
            if before:
                self.post("OFC-QD", messages.review_measure_done(before, now()))
            time.sleep(50)


# --- inspections 查验 ---------------------------------------------------------------------------------------------------

class Inspection(Player):
    """Three consignments at a time, which the others leave alone."""

    def run(self):
        forwarder = next(p for p in world.PARTIES if p.code == "FWD-QD-02")
        while True:
            number = LIVE - 20_000_000 + int(time.time()) % 10_000_000
            for party, what, make in self.story(forwarder, number):
                message = make(now())
                answer = self.post(party, message) if message else None
                self.say(f"inspection {party} {what} {answer.receipt.get('verdict', answer.status) if answer else ''}")
                time.sleep(0.8 * (0.5 + self.chance.random()))
            time.sleep(20)

    def story(self, forwarder, number):
        clean, late, gone = (messages.Consignment(number + i, forwarder.trader, "I") for i in range(3))
        lift, handling = ("INSPECTION_LIFT", "查验吊装费", "BOX", 1, 120), ("STORAGE", "库场使用费", "BOX_DAY", 1, 10)
        note = lambda at, lines, again: messages.charge_note(clean, OPERATOR, OPERATOR_NAME, lines, f"{at:%Y-%m-%d}", again=again)
        for goods in (clean, late, gone):
            yield forwarder.code, f"{goods.bill} declared", lambda at: messages.declaration(goods)
            yield "CUS-QD", "taken in", lambda at: messages.import_response(goods.client_seq_no, goods.seq_no)
            yield "CUS-QD", "accepted", lambda at: messages.customs_result(goods, "J", at)
        for goods in (clean, late):
            yield "CUS-QD", f"{goods.bill} to be inspected", lambda at: messages.customs_result(goods, "C", at)
            yield forwarder.code, "books", lambda at: messages.booking(goods, next_slot(goods.number))
        yield "TML-QQCT", f"{late.bill} did not come", lambda at: messages.port_event(late, "NOSH", at)
        yield forwarder.code, "books anew", lambda at: messages.booking(late, next_slot(late.number + 8), action="CHANGE")
        yield "TML-QQCT", f"{clean.bill} moved in", lambda at: messages.port_event(clean, "POSN", at)
        yield "TML-QQCT", "charges the lifting", lambda at: note(at, [lift, handling], 1)
        yield "TML-QQCT", "inspected", lambda at: messages.port_event(clean, "IDON", at)
        yield forwarder.code, "asks for a waiver", lambda at: messages.fee_waiver(clean, OPERATOR, at)
        yield "CUS-QD", "found nothing", lambda at: messages.inspection_result(clean, "NO_FINDINGS", at)
        yield "TML-QQCT", "charges it again, which is refused", lambda at: note(at, [lift, handling], 2)
        yield "TML-QQCT", "mends its note", lambda at: note(at, [handling], 3)
        yield "CUS-QD", "wants contract and packing list", lambda at: messages.supplement_notice(clean, at)
        yield forwarder.code, "brings them", lambda at: messages.supplement_reply(clean, at)
        yield "CUS-QD", "released", lambda at: messages.customs_result(clean, "P", at)
        yield forwarder.code, "wants it fetched", lambda at: messages.pick_up_request(clean, "鲁B12345", at)
        yield "TML-QQCT", "lets the truck out", lambda at: messages.pick_up(clean, "鲁B12345", self.token(forwarder.code, clean), at, 1)
        yield "TML-QQCT", "and no second one", lambda at: messages.pick_up(clean, "鲁B12345", self.last, at, 2)
        yield "TML-QQCT", f"{gone.bill} leaves without a release", lambda at: messages.port_event(gone, "GTOT", at)
        yield "OFC-QD", "acknowledges the alarm", lambda at: self.acknowledge(gone)
        yield "CUS-QD", "released after all", lambda at: messages.customs_result(gone, "P", at)

    def token(self, party, goods):
        """Shown to its holder; kept, for who tries it a second time."""
        self.last = "none"
        for _ in range(25):
            for row in self.gateway(party).get("/v1/pickups").json.get("pickups", []):
                if row["id"] == f"PU-{goods.number}":
                    self.last = row["token"]
                    return self.last
            time.sleep(0.2)
        return self.last

    def acknowledge(self, goods):
        """The operator of the gateway does, by the record of the telling."""
        for _ in range(25):
            for row in self.gateway("OFC-QD").get("/v1/alerts?alert=A41").json.get("alerts", []):
                if row["subject"].endswith(goods.bill) and row["state"] == "open":
                    subprocess.run([os.path.join(self.options.build, "clearway"), "alerts", "--config", self.world.config, "ack",
                                    str(row["record"]), "--note", "已电话核实"], stdout=subprocess.DEVNULL, check=False)
                    return None
            time.sleep(0.2)
        return None


# --- bulk goods 大宗货物 ------------------------------------------------------------------------------------------------

BULK = [("RELEASE_FIRST", "2601111000", "铁矿砂", 170000), ("ON_DISCHARGE", "2701121000", "炼焦煤", 60000),
        ("ON_LOADING", "3102100010", "尿素", 30000), ("BONDED", "2601111000", "保税铁矿砂", 90000), ("INTEGRATED", "5201000090", "棉花", 2000)]


def bulk_story(number):
    """(party, what, how to make the message of a moment), in the order in which it happens to the lot of that number."""
    mode, hs, name, quantity = BULK[number % len(BULK)]
    forwarder = next(p for p in world.PARTIES if p.code == "FWD-QD-02")
    lot, half, entry = messages.Lot(f"LOT-{number}", forwarder.trader, mode, hs, name, quantity, "YRD1"), quantity // 2, f"421820261{number % 1000000000:09d}"
    found = quantity - quantity // 500

    def customs(step, action, quantity=None, reason=""):
        return "CUS-QD", f"{action} {quantity or ''}", lambda at: lot.decision(step, action, at, quantity, reason)

    def draw(step, quantity, **more):
        return forwarder.code, f"{more.get('action', 'DRAW')} {quantity}", lambda at: lot.draw(step, quantity, at, entry=entry, **more)

    def weigh(draw, quantity):                               # within the tolerance it confirms the draw
        return "YRD-QD-01", f"weighed {quantity}", lambda at: lot.weighing(draw, quantity, at)

    yield forwarder.code, f"{lot.lot_id} {name} {mode}", lot.application
    yield customs(1, "ADMIT")
    if mode == "RELEASE_FIRST":
        yield from (customs(2, "CLEAR", quantity), draw(3, half), draw(4, quantity), draw(5, half // 2),
                    draw(6, half // 2, action="RETURN", draw=5), customs(7, "START"), customs(8, "PASS", found), draw(9, found - half))
    elif mode in ("ON_DISCHARGE", "ON_LOADING"):
        yield from (customs(2, "START"), customs(3, "CLEAR", half), draw(4, half), draw(5, half), customs(6, "CLEAR", half),
                    draw(7, half - 100), weigh(7, half - 150), customs(8, "PASS"), customs(9, "WRITE_OFF", 100, "装卸损耗"), customs(10, "CLOSE"))
    else:
        yield from (customs(2, "START"), draw(3, half), customs(4, "PASS", found), draw(5, half), weigh(5, half + half // 50), draw(6, found - half - 10))


class Bulk(Player):
    """A lot at a time. What is asked for too early, or is too much, is refused, and the lot stands as it did."""

    def run(self):
        while True:
            number = LIVE + int(time.time())
            for party, what, make in bulk_story(number):
                answer = self.post(party, make(now()))
                self.say(f"bulk       {party} {what} {answer.receipt.get('verdict', answer.status)}")
                time.sleep(3 * (0.5 + self.chance.random()))


# --- ships and dangerous goods 云登轮、危险货物 -------------------------------------------------------------------------------

class Sea(Player):
    """A call at a time: boarded by documents, once something was mended; with paint or fireworks on board."""

    def run(self):
        forwarder = next(p for p in world.PARTIES if p.code == "FWD-QD-02")
        while True:
            number = 6 * LIVE + int(time.time())
            goods = messages.Consignment(number, forwarder.trader, "I")
            fireworks = number % 2 == 0                     # always inspected; paint only when its lot is drawn
            story = [("CAR-COSU", "boarding asked for", lambda at: messages.boarding_request(goods, 1, at)),
                     ("CUS-QD", "to be mended", lambda at: messages.boarding_result(goods, 1, "DEFICIENT", at, "船员名单未签章")),
                     ("CAR-COSU", "boarding asked for again", lambda at: messages.boarding_request(goods, 2, at)),
                     ("CUS-QD", "cleared", lambda at: messages.boarding_result(goods, 2, "CLEARED", at)),
                     (forwarder.code, "dangerous goods", lambda at: messages.dangerous_goods(goods, fireworks, at)),
                     ("MSA-QD", "permitted", lambda at: messages.dangerous_goods_result(goods, "PERMIT", at))]
            for party, what, make in story:
                answer = self.post(party, make(now()))
                self.say(f"sea        {party} {goods.vessel} {goods.voyage} {what} {answer.receipt.get('verdict', answer.status)}")
                time.sleep(2 * (0.5 + self.chance.random()))


# --- reports of laboratories 第三方采信 ----------------------------------------------------------------------------------

class Labs(Player):
    """A sample at a time. A report by a method that the laboratory is not accepted for is refused."""

    def run(self):
        forwarder = next(p for p in world.PARTIES if p.code == "FWD-QD-02")
        while True:
            number = LIVE - 30_000_000 + int(time.time()) % 10_000_000
            goods, (first, second) = messages.Consignment(number, forwarder.trader, "I"), messages.METHODS
            story = [("CUS-QD", "laboratory registered", lambda at: messages.lab_registration(number, [goods.hs[:4]], at)),
                     (forwarder.code, f"{goods.bill} declared", lambda at: messages.declaration(goods)),
                     ("CUS-QD", "taken in", lambda at: messages.import_response(goods.client_seq_no, goods.seq_no)),
                     ("CUS-QD", "accepted", lambda at: messages.customs_result(goods, "J", at)),
                     ("CUS-QD", "sample taken", lambda at: messages.sample_notice(goods, at)),
                     ("LAB-QD", "report by another method", lambda at: messages.lab_report(goods, 1, [first, "ISO-1"], at)),
                     ("LAB-QD", "report", lambda at: messages.lab_report(goods, 2, [first, second], at)),
                     ("CUS-QD", "released", lambda at: messages.customs_result(goods, "P", at))]
            for party, what, make in story:
                answer = self.post(party, make(now()))
                self.say(f"labs       {party} {what} {answer.receipt.get('verdict', answer.status)}")
                time.sleep(1.5 * (0.5 + self.chance.random()))
            time.sleep(20)


# --- exports, and who settles them 出口退税、出口信保、结汇 ---------------------------------------------------------------------

class Exports(Player):
    """Two exports at a time: one sails and is acknowledged, one is cancelled after it was told."""

    def run(self):
        forwarder = next(p for p in world.PARTIES if p.code == "FWD-QD-02")
        while True:
            number = LIVE - 40_000_000 + int(time.time()) % 10_000_000
            for party, what, make in self.story(forwarder, number):
                answer = self.post(party, make(now()))
                self.say(f"exports    {party} {what} {answer.receipt.get('verdict', answer.status)}")
                time.sleep(0.8 * (0.5 + self.chance.random()))
            for party in ("TAX-QD", "INS-QD", "BNK-QD"):
                self.acknowledge(party)
            time.sleep(20)

    def story(self, forwarder, number):
        sails, cancelled = (messages.Consignment(number + i, world.EXPORTER, "E") for i in range(2))
        for goods in (sails, cancelled):
            own = f"{forwarder.trader.ids}{goods.number:012d}"
            yield forwarder.code, f"{goods.bill} declared", lambda at: messages.declaration(goods, client_seq_no=own, agent=forwarder.trader)
            yield "CUS-QD", "taken in", lambda at: messages.import_response(own, goods.seq_no)
            yield "TML-QQCT", "in the port", lambda at: messages.port_event(goods, "GTIN", at)
            yield "CUS-QD", "released", lambda at: messages.customs_result(goods, "P", at)
            yield "CAR-COSU", "sails", lambda at: messages.port_event(goods, "DEPA", at)
        yield "CUS-QD", f"{cancelled.bill} cancelled", lambda at: messages.customs_result(cancelled, "D", at)

    def acknowledge(self, party):
        """What it was told and has not answered; the tax office asks about the first before it does."""
        for row in self.gateway(party).get("/v1/notices?state=sent").json.get("notices", []):
            replies = [("QUERY", "请确认离境日期"), ("RECEIVE", "")] if party == "TAX-QD" and row["kind"] == "notice" else [("RECEIVE", "")]
            for reply, reason in replies:
                answer = self.post(party, messages.export_notice_reply(row["notice"], reply, now(), reason))
                self.say(f"exports    {party} {reply} {row['kind']} {row['notice']} {answer.receipt.get('verdict', answer.status)}")


# --- cross-border e-commerce 跨境电商 -------------------------------------------------------------------------------------

class Parcels(Player):
    """A parcel at a time, its papers in any order. What comes back once too often is refused."""

    def run(self):
        forwarder = next(p for p in world.PARTIES if p.code == "FWD-QD-02")
        while True:
            parcel = messages.Parcel(LIVE + int(time.time()), forwarder.trader, "COSU", "YRD1")
            papers = [(forwarder.code, "order", parcel.ordered), (forwarder.code, "payment", parcel.paid),
                      ("CAR-COSU", "waybill", parcel.carried), (forwarder.code, "list", parcel.listed)]
            self.chance.shuffle(papers)
            story = [*papers, ("CUS-QD", "registered", lambda at: parcel.answered(120, at)),
                     ("YRD-QD-01", "arrival", parcel.arrived), ("CUS-QD", "released", lambda at: parcel.answered(800, at)),
                     ("CAR-COSU", "departure", parcel.left), (forwarder.code, "3 back by air", lambda at: parcel.sent_back(1, 3, 5, at)),
                     (forwarder.code, "8 back by sea", lambda at: parcel.sent_back(2, 8, 2, at)),
                     (forwarder.code, "7 back by sea", lambda at: parcel.sent_back(3, 7, 2, at)),
                     ("YRD-QD-01", "7 counted", lambda at: parcel.counted(3, "YRD1", at))]
            threading.Thread(target=self.import_one, args=(forwarder, parcel.number), daemon=True).start()
            self.tell(parcel, story)

    def import_one(self, forwarder, number):
        """A buyer each; who was paid tells another amount first."""
        parcel = messages.ImportedParcel(number, forwarder.trader, "COSU", "YRD1", f"37020219900101{number % 10000:04d}")
        papers = [(forwarder.code, "order", parcel.ordered), ("CAR-COSU", "waybill", parcel.carried), (forwarder.code, "list", parcel.listed),
                  ("BNK-QD", "payment of 200", lambda at: parcel.paid(at, 1, 200))]
        self.chance.shuffle(papers)
        self.tell(parcel, [*papers, ("BNK-QD", "payment", lambda at: parcel.paid(at, 2)),
                           ("CUS-QD", "registered", lambda at: parcel.answered(120, at)),
                           ("CUS-QD", "released", lambda at: parcel.answered(800, at)), ("CAR-COSU", "delivered", parcel.delivered)])

    def tell(self, parcel, story):
        for party, what, make in story:
            answer = self.post(party, make(now()))
            self.say(f"parcels    {party} {parcel.order} {what} {answer.receipt.get('verdict', answer.status)}")
            time.sleep(2 * (0.5 + self.chance.random()))


# --- certificates of origin 原产地证书 ----------------------------------------------------------------------------------

class Origin(Player):
    def run(self):
        forwarder = next(p for p in world.PARTIES if p.code == "FWD-QD-02")
        while True:
            number = 5 * LIVE + int(time.time())
            goods = messages.Consignment(number, forwarder.trader, "E")
            while goods.country != "JPN":
                number += 1
                goods = messages.Consignment(number, forwarder.trader, "E")
            self.post(forwarder.code, messages.declaration(goods))
            time.sleep(6)                                   # customs gives it a number
            issued = self.certify(forwarder.code, goods, now(), kind=self.chance.choice("CCD"))
            self.say(f"origin     {forwarder.code} CO-{goods.number} {'issued and printed' if issued else 'waits'}")
            time.sleep(20)

    def certify(self, party, goods, at, kind):
        """Who takes from the queue gets whatever comes first in it; this play has one customs, and decides what it took.
        Whether the certificate was issued."""
        self.post(party, messages.origin_application(goods, at, at, kind))
        if kind == "D":                                     # a declaration of origin: an officer looks at it, and wants something mended
            self.post("CUS-QD", messages.origin_review(f"OR-{goods.number}-1", "TAKE", at))
            self.post("CUS-QD", messages.origin_review(f"OR-{goods.number}-2", "RETURN", at, goods, "未附经核准出口商编号"))
            self.post(party, messages.origin_application(goods, at, at, kind, step=2))
            self.post("CUS-QD", messages.origin_review(f"OR-{goods.number}-3", "TAKE", at))
            self.post("CUS-QD", messages.origin_review(f"OR-{goods.number}-4", "APPROVE", at, goods))
        token = self.token(party, goods)
        for copies in (2, 3):                               # of three in all: the second time is refused
            self.post(party, messages.origin_print(goods, token, copies, at, kind))
        if kind == "C" and token != "none":                 # it is lost: another is issued in its place, and the first ends
            self.post(party, messages.origin_application(goods, at, at, kind, step=3, lost=True))
        return token != "none"

    def token(self, party, goods):
        for _ in range(25):
            time.sleep(0.2)
            found = self.gateway(party).get(f"/v1/certificates?application=CO-{goods.number}").json.get("certificates", [])
            if found and found[0]["token"]:
                return found[0]["token"]
        return "none"


# --- the past 往月 ------------------------------------------------------------------------------------------------------

class Past(Origin):
    """What `clearway simulate` does not tell of the last months: charge lists, lots of bulk goods, certificates of origin."""

    EXPORTS = 50_000_000

    def run(self):
        until, began = now().replace(hour=0, minute=0, second=0, microsecond=0), time.monotonic()
        for charges in charge_lists():
            self.post("TML-QQCT", charges)
        for number in range(len(BULK)):
            for party, _, make in bulk_story(number):
                self.post(party, make(until))
        forwarder = next(p for p in world.PARTIES if p.code == "FWD-QD-01")
        exports = (messages.Consignment(number, forwarder.trader, "E") for number in range(self.EXPORTS, LIVE))
        for goods, kind in zip((goods for goods in exports if goods.country == "JPN"), "CD"):
            self.clear(forwarder.code, goods, until - timedelta(days=5))
            self.certify(forwarder.code, goods, until, kind)
        self.say(f"past       charge lists, {len(BULK)} lots and two certificates of origin in {time.monotonic() - began:.1f} s")

    def clear(self, party, goods, at):
        self.post(party, messages.declaration(goods))
        self.post("TML-QQCT", messages.port_event(goods, "GTIN", at))
        self.post("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        for hours, channel in enumerate("LJPR", start=1):
            self.post("CUS-QD", messages.customs_result(goods, channel, at + timedelta(hours=hours)))


ROLES = {"customs": Customs, "terminal": Terminal, "carrier": Carrier, "forwarder": Forwarder, "folders": Folders,
         "operator": Operator, "office": Office, "inspection": Inspection, "bulk": Bulk, "sea": Sea, "labs": Labs, "parcels": Parcels, "origin": Origin, "exports": Exports, "past": Past}


def end(*unused):
    for pipe in list(wires.Pipe.open):
        pipe.end()
    os._exit(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=ROLES)
    parser.add_argument("directory")
    parser.add_argument("--build", default="build")
    parser.add_argument("--rate", type=float, default=0.2, help="messages a second of a forwarder")
    options = parser.parse_args()
    wires.dies_with_us()
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)            # the demo ends us, in its order
    ROLES[options.role](options).run()


if __name__ == "__main__":
    sys.exit(main())
