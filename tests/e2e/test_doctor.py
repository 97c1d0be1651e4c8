"""`clearway doctor` and the operator's question behind it: what does not work is named, with what is wrong and what to do, while the
gateway runs and when it does not. tests/e2e/test_kafka_submissions.py has a topic that is not read any more."""
import glob
import json
import os
import shutil
import unittest

from harness import Received, Room, eventually, messages, world

ACCOUNTS = {"zhang.wei": ("FWD-QD-01", "forwarder"), "li.na": ("CUS-QD", "inspector"), "sun.li": ("OFC-QD", "analyst"),
            "chen.jie": ("TML-QQCT", "terminal"), "wang.fang": ("OFC-QD", "operator")}

# Of nobody; it was over on 2020-01-02.
OVER = """-----BEGIN CERTIFICATE-----
MIIBBTCBrAIBATAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARvdmVyMB4XDTIwMDEw
MTAwMDAwMFoXDTIwMDEwMjAwMDAwMFowDzENMAsGA1UEAwwEb3ZlcjBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABKo933hY9TReG+jz5OFQAL+8X8/KrS1lq4W0zPHb
hZgvkT+kWT0sUDiH3AKywx16zk/xEtlmJPQ8imnrChu9bl0wCgYIKoZIzj0EAwID
SAAwRQIgEjUe5zEnXj9yX0ru/fv4FnIWT281U+UT83fM4NgF294CIQDP/V868HLW
gOpGfOZe01wOBc0uxelvR2aHwbzCCakdMw==
-----END CERTIFICATE-----
"""


class Doctor(unittest.TestCase):
    def room(self, **options):
        room = Room(**options)
        self.addCleanup(room.close)
        return room

    def ask(self, room, code):
        """{(check, subject): row}"""
        told = json.loads(room.here("doctor", "--json", code=code).stdout)
        rows = told["checks"]
        for state in ("failed", "warning", "unknown", "ok"):
            self.assertEqual(told[state], sum(row["state"] == state for row in rows))
        for row in rows:
            self.assertTrue(row["zh"] and row["en"], row)
            self.assertEqual("unit" in row, "figure" in row)
            if row["state"] == "failed":
                self.assertTrue(row["do_zh"] or row["check"] == "configuration", row)
        return {(row["check"], row["subject"]): row for row in rows}

    def state(self, room, check, subject=""):
        told = json.loads(room.here("doctor", "--json").stdout)["checks"]
        return next((row["state"] for row in told if (row["check"], row["subject"]) == (check, subject)), None)

    def goods(self, room):
        return messages.declaration(messages.Consignment(1, room.world.party("FWD-QD-01").trader))

    def test_all_is_well_and_what_is_asked_wrongly(self):
        room = self.room()
        room.start()
        received = Received()
        room.line("TML-QQCT", received)
        eventually(lambda: self.state(room, "line", "TML-QQCT") == "ok", "its line stands")
        rows = self.ask(room, 0)
        of_the_machine = ("memory", "disk", "journal")          # another one may be short of something
        self.assertEqual({row["state"] for row in rows.values() if row["check"] not in of_the_machine}, {"ok"})
        for check in ("gateway", "edition", "memory", "journal", "scrub", "engine", "state", "clock", "people", "held", "quarantine",
                      "answers", "alerts"):
            self.assertIn((check, ""), rows)
        self.assertIn(("destination", "CUS-QD"), rows)
        self.assertIn(("folder", "FWD-QD-01"), rows)
        self.assertGreater(rows["certificate", "machines"]["figure"], 300)
        self.assertIn("in all: 0 failed, ", room.here("doctor", code=0).stdout)
        self.assertIn("共：故障 0 项", room.here("doctor", "--lang", "zh", code=0).stdout)
        room.here("doctor", "now", code=2)
        room.here("doctor", "--nothing", code=2)

    def test_a_broker_that_is_down(self):
        room = self.room(kafka=True)
        room.broker.order("down")
        room.start()
        answer = room.party("FWD-QD-01").submit(self.goods(room), wait=60)
        self.assertEqual(answer.status, 200, answer)
        eventually(lambda: self.state(room, "destination", "CUS-QD") == "failed", "its destination has failed")
        eventually(lambda: self.state(room, "brokers", room.world.kafka) in ("failed", "warning"), "so have the brokers")
        row = self.ask(room, 1)["destination", "CUS-QD"]
        self.assertEqual(row["figure"], 1)
        self.assertRegex(row["en"], r"tried \d+ times, last at .*; 1 wait")
        self.assertTrue(row["since"])
        room.broker.order("up")
        eventually(lambda: self.state(room, "destination", "CUS-QD") == "ok", "it goes on by itself")
        eventually(lambda: self.state(room, "brokers", room.world.kafka) == "ok", "the brokers are there")

    def test_why_something_is_parked_that_was_never_tried(self):
        """case 663: its destination has no transport here, and the diagnosis gave no reason."""
        room = self.room()
        room.start()
        answer = room.party("FWD-QD-01").submit(self.goods(room), wait=60)
        self.assertEqual(answer.status, 200, answer)
        eventually(lambda: self.state(room, "destination", "CUS-QD") == "warning", "its destination is not well")
        row = json.loads(room.here("doctor", "--json").stdout)["checks"]
        row = next(each for each in row if (each["check"], each["subject"]) == ("destination", "CUS-QD"))
        self.assertRegex(row["en"], r"transport.* does not run on this gateway.*; 1 parked")

    def test_a_full_disk(self):
        room = self.room(settings={"journal.reserve_mib": 2 ** 30})
        room.start()
        rows = self.ask(room, 1)
        self.assertEqual(rows["disk", room.world.data]["state"], "failed")
        self.assertIn("nearly full", rows["disk", room.world.data]["en"])
        self.assertEqual(rows["gateway", ""]["state"], "failed")
        room.stop()
        self.assertEqual(self.ask(room, 1)["disk", room.world.data]["state"], "failed")

    def test_a_certificate_that_is_over(self):
        room = self.room()
        bundle = room.path("tls", "both.pem")
        with open(bundle, "w") as out, open(room.world.ca) as file:
            out.write(file.read() + OVER)
        room.world.settings["machines.client_ca"] = bundle
        room.world.write_config()
        room.start()
        row = self.ask(room, 1)["certificate", "client_ca"]
        self.assertEqual(row["state"], "failed")
        self.assertIn("it is over since", row["en"])
        room.stop()
        told = room.here("doctor", code=1).stdout
        self.assertIn("both.pem", told)

    def test_a_folder_that_cannot_be_used(self):
        room = self.room()
        room.start()
        shutil.rmtree(room.world.folder("FWD-QD-01"))
        with open(room.world.folder("FWD-QD-01"), "w") as out:
            out.write("no folder")
        eventually(lambda: self.state(room, "folder", "FWD-QD-01") == "failed", "its folder has failed")
        row = self.ask(room, 1)["folder", "FWD-QD-01"]
        self.assertIn(room.world.folder("FWD-QD-01") + " cannot be used: ", row["en"])
        os.unlink(room.world.folder("FWD-QD-01"))
        os.mkdir(room.world.folder("FWD-QD-01"))
        eventually(lambda: self.state(room, "folder", "FWD-QD-01") == "ok", "it can be used again")

    def test_without_a_gateway(self):
        room = self.room()
        row = self.ask(room, 0)["gateway", room.world.data]
        self.assertEqual(row["state"], "unknown")
        room.start()
        room.stop()
        rows = self.ask(room, 1)
        self.assertEqual([row["check"] for row in rows.values() if row["state"] == "failed"], ["gateway"])
        self.assertIn("no gateway runs", rows["gateway", room.world.data]["en"])
        self.assertIn(("destination", "CUS-QD"), rows)
        taken = world.free_port()
        other = self.room()
        other.world.machines = taken
        other.world.write_config()
        other.start()
        room.world.machines = taken
        room.world.settings["pick_up.key"] = "tls/missing.key"
        room.world.write_config()
        told = room.here("doctor", code=1).stdout
        self.assertIn(f"127.0.0.1:{taken}", told)
        self.assertIn("missing.key", told)
        with open(room.world.config, "a") as out:
            out.write("gateway:\n  nothing: 1\n")
        self.assertIn("configuration", room.here("doctor", code=1).stdout)

    def test_case_884_a_data_folder_that_may_not_be_looked_into(self):
        room = self.room()
        nowhere = room.path("nowhere")
        os.symlink("nowhere", nowhere)                          # that of another user is the same to who is not root
        told = json.loads(room.here("doctor", "--data", nowhere, "--json", code=1).stdout)["checks"]
        row = next(row for row in told if (row["check"], row["subject"]) == ("gateway", nowhere))
        self.assertEqual(row["state"], "failed")
        self.assertIn("cannot be looked into", row["en"])
        self.assertNotIn("state", [row["check"] for row in told], "what it says was not seen")

    def test_case_925_pipes_where_files_should_be(self):
        """It waited for ever for who writes to them."""
        room = self.room()
        room.start()
        room.stop()
        segment = sorted(glob.glob(os.path.join(room.world.data, "journal", "*.seg")))[0]
        for path in os.path.join(room.world.data, "state.db"), segment:
            os.rename(path, path + ".aside")
            os.mkfifo(path)
            told = json.loads(room.here("doctor", "--json", code=1).stdout)["checks"]
            self.assertIn("gateway", [row["check"] for row in told])
            os.rename(path + ".aside", path)

    def test_case_533_a_configuration_that_cannot_be_read(self):
        """It was one line, and nothing of the gateway that runs, its disk or what to do."""
        room = self.room()
        nowhere = room.path("nowhere.yaml")
        told = self.diagnose(room, "--config", nowhere)
        row = told["configuration", nowhere]
        self.assertEqual(row["state"], "failed")
        self.assertIn("it cannot be read: not there", row["en"])
        self.assertIn("--config", row["do_en"])
        self.assertEqual(told["gateway", ""]["state"], "unknown")
        self.assertIn("--data", told["gateway", ""]["do_en"])
        self.assertIn(("memory", ""), told)
        folder = self.diagnose(room, "--config", room.path("data"))["configuration", room.path("data")]
        self.assertIn("it is a folder", folder["en"])
        room.start()
        for data in (("--data", room.path("data")), ()):       # the folder beside it is the default
            told = self.diagnose(room, "--config", nowhere, *data)
            self.assertEqual(told["configuration", nowhere]["state"], "failed")
            self.assertEqual(told["gateway", ""]["state"], "ok")
            self.assertIn(("destination", "CUS-QD"), told)
        room.stop()
        told = self.diagnose(room, "--config", nowhere, "--data", room.path("data"))
        self.assertIn("no gateway runs", told["gateway", room.path("data")]["en"])
        self.assertIn(("disk", room.path("data")), told)

    def diagnose(self, room, *arguments):
        told = json.loads(room.clearway("doctor", "--json", *arguments, code=1).stdout)
        return {(row["check"], row["subject"]): row for row in told["checks"]}

    def test_the_operator_alone_is_told(self):
        room = self.room()
        room.world.people = world.free_port()
        room.world.let_in(ACCOUNTS, "correct horse")
        room.start()
        self.assertEqual(room.party("FWD-QD-01").get("/v1/diagnostics").status, 404)
        self.assertEqual(room.people().get("/v1/diagnostics").status, 401)
        for account, (_, role) in ACCOUNTS.items():
            cookie = self.sign_in(room, account)
            answer = room.people().get("/v1/diagnostics", Cookie=cookie)
            self.assertEqual(answer.status, 200 if role == "operator" else 403, account)
            if role == "operator":
                self.assertEqual({row["check"] for row in answer.json["checks"]},
                                 {check for check, _ in self.ask(room, 0)})

    def sign_in(self, room, account):
        answer = room.people().ask("POST", "/v1/session", f"account={account}&password=correct+horse".encode(),
                                    headers={"Content-Type": "application/x-www-form-urlencoded",
                                             "Origin": f"http://localhost:{room.world.people}"})
        self.assertEqual(answer.status, 200, answer)
        return answer.headers["Set-Cookie"].split(";")[0]


if __name__ == "__main__":
    unittest.main(verbosity=2)
