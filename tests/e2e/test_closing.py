"""A month closes on the 20th by the clock of a running gateway: on time, late because it was down, months late, and with a clock that was
put back. The wall clock is the gateway's own (libfaketime); everybody else's is as it is."""
import csv
import glob
import io
import json
import os
import re
import unittest
from datetime import datetime, timedelta

import harness
from harness import Room, eventually, messages, missing

FAKETIME = (glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1") + [""])[0]
NOW = datetime.now(messages.CHINA).replace(microsecond=0)
# Its next 20th, far enough ahead of when the certificates of this test are made; and the month that closes on it.
CLOSES = next(day for day in (NOW.replace(hour=0, minute=0, second=0) + timedelta(days=ahead) for ahead in range(3, 40)) if day.day == 20)
RELEASED = (CLOSES - timedelta(days=25)).replace(hour=12)
MONTH = RELEASED.strftime("%Y-%m")
HOUR = 3600
BEFORE = timedelta(seconds=10)          # midnight, for a start; one that takes longer closes the month as it starts


def day(moment):
    return moment.strftime("%Y-%m-%d")


class Closing(unittest.TestCase):
    def setUp(self):
        if not FAKETIME:
            missing("a clock of the gateway's own: there is no libfaketime")
            self.skipTest("no libfaketime")
        self.room = Room(settings={"journal.segment_mib": 1})
        self.addCleanup(self.room.close)
        self.clock = {}

    def at(self, moment):
        """The gateway runs, and it is that moment for it. It goes on from there."""
        if self.clock:
            self.room.stop()
        behind = (moment - datetime.now(messages.CHINA)).total_seconds()
        self.clock = {"LD_PRELOAD": FAKETIME, "FAKETIME": f"{behind:+.3f}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
                      "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
        self.room.start(env=self.clock)

    def send(self, party, message):
        answer = self.room.party(party).submit(message, wait=30)
        self.assertEqual(answer.status, 200, answer)

    def clear(self, number, arrived=RELEASED - timedelta(hours=30), **more):
        """An import that took 30 hours."""
        goods = messages.Consignment(number, self.room.world.party("FWD-QD-01").trader)
        self.send("TML-QQCT", messages.port_event(goods, "ARRI", arrived))
        self.send("TML-QQCT", messages.port_event(goods, "DISC", arrived + timedelta(hours=8)))
        self.send("FWD-QD-01", messages.declaration(goods))
        self.send("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        for channel, at in (("J", RELEASED - timedelta(hours=6)), ("P", RELEASED)):
            self.send("CUS-QD", messages.customs_result(goods, channel, at))
        return goods

    def correct(self, goods):
        """It arrived fifty hours before its release, not thirty."""
        told = messages.port_event(goods, "ARRI", RELEASED - timedelta(hours=50), message_id=f"EV-{goods.number}-ARRI-2").decode()
        told = told.replace("-ARRI-2</EventID>", "-ARRI</EventID>")
        self.send("TML-QQCT", re.sub("<SentTime>.*</SentTime>", f"<SentTime>{messages.moment(CLOSES)}</SentTime>", told).encode())

    def report(self, *arguments):
        days = () if "--snapshot" in arguments else ("--month", MONTH)
        return json.loads(self.room.here("report", *days, "--json", *arguments, code=0, env=self.clock).stdout)

    def import_mean(self, *arguments):
        return self.report(*arguments)["import"]["overall"]["mean"] / HOUR

    def snapshots(self):
        return [(snapshot["number"], snapshot["revision"], snapshot["at"][:10]) for snapshot in self.report()["snapshots"]]

    def closes(self, *snapshots):
        eventually(lambda: len(self.snapshots()) >= len(snapshots), "the month is closed", pause=0.2)
        self.assertEqual(self.snapshots(), [(number, revision, day(at)) for number, revision, at in snapshots])

    def exported(self, *arguments):
        days = () if "--snapshot" in arguments else ("--month", MONTH)
        told = self.room.here("export", *days, *arguments, "--format", "csv", code=0).stdout
        return {row["declaration"]: row for row in csv.DictReader(io.StringIO(told, newline=""))}

    def refuses_a_day_to_come(self, asked, today):
        """case 683: it was answered as of now, and said nothing of it."""
        days = ("--month", MONTH, "--as-of", asked)
        for verb, form in (("report", "text"), ("report", "json"), ("report", "csv"), ("export", "csv")):
            told = self.room.here(verb, *days, "--format", form, code=1, env=self.clock)
            self.assertEqual((told.stdout, today in told.stderr, "nobody knows yet" in told.stderr), ("", True, True), (verb, form, told.stderr))
        answer = self.room.party("OFC-QD").get(f"/v1/report?month={MONTH}&as-of={asked}")
        self.assertEqual((answer.status, answer.json["code"], today in answer.json["detail"]), (400, "no-period", True), answer)

    def test_a_running_gateway_closes_at_midnight(self):
        self.at(CLOSES - timedelta(hours=9))
        goods = self.clear(1)
        self.assertEqual((self.snapshots(), self.import_mean()), ([], 30))
        self.at(CLOSES - BEFORE)
        self.closes((1, False, CLOSES))
        # what is told after that: corrected, and one more of that month; it is a revision when that day is over
        self.at(CLOSES + timedelta(hours=12))
        self.correct(goods)
        self.clear(2)
        self.assertEqual(self.import_mean(), 40)
        self.assertEqual(self.snapshots(), [(1, False, day(CLOSES))])
        self.at(CLOSES + timedelta(days=1) - BEFORE)
        self.closes((1, False, CLOSES), (2, True, CLOSES + timedelta(days=1)))
        for when, mean in ((-1, 30), (0, 40), (1, 40)):
            self.assertEqual(self.import_mean("--as-of", day(CLOSES + timedelta(days=when))), mean, when)
        self.assertEqual((self.import_mean("--snapshot", "1"), self.import_mean("--snapshot", "2")), (30, 40))
        self.room.here("report", "--month", MONTH, "--as-of", day(CLOSES - timedelta(days=2)), code=3)       # nothing was recorded yet
        self.refuses_a_day_to_come(day(CLOSES + timedelta(days=2)), day(CLOSES + timedelta(days=1)))
        # what changed, and how much of it, is what the exports of both differ by
        before, now = self.exported("--snapshot", "1"), self.exported()
        revision = {"added": len(now.keys() - before.keys()), "removed": len(before.keys() - now.keys()),
                    "changed": sum(before[key] != now[key] for key in now.keys() & before.keys())}
        self.assertEqual(revision, {"added": 1, "removed": 0, "changed": 1})
        self.assertEqual(self.report("--snapshot", "2", "--compare", "snapshot")["import"]["revision"], revision)
        self.assertEqual(self.report("--compare", "snapshot")["import"]["revision"], {"added": 0, "removed": 0, "changed": 0})

    def test_down_on_the_20th_and_started_on_the_22nd(self):
        self.at(CLOSES - timedelta(hours=9))
        goods = self.clear(1)
        self.at(CLOSES + timedelta(days=2, hours=9))
        self.closes((1, False, CLOSES + timedelta(days=2)))
        self.correct(goods)
        for when, mean in ((-1, 30), (0, 30), (1, 30), (2, 50)):
            self.assertEqual(self.import_mean("--as-of", day(CLOSES + timedelta(days=when))), mean, when)
        self.assertEqual((self.import_mean("--snapshot", "1"), self.import_mean()), (30, 50))

    def test_two_months_late(self):
        """Nobody knows whether it was down for so long, or has a wrong clock: nothing is closed until somebody says so."""
        self.at(CLOSES - timedelta(hours=9))
        self.clear(1)
        late = CLOSES + timedelta(days=61, hours=9)
        self.at(late)
        self.assertEqual(self.room.monitors().get("/readyz").json["clock"]["doubt"], "ahead")
        self.assertEqual(self.snapshots(), [])
        self.room.here("clock", "accept", "--reason", "it was down since", code=0)
        self.closes((1, False, late))
        self.assertEqual(self.import_mean("--snapshot", "1"), 30)

    def test_a_clock_that_is_put_back_closes_nothing_twice(self):
        self.at(CLOSES - timedelta(hours=9))
        goods = self.clear(1)
        self.at(CLOSES - BEFORE)
        self.closes((1, False, CLOSES))
        self.at(CLOSES - timedelta(days=2))
        self.assertEqual(self.room.monitors().get("/readyz").json["clock"]["doubt"], "behind")
        self.correct(goods)               # it is stamped behind what was recorded
        self.assertEqual((self.snapshots(), self.import_mean()), ([(1, False, day(CLOSES))], 50))
        self.assertEqual((self.import_mean("--snapshot", "1"), self.import_mean("--as-of", day(CLOSES - timedelta(days=1)))), (30, 30))
        self.assertEqual(self.import_mean("--as-of", day(CLOSES)), 50)
        self.at(CLOSES + timedelta(days=1, hours=1))
        self.closes((1, False, CLOSES), (2, True, CLOSES + timedelta(days=1)))
        self.assertEqual(self.import_mean("--snapshot", "2"), 50)


if __name__ == "__main__":
    harness.main()
