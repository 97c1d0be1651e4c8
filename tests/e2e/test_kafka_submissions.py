"""A party that submits through Kafka, on librdkafka's mock cluster and with kcat at the other end: what it gets back, what is recorded,
while the gateway is killed and the broker goes and comes back. tests/e2e/kafka has the same on a real broker."""
import base64
import hashlib
import json
import os
import signal
import subprocess
import time
import unittest

from harness import Room, eventually, messages, program, wires, world

FORWARDER = "FWD-QD-02"


PRODUCE, FETCH, OFFSET_COMMIT = 0, 1, 8        # requests of Kafka's protocol
NOT_LEADER, LEADER_NOT_AVAILABLE, NOT_ENOUGH_REPLICAS, TIMED_OUT, OUT_OF_ORDER, LOST = 6, 5, 19, 7, 45, -195


def parties(submits=True):
    """The simulated port, where the second forwarder submits through Kafka (or not yet), and is told of events there."""
    return [world.Party("FWD-QD-02", "青岛中远报关行", "Qingdao Zhongyuan Customs Brokers", "declarant",
                        [messages.Trader("3702980002", "青岛中远报关有限公司", 12)], kafka=submits, tells=True)
            if party.code == FORWARDER else party for party in world.PARTIES]


def kcat_all(brokers, topic):
    """All messages of a topic that have headers: [{"key", "headers": {}, "payload"}]."""
    done = subprocess.run(["kcat", "-C", "-q", "-e", "-J", "-b", brokers, "-t", topic, "-o", "beginning", "-X", "fetch.wait.max.ms=10"],
                          capture_output=True, text=True, timeout=60, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [{**row, "headers": dict(zip(row["headers"][::2], row["headers"][1::2]))} for row in rows if row.get("headers")]


class Submissions(unittest.TestCase):
    serial = 0

    def setUp(self):
        forwarder = next(party for party in parties() if party.code == FORWARDER)
        self.topic, self.receipts, self.events = forwarder.submissions, forwarder.receipts, forwarder.events
        self.customs = world.TOPIC
        self.trader = forwarder.trader
        self.room = Room(parties=parties())
        self.addCleanup(self.room.close)
        self.broker = self.make_broker()
        self.room.world.make()

    def make_broker(self):
        broker = self.room.wire(wires.Broker(program("mock_broker"), "-b", "3", *self.topics()))
        self.room.world.kafka = broker.address
        return broker

    def topics(self):
        return [self.topic, self.receipts, self.events, self.customs]

    def declaration(self):
        Submissions.serial += 1
        return messages.declaration(messages.Consignment(self.serial, self.trader))

    def produce(self, *submitted, key=None, partition=None, headers=()):
        """Each message by kcat, in this order."""
        arguments = ["kcat", "-P", "-b", self.broker.address, "-t", self.topic, "-X", "acks=all"]
        arguments += ["-k", key] if key else []
        arguments += ["-p", str(partition)] if partition is not None else []
        arguments += [word for header in headers for word in ("-H", header)]
        names = [self.room.path(f"message-{i}.bin") for i in range(len(submitted))]
        for name, message in zip(names, submitted):
            with open(name, "wb") as out:
                out.write(message)
        done = subprocess.run([*arguments, *names], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)

    def read(self, topic):
        return kcat_all(self.broker.address, topic)

    def answers(self):
        """{(partition, offset): [answer, ...]} of what is on the receipts topic, engine's refusals aside."""
        found = {}
        for row in self.read(self.receipts):
            if "clearway-offset" in row["headers"]:
                where = (int(row["headers"]["clearway-partition"]), int(row["headers"]["clearway-offset"]))
                found.setdefault(where, []).append(row)
        return found

    def recorded(self):
        """{digest: [record number, ...]} of the messages in the journal."""
        found = {}
        for line in self.room.here("journal", "cat", "--json", "--kind", "message", code=0).stdout.splitlines():
            row = json.loads(line)
            found.setdefault(row["meta"]["digest"], []).append(row["number"])
        return found

    def wait_answers(self, count):
        return eventually(lambda: (lambda found: found if len(found) >= count else None)(self.answers()), f"{count} answers", pause=0.2)

    def test_each_message_gets_its_receipt(self):
        self.room.start()
        good, broken = self.declaration(), b"<nothing/>"
        self.produce(good, key="K1", partition=1, headers=["clearway-format=cn-dec", "clearway-party=CUS-QD"])
        self.produce(broken, partition=2)
        self.wait_answers(2)
        self.produce(good, partition=3)                  # the same bytes at another place: the first receipt again
        answers = self.wait_answers(3)
        accepted, refused, again = answers[1, 0][0], answers[2, 0][0], answers[3, 0][0]
        receipt = json.loads(accepted["payload"])
        self.assertEqual((receipt["verdict"], receipt["party"]), ("accepted", FORWARDER))
        self.assertEqual(receipt["digest"], "sha256:" + hashlib.sha256(good).hexdigest())
        self.assertEqual(accepted["key"], "K1")
        self.assertEqual(accepted["headers"]["ce_type"], "clearway.receipt.v1")
        self.assertTrue(accepted["headers"]["ce_id"].endswith(f"/{self.topic}/1/0"))
        self.assertEqual(json.loads(refused["payload"])["verdict"], "refused")
        self.assertEqual(again["payload"], accepted["payload"])
        self.assertEqual(again["headers"]["clearway-repeated"], "true")
        rows = map(json.loads, self.room.here("journal", "cat", "--json", "--kind", "message", code=0).stdout.splitlines())
        row = next(row for row in rows if row["number"] == receipt["record"])
        self.assertEqual((row["meta"]["party"], row["meta"]["channel"]), (FORWARDER, "kafka"))
        self.assertTrue(row["meta"]["origin"].endswith(f"/{self.topic}/1/0"), row["meta"])
        self.room.stop()

    def test_how_far_reading_is_behind_is_told(self):
        """Case 664: while no broker could be reached, a topic that had been read was told to be read well."""
        self.room.start()
        self.produce(*[self.declaration() for _ in range(5)])
        self.wait_answers(5)

        def told():
            rows = json.loads(self.room.here("doctor", "--json").stdout)["checks"]
            return [(row["state"], row["en"]) for row in rows if (row["check"], row["subject"]) == ("intake", self.topic)]
        eventually(lambda: told() == [("ok", f"{FORWARDER}: 0 are not read yet")], "nothing is left on its topic")
        self.broker.order("down")
        eventually(lambda: told()[0][0] == "warning", "it cannot be read")
        self.broker.order("up")
        eventually(lambda: told()[0][0] == "ok", "it goes on by itself")

    def test_a_message_in_a_wrapper(self):
        """Case 543: the message within is recorded and answered, but what stands at the offset is the wrapper; the next start, which reads
        that again, knows it."""
        self.room.start()
        message = self.declaration()
        wrapped = (b"<DxpMsg xmlns='http://www.chinaport.gov.cn/dxp'><TransInfo><SenderId>CUS-QD</SenderId></TransInfo><Data>"
                   + base64.encodebytes(message) + b"</Data></DxpMsg>")
        self.produce(message, wrapped, partition=0)
        self.produce(wrapped, partition=1)
        answers = self.wait_answers(3)
        bare, within = (json.loads(answers[where][0]["payload"]) for where in ((0, 0), (0, 1)))
        self.assertEqual(bare["record"], within["record"])
        self.assertEqual(within["digest"], "sha256:" + hashlib.sha256(message).hexdigest())
        self.assertEqual((within["verdict"], within["party"]), ("accepted", FORWARDER))
        self.room.stop()
        self.room.start()
        for partition in range(2):
            self.produce(self.declaration(), partition=partition)
        self.wait_answers(5)
        self.assertEqual(len(self.recorded()), 3)
        self.room.stop()

    def test_a_refusal_of_the_engine_comes_to_the_receipts_topic(self):
        """Case 471."""
        self.room.start()
        Submissions.serial += 1
        goods = messages.Consignment(self.serial, self.trader)
        self.produce(messages.declaration(goods, step="6", entry_number=goods.entry_number), partition=0)
        def refusals():
            return [row for row in self.read(self.receipts) if "clearway-origin" in row["headers"]]
        refusal, = eventually(refusals, "the refusal", pause=0.2)
        self.assertTrue(refusal["headers"]["clearway-origin"].endswith(f"/{self.topic}/0/0"), refusal)
        self.assertIn("T01", refusal["payload"])
        self.assertEqual(json.loads(self.answers()[0, 0][0]["payload"])["verdict"], "accepted")
        self.room.stop()

    def expect_each_once(self, submitted):
        """Outside oracle: every offset is answered, every message recorded once, each copy of an answer is the same."""
        answers = self.wait_answers(len(submitted))
        self.assertEqual(len(answers), len(submitted))
        for copies in answers.values():
            self.assertEqual(len({row["payload"] for row in copies}), 1)
        recorded = self.recorded()
        for message in submitted:
            self.assertEqual(len(recorded[hashlib.sha256(message).hexdigest()]), 1)
        told = sorted(json.loads(rows[0]["payload"])["record"] for rows in answers.values())
        self.assertEqual(told, sorted(number for numbers in recorded.values() for number in numbers))

    def expect_delivered(self, submitted, others=None):
        """Lost 0, doubled 0 after de-duplication by delivery id, misdelivered 0: customs has what was accepted, the forwarder's topics
        nothing of it; and the forwarder is told of each decision once. others: what customs has of other senders, {delivery: digest}."""
        records = {numbers[0]: digest for digest, numbers in self.recorded().items()}
        expected = {f"{record}/CUS-QD": digest for record, digest in records.items()
                    if digest in {hashlib.sha256(message).hexdigest() for message in submitted if b"<refused" not in message}}
        for_customs = {**expected, **(others or {})}
        def delivered():
            rows = self.read(self.customs)
            return rows if len({row["headers"]["ce_id"] for row in rows}) >= len(for_customs) else None
        for row in eventually(delivered, "customs has all of it", pause=0.2):
            self.assertEqual(for_customs.get(row["headers"]["ce_id"]), hashlib.sha256(row["payload"].encode()).hexdigest())
        self.assertEqual([row for row in self.read(self.receipts) if row["headers"]["content-type"] != "application/json"], [])
        def told():
            events = {row["headers"]["ce_id"]: json.loads(row["payload"]) for row in self.read(self.events)}
            decided = [event["data"]["record"] for event in events.values() if event["type"] == "clearway.event.decision.v1"]
            return (sorted(decided), events) if len(decided) >= len(expected) else None
        decided, events = eventually(told, "the forwarder is told", pause=0.2)
        self.assertEqual(decided, sorted(int(delivery.split("/")[0]) for delivery in expected))
        self.assertLessEqual({event["data"]["record"] for event in events.values()}, set(records))

    def test_killed_while_it_reads(self):
        """Case 472: lost 0, doubled 0, also of what was refused."""
        submitted = [self.declaration() if i % 4 else b"<refused n='%d'/>" % i for i in range(240)]
        for i in range(4):
            self.produce(*submitted[60 * i:60 * (i + 1)], partition=i)
        for kills in range(4):
            self.room.start()
            recorded = lambda: self.room.metric("clearway_journal_durable_number") > 40 * (kills + 1)  # noqa: E731
            eventually(recorded, "some are recorded", pause=0.002)
            self.room.kill()
        self.room.start()
        self.expect_each_once(submitted)
        self.room.stop()

    def test_a_broker_that_goes_and_comes_back(self):
        self.room.start()
        submitted = [self.declaration() for _ in range(40)]
        self.produce(*submitted[:20])
        self.wait_answers(1)
        self.broker.order("down")
        self.broker.order("up")
        self.produce(*submitted[20:])
        self.expect_each_once(submitted)
        self.room.stop()

    def test_leaders_move_and_brokers_refuse(self):
        """Case 590: while messages come in, go out and are told of, every partition gets another leader, brokers answer with errors that
        pass and cut connections, the producer meets a fatal error, and the gateway is killed. Nothing is parked."""
        submitted = [self.declaration() if i % 4 else b"<refused n='%d'/>" % i for i in range(160)]
        self.room.start()
        for round in range(4):
            self.produce(*submitted[40 * round:40 * (round + 1)], partition=round)
            for error in (NOT_LEADER, LEADER_NOT_AVAILABLE, NOT_ENOUGH_REPLICAS, TIMED_OUT, LOST):
                self.broker.order(f"error {PRODUCE} {error}")
            for request in (FETCH, OFFSET_COMMIT):
                self.broker.order(f"error {request} {NOT_LEADER}")
                self.broker.order(f"error {request} {LOST}")
            for topic in self.topics():
                for partition in range(4):
                    self.broker.order(f"leader {topic} {partition} {(partition + round) % 3 + 1}")
            if round == 1:
                self.room.kill()
                self.room.start()
            eventually(lambda: self.room.metric("clearway_journal_durable_number") > 60 * (round + 1), "some are recorded", pause=0.002)
        self.expect_each_once(submitted)
        self.expect_delivered(submitted)
        others = {}
        for _ in range(20):
            if self.room.metric("clearway_kafka_producer_rebuilt_total") > 0:
                break
            self.broker.order(f"error {PRODUCE} {OUT_OF_ORDER}")
            for _ in range(8):
                message = messages.declaration(messages.Consignment(80000 + len(others), self.room.world.party("FWD-QD-01").trader))
                answer = self.room.party("FWD-QD-01").submit(message, wait=10)
                others[f"{answer.json['record']}/CUS-QD"] = hashlib.sha256(message).hexdigest()
            self.expect_delivered(submitted, others)
        self.assertGreater(self.room.metric("clearway_kafka_producer_rebuilt_total"), 0)
        rows = json.loads(self.room.here("queue", "--json", code=0).stdout)["deliveries"]
        self.assertEqual([row for row in rows if row["party"] in ("CUS-QD", FORWARDER)], [])
        self.room.stop()

    def test_other_properties_while_it_reads_and_sends(self):
        """case 567: other properties, or certificates under their names, needed a restart: producer and consumer are made anew by a
        reload, while messages come and go, and nothing is lost or told twice."""
        properties = self.room.path("kafka.properties")
        self.room.world.settings.update({"kafka.properties": "kafka.properties"})
        self.room.world.make()

        def write(n):
            with open(properties, "w") as out:
                out.write(f"client.rack = rack-{n}\n")

        write(0)
        self.room.start()
        renewed = lambda: self.room.metric("clearway_kafka_renewed_total")
        submitted = []
        for n in range(1, 4):
            some = [self.declaration() for _ in range(30)]
            submitted += some
            self.produce(*some, partition=n)
            write(n)
            # the producer before may still end, and is not made anew until it has
            eventually(lambda: self.room.here("reload").returncode == 0, "they are made anew", pause=1)
            eventually(lambda: renewed() == 2 * n, "producer and consumer are others")
        self.room.here("reload", code=0)
        self.assertEqual(renewed(), 6)                                # nothing changed, so nobody else
        with open(properties, "a") as out:
            out.write("no.such.property = 1\n")
        self.assertIn("no property of this name", self.room.here("reload", code=78).stderr)
        answers = self.wait_answers(len(submitted))
        self.assertEqual({len(rows) for rows in answers.values()}, {1})
        self.assertEqual(len(self.recorded()), len(submitted))
        self.assertEqual({len(numbers) for numbers in self.recorded().values()}, {1})
        last = self.declaration()
        self.produce(last)
        self.wait_answers(len(submitted) + 1)
        sent = eventually(lambda: (lambda rows: rows if len({row["headers"]["ce_id"] for row in rows}) == len(submitted) + 1 else None)(
            self.read(self.customs)), "customs has each", pause=0.2)
        self.assertEqual(len(sent), len(submitted) + 1)               # and each once
        self.room.stop()

    def test_a_broker_that_is_stuck_keeps_no_stop(self):
        """Case 591: it holds its connections and answers nothing; the gateway ends in time all the same, and goes on from there."""
        submitted = [self.declaration() for _ in range(40)]
        self.room.start()
        self.produce(*submitted)
        self.wait_answers(1)
        self.addCleanup(self.broker.process.send_signal, signal.SIGCONT)     # else nothing could end it
        self.broker.process.send_signal(signal.SIGSTOP)
        begun = time.monotonic()
        self.room.stop()
        self.assertLess(time.monotonic() - begun, 30)
        self.broker.process.send_signal(signal.SIGCONT)
        self.room.start()
        self.expect_each_once(submitted)
        self.expect_delivered(submitted)
        self.room.stop()

    def test_a_topic_comes_and_goes_by_reload(self):
        """Case 592: a party that submits through Kafka is added, taken out while messages of it are under way, and added again."""
        def reload(submits):
            self.room.world.parties = parties(submits)
            self.room.world.make()
            self.room.here("reload", code=0)
        self.room.world.parties = parties(False)
        self.room.world.make()
        self.room.start()
        submitted = [self.declaration() if i % 4 else b"<refused n='%d'/>" % i for i in range(160)]
        self.produce(*submitted[:40])
        reload(True)                                 # the first topic of all
        self.expect_each_once(submitted[:40])
        self.produce(*submitted[40:120])
        eventually(lambda: self.room.metric("clearway_journal_durable_number") > 90, "some are recorded", pause=0.002)
        reload(False)
        self.produce(*submitted[120:])
        self.assertEqual(self.room.monitors().get("/readyz").json["kafka"]["topics_not_read"], [])
        self.assertLess(len(self.answers()), 160, "nobody reads what comes now")
        reload(True)
        self.expect_each_once(submitted)
        self.expect_delivered(submitted)
        self.room.stop()

    def test_a_gate_that_is_full_keeps_nothing_back_for_good(self):
        """Case 473: more than the party may have under way; and who comes by another way is served meanwhile."""
        self.room.world.settings["limits.party_messages"] = 2
        self.room.world.make()
        self.room.start()
        submitted = [self.declaration() for _ in range(120)]
        self.produce(*submitted)
        goods = messages.Consignment(90000 + self.serial, self.room.world.party("FWD-QD-01").trader)
        self.assertEqual(self.room.party("FWD-QD-01").submit(messages.declaration(goods)).status, 202)
        answers = self.wait_answers(len(submitted))
        self.assertEqual(len(answers), len(submitted))
        self.assertEqual(sum(len(numbers) for numbers in self.recorded().values()), len(submitted) + 1)
        self.room.stop()

    def positions(self, change):
        """What the gateway remembers, a line for each partition, rewritten while it does not run."""
        path = self.room.path("data", "kafka.positions")
        with open(path) as file:
            head, *lines = file.read().splitlines()
        with open(path, "w") as out:
            out.writelines(line + "\n" for line in [head, *(change(line.split(" ")) for line in lines)])

    def test_a_topic_that_is_not_the_one_it_was(self):
        """Case 474: the message before the position is another one, or the log ends before it: nothing more is read, and it is told."""
        first = self.declaration()
        self.room.start()
        self.produce(first, partition=0)
        self.wait_answers(1)
        self.room.stop()
        other = hashlib.sha256(b"another").hexdigest()
        for change in (lambda words: " ".join(words[:3] + [other if words[3] != "-" else "-"]),
                       lambda words: " ".join(words[:2] + [str(int(words[2]) + 1000)] + words[3:])):
            self.positions(change)
            self.room.start()
            stopped = "clearway_kafka_topics_stopped"
            eventually(lambda: self.room.metric(stopped) == 1, "it is stopped")
            told = self.room.monitors().get("/readyz").json["kafka"]["topics_not_read"]
            self.assertEqual([(row["party"], row["reason"], row["stopped"]) for row in told], [(FORWARDER, "topic-anew", True)])
            self.assertIn('"event":"topic_stopped"', self.room.log())
            rows = json.loads(self.room.here("doctor", "--json", code=1).stdout)["checks"]
            self.assertEqual([(row["subject"], row["en"]) for row in rows if row["check"] == "intake" and row["state"] == "failed"],
                             [(self.topic, f"{FORWARDER}, stopped: the topic was made anew: give it another name, and name that in the parties file")])
            self.room.stop()
        self.assertEqual(len(self.recorded()), 1)

    def test_without_what_it_remembers(self):
        """The group's offsets do, and what is read again is recognised."""
        submitted = [self.declaration() for _ in range(20)]
        self.room.start()
        self.produce(*submitted)
        self.wait_answers(20)
        self.room.kill()
        os.unlink(self.room.path("data", "kafka.positions"))
        self.room.start()
        submitted.append(self.declaration())
        self.produce(submitted[-1])
        self.expect_each_once(submitted)
        self.room.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
