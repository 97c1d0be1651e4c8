"""Events topics of Kafka, on librdkafka's mock cluster and with kcat at the other end: each party reads what concerns it, all of it and nothing
else, over kills of the gateway and outages of the broker. tests/e2e/kafka has the same on a real broker."""
import json
import os
import unittest

from harness import Room, eventually, messages, program, wires, world
from test_kafka_submissions import kcat_all

FORWARDER, OTHER, OFFICE = "FWD-QD-01", "FWD-QD-02", "OFC-QD"
TELLS = (FORWARDER, OTHER, OFFICE)


def parties(tells=TELLS):
    return [world.Party(party.code, party.zh, party.en, party.role, party.traders or party.declares, tells=party.code in tells)
            for party in world.PARTIES if party.code in TELLS]


class Events(unittest.TestCase):
    serial = 500000

    def setUp(self):
        self.room = Room(parties=parties())
        self.addCleanup(self.room.close)
        self.topics = [self.room.world.party(code).events for code in TELLS]
        self.broker = self.make_broker()
        self.room.world.make()

    def make_broker(self):
        broker = self.room.wire(wires.Broker(program("mock_broker"), *self.topics))
        self.room.world.kafka = broker.address
        return broker

    def down(self):
        self.broker.order("down")

    def up(self):
        self.broker.order("up")

    def submit(self, code, count=1, **options):
        for _ in range(count):
            Events.serial += 1
            goods = messages.Consignment(Events.serial, self.room.world.party(code).trader)
            answer = self.room.party(code).submit(messages.declaration(goods, **options))
            self.assertEqual(answer.status, 202, answer)

    def records(self, kind):
        lines = self.room.here("journal", "cat", "--json", "--kind", kind, code=0).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def read(self, code):
        """What stands on the party's topic: [(headers, event, key)] as a reader takes it, each id once; and how many were there."""
        rows, events = kcat_all(self.broker.address, self.room.world.party(code).events), {}
        for row in rows:
            headers, event = row["headers"], json.loads(row["payload"])
            self.assertEqual(headers["content-type"], "application/cloudevents+json")
            self.assertEqual([headers.get(f"ce_{name}") for name in ("specversion", "id", "source", "type", "subject", "time", "sequence")],
                             [event.get(name) for name in ("specversion", "id", "source", "type", "subject", "time", "sequence")])
            self.assertEqual(row["key"] or None, event.get("subject"))
            known = events.setdefault(event["id"], (headers, event, row["key"]))
            self.assertEqual(known[1], event, "told again, it is the same")
        return list(events.values()), len(rows)

    def decisions_told(self, code):
        return len([event for _, event, _ in self.read(code)[0] if event["type"] == "clearway.event.decision.v1"])

    def expected(self, code):
        """Outside oracle, from the journal alone: the ids of what this party is to be told."""
        ours = {record["number"] for record in self.records("message") if record["meta"]["party"] == code}
        ids = []
        for record in self.records("decision"):
            moves = [move for move in record["meta"].get("moves", []) if (move["part"], move["event"]) == ("milestones", "told")]
            told = [1] if record["meta"]["cause"] in ours else []
            told += [1 for move in moves if code == OFFICE or move["data"].get("record") in ours]
            ids += [f"{record['number']}-{serial + 1}" for serial in range(len(told))]
        return ids

    def expect_all(self):
        """Lost 0, doubled 0 after de-duplication by id, misdelivered 0; of a consignment in the journal's order."""
        eventually(self.room.decided, "everything is decided")
        repeats = 0
        for code in TELLS:
            expected = self.expected(code)
            self.assertTrue(expected, code)
            events = eventually(lambda: (lambda found: found if len(found[0]) >= len(expected) else None)(self.read(code)), "it is told", pause=0.2)
            self.assertEqual(sorted(event["id"] for _, event, _ in events[0]), sorted(expected), code)
            repeats += events[1] - len(expected)
            places = {}
            for _, event, key in events[0]:
                self.assertLessEqual(places.get(key, 0), int(event["sequence"]))
                places[key] = int(event["sequence"])
        return repeats

    def test_each_party_is_told_what_concerns_it(self):
        """Case 580."""
        self.room.start()
        self.submit(FORWARDER, 3)
        self.submit(OTHER, 2)
        self.assertEqual(self.expect_all(), 0, "nothing is told twice while all goes well")
        told = {code: [event["type"] for _, event, _ in self.read(code)[0]] for code in TELLS}
        self.assertEqual(told[FORWARDER].count("clearway.event.decision.v1"), 3)
        self.assertEqual(told[OTHER].count("clearway.event.decision.v1"), 2)
        self.assertEqual(set(told[OFFICE]), {"clearway.event.milestone.v1"})
        self.room.stop()
        self.room.start()                              # it goes on where it was
        self.submit(FORWARDER)
        self.assertEqual(self.expect_all(), 0)
        self.room.stop()

    def test_killed_while_the_broker_goes_and_comes_back(self):
        """Case 581."""
        self.room.start()
        for _ in range(3):
            self.submit(FORWARDER, 10)
            self.down()
            self.submit(OTHER, 10)
            self.room.kill()
            self.room.start()
            self.submit(FORWARDER, 5)
            self.up()
        self.expect_all()
        self.room.stop()

    def test_without_what_it_remembers(self):
        """Case 582: the file is gone, or of another journal: all is told again, under the ids it had."""
        self.room.start()
        self.submit(FORWARDER, 3)
        self.submit(OTHER, 3)
        self.assertEqual(self.expect_all(), 0)
        self.room.stop()
        os.unlink(self.room.path("data", "kafka.events"))
        self.room.start()
        self.submit(FORWARDER)
        self.submit(OTHER)
        self.expect_all()
        eventually(lambda: self.read(OTHER)[1] > len(self.expected(OTHER)), "it is told again", pause=0.2)
        self.expect_all()
        self.room.stop()

    def test_topics_come_and_go_by_reload(self):
        """Case 583: who is named by another edition is told everything from the beginning, who was taken out nothing more, who comes back
        what was between."""
        self.room.world.parties = parties((FORWARDER, OFFICE))
        self.room.world.make()
        self.room.start()
        self.submit(OTHER, 2)
        self.submit(FORWARDER, 2)
        for tells, told in ((TELLS, 2), ((OTHER, OFFICE), 4)):
            eventually(lambda: self.decisions_told(FORWARDER) == told, "what was sent until here is told", pause=0.2)
            self.room.world.parties = parties(tells)
            self.room.world.make()
            self.room.here("reload", code=0)
            self.submit(OTHER, 2)
            self.submit(FORWARDER, 2)
        eventually(self.room.decided, "everything is decided")
        eventually(lambda: len(self.read(OTHER)[0]) == len(self.expected(OTHER)), "the others are told", pause=0.2)
        self.assertEqual(self.decisions_told(FORWARDER), 4)
        self.room.world.parties = parties()
        self.room.world.make()
        self.room.here("reload", code=0)
        self.assertEqual(self.expect_all(), 0)
        self.room.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
