"""replay --recheck: an old journal judged by today's texts, beside the running gateway and without changing anything."""
import json
import os
import shutil
import unittest

import harness
from harness import Room, eventually, messages


class Recheck(unittest.TestCase):
    def setUp(self):
        self.room = Room()
        self.addCleanup(self.room.close)
        self.schemas = self.room.path("schemas")
        shutil.copytree(harness.SCHEMAS, self.schemas)
        self.room.world.schemas = self.schemas
        self.room.world.write_config()
        self.room.start()
        trader = self.room.world.party("FWD-QD-01").trader
        forwarder = self.room.party("FWD-QD-01")
        self.good = forwarder.submit(messages.declaration(messages.Consignment(1, trader)), wait=60)
        self.broken = forwarder.submit(messages.declaration(messages.Consignment(2, trader), gross=10, net=20))
        self.assertEqual((self.good.status, self.broken.status), (200, 422))
        eventually(self.room.decided, "everything is decided")

    def change(self, name, old, new):
        path = os.path.join(self.schemas, name)
        with open(path) as file:
            text = file.read()
        self.assertIn(old, text)
        with open(path, "w") as file:
            file.write(text.replace(old, new, 1))

    def decisions(self):
        return self.room.here("journal", "cat", "--json", "--kind", "decision", code=0).stdout

    def recheck(self, code):
        return json.loads(self.room.here("replay", "--recheck", "--json", code=code).stdout)

    def test_nothing_differs_by_the_same_texts(self):
        told = self.recheck(0)
        self.assertEqual((told["differences"], told["messages"]), ([], 2))
        self.assertIn("0 verdicts differ", self.room.here("replay", "--recheck", code=0).stdout)

    def test_a_rule_and_a_route_that_changed(self):
        self.change("rules", "rule D01  error", "rule D01  observe")
        self.change("routes", "to carrier at", "# to carrier at")
        before = self.decisions()
        told = self.recheck(1)
        self.assertEqual((told["verdict_differences"], told["decision_differences"]), (1, 1))
        verdict, decision = told["differences"]
        self.assertEqual((verdict["what"], verdict["record"], verdict["then"], verdict["now"]),
                         ("verdict", self.broken.receipt["record"], "refused D01", "accepted"))
        self.assertEqual((decision["what"], decision["record"]), ("decision", self.good.json["record"]))
        self.assertIn("CAR-COSU:R02", decision["then"])
        self.assertNotIn("CAR-COSU:R02", decision["now"])
        printed = self.room.here("replay", "--recheck", code=1).stdout
        self.assertIn("refused D01", printed)
        self.assertIn("1 verdicts differ", printed)
        self.assertEqual(self.decisions(), before)

    def test_wrong_use(self):
        self.room.here("replay", "--recheck", "--rebuild", code=2)
        self.room.here("replay", code=2)
        self.change("rules", "rule D01  error", "rule D01  fatal")
        self.assertIn("fatal", self.room.here("replay", "--recheck", code=78).stderr)


if __name__ == "__main__":
    unittest.main()
