"""The month's clearance times, and state.db made anew from the journal."""
import contextlib
import csv
import io
import json
import os
import select
import shutil
import sqlite3
import subprocess
import unittest
from datetime import datetime, timedelta

from harness import BUILD, CLEARWAY, PATIENCE, SCHEMAS, HeldThread, Room, RoomTest, eventually, gateway_client, messages

START = datetime(2026, 10, 6, 8, tzinfo=messages.CHINA)
HOURS = {"ARRI": 0, "DISC": 8, "J": 20, "P": 26, "GTOT": 50}         # of an import, from its arrival
IMPORTS, EXPORTS = 5, 3
HOUR = 3600                     # seconds, in which figures are told


class Report(RoomTest):
    options = {"settings": {"journal.segment_mib": 1}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number in range(IMPORTS):
            cls.clear(cls.goods(), number)
        for number in range(EXPORTS):
            cls.leave(cls.goods(direction="E"), number)
        eventually(cls.room.decided, "everything is decided")

    @classmethod
    def send(cls, party, message):
        answer = cls.room.party(party).submit(message)
        assert answer.status == 202, answer

    @classmethod
    def customs(cls, goods, hours):
        cls.send("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        for channel in ("J", "P"):
            cls.send("CUS-QD", messages.customs_result(goods, channel, hours(channel)))

    @classmethod
    def clear(cls, goods, number):
        """The n-th import takes n hours longer to clear than the first."""
        def at(code):
            return START + timedelta(days=number, hours=HOURS[code] + (number if code in ("P", "GTOT") else 0))
        for code in ("ARRI", "DISC"):
            cls.send("TML-QQCT", messages.port_event(goods, code, at(code)))
        cls.send("FWD-QD-01", messages.declaration(goods))
        cls.customs(goods, at)
        cls.send("TML-QQCT", messages.port_event(goods, "GTOT", at("GTOT")))

    @classmethod
    def leave(cls, goods, number):
        start = START + timedelta(days=number)
        hours = {"GTIN": 0, "J": 10, "P": 11, "LOAD": 30, "DEPA": 40}
        cls.send("FWD-QD-01", messages.declaration(goods))
        cls.send("TML-QQCT", messages.port_event(goods, "GTIN", start))
        cls.customs(goods, lambda channel: start + timedelta(hours=hours[channel]))
        for code in ("LOAD", "DEPA"):
            cls.send("TML-QQCT", messages.port_event(goods, code, start + timedelta(hours=hours[code])))

    def report(self, *arguments):
        return self.room.here("report", "--month", "2026-10", *arguments, code=0).stdout

    def test_a_file_for_a_browser_is_made_where_there_is_a_page(self):
        with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as cache:
            has_page = "CLEARWAY_PAGE:BOOL=ON" in cache.read()
        done = self.room.here("report", "--month", "2026-10", "--format", "html", code=0 if has_page else 2)
        self.assertEqual(done.stdout.startswith("<!DOCTYPE html>"), has_page)
        self.assertEqual("was built without the page" in done.stderr, not has_page)
        self.assertIn(json.dumps(json.loads(self.report("--json"))["import"]["overall"]["mean"]), done.stdout if has_page else self.report("--json"))
        self.room.here("report", "--month", "2001-01", "--format", "html", code=3 if has_page else 2)
        self.room.here("export", "--month", "2026-10", "--format", "html", code=2)

    def test_over_http_it_is_the_offices(self):
        answer = self.room.party("OFC-QD").get("/v1/report?month=2026-10")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(json.loads(self.report("--json")), answer.json)
        self.assertEqual(self.room.party("FWD-QD-01").get("/v1/report?month=2026-10").status, 403)
        told = self.room.party("OFC-QD").get("/v1/report?month=2025-01")
        self.assertEqual((told.status, told.json["code"], told.json["detail"]),
                         (404, "not-found", "no declaration was released from 2025-01-01 to 2025-01-31"))
        for month in ("9999-12", "0001-01", "2200-01", ""):               # case 105: no such month ends the gateway
            self.assertEqual(self.room.party("OFC-QD").get("/v1/report?month=" + month).status, 400)

    def test_a_table_over_the_network_is_the_same(self):
        """case 888: what answered with CSV was taken for no gateway."""
        told = self.room.clearway("report", "--month", "2026-10", "--format", "csv", party="OFC-QD", code=0)
        self.assertEqual((told.stdout, told.stderr), (self.report("--format", "csv"), ""))

    def test_it_is_the_offices_here_too(self):
        """case 321"""
        told = self.room.here("report", "--month", "2026-10", "--as", "FWD-QD-01", code=77)
        self.assertEqual(told.stdout, "")
        self.assertIn("port office", told.stderr)
        self.assertEqual(self.report("--as", "OFC-QD"), self.report())

    def test_segments_of_the_month(self):
        report = json.loads(self.report("--json"))
        means = {"import": {"discharge": 8 * HOUR, "preparation": 12 * HOUR, "customs": 8 * HOUR, "removal": 24 * HOUR},
                 "export": {"preparation": 10 * HOUR, "customs": HOUR, "after": 19 * HOUR, "unberthing": 10 * HOUR}}
        for direction, population, total in (("import", IMPORTS, 52 * HOUR), ("export", EXPORTS, 40 * HOUR)):
            told = report[direction]
            self.assertEqual((told["population"], told["complete"]), (population, population))
            signed = {segment["name"]: segment["signed"] for segment in told["segments"]}
            self.assertEqual({name: signed[name]["mean"] for name in means[direction]}, means[direction])
            self.assertEqual({signed[name]["n"] for name in means[direction]}, {population})
            self.assertEqual(told["total"]["signed"]["mean"], total)      # means of complete chains add up
        customs = next(segment for segment in report["import"]["segments"] if segment["name"] == "customs")["signed"]
        self.assertEqual((customs["median"], customs["p90"]), (8 * HOUR, 10 * HOUR))

    def test_case_721_no_dimension_is_called_as_a_column(self):
        head = self.room.here("export", "--month", "2026-10", "--format", "csv", code=0).stdout.splitlines()[0].split(",")
        columns = [name for name in head if "." not in name]              # segments are DIRECTION.NAME
        with Room() as other:
            other.world.schemas = other.path("schemas")
            shutil.copytree(SCHEMAS, other.world.schemas)
            other.world.write_config()
            with open(other.path("schemas", "segments"), "a") as segments:
                segments.writelines(f'\ndimension {name} "甲" "a"\n  value transport_mode\n' for name in columns)
            mistakes = json.loads(other.here("config", "lint", "--json", code=78).stdout)["findings"]
            self.assertEqual({name for name in columns if not any(f" {name} " in f" {each['finding']['text']} " for each in mistakes)}, set())

    def test_for_people(self):
        chinese, english = self.report("--lang", "zh"), self.report("--lang", "en")
        self.assertIn("通关准备", chinese)
        self.assertIn("preparation", english)
        self.assertIn("12.00", english)
        self.assertIn("no declaration was released from 2025-01-01 to 2025-01-31", self.room.here("report", "--month", "2025-01", code=3).stderr)
        for verb in ("report", "export"):                                 # case 625: it was "(null): not found"
            told = self.room.here(verb, "--from", "2025-01-01", "--to", "2025-01-02", code=3)
            self.assertIn("no declaration was released from 2025-01-01 to 2025-01-02", told.stderr)
            self.assertIn("there is no snapshot: no month was closed yet\n", self.room.here(verb, "--snapshot", "9", code=3).stderr)
        for month in ("October", "9999-12", "1899-12"):                   # case 105
            self.room.here("report", "--month", month, code=2)

    def test_without_room_for_columns_it_is_the_same(self):
        """case 622: it is told, once."""
        room, folder = self.room, os.path.join(self.room.world.data, "releases")
        paths = ("/v1/report?month=2026-10", "/v1/report?month=2026-10&by=terminal", "/v1/report?month=2026-09")
        before = [room.party("OFC-QD").get(path).body for path in paths]
        room.stop()
        shutil.rmtree(folder)
        with open(folder, "w", encoding="utf-8"):
            pass
        self.assertNotIn("releases_unwritten", room.log())
        room.start()
        self.assertEqual([room.party("OFC-QD").get(path).body for path in paths], before)
        self.assertEqual(room.log().count("releases_unwritten"), 1)
        room.stop()
        os.unlink(folder)
        room.start()
        self.assertEqual([room.party("OFC-QD").get(path).body for path in paths], before)
        self.assertIn("2026-10.import", os.listdir(folder))
        self.assertEqual(room.log().count("releases_unwritten"), 1)

    def test_here_it_is_made_from_columns_that_are_there(self):
        """They say what state.db said: without them a row is missed that was taken out of a copy of it."""
        self.assertEqual(self.room.party("OFC-QD").get("/v1/report?month=2026-10").status, 200)
        live, copy = self.room.world.data, self.room.path("copy")
        os.mkdir(copy)
        self.addCleanup(shutil.rmtree, copy)
        shutil.copytree(os.path.join(live, "releases"), os.path.join(copy, "releases"), ignore=shutil.ignore_patterns("*.new"))
        copied = sorted(os.listdir(os.path.join(copy, "releases")))
        self.assertIn("2026-10.import", copied)
        source, target = sqlite3.connect(os.path.join(live, "state.db")), sqlite3.connect(os.path.join(copy, "state.db"))
        with source, target:
            source.backup(target)
            target.execute("DELETE FROM milestones WHERE code = 'RELEASED' AND subject = (SELECT min(subject) FROM milestones WHERE code = 'RELEASED')")
        source.close()
        target.close()
        self.assertEqual(self.report("--json", "--data", copy), self.report("--json"))
        self.assertEqual(sorted(os.listdir(os.path.join(copy, "releases"))), copied)
        os.rename(os.path.join(copy, "releases"), os.path.join(copy, "others"))
        self.assertNotEqual(self.report("--json", "--data", copy), self.report("--json"))
        self.assertFalse(os.path.exists(os.path.join(copy, "releases")))       # nothing is written here

    def test_a_state_without_its_journal_says_so(self):
        """case 704: what declarations say stands in the journal. Without it there were 0 containers, and no word of it."""
        alone = self.room.path("alone")
        os.mkdir(alone)
        for name in os.listdir(self.room.world.data):
            if name.startswith("state.db"):
                shutil.copy(os.path.join(self.room.world.data, name), alone)
        for unit in ("container", "teu"):
            told = json.loads(self.room.here("report", "--month", "2026-10", "--unit", unit, "--json", code=0).stdout)
            self.assertNotIn("unread", told["import"])
            self.assertEqual(told["import"]["population"], IMPORTS)
            told = json.loads(self.room.here("report", "--month", "2026-10", "--unit", unit, "--json", "--data", alone, code=0).stdout)
            self.assertEqual((told["import"]["unread"], told["export"]["unread"], told["import"]["without_containers"]), (IMPORTS, EXPORTS, 0))
        words = self.room.here("report", "--month", "2026-10", "--unit", "teu", "--data", alone, "--lang", "zh", code=0).stdout
        self.assertIn(f"注意：{IMPORTS} 票的报文不在日志中", words)
        told = self.room.here("export", "--month", "2026-10", "--format", "csv", "--data", alone, "--lang", "zh", code=0)    # case 674
        rows = list(csv.DictReader(io.StringIO(told.stdout)))
        self.assertEqual([(row["unread"], row["commodity"]) for row in rows], [("true", "")] * (IMPORTS + EXPORTS))
        self.assertIn(f"注意：{IMPORTS + EXPORTS} 票的报文不在日志中", told.stderr)
        told = self.room.here("export", "--month", "2026-10", "--format", "csv", code=0)
        self.assertEqual({row["unread"] for row in csv.DictReader(io.StringIO(told.stdout))}, {"false"})
        self.assertEqual(told.stderr, "")
        told = self.room.here("report", "--month", "2026-10", "--json", "--data", alone, code=0)     # of declarations it knows all
        self.assertNotIn("unread", json.loads(told.stdout)["import"])

    def test_what_would_do_nothing_is_refused(self):
        """case 675: options that another makes mean nothing were passed over, and the answer looked like what was asked for."""
        there = ["--server", "https://127.0.0.1:1"]
        for verb, options, said in (("report", ["--table", "coverage"], "table is for CSV"),
                                    ("report", ["--table", "coverage", "--json"], "table is for CSV"),
                                    ("report", ["--table", "change", "--format", "csv"], "needs compare"),
                                    ("report", ["--json", "--format", "csv"], "--json does not go with --format csv"),
                                    ("report", [*there, "--as", "OFC-QD"], "--as is about a data folder on this machine"),
                                    ("export", there, "without --server")):
            told = self.room.here(verb, "--month", "2026-10", *options, code=2)
            self.assertEqual(told.stdout, "")
            self.assertIn(said, told.stderr)
        answer = self.room.party("OFC-QD").get("/v1/report?month=2026-10&table=coverage")
        self.assertEqual((answer.status, answer.json["code"]), (400, "no-table"))
        self.assertIn("CSV", answer.json["detail"])
        # case 683: a day to come was answered as of now, and nothing said so
        today = datetime.now(messages.CHINA)
        later, today = f"{today + timedelta(days=2):%Y-%m-%d}", f"{today:%Y-%m-%d}"
        for verb, form in (("report", "text"), ("report", "json"), ("report", "csv"), ("export", "csv"), ("export", "csv.zst")):
            told = self.room.here(verb, "--month", "2026-10", "--format", form, "--as-of", later, code=1)
            self.assertEqual(told.stdout, "")
            self.assertIn("nobody knows yet", told.stderr)
        answer = self.room.party("OFC-QD").get(f"/v1/report?month=2026-10&as-of={later}")
        self.assertEqual((answer.status, answer.json["code"]), (400, "no-period"))
        self.assertIn("nobody knows yet", answer.json["detail"])
        self.assertEqual(json.loads(self.report("--json", "--as-of", today))["import"], json.loads(self.report("--json"))["import"])
        told = self.room.here("report", "--month", "2026-10", "--definition", "99", code=3)
        self.assertIn("there is no definition 99, there are 1 to 1\n", told.stderr)
        for verb, forms in (("report", "as json text csv csv.zst"), ("export", "as csv csv.zst\n")):       # case 720: which there are was not said
            told = self.room.here(verb, "--month", "2026-10", "--format", "xml", code=2)
            for line in self.room.here(verb, "--help", code=0).stdout.splitlines():        # case 723: export was shown with --json
                if line.startswith("  clearway "):
                    asked = [CLEARWAY, *line.split()[1:], "--config", self.room.world.config]
                    self.assertEqual(subprocess.run(asked, capture_output=True, check=False).returncode, 0, line)
            self.assertIn(f"'{verb}' is not answered in that form, but {forms}", told.stderr)
        told = self.room.here("report", "--month", "2026-10", "--as-of", "1999-01-01", code=3)        # case 720: was "not found"
        self.assertIn("nothing was recorded yet at the end of 1999-01-01\n", told.stderr)
        for options, code in (("--by weather", "no-dimension"), ("--between ARRIVED:HOME", "no-milestone")):
            told = self.room.here("report", "--month", "2026-10", "--definition", "1", *options.split(), code=1)
            self.assertIn("(by the definition that is asked for)\n", told.stderr)
            answer = self.room.party("OFC-QD").get("/v1/report?month=2026-10&definition=1&" + options[2:].replace(" ", "="))
            self.assertEqual((answer.status, answer.json["code"]), (400, code))

    def test_rebuild(self):
        room = self.room
        before = self.report("--json")
        again = room.here("replay", "--report", "2026-10", "--json", code=0)        # from the journal alone, beside the gateway
        self.assertEqual(again.stdout, before)
        self.assertIn("byte for byte", again.stderr)
        self.assertFalse(os.path.exists(os.path.join(room.world.data, "restate")))
        room.here("replay", "--report", "2025-01", code=3)
        room.here("replay", "--report", "2026-10", "--data", self.changed(), code=1)       # case 880: it was 0
        room.here("replay", "--report", "2026-10", "--data", self.cut_off(), code=74)
        self.tells_what_it_could_not_compare(before)
        self.finds_a_file(room.world.data, "restate", "--report", "2026-10")
        self.finds_a_file(room.world.data, "recheck", "--recheck")
        room.here("replay", "--report", "October", code=2)
        room.here("replay", "--report", "2026-10", "--rebuild", code=2)
        room.here("replay", "--rebuild", code=69)
        room.stop()
        self.addCleanup(room.start)
        self.finds_a_file(room.world.data, "rebuild", "--rebuild")
        told = json.loads(room.here("replay", "--rebuild", "--json", code=0).stdout)
        self.assertTrue(told["had_old"] and told["equal"], told)
        self.assertEqual(self.report("--json"), before)
        for name in os.listdir(room.world.data):
            if name.startswith("state.db"):
                os.unlink(os.path.join(room.world.data, name))
        anew = json.loads(room.here("replay", "--rebuild", "--json", code=0).stdout)
        self.assertEqual(anew["new_digest"], told["new_digest"])
        self.assertEqual(self.report("--json"), before)

    def tells_what_it_could_not_compare(self, before):
        """case 716: beside a damaged state.db the month was called different, and one that could not be opened was not there."""
        copy = self.changed()
        path = os.path.join(copy, "state.db")
        with contextlib.closing(sqlite3.connect(path)) as store:
            page, size = store.execute("SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = 'declarations'").fetchone()
        for place, length in (((page - 1) * size, size), (0, 16)):
            with open(path, "r+b") as file:
                file.seek(place)
                file.write(b"\xff" * length)
            told = self.room.here("replay", "--report", "2026-10", "--json", "--lang=en", "--data", copy, code=0)
            self.assertEqual(told.stdout, before)
            self.assertIn("state.db is damaged: there is nothing to compare with\n", told.stderr)
            self.assertNotIn("DIFFERENT", told.stderr)
        os.unlink(path)
        told = self.room.here("replay", "--report", "2026-10", "--json", "--lang=en", "--data", copy, code=0)
        self.assertIn("there is no state.db to compare with\n", told.stderr)
        os.mkdir(path)
        told = self.room.here("replay", "--report", "2026-10", "--json", "--lang=en", "--data", copy, code=74)
        self.assertIn("nothing was compared\n", told.stderr)

    def finds_a_file(self, data, name, *arguments):
        """case 685: the folder of data was said to stand where a file is wanted; what was in the way was not named."""
        path = os.path.join(data, name)
        with open(path, "w", encoding="utf-8"):
            pass
        told = self.room.here("replay", *arguments, code=74)
        os.unlink(path)
        self.assertEqual(told.stdout, "")
        self.assertIn(f"{path}: not a folder\n", told.stderr)
        self.assertNotIn("where a file is wanted", told.stderr)

    def judged(self, *arguments, code=0):
        """By texts to which goods arrive when they are discharged."""
        texts, config = self.room.path("other-schemas"), os.path.join(os.path.dirname(self.room.world.config), "other.yaml")
        if not os.path.exists(texts):
            shutil.copytree(SCHEMAS, texts)
            with open(os.path.join(texts, "segments"), encoding="utf-8") as file:
                segments = file.read()
            arrived = 'from port-event when event_code = "ARRI" and classifier = "ACT" and ie_flag = "I" at event_time'
            self.assertEqual(segments.count(arrived), 1)
            with open(os.path.join(texts, "segments"), "w", encoding="utf-8") as file:
                file.write(segments.replace(arrived, arrived.replace("ARRI", "DISC")))
            with open(self.room.world.config, encoding="utf-8") as file:
                settings = file.read()
            self.assertIn(SCHEMAS, settings)
            with open(config, "w", encoding="utf-8") as file:
                file.write(settings.replace(SCHEMAS, texts))
        told = self.room.clearway("replay", "--config", config, "--report", "2026-10", "--json", *arguments, code=code)
        return told, json.loads(told.stdout) if told.stdout else None

    def test_judged_anew(self):
        """What a message tells is as it was recorded, or as the other texts say, or those of a definition that was once in force."""
        def means(report):
            return {segment["name"]: segment["signed"]["mean"] for segment in report["import"]["segments"][:4]}
        recorded, judged = self.judged()[1], self.judged("--rejudge")
        self.assertEqual(means(recorded), means(json.loads(self.report("--json"))))
        self.assertEqual(means(judged[1]), {**means(recorded), "discharge": 0})
        self.assertEqual(judged[1]["export"], recorded["export"])
        self.assertIn("judged anew", judged[0].stderr)
        first = self.judged("--rejudge", "--definition", "1")
        self.assertEqual(first[1], json.loads(self.report("--json", "--definition", "1")))
        self.assertIn("byte for byte", first[0].stderr)
        self.judged("--definition", "2", code=3)
        self.room.here("replay", "--recheck", "--rejudge", code=2)
        self.room.here("replay", "--report", "2026-10", "--definition", "0", code=2)
        self.assertFalse(os.path.exists(os.path.join(self.room.world.data, "restate")))

    def changed(self):
        """A copy of the data whose state.db says otherwise, and stands elsewhere."""
        copy = self.room.path("changed")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.room.world.data, copy, ignore=shutil.ignore_patterns("*.sock", "state.db-*"))
        store = sqlite3.connect(os.path.join(self.room.world.data, "state.db"))
        with sqlite3.connect(os.path.join(copy, "state.db")) as taken:
            store.backup(taken)
            taken.execute("UPDATE milestones SET first = first + 1000000000, last = last + 1000000000 WHERE code = 'DISCHARGED'")
            taken.execute("UPDATE position SET number = number - 1")
        taken.close()
        store.close()
        return copy

    def cut_off(self):
        """case 923: a copy of the data of whose journal half a file is gone, and no state.db to tell that more was in it."""
        copy = self.room.path("cut-off")
        shutil.copytree(self.room.world.data, copy, ignore=shutil.ignore_patterns("*.sock", "state.db*"))
        os.truncate(os.path.join(copy, "journal", "0000000001.seg"), 1 << 16)
        return copy

    def test_what_a_rebuild_left_that_was_cut_off_is_removed(self):
        """case 944: it lay there, as large as state.db, until somebody rebuilt again."""
        self.room.stop()
        folder = os.path.join(self.room.world.data, "rebuild")
        os.mkdir(folder)
        shutil.copy(os.path.join(self.room.world.data, "state.db"), folder)
        self.room.start()
        self.assertFalse(os.path.exists(folder))

    def test_rebuild_tells_a_difference(self):
        room = self.room
        room.stop()
        self.addCleanup(room.start)
        copy = room.path("state.db.kept")
        shutil.copy(os.path.join(room.world.data, "state.db"), copy)
        store = sqlite3.connect(os.path.join(room.world.data, "state.db"))
        store.execute("UPDATE messages SET own_id = own_id || 'X' WHERE number = (SELECT min(number) FROM messages)")
        store.commit()
        store.close()
        done = room.here("replay", "--rebuild", "--json")
        self.assertNotEqual(done.returncode, 0)
        self.assertFalse(json.loads(done.stdout)["equal"])
        for form in ("--json", "--lang=en"):       # case 943: it was said to be compared, with a digest of zeros
            store = sqlite3.connect(os.path.join(room.world.data, "state.db"))
            store.execute("UPDATE position SET number = 987654321")
            store.commit()
            store.close()
            done = room.here("replay", "--rebuild", form, code=1)
            self.assertIn("stands at record 987654321", done.stdout)
            self.assertNotIn("0" * 64, done.stdout)
            self.assertNotIn("compared at", done.stdout)


class LongReport(RoomTest):
    """A month so large that its report takes as long as thousands of submissions: only rows of state.db, as no customs house
    has to tell of them one by one."""
    options = {"settings": {"journal.segment_mib": 1}}
    MANY = 30000
    MONTH = "2026-10"
    CROWDED = "2026-08"     # of more customs offices than there may be groups
    # One that was answered is kept: each time another is asked.
    PAIRS = iter(f"{start}:{end}" for start in ("ARRIVED", "GATE_IN", "DECLARED") for end in ("ACCEPTED", "RELEASED", "GATE_OUT", "LOADED", "DEPARTED"))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.send_one()
        eventually(cls.room.decided, "everything is decided")
        cls.room.stop()
        cls.fill()
        cls.room.start()

    @classmethod
    def send_one(cls):
        answer = cls.room.party("FWD-QD-01").submit(messages.declaration(cls.goods()))
        assert answer.status == 202, answer
        return answer

    @classmethod
    def fill(cls):
        for name, *counts in ((cls.MONTH, cls.MANY), (cls.CROWDED, 600, cls.MANY)):
            filled = cls.room.run(os.path.join(BUILD, "tests", "e2e", "large_month"), cls.room.world.data, *name.split("-"), *map(str, counts))
            assert filled.wait(PATIENCE) == 0

    def reports_thread(self):
        """Processor ticks that the thread of long questions has used."""
        tasks = f"/proc/{self.room.gateway.pid}/task"
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/stat") as file:
                name, fields = file.read().rsplit(") ", 1)
                if name.endswith("(reports"):
                    return sum(int(ticks) for ticks in fields.split()[11:13])
        raise AssertionError("no thread is called reports")

    def scan(self):
        """A report that takes long whatever is there already: of what was known on a day all is looked at."""
        return f"/v1/report?month={self.MONTH}&as-of={datetime.now(messages.CHINA):%Y-%m-%d}&between={next(self.PAIRS)}"

    def ask(self, path):
        """A connection of its own, on which that is asked."""
        office = gateway_client.of_party(self.room.world, "OFC-QD", self.room.ready["machines"], PATIENCE)
        self.addCleanup(office.close)
        office.connect()
        office.connection.request("GET", path)
        return office.connection

    def ask_and_await(self):
        """A report that takes long is asked for, and the gateway works on it."""
        before = self.reports_thread()
        connection = self.ask(self.scan())
        eventually(lambda: self.reports_thread() > before, "the report is begun", pause=0.001)
        return connection

    def test_nobody_waits_for_it(self):
        """case 324: a report held every submission until it was done. Here each is answered while the report is not."""
        reports = HeldThread(self.room.gateway.pid, "reports", HeldThread.IDLE)
        self.addCleanup(reports.let_go)
        connection = self.ask(f"/v1/report?month={self.MONTH}&between={next(self.PAIRS)}")
        for _ in range(4):
            self.send_one()
        self.assertFalse(select.select([connection.sock], [], [], 0)[0])
        reports.let_go()
        while not select.select([connection.sock], [], [], 0)[0]:
            self.send_one()
        response = connection.getresponse()
        self.assertEqual(response.status, 200)
        told = json.loads(response.read())
        self.assertEqual(told["import"]["population"] + told["export"]["population"], self.MANY)

    def test_in_more_groups_than_there_may_be(self):
        """case 689: what is too large was answered, and not described."""
        office = self.room.party("OFC-QD")
        answer = office.get(f"/v1/report?month={self.CROWDED}&by=office")
        self.assertEqual((answer.status, answer.json["code"]), (413, "too-large"), answer)
        self.assertIn("office has more than 200 values in these days", answer.json["detail"])
        self.assertIn("413", office.get("/openapi.json").json["paths"]["/v1/report"]["get"]["responses"])
        asked = ("report", "--month", self.CROWDED, "--by", "office")
        for told in (self.room.clearway(*asked, party="OFC-QD", code=1), self.room.here(*asked, code=1), self.room.here(*asked, "--json", code=1)):
            self.assertEqual(told.stdout, "")
            self.assertIn(answer.json["detail"], told.stderr)
        whole = office.get(f"/v1/report?month={self.CROWDED}")
        self.assertEqual((whole.status, whole.json["import"]["population"] + whole.json["export"]["population"]), (200, 600))

    def test_what_stands_is_given_again(self):
        """Without another look at the month: what is told meanwhile is of none of its declarations."""
        office = self.room.party("OFC-QD")
        path = f"/v1/report?month={self.MONTH}&between={next(self.PAIRS)}"
        before = self.reports_thread()
        self.assertEqual(office.get(self.scan()).status, 200)
        whole = self.reports_thread() - before
        first = office.get(path)
        self.assertEqual(first.status, 200)
        self.send_one()
        eventually(self.room.decided, "everything is decided")

        def give_again():
            before = self.reports_thread()
            for _ in range(100):                   # made anew from columns they took longer than one look at the month
                self.assertEqual(office.get(path).body, first.body)
            return self.reports_thread() - before
        self.assertTrue(any(give_again() < whole for _ in range(3)))       # now and then it has something else to do

    def test_who_goes_away_is_not_worked_for(self):
        """case 323: the query that runs for it ends."""
        before = self.reports_thread()
        self.assertEqual(self.ask_and_await().getresponse().status, 200)
        whole = self.reports_thread() - before

        def go_away():
            before = self.reports_thread()
            self.ask_and_await().sock.close()      # no goodbye: as who was killed
            self.assertEqual(self.room.party("OFC-QD").get("/v1/report?month=2025-01").status, 404)      # its turn comes after
            return self.reports_thread() - before
        self.assertTrue(any(go_away() < whole / 2 + 5 for _ in range(5)))  # the loop may come to it late


if __name__ == "__main__":
    unittest.main()
