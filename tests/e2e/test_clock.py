"""A gateway that starts with a clock that cannot be right: it says so, stamps on, and believes the clock again when told."""
import json
import os
import subprocess
import unittest
from datetime import datetime, timedelta

import harness
from harness import Room, messages

STAMPED_JOURNAL = os.path.join(harness.BUILD, "tests", "e2e", "stamped_journal")


def moment(text):
    return datetime.fromisoformat(text)


def from_now(days):
    return (datetime.now(messages.CHINA) + timedelta(days=days)).replace(microsecond=0)


class Clock(unittest.TestCase):
    def stamp(self, *moments):
        """The journal of a gateway that does not run has one more record of each moment."""
        subprocess.run([STAMPED_JOURNAL, self.room.world.data, *(at.isoformat() for at in moments)], check=True)

    def make(self, *last, **settings):
        """A room whose journal was last written then; started."""
        self.room = Room(settings=settings)
        self.addCleanup(self.room.close)
        os.makedirs(self.room.world.data, exist_ok=True)
        self.stamp(*last)
        self.room.start()
        return self.room

    def clock(self):
        return json.loads(self.room.here("clock", "--json", code=0).stdout)

    def ready(self):
        answer = self.room.monitors().get("/readyz")
        self.assertEqual(answer.status, 200)             # what comes in is taken and stamped
        return answer.json

    def recorded(self):
        """When the next message is recorded."""
        self.serial = getattr(self, "serial", 0) + 1
        message = messages.declaration(messages.Consignment(self.serial, self.room.world.party("FWD-QD-01").trader))
        answer = self.room.party("FWD-QD-01").submit(message, wait=30)
        self.assertEqual(answer.status, 200, answer)
        receipt = self.room.party("FWD-QD-01").get(f"/v1/messages/{answer.json['record']}/receipt").json
        return moment(receipt["recorded"])

    def events(self, event):
        lines = (json.loads(line) for line in self.room.log().splitlines())
        return [line for line in lines if (line["component"], line["event"]) == ("clock", event)]

    def test_a_clock_that_is_right_says_nothing(self):
        self.make(from_now(-20))
        self.assertEqual(self.ready(), {"status": "ready"})
        self.assertEqual(self.clock()["doubt"], "none")
        self.assertEqual(self.events("doubted"), [])
        self.room.here("clock", "accept", "--reason", "to be sure", code=1)     # nothing to accept
        self.room.here("clock", "accept", code=2)                               # without a reason

    def test_years_ahead_at_the_start(self):                                # case 112
        last = from_now(-700)
        room = self.make(last)
        told = self.ready()["clock"]
        self.assertEqual(told["doubt"], "ahead")
        self.assertLess(moment(told["time"]) - last, timedelta(minutes=10))
        self.assertLess(abs(moment(told["wall"]) - from_now(0)), timedelta(minutes=10))
        self.assertEqual(room.metric("clearway_clock_doubted"), 1)
        self.assertEqual(self.events("doubted")[0]["level"], "error")
        self.assertIn("doubted", room.here("clock", "--lang", "en", code=0).stdout)
        self.assertLess(self.recorded() - last, timedelta(minutes=10))          # not two years later
        room.stop()
        room.start()
        self.assertEqual(self.ready()["clock"]["doubt"], "ahead")               # a restart is no answer
        room.here("clock", "accept", "--reason", "the machine stood in a cellar", code=0)
        self.assertEqual(self.ready(), {"status": "ready"})
        self.assertEqual(room.metric("clearway_clock_doubted"), 0)
        self.assertLess(abs(self.recorded() - from_now(0)), timedelta(minutes=10))
        orders = [json.loads(line) for line in
                  room.here("journal", "cat", "--kind", "order", "--json", code=0).stdout.splitlines()]
        self.assertEqual([order["meta"]["order"] for order in orders], ["clock-accept"])
        self.assertEqual(orders[0]["meta"]["reason"], "the machine stood in a cellar")
        room.stop()
        room.start()
        self.assertEqual(self.ready(), {"status": "ready"})

    def test_behind_the_records(self):                                          # case 113
        last = from_now(90)
        room = self.make(from_now(-1), last)
        self.assertEqual(self.ready()["clock"]["doubt"], "behind")
        first = self.recorded()
        self.assertLess(first - last, timedelta(minutes=10))
        room.here("clock", "accept", "--reason", "the records are wrong", code=0)
        self.assertEqual(self.clock()["doubt"], "none")
        second = self.recorded()
        self.assertGreaterEqual(second, first)                                  # stamps never step back
        self.assertEqual(self.recorded(), second)
        room.stop()
        room.start()
        self.assertEqual(self.ready(), {"status": "ready"})                     # the operator's word still stands
        self.assertEqual(self.recorded(), second)

    def test_recorded_while_the_order_was_carried_out(self):                    # case 504
        room = self.make(from_now(-1), from_now(90))
        room.here("clock", "accept", "--reason", "the records are wrong", code=0)
        accepted = self.recorded()
        room.stop()
        self.stamp(accepted + timedelta(seconds=2))     # a record that was stamped before the clock was believed
        room.start()
        self.assertEqual(self.ready(), {"status": "ready"})
        room.stop()
        self.stamp(accepted + timedelta(minutes=3))     # not a matter of moments: somebody must look again
        room.start()
        self.assertEqual(self.ready()["clock"]["doubt"], "behind")

    def test_the_gap_is_a_setting(self):                                        # case 115
        self.make(from_now(-20), **{"clock.gap_days": 10})
        self.assertEqual(self.ready()["clock"]["doubt"], "ahead")


if __name__ == "__main__":
    unittest.main()
