"""The command: results on stdout, everything else on stderr, exit codes, help, configuration mistakes with their places."""
import json
import os
import shutil
import subprocess
import unittest

import harness
from harness import Room, RoomTest, messages


class Verbs(RoomTest):
    def run_verb(self, *arguments, code, **options):
        done = self.room.clearway(*arguments, code=code, **options)
        return done.stdout, done.stderr

    def file(self, content, name="message.xml"):
        path = self.room.path(name)
        with open(path, "wb") as out:
            out.write(content)
        return path

    def submit(self, message, *arguments, code, party="FWD-QD-01", **options):
        return self.run_verb("submit", *arguments, self.file(message), code=code, party=party, **options)

    def test_help_version_and_typing_mistakes(self):
        out, err = self.run_verb("--help", code=0)
        self.assertIn("validate", out)
        self.assertEqual(err, "")
        out, err = self.run_verb(code=2)
        self.assertEqual(out, "")
        out, err = self.run_verb("valdiate", code=2)
        self.assertIn("did you mean 'validate'", err)
        self.assertTrue(self.run_verb("version", code=0)[0].startswith("clearway "))
        for verb in ("serve", "validate", "submit", "track", "report", "explain", "rules", "replay", "queue", "journal", "config", "keygen"):
            out, err = self.run_verb(verb, "--help", code=0)
            self.assertIn("usage: clearway " + verb, out)
        self.run_verb("track", code=2)
        self.run_verb("validate", "--no-such-option", "x", code=2)
        for day in ("9999-12-31", "1899-12-31", "2026-02-30"):             # case 106
            self.assertIn("not a day", self.run_verb("validate", "--as-of", day, "x", code=2)[1])

    def test_simulate(self):
        """case 722: options that did nothing were passed over, the result stood on stderr, and was no JSON when that was asked for."""
        asked = ("simulate", "--out", self.room.path("month"), "--consignments", "2", "--from", "2028-02-29", "--to", "2028-03-01")
        out, err = self.run_verb(*asked, code=0)
        with open(os.path.join(self.room.path("month"), "manifest.csv"), encoding="utf-8") as manifest:
            told = len(manifest.readlines()) - 1
        self.assertEqual((out, err), (f"{told} messages\n", ""))
        self.assertEqual(json.loads(self.run_verb(*asked, "--json", code=0)[0]), {"messages": told})
        for option, needs in (("--live", "--submit"), ("--tls=x", "--submit"), ("--server=https://localhost:1", "--submit"), ("--speed=5", "--live")):
            self.assertIn(f"{option.split('=')[0]} goes with {needs}\n", self.run_verb(*asked, option, code=2)[1])

    def test_what_people_type_first(self):
        for asked in ("-h", "--help", "help"):
            self.assertIn("validate", self.run_verb(asked, code=0)[0])
        for asked in ("-V", "--version", "version"):
            self.assertRegex(self.run_verb(asked, code=0)[0], r"^clearway \d+\.\d+")
        for asked in (("help", "validate"), ("validate", "-h")):
            self.assertIn("usage: clearway validate", self.run_verb(*asked, code=0)[0])
        for asked in (("--lang", "zh", "validate", "-h"), ("help", "--lang", "zh", "validate")):
            self.assertIn("用法：clearway validate", self.run_verb(*asked, code=0)[0])
        self.assertIn("there is no option '--schemas' before the verb", self.run_verb("--schemas", "x", "validate", code=2)[1])
        self.assertIn("needs a value", self.run_verb("--lang", code=2)[1])
        self.assertEqual(self.run_verb("--lang", "zh", code=2)[0], "")

    def test_what_all_verbs_have_may_stand_before_the_verb(self):
        path = self.file(messages.declaration(self.goods(), gross=1, net=2))
        for before in (("--lang", "zh"), ("--lang=zh",), ("--color", "never", "--lang", "zh")):
            self.assertIn("毛重", self.run_verb(*before, "validate", "--schemas", harness.SCHEMAS, path, code=1)[0])
        self.assertFalse(json.loads(self.run_verb("--json", "validate", "--schemas", harness.SCHEMAS, path, code=1)[0])["valid"])
        shown = self.run_verb("--config", self.room.world.config, "journal", "verify", code=0)[0]
        self.assertIn("whole", shown)

    def test_a_folder_given_for_a_file(self):
        folder = self.room.directory
        for arguments in (("validate", folder), ("submit", folder), ("validate", "--config", folder, "x"), ("serve", "--config", folder)):
            self.assertIn(f"{folder} is a folder", self.run_verb(*arguments, code=2, party="FWD-QD-01")[1])

    def test_from_standard_input(self):
        message = messages.declaration(self.goods())

        def by_pipe(*arguments, code):
            environment = {**os.environ, "CLEARWAY_LANG": "en", "CLEARWAY_SERVER": f"https://localhost:{self.room.ready['machines']}",
                           "CLEARWAY_CA": self.room.world.ca, "CLEARWAY_CERT": self.room.world.certificate("FWD-QD-01"),
                           "CLEARWAY_KEY": self.room.world.key("FWD-QD-01")}
            done = subprocess.run([harness.CLEARWAY, *arguments], input=message, capture_output=True, env=environment,
                                  timeout=harness.PATIENCE)
            self.assertEqual(done.returncode, code, done)
            return done.stdout.decode()
        self.assertIn("-: valid (cn-dec)", by_pipe("validate", "--schemas", harness.SCHEMAS, "-", code=0))
        self.assertIn("-: accepted", by_pipe("submit", "-", code=0))
        self.assertIn("digest", by_pipe("submit", "--json", "-", code=0))

    # Case 31: judged up to the gateway's own limit; above it that is what is told, not what its cut-off end looks like.
    def test_a_message_above_the_limit(self):
        lobs = b"".join(b"<DecMarkLob><Attachment>" + b"A" * 1000000 + b"</Attachment></DecMarkLob>\n" for _ in range(11))
        path = self.file(messages.declaration(self.goods()).replace(b"<DecSign>", lobs + b"<DecSign>"))
        for arguments in (("--schemas", harness.SCHEMAS), ("--schema", os.path.join(harness.SCHEMAS, "cn-dec", "DecMessage.xsd"))):
            out, _ = self.run_verb("validate", *arguments, path, code=1)
            self.assertIn("GATE-SIZE", out)
            self.assertNotIn("XML-", out)
        self.assertIn("larger than the limit", self.run_verb("submit", path, code=1, party="FWD-QD-01")[1])

    def test_a_schema_is_read_once_for_all_files(self):
        schema, path = self.room.path("r.xsd"), self.file(b"<r>1</r>", "r.xml")
        with open(schema, "w") as file:
            file.write('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="r" type="xs:int"/></xs:schema>')
        self.assertEqual(self.run_verb("validate", "--schema", schema, path, path, code=0)[0].count(": valid"), 2)
        with open(schema, "w") as file:
            file.write("<schema/>")
        out, err = self.run_verb("validate", "--schema", schema, path, path, code=78)
        self.assertEqual((out, err.count("LINT-XSD")), ("", 1))

    def test_with_the_standard_descriptors_closed(self):
        path = self.file(messages.declaration(self.goods()))

        def run(*closed):
            return subprocess.run([harness.CLEARWAY, "validate", "--schemas", harness.SCHEMAS, path], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=harness.PATIENCE,
                                  preexec_fn=lambda: [os.close(descriptor) for descriptor in closed])
        self.assertEqual(run(0).returncode, 0)
        self.assertEqual(run(2).returncode, 0)
        self.assertEqual(run(1).returncode, 74, "results that nobody gets are no success")
        self.assertIn(b"standard output", run(1).stderr)
        self.assertEqual(run(0, 1, 2).returncode, 74)

    def test_submit(self):
        message = messages.declaration(self.goods())
        out, err = self.submit(message, code=0)
        self.assertIn("accepted", out)
        self.assertEqual(err, "")
        out, _ = self.submit(message, "--wait", "30", code=0)
        self.assertIn("decision: done", out)
        first, _ = self.submit(message, "--json", code=0)
        again, _ = self.submit(message, "--json", code=0)
        self.assertEqual(first, again)
        self.assertEqual(json.loads(first)["verdict"], "accepted")
        out, _ = self.submit(message.replace(b"N/M", b"M/N"), code=1)
        self.assertIn("conflict", out)
        self.assertRegex(out, rf"taken since 20.*, by record {json.loads(first)['record']}, for other bytes")      # case 162
        out, _ = self.submit(messages.declaration(self.goods(), gross=1, net=2), code=1)
        self.assertIn("D01", out)
        self.run_verb("submit", self.room.path("not-there.xml"), code=3, party="FWD-QD-01")
        self.run_verb("submit", self.file(message), code=2)
        self.submit(message, "--wait", "0", code=2)

    def test_submit_in_chinese(self):
        out, _ = self.submit(messages.declaration(self.goods(), gross=1, net=2), "--lang", "zh", code=1)
        self.assertIn("毛重", out)

    def test_a_gateway_that_is_not_there(self):
        port = harness.world.free_port()
        message = self.file(messages.declaration(self.goods()))
        self.run_verb("submit", message, code=69, party="FWD-QD-01", env={"CLEARWAY_SERVER": f"https://localhost:{port}"})

    def test_denied(self):
        world = self.room.world
        world.make_certificate("NOBODY", "nobody", "clientAuth")
        self.submit(messages.declaration(self.goods()), code=77, party="NOBODY")
        self.run_verb("report", "--month", "2026-10", code=77, party="FWD-QD-01")

    def test_not_there(self):
        self.run_verb("track", "COSU6999999999", code=3, party="FWD-QD-01")
        self.room.here("track", "COSU6999999999", code=3)

    def test_track_on_the_machine(self):
        goods = self.goods()
        self.accept("FWD-QD-01", messages.declaration(goods))
        whole = json.loads(self.room.here("track", "--json", goods.bill, code=0).stdout)
        self.assertEqual(whole["consignments"][0]["bill"], goods.bill)
        self.room.here("track", "--as", "FWD-QD-02", goods.bill, code=3)
        self.room.here("track", "--as", "NOBODY", goods.bill, code=2)
        same = self.room.party("FWD-QD-01").track(goods.bill).json
        self.assertEqual(json.loads(self.room.here("track", "--json", "--as", "FWD-QD-01", goods.bill, code=0).stdout), same)

    def test_journal(self):
        message = messages.declaration(self.goods())
        number = self.accept("FWD-QD-01", message)["record"]
        lines = self.room.here("journal", "cat", "--json", "--from", str(number), "--count", "1", code=0).stdout.splitlines()
        record = json.loads(lines[0])
        self.assertEqual((record["number"], record["kind"], record["data_bytes"]), (number, "message", len(message)))
        self.assertEqual(self.room.here("journal", "cat", "--data-of", str(number), code=0).stdout.encode(), message)
        self.assertIn("whole", self.room.here("journal", "verify", code=0).stdout)
        self.room.here("journal", "cat", "--data-of", "99999999", code=3)
        beyond = self.room.here("journal", "cat", "--from", "99999999", code=3)
        self.assertRegex(beyond.stderr, r"no record 99999999; the last one is \d+")
        self.room.here("journal", "cat", "--from", "0", code=3)
        self.assertIn("did you mean 'decision'?", self.room.here("journal", "cat", "--kind", "decisions", code=2).stderr)
        self.assertIn("no kind 'bogus'", self.room.here("journal", "cat", "--kind", "bogus", code=2).stderr)
        self.assertEqual(self.room.here("journal", "cat", "--kind", "order", code=0).stdout, "")
        self.room.here("journal", code=2)

    def test_rules(self):
        self.assertIn("D01", self.room.here("rules", code=0).stdout)
        self.assertIn("D01", {rule["code"] for rule in json.loads(self.room.here("rules", "--json", code=0).stdout)})
        self.room.here("rules", "D01", code=2)

    def test_explain_knows_every_code(self):
        explained = self.room.here("explain", "D01", code=0).stdout
        self.assertIn("gross_weight >= net_weight", explained)
        self.assertIn("basis", explained)
        pattern, busy, not_found = json.loads(self.run_verb("explain", "--json", "xsd-pattern", "BUSY", "not-found", code=0)[0])
        self.assertIn("cvc-pattern-valid", pattern["basis"])
        self.assertEqual([busy["code"], not_found["code"]], ["BUSY", "NOT_FOUND"])
        self.assertIn("cvc-pattern-valid", self.run_verb("--lang", "zh", "explain", "XSD-PATTERN", code=0)[0])
        listed = self.run_verb("explain", code=0)[0]
        self.assertEqual({row["code"] for row in json.loads(self.run_verb("explain", "--json", code=0)[0])},
                         {line.split()[0] for line in listed.splitlines()})
        one = self.room.here("explain", "D01", "NOSUCH", code=3)              # the others are told all the same
        self.assertIn("gross_weight", one.stdout)
        self.assertIn("is it XSD-PATTERN?", self.room.here("explain", "XSD-PATERN", code=3).stderr)

    def test_keygen(self):
        out, _ = self.run_verb("keygen", "--json", code=0)
        pair = json.loads(out)
        self.assertEqual((len(pair["public"]), len(pair["secret"])), (40, 40))
        name = self.room.path("pair")
        self.run_verb("keygen", "--out", name, code=0)
        self.assertEqual(os.stat(name + ".secret").st_mode & 0o777, 0o400)
        self.run_verb("keygen", "--out", name, code=74)

    def test_validate_from_standard_input_and_no_colour(self):
        broken = messages.declaration(self.goods(), gross=1, net=2)
        out, _ = self.run_verb("validate", "--schemas", harness.SCHEMAS, self.file(broken), code=1)
        self.assertNotIn("\x1b[", out)
        self.assertRegex(out, r"message\.xml:\d+:\d+")
        self.assertIn("\x1b[", self.run_verb("validate", "--schemas", harness.SCHEMAS, "--color", "always", self.file(broken), code=1)[0])
        told = json.loads(self.run_verb("validate", "--schemas", harness.SCHEMAS, "--json", self.file(broken), code=1)[0])
        self.assertEqual((told["format"], told["valid"]), ("cn-dec", False))
        self.assertTrue({"code", "severity", "line", "column", "path", "text"} <= set(told["findings"][0]))


class Detached(unittest.TestCase):
    def test_a_gateway_without_standard_descriptors(self):
        """Its log goes nowhere; its sockets, pipes and segments must not get the numbers 0 to 2, to which others write."""
        with Room() as room:
            room.gateway = room.run(harness.CLEARWAY, "serve", "--config", room.world.config, close=(0, 1, 2))
            harness.eventually(lambda: os.path.exists(room.path("data", "ready")), "it is ready")
            for descriptor in range(3):
                self.assertEqual(os.readlink(f"/proc/{room.gateway.pid}/fd/{descriptor}"), "/dev/null")
            with open(room.path("data", "ready")) as file:
                room.ready = json.load(file)
            goods = messages.Consignment(1, room.world.party("FWD-QD-01").trader)
            self.assertEqual(room.party("FWD-QD-01").submit(messages.declaration(goods), wait=60).status, 200)
            room.gateway.terminate()
            self.assertEqual(room.gateway.wait(harness.PATIENCE), 0)
            self.assertIn("whole", room.here("journal", "verify", code=0).stdout)

    def test_the_readme_ends_its_own_demo(self):
        """The README's command ends the gateway of the demo, and no other."""
        with open(os.path.join(harness.SOURCE, "README.md")) as file:
            (command,) = [line[2:].split("#")[0] for line in file if line.startswith("$ kill ")]
        with Room() as room, Room() as other:
            room.start()
            other.start()
            subprocess.run(["sh", "-c", command.replace("demo-data", room.directory)], check=True)
            self.assertEqual(room.gateway.wait(harness.PATIENCE), -9)
            self.assertIsNone(other.gateway.poll())
            other.stop()


class Lint(unittest.TestCase):
    """config lint explains every mistake with line and column; serve refuses to start with the same words."""

    # file in schemas, what is put in place of what, what must be told
    MISTAKES = [
        ("rules", "require gross_weight >= net_weight", "require gross_wait >= net_weight", "gross_wait"),
        ("rules", "rule D01  error", "rule D01  fatal", "fatal"),
        ("routes", "to customs at customs_office", "to custom at customs_office", "custom"),
        ("routes", "route R10 customs-response", "route R10 customs-respond", "customs-respond"),
        ("segments", 'when customs_channel = "T"', "when customs_channel = = 3", "customs_channel"),
        ("segments", "ARRIVED     DISCHARGED", "ARRIVED     DISCHARGD", "DISCHARGD"),
        ("slots", "08:00-12:00", "08:00-25:00", "25:00"),
        ("terms", "term summary-due  14 days", "term summary-due  14 weeks", "weeks"),
        ("cn-dec/binding", "gross_weight", "gros_weight", "gros_weight"),
        ("catalog", "senders    customs", "senders    custom", "custom"),
        ("lists/ports", "", 'CNQDG "twice" "twice"\n', "CNQDG"),
        ("cn-result/DEC_RESULT.xsd", 'type="Channel"', 'type="Chanel"', "Chanel"),
    ]

    def setUp(self):
        self.room = Room()
        self.addCleanup(self.room.close)
        self.schemas = self.room.path("schemas")
        shutil.copytree(harness.SCHEMAS, self.schemas)
        self.room.world.schemas = self.schemas
        self.room.world.write_config()

    def test_no_mistakes(self):
        self.room.world.kafka = "127.0.0.1:1"                         # customs is served by it
        self.room.world.write_config()
        self.assertEqual(self.room.here("config", "lint", code=0).stdout.strip(), "no mistakes")
        shown = self.room.here("config", "show", "--origin", code=0).stdout
        self.assertIn("from file", shown)
        self.assertIn("from default", shown)
        self.assertIn("environment", self.room.here("config", "show", "--origin", code=0, env={"CLEARWAY_GATEWAY_WORKERS": "3"}).stdout)

    def test_every_kind_of_text(self):
        for name, old, new, told in self.MISTAKES:
            path = os.path.join(self.schemas, name)
            with open(path) as file:
                good = file.read()
            with self.subTest(name=name, new=new):
                self.assertIn(old, good)
                with open(path, "w") as file:
                    file.write(good.replace(old, new, 1) if old else good + new)
                lint = self.room.here("config", "lint", code=78)
                self.assertIn(told, lint.stdout)
                self.assertRegex(lint.stdout, rf"{path}:\d+" if name.endswith(".xsd") else rf"{path}:\d+:\d+")
                self.assertEqual(lint.stderr, "")
                self.assertIn(told, self.room.here("serve", code=78).stderr)
                findings = json.loads(self.room.here("config", "lint", "--json", code=78).stdout)["findings"]
                self.assertEqual(len(findings), len({json.dumps(finding) for finding in findings}), findings)
            with open(path, "w") as file:
                file.write(good)


    def test_kafka_properties(self):
        """A file of secrets: its mistakes have their places too, and no line of it is shown."""
        path = self.room.path("kafka.properties")
        self.room.world.settings["kafka.properties"] = "kafka.properties"
        self.room.world.write_config()
        self.tell_everywhere("that kafka.properties names is not there")
        for text, told in [
            ("sasl.password = hunter2\n", None),
            ("sasl.password = hunter2\nsecurity.protocol = TLS\n", f"{path}:2:1\n"),
            ("sasl.password = hunter2\n\n acks = 1\n", f"{path}:3:2\n"),
            ("sasl.password hunter2\n", f"{path}:1:1\n"),
            ("hunter2 = x\n", f"{path}:1:1\n"),
            ("security.protocol = SSL\nssl.ca.location = /nowhere\nssl.key.password = hunter2\n", f"{path}:2:1\n"),
        ]:
            with self.subTest(text=text):
                with open(path, "w") as file:
                    file.write(text)
                if told:
                    self.tell_everywhere(told)
                else:
                    self.room.here("config", "lint", code=0)

    def tell_everywhere(self, told):
        lint, serve = self.room.here("config", "lint", code=78), self.room.here("serve", code=78)
        self.assertIn(told, lint.stdout)
        self.assertIn(told, serve.stderr)
        json_lint = self.room.here("config", "lint", "--json", code=78).stdout
        self.assertNotIn("hunter2", lint.stdout + lint.stderr + serve.stdout + serve.stderr + json_lint)


class Damage(unittest.TestCase):
    def test_damage_is_named_and_intake_stays_closed(self):
        with Room(settings={"journal.segment_mib": 16}) as room:          # one segment: a start reads the last one whole
            room.start()
            trader = room.world.party("FWD-QD-01").trader
            for serial in range(1, 40):
                self.assertEqual(room.party("FWD-QD-01").submit(messages.declaration(messages.Consignment(serial, trader))).status, 202)
            harness.eventually(room.decided, "everything is decided")
            room.stop()
            segment = os.path.join(room.world.data, "journal", sorted(n for n in os.listdir(os.path.join(room.world.data, "journal")) if n.endswith(".seg"))[0])
            with open(segment, "r+b") as file:
                file.seek(20000)
                byte = file.read(1)
                file.seek(20000)
                file.write(bytes([byte[0] ^ 1]))
            told = json.loads(room.here("journal", "verify", "--json", code=1).stdout)
            self.assertFalse(told["whole"])
            self.assertTrue(told["offset"] <= 20000 and told["segment"] and told["reason"], told)
            serve = room.here("serve", code=74)
            self.assertIn("damaged", serve.stderr)
            self.assertIn(os.path.basename(segment), serve.stderr)


if __name__ == "__main__":
    unittest.main()
