"""The gateway as a service: what the unit says of it is true, what it tells the service manager, and the alerts on its metrics."""
import os
import re
import signal
import socket
import subprocess
import unittest

import yaml

import harness
from harness import Room, eventually, messages

UNIT = os.path.join(harness.SOURCE, "ops", "systemd", "clearway.service")
RULES = os.path.join(harness.SOURCE, "ops", "prometheus", "clearway.rules.yaml")


def directives():
    """[(section, name, value)]."""
    section, found = "", []
    with open(UNIT) as file:
        for line in file:
            line = line.strip()
            if line.startswith("["):
                section = line.strip("[]")
            elif line and not line.startswith("#"):
                name, _, value = line.partition("=")
                found.append((section, name, value))
    return found


def values(name):
    return [value for _, key, value in directives() if key == name]


class Unit(unittest.TestCase):
    def test_case_647_systemd_takes_it(self):
        """Every directive is one that systemd knows; a word it does not know would be left out in silence."""
        with Room() as room:
            path = room.path("clearway.service")
            with open(UNIT) as file:
                text = file.read()
            with open(path, "w") as file:
                file.write(text.replace("/usr/bin/clearway", harness.CLEARWAY).replace("User=clearway\nGroup=clearway\n", ""))
            done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=25", path], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout[-2000:])

    def test_case_647_which_ends_are_not_tried_again(self):
        """Those that the README says need somebody; and they are what the program really ends with."""
        with open(os.path.join(harness.SOURCE, "README.md")) as file:
            codes = {int(code): meaning for code, meaning in re.findall(r"^\| (\d+) \| (.*) \|$", file.read(), re.M)}
        prevented = {int(code) for code in values("RestartPreventExitStatus")[0].split()}
        self.assertEqual({code: codes[code].split(":")[0].split(",")[0] for code in prevented},
                         {2: "wrong usage", 3: "not there", 74: "input or output failed", 78: "the configuration is wrong"})
        self.assertEqual(values("Restart"), ["on-failure"])
        with Room() as room:
            with open(room.world.config, "a") as file:
                file.write("nonsense:\n  key: 1\n")
            self.assertIn(room.here("serve").returncode, prevented)
            self.assertIn(room.clearway("serve", "nonsense").returncode, prevented)
            self.assertIn(room.clearway("serve", "--config", "/nowhere").returncode, prevented)

    def test_case_647_it_says_when_it_is_ready_and_when_it_stops(self):
        self.assertEqual(values("Type"), ["notify"])
        with Room() as room, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.settimeout(harness.PATIENCE)
            manager.bind(room.path("notify"))
            room.start(env={"NOTIFY_SOCKET": room.path("notify")})
            self.assertEqual(manager.recv(100), b"READY=1")
            self.assertTrue(os.path.exists(room.path("data", "ready")))
            room.stop()
            self.assertEqual(manager.recv(100), b"STOPPING=1")
        name = f"\0clearway-{os.getpid()}"
        with Room() as room, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.settimeout(harness.PATIENCE)
            manager.bind(name)
            room.start(env={"NOTIFY_SOCKET": "@" + name[1:]})
            self.assertEqual(manager.recv(100), b"READY=1")
            room.stop()
        for nowhere in ("", "relative", "/nowhere/socket", "@" + "x" * 200):      # nobody hears it, and it runs all the same
            with Room() as room:
                room.start(env={"NOTIFY_SOCKET": nowhere})
                room.stop()

    def test_case_647_it_calls_nothing_that_the_unit_forbids(self):
        """All system calls of a life with messages, deliveries, a reload and questions, against the unit's filter."""
        allowed = {"execve"}                                     # systemd's own, into the program
        for value in values("SystemCallFilter"):
            calls = {call for word in value.removeprefix("~").split() for call in calls_of(word)}
            allowed = allowed - calls if value.startswith("~") else allowed | calls
        if os.geteuid() == 0:
            allowed.add("fchown")                                # SQLite's, of root only
        with Room() as room:
            trace = room.path("calls")
            with open(room.path("gateway.log"), "ab") as log:
                tracer = room.run("strace", "-f", "-qq", "-e", "signal=none", "-e", "abbrev=all", "-s", "0", "-o", trace,
                                  harness.CLEARWAY, "serve", "--config", room.world.config, stdout=log, stderr=log)
            ready = room.path("data", "ready")
            eventually(lambda: os.path.exists(ready) or tracer.poll() is not None, "it is ready")
            self.assertIsNone(tracer.poll(), room.log()[-2000:])
            room.gateway = tracer
            with open(ready) as file:
                room.ready = yaml.safe_load(file)
            message = messages.declaration(messages.Consignment(1, room.world.party("FWD-QD-01").trader))
            self.assertEqual(room.party("FWD-QD-01").submit(message, wait=60).status, 200)
            eventually(lambda: room.files("CAR-COSU", "InBox"), "the carrier has it")
            room.here("reload", code=0)
            room.here("queue", code=0)
            os.kill(room.ready["pid"], signal.SIGTERM)
            tracer.wait(harness.PATIENCE)
            with open(trace, errors="replace") as file:
                called = set(re.findall(r"^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed>)", file.read(), re.M))
        self.assertIn("fdatasync", called)
        self.assertEqual(called - allowed, set())


def calls_of(name):
    """The calls of one of systemd's sets, and of those in it; or the call itself."""
    if not name.startswith("@"):
        return {name}
    done = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True)
    found = set()
    for line in done.stdout.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            found |= calls_of(word)
        elif word and not word.startswith("#"):
            found.add(word)
    return found


class Alerts(unittest.TestCase):
    OF_PROMETHEUS = {"up"}

    def test_case_648_each_alert_is_on_metrics_that_there_are(self):
        with open(RULES) as file:
            rules = [rule for group in yaml.safe_load(file)["groups"] for rule in group["rules"]]
        self.assertEqual(len({rule["alert"] for rule in rules}), len(rules))
        with Room() as room:
            room.start()
            room.party("FWD-QD-01").get("/v1/messages?id=X")              # its certificate is seen
            told = room.monitors().get("/metrics").body.decode()
            room.stop()
        rows = [(name, dict(re.findall(r'(\w+)="([^"]*)"', labels))) for name, labels in
                re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", told, re.M)]
        names = {name for name, _ in rows}
        for rule in rules:
            with self.subTest(rule["alert"]):
                self.assertTrue(set(rule) <= {"alert", "expr", "for", "labels", "annotations"})
                self.assertIn(rule["labels"]["severity"], ("page", "ticket"))
                self.assertEqual(set(rule["annotations"]), {"summary", "summary_zh"})
                self.assertTrue(rule["alert"].startswith("Clearway"))
                expression = rule["expr"]
                self.assertEqual(expression.count("("), expression.count(")"))
                used = set(re.findall(r"\b(clearway_\w+|up)\b", expression))
                self.assertTrue(used)
                self.assertEqual(used - names - self.OF_PROMETHEUS, set())
                for name, wanted in re.findall(r"\b(clearway_\w+)\{([^}]*)\}", expression):
                    labels = dict(re.findall(r'(\w+)="([^"]*)"', wanted))
                    self.assertTrue([row for row in rows if row[0] == name and labels.items() <= row[1].items()], wanted)

    def test_case_648_each_alarm_among_the_metrics_has_an_alert(self):
        """A metric whose help says (alarm) is of no use when nobody hears it."""
        with open(RULES) as file:
            rules = file.read()
        with Room() as room:
            room.start()
            told = room.monitors().get("/metrics").body.decode()
            room.stop()
        alarms = re.findall(r"^# HELP (\w+) .*\(alarm\)", told, re.M)
        self.assertGreater(len(alarms), 5)
        self.assertEqual([name for name in alarms if not re.search(rf"\b{name}\b", rules)], [])


if __name__ == "__main__":
    unittest.main()
