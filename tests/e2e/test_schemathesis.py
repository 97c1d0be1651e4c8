"""schemathesis asks whatever /openapi.json describes, rightly and wrongly: no answer is a failure of ours, and none is undescribed.

Fetched as schemathesis.txt pins it, once for a build folder; drawn from one seed, so that a run is the same each time.
CLEARWAY_EXAMPLES: how many requests it draws for each operation (the target `schemathesis` draws many).
"""
import os
import subprocess
import sys
import unittest
from datetime import datetime

import harness
import test_people
from harness import BUILD, PATIENCE, messages, missing

HERE = os.path.dirname(os.path.abspath(__file__))
WANTED, CONFIG = os.path.join(HERE, "schemathesis.txt"), os.path.join(HERE, "schemathesis.toml")
PACKAGES = os.path.join(BUILD, "tests", "schemathesis")
EXAMPLES = os.environ.get("CLEARWAY_EXAMPLES", "4")
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "unsupported_method")
LEFT_OUT = ("events",           # has no end: test_events.py
            "sign-out")         # and nobody would be signed in


def fetched():
    """Whether it is there, of the versions that are wanted."""
    with open(WANTED, encoding="utf-8") as file:
        wanted = file.read()
    sign = os.path.join(PACKAGES, "fetched")
    there = ""
    if os.path.exists(sign):
        with open(sign, encoding="utf-8") as file:
            there = file.read()
    if there != wanted:
        done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", PACKAGES, "-r", WANTED],
                              capture_output=True, text=True)
        if done.returncode:
            print(done.stderr)
            return False
        with open(sign, "w", encoding="utf-8") as file:
            file.write(wanted)
    return True


class Schemathesis(test_people.PeopleTest):
    @classmethod
    def prepare(cls):
        if not fetched():
            missing("schemathesis")
            raise unittest.SkipTest("schemathesis could not be fetched")

    def setUp(self):
        now = datetime.now(messages.CHINA)
        for party in ("FWD-QD-01", "FWD-QD-02"):                # so that there is something to be told of
            self.accept(party, messages.declaration(self.goods(party)))
        self.accept("OFC-QD", messages.review_measure(self.serial, "FWD-QD-01", now))
        self.accept("FWD-QD-01", messages.dangerous_goods(self.goods(), False, now))

    def run_over(self, address, listener, *options):
        paths = self.room.people().get("/openapi.json").json["paths"]
        others = [operation["operationId"] for item in paths.values() for operation in item.values() if listener not in operation["x-listeners"]]
        done = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIG, "run", address + "/openapi.json", "--checks", ",".join(CHECKS), "--seed", "1",
             "--generation-deterministic", "-n", EXAMPLES, "--request-timeout", str(PATIENCE), "--no-color", *options,
             *(option for name in {*LEFT_OUT, *others} for option in ("--exclude-operation-id", name))],
            capture_output=True, text=True, cwd=self.room.directory, env={**os.environ, "PYTHONPATH": PACKAGES})
        self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr[-2000:])
        self.assertIsNone(self.room.gateway.poll(), self.room.log()[-3000:])

    def test_as_people_ask(self):
        for account in ("ops@port", "zhang.wei"):
            cookie = test_people.Person(self.room, account).cookie
            self.run_over(f"http://127.0.0.1:{self.room.ready['people']}", "people", "-H", f"Cookie: {cookie}", "-H", f"Origin: {test_people.ORIGIN}")

    def test_as_programs_ask(self):
        world = self.room.world
        self.run_over(f"https://localhost:{self.room.ready['machines']}", "machines", "--tls-verify", world.ca, "--request-cert", world.certificate("FWD-QD-01"),
                      "--request-cert-key", world.key("FWD-QD-01"))


if __name__ == "__main__":
    del test_people.PeopleTest
    harness.main()
