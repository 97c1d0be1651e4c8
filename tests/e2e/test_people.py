"""People sign in: accounts, sessions, origins, roles, and every attack on them that we know of."""
import glob
import http.client
import json
import os
import re
import resource
import socket
import ssl
import subprocess
import threading
import time
import unittest
import urllib.parse
from datetime import datetime

import harness
import test_description
from harness import PATIENCE, Room, RoomTest, eventually, messages

ORIGIN = "https://gate.example"
PASSWORD = "correct horse battery"
FORM = "application/x-www-form-urlencoded"
ACCOUNTS = {"zhang.wei": ("FWD-QD-01", "forwarder"), "li.na": ("FWD-QD-02", "forwarder"), "wang.fang": ("CUS-QD", "inspector"),
            "chen.jie": ("OFC-QD", "analyst"), "ops@port": ("OFC-QD", "operator"), "liu.yang": ("TML-QQCT", "terminal"),
            "zhao.min": ("CAR-COSU", "carrier")}


class Person:
    """A browser: one connection, one cookie."""

    def __init__(self, room, name=None, password=PASSWORD, context=None):
        self.client = harness.gateway_client.Client(room.ready["people"], timeout=PATIENCE)
        self.client.context = context
        room.clients[id(self)] = self.client                                 # closed with it
        self.cookie = None
        if name:
            answer = self.sign_in(name, password)
            assert answer.status == 200, answer

    def ask(self, method, path, body=None, origin=ORIGIN, **headers):
        if self.cookie:
            headers.setdefault("Cookie", self.cookie)
        if origin and method != "GET":
            headers["Origin"] = origin
        return self.client.ask(method, path, body=body, headers=headers)

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def sign_in(self, name, password=PASSWORD, **headers):
        body = urllib.parse.urlencode({"account": name, "password": password})
        answer = self.ask("POST", "/v1/session", body, **{"Content-Type": FORM, **headers})
        if answer.status == 200:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        return answer

    def sign_out(self):
        return self.ask("DELETE", "/v1/session")


class PeopleTest(RoomTest):
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.room = Room(settings={"people.accounts": "accounts.yaml", "people.origins": f"{ORIGIN} http://localhost:3000",
                                  **cls.settings})
        cls.addClassCleanup(cls.room.close)
        cls.hash = cls.hash_of(PASSWORD)
        cls.write_accounts(ACCOUNTS)
        cls.prepare()
        cls.room.start()
        cls.serial = 0

    @classmethod
    def prepare(cls):
        """What else is to be there before the start."""

    @classmethod
    def hash_of(cls, password):
        done = subprocess.run([harness.CLEARWAY, "passwd"], input=password + "\n", capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @classmethod
    def write_accounts(cls, accounts, hashes=None, blocked=()):
        with open(os.open(cls.room.path("accounts.yaml"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write("accounts:\n")
            for name, (party, role) in accounts.items():
                out.write(f"  - name: {name}\n    party: {party}\n    role: {role}\n"
                          f"    password: \"{(hashes or {}).get(name, cls.hash)}\"\n")
                if name in blocked:
                    out.write("    blocked: true\n")

    def reload(self, code=0):
        return self.room.here("reload", code=code)

    def problem(self, answer, status, code):
        self.assertEqual((answer.status, answer.json.get("code")), (status, code), answer)

    def readings(self):
        told = self.room.here("journal", "cat", "--json", "--kind", "reading", code=0).stdout.splitlines()
        return [json.loads(line)["meta"] for line in told]

    def noted(self, account):
        """What is noted of it, whatever the hours; each once an hour."""
        rows = [(row["question"], row["subject"], row["hour"]) for row in self.readings() if row["account"] == account]
        self.assertEqual(len(rows), len(set(rows)), rows)
        return sorted({row[:2] for row in rows})


class SigningIn(PeopleTest):
    def test_in_and_out(self):
        person = Person(self.room)
        self.problem(person.get("/v1/session"), 401, "signed-out")
        self.problem(person.get("/v1/track/COSU6201234567"), 401, "signed-out")
        answer = person.sign_in("zhang.wei")
        self.assertEqual(answer.status, 200, answer)
        cookie = answer.headers["Set-Cookie"]
        self.assertRegex(cookie, r"^__Host-clearway=[0-9a-f]{64}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200$")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        told = person.get("/v1/session").json
        self.assertEqual((told["account"], told["party"], told["role"], told["sends"]), ("zhang.wei", "FWD-QD-01", "forwarder", True))
        self.assertEqual(told["sees"], {"goods": "own", "messages": "own", "figures": "own", "gateway": "none"})
        self.assertLess(told["ends_unless_used"], told["ends"])
        self.problem(person.get("/v1/track/COSU6201234567"), 404, "not-found")
        out = person.sign_out()
        self.assertEqual((out.status, out.body), (204, b""))
        self.assertIn("Max-Age=0", out.headers["Set-Cookie"])
        self.problem(person.get("/v1/session"), 401, "signed-out")          # the cookie again, after it ended
        self.assertEqual(person.sign_out().status, 204, "signing out twice is fine")

    def test_a_restart_signs_nobody_out_and_brings_nobody_back(self):
        stays, leaves = Person(self.room, "zhang.wei"), Person(self.room, "zhang.wei")
        self.assertNotEqual(stays.cookie, leaves.cookie)
        self.assertEqual(leaves.sign_out().status, 204)
        self.room.kill()                                                     # no moment to tidy up
        with open(self.room.path("data", "sessions"), "ab") as file:
            file.write(b"\n+ 00")                                            # a line that was cut
        self.room.start()
        again, gone = Person(self.room), Person(self.room)
        again.cookie, gone.cookie = stays.cookie, leaves.cookie
        self.assertEqual(again.get("/v1/session").json["account"], "zhang.wei")
        self.problem(gone.get("/v1/session"), 401, "signed-out")
        with open(self.room.path("data", "sessions")) as file:
            self.assertNotIn(stays.cookie.split("=")[1], file.read(), "the file signs nobody in")

    def test_nobody_is_told_whether_there_is_such_an_account(self):
        answers = []
        for name, password in (("zhang.wei", "not the password"), ("no.such.one", PASSWORD), ("x" * 100, PASSWORD), ("\u738b", PASSWORD),
                               ("zhao.min", PASSWORD + "x" * 300)):
            answer = Person(self.room).sign_in(name, password)
            headers = sorted((key, value) for key, value in answer.headers.items() if key != "Date")
            answers.append((answer.status, headers, answer.body))
        self.assertEqual(answers[0][0], 401)
        self.assertIn(("WWW-Authenticate", 'Session realm="clearway"'), answers[0][1])
        for answer in answers[1:]:
            self.assertEqual(answer, answers[0])

    def test_a_session_is_never_one_that_somebody_else_chose(self):
        chosen = "__Host-clearway=" + "ab" * 32
        person = Person(self.room)
        person.cookie = chosen
        answer = person.sign_in("zhang.wei")
        self.assertNotIn("ab" * 32, answer.headers["Set-Cookie"])
        other = Person(self.room)
        other.cookie = chosen
        self.problem(other.get("/v1/session"), 401, "signed-out")
        first = person.cookie
        self.assertEqual(person.sign_in("li.na").status, 200)                # the one before ends with it
        other.cookie = first
        self.problem(other.get("/v1/session"), 401, "signed-out")
        for beside in (f"{person.cookie}; {chosen}", f"{chosen}; {person.cookie}", person.cookie.upper(), person.cookie[:-1],
                       person.cookie + "0", "clearway=" + person.cookie.split("=")[1]):
            other.cookie = beside
            self.problem(other.get("/v1/session"), 401, "signed-out")
        other.cookie = f"theme=dark; {person.cookie}"
        self.assertEqual(other.get("/v1/session").json["account"], "li.na")

    def test_what_changes_something_comes_from_a_page_of_ours(self):
        person = Person(self.room, "zhang.wei")
        declaration = messages.declaration(self.goods())
        for origin in (None, "null", "https://gate.example.evil", "http://gate.example", "https://gate.example:444", "https://GATE.example",
                       "https://gate.example/", ""):
            for method, path, body, kind in (("POST", "/v1/session", f"account=zhang.wei&password={PASSWORD}", FORM),
                                             ("DELETE", "/v1/session", None, FORM), ("POST", "/v1/messages", declaration, "application/xml"),
                                             ("POST", "/no-such-thing", None, FORM)):
                headers = {"Origin": origin} if origin is not None else {}
                answer = person.ask(method, path, body, origin=None, **{"Content-Type": kind, **headers})
                self.problem(answer, 403, "origin")
        raw = (f"DELETE /v1/session HTTP/1.1\r\nHost: localhost\r\nOrigin: {ORIGIN}\r\nOrigin: {ORIGIN}\r\nCookie: {person.cookie}\r\n\r\n")
        self.assertIn(b" 403 ", self.raw(raw.encode()).split(b"\r\n")[0])
        self.assertEqual(person.get("/v1/session").status, 200, "nobody was signed out")

    def raw(self, request):
        with socket.create_connection(("localhost", self.room.ready["people"]), timeout=PATIENCE) as plain:
            plain.sendall(request)
            return plain.recv(65536)

    def test_what_is_posted_has_no_other_parameters(self):
        """Case 877: a misspelt word of an order is not passed over."""
        person = Person(self.room, "zhang.wei")
        for method, path in (("POST", "/v1/session?account=zhang.wei"), ("DELETE", "/v1/session?all=1"), ("POST", "/v1/messages?agian=1"),
                             ("POST", "/v1/orders/deliveries/drop?reasn=why"), ("POST", "/v1/orders/records/drop?record=1&reason=x&To=2")):
            self.problem(person.ask(method, path, b""), 400, "unknown-parameter")
        self.assertEqual(person.get("/v1/session").status, 200, "nobody was signed out")

    def test_forms_that_are_none(self):
        person = Person(self.room)
        for body, kind, status, code in ((b"account=a&password=b", "application/json", 415, "not-a-form"), (b"", FORM, 400, "form"),
                                         (b"account=a", FORM, 400, "form"), (b"account=a&account=a&password=b", FORM, 400, "form"),
                                         (b"account=a&password=%zz", FORM, 400, "form"), (b"account=a&password=%", FORM, 400, "form"),
                                         (b"account=a&password=b&next=//evil", FORM, 400, "form"), (b"\xff&\x00", FORM, 400, "form"),
                                         (b"account=zhang.wei&password=" + b"x" * 5000, FORM, 413, "body-too-large")):
            self.problem(person.ask("POST", "/v1/session", body, **{"Content-Type": kind}), status, code)

    def test_passwords_of_any_signs(self):
        name, password = "li.na", "\u5bc6\u7801 & = + % \u00fc \U0001f511 twelve"
        self.write_accounts(ACCOUNTS, {name: self.hash_of(password)})
        self.reload()
        self.assertEqual(Person(self.room).sign_in(name, password).status, 200)
        self.write_accounts(ACCOUNTS)
        self.reload()


class Ending(PeopleTest):
    def test_another_password_a_block_and_a_row_that_is_gone_end_sessions(self):
        people = {name: Person(self.room, name) for name in ("zhang.wei", "li.na", "liu.yang", "zhao.min")}
        other = {name: row for name, row in ACCOUNTS.items() if name != "liu.yang"}
        self.write_accounts(other, {"zhang.wei": self.hash_of("another password")}, blocked=("li.na",))
        self.reload()
        for name in ("zhang.wei", "li.na", "liu.yang"):
            self.problem(people[name].get("/v1/session"), 401, "signed-out")
        self.assertEqual(people["zhao.min"].get("/v1/session").status, 200)
        self.assertEqual(Person(self.room).sign_in("zhang.wei").status, 401)
        self.assertEqual(Person(self.room).sign_in("zhang.wei", "another password").status, 200)
        self.assertEqual(Person(self.room).sign_in("li.na").status, 401)
        with open(self.room.path("accounts.yaml"), "a") as out:
            out.write("  - name: li.na\n    party: NOBODY\n    role: emperor\n    password: plain\n")
        said = self.reload(code=78)
        self.assertIn("LINT-ACCOUNT", said.stderr + said.stdout)
        self.assertNotIn("$scrypt", said.stderr + said.stdout)
        self.assertEqual(people["zhao.min"].get("/v1/session").status, 200, "what was in force still is")
        self.write_accounts(ACCOUNTS)
        self.reload()

    def test_case_863_a_session_that_has_ended_does_not_come_back(self):
        """With the row, the block or the password that its account had then; nor over a restart."""
        names = ("zhang.wei", "li.na", "zhao.min", "liu.yang")

        def asked_with(cookie):
            person = Person(self.room)
            person.cookie = cookie
            return person.get("/v1/session").status
        for is_killed in (False, True):
            cookies = [Person(self.room, name).cookie for name in names]
            self.write_accounts({name: row for name, row in ACCOUNTS.items() if name != "zhao.min"},
                                {"zhang.wei": self.hash_of("another password")}, blocked=("li.na",))
            self.reload()
            if is_killed:
                self.room.kill()
                self.room.start()
            self.write_accounts(ACCOUNTS)
            self.reload()
            self.assertEqual([asked_with(cookie) for cookie in cookies], [401, 401, 401, 200])

    def test_streams_end_with_their_session(self):
        person = Person(self.room, "zhang.wei")
        connection = http.client.HTTPConnection("localhost", self.room.ready["people"], timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request("GET", "/v1/events", headers={"Cookie": person.cookie})
        stream = connection.getresponse()
        self.assertEqual(stream.status, 200)
        self.assertEqual(person.sign_out().status, 204)
        stream.read()                                                        # it has an end
        self.problem(person.get("/v1/events"), 401, "signed-out")

    def test_one_account_has_so_many_sessions(self):
        people = [Person(self.room, "zhao.min") for _ in range(17)]
        self.problem(people[0].get("/v1/session"), 401, "signed-out")
        self.assertEqual(people[16].get("/v1/session").status, 200)


class Short(PeopleTest):
    settings = {"people.idle_minutes": 1, "people.session_hours": 1}

    def test_secrets_stay_where_they_are(self):
        Person(self.room, "zhang.wei")
        Person(self.room).sign_in("hunter2-typed-in-the-wrong-field", PASSWORD)
        self.reload()
        log = self.room.log()
        self.assertIn("sign_in_refused", log)
        for secret in ("$scrypt", PASSWORD, "hunter2"):
            self.assertNotIn(secret, log)
        for path in glob.glob(self.room.path("data", "**"), recursive=True):
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    self.assertNotIn(b"$scrypt", file.read(), f"{path} holds no hash of a password")


def crc32c(text):
    """Castagnoli's, as lines of the sessions end with."""
    crc = 0xffffffff
    for byte in text.encode():
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


class Terms(PeopleTest):
    """How long a session lasts: moments of the file are put back while the gateway stands still."""
    settings = {"people.idle_minutes": 10, "people.session_hours": 1}

    def put_back(self, moments):
        """{name: (begun, used)}, in minutes before now."""
        path, lines = self.room.path("data", "sessions"), ["clearway-sessions 1"]
        with open(path) as file:
            begun = [line.split() for line in file if line.startswith("+ ")]
        for _, digest, name, _, password, _ in begun:
            began, used = (time.time_ns() - minutes * 60 * 10**9 for minutes in moments[name])
            for line in (f"+ {digest} {name} {began} {password}", f"~ {digest} {used}"):
                lines.append(f"\n{line} {crc32c(line):08x}")
        with open(path, "w") as file:
            file.write("\n".join(lines) + "\n")

    def test_unused_or_old(self):
        moments = {"zhang.wei": (50, 5), "li.na": (50, 11), "liu.yang": (61, 0), "zhao.min": (9, 9)}
        cookies = {name: Person(self.room, name).cookie for name in moments}
        self.room.stop()
        self.put_back(moments)
        self.room.start()
        told = {}
        for name, cookie in cookies.items():
            person = Person(self.room)
            person.cookie = cookie
            told[name] = person.get("/v1/session")
        self.assertEqual({name: answer.status for name, answer in told.items()}, {"zhang.wei": 200, "li.na": 401, "liu.yang": 401, "zhao.min": 200})

        def left(name, which):
            return (datetime.fromisoformat(told[name].json[which]) - datetime.now(messages.CHINA)).total_seconds() / 60
        self.assertTrue(5 < left("zhang.wei", "ends") < 10 and left("zhang.wei", "ends_unless_used") < 10, "use puts off no end for good")
        self.assertTrue(5 < left("zhao.min", "ends_unless_used") <= 10, "... but the other one")

    def test_what_no_person_does_is_no_use(self):                                 # case 900
        person = Person(self.room, "zhang.wei")

        def ends(**headers):
            return datetime.fromisoformat(person.get("/v1/session", **headers).json["ends_unless_used"])
        nobody = {"Clearway-Unattended": "1"}
        before = ends(**nobody)
        self.assertEqual(person.get("/v1/alerts", **nobody).status, 200)
        self.assertEqual(person.get("/v1/events?after=nothing").status, 400, "a stream is opened again by itself")
        self.assertEqual(ends(**nobody), before)
        self.assertGreater(ends(), before)


class Tries(PeopleTest):
    """Its own gateway: what is counted here would keep others out."""

    def test_ten_thousand_tries(self):
        before = Person(self.room, "li.na")
        person = Person(self.room)
        told = [person.sign_in("zhang.wei", f"guess number {i}") for i in range(6)]
        self.assertEqual([answer.status for answer in told], [401] * 5 + [429])
        self.problem(told[5], 429, "tries")
        self.assertTrue(0 < int(told[5].headers["Retry-After"]) <= 900)
        self.problem(person.sign_in("zhang.wei"), 429, "tries")               # not even with the right one
        none = [person.sign_in("no.such.account", f"guess number {i}") for i in range(6)]
        self.assertEqual([(a.status, a.json) for a in none], [(a.status, a.json) for a in told], "and no account has the same")
        statuses = self.flood(10000)
        self.assertEqual(set(statuses), {"401", "429"})
        self.assertLess(statuses["401"], 30)
        self.assertEqual(before.get("/v1/session").status, 200, "who is signed in goes on")
        self.assertGreater(self.room.metric('clearway_throttled_total{limit="sign-ins"}'), 9000)

    def flood(self, count):
        """All of them on one connection, as fast as they are taken; how many got which answer."""
        statuses, rest = {}, b""
        with socket.create_connection(("localhost", self.room.ready["people"]), timeout=PATIENCE) as plain:
            def send():
                for i in range(count):
                    body = f"account=account{i % 5000}&password=guess{i}".encode()
                    plain.sendall(b"POST /v1/session HTTP/1.1\r\nHost: localhost\r\nOrigin: %s\r\nContent-Type: %s\r\n"
                                  b"Content-Length: %d\r\n\r\n%s" % (ORIGIN.encode(), FORM.encode(), len(body), body))
            sender = threading.Thread(target=send)
            sender.start()
            while sum(statuses.values()) < count:
                rest += plain.recv(65536)
                found = re.findall(rb"HTTP/1\.1 (\d{3}) ", rest)
                for status in found:
                    statuses[status.decode()] = statuses.get(status.decode(), 0) + 1
                rest = rest[rest.rfind(b"HTTP/1.1 ") + 13:][-40:] if found else rest[-40:]
            sender.join()
        return statuses

    def test_two_at_once(self):
        """Two are hashed at once, and one more is sent away; none of it waits for the others."""
        held = [harness.HeldThread(self.room.gateway.pid, "passwords", harness.HeldThread.IDLE)]
        statuses = []

        def sign_in():
            statuses.append(Person(self.room).sign_in("zhao.min").status)
        threads = [threading.Thread(target=sign_in) for _ in range(6)]
        for thread in threads:
            thread.start()
        harness.eventually(lambda: statuses.count(429) >= 1 or len(statuses) == 6, "the others are answered")
        held[0].let_go()
        for thread in threads:
            thread.join()
        self.assertLessEqual(set(statuses), {200, 429})
        self.assertIn(429, statuses)


class Roles(PeopleTest):
    WHO = ("zhang.wei", "li.na", "liu.yang", "zhao.min", "wang.fang", "chen.jie", "ops@port")
    PATHS = {  # what is asked, and what each of those is answered: the sender, another forwarder, terminal, carrier, customs, office
        "/v1/track/{bill}": (200, 404, 200, 200, 200, 403, 200),
        "/v1/inspections": (200, 200, 200, 200, 200, 403, 200),
        "/v1/slots": (200, 200, 200, 200, 200, 403, 200),
        "/v1/codes/inspection_modes": (200, 200, 200, 200, 200, 200, 200),
        "/v1/codes/aeo_traders": (404, 404, 404, 404, 404, 404, 404),
        "/v1/charge-lists": (200, 200, 200, 200, 200, 200, 200),
        "/v1/tariffs?words=%E5%A0%86%E5%AD%98": (200, 200, 200, 200, 200, 200, 200),
        "/v1/charged": (200, 200, 200, 200, 200, 200, 200),
        "/v1/messages/{record}": (200, 404, 200, 200, 200, 403, 200),
        "/v1/messages/{record}/receipt": (200, 404, 404, 404, 404, 403, 200),
        "/v1/messages/{record}/content": (200, 404, 200, 200, 200, 403, 200),
        "/v1/deliveries": (200, 200, 200, 200, 200, 403, 404),
        "/v1/report?month=2026-10": (403, 403, 403, 403, 403, 404, 404),
        "/v1/charges/QQCT": (404, 404, 404, 404, 404, 404, 404),
        "/v1/queue": (403, 403, 403, 403, 403, 403, 200),
        "/v1/diagnostics": (403, 403, 403, 403, 403, 403, 200),
        "/v1/received": (200, 200, 200, 200, 200, 403, 200),
        "/v1/export?month=2026-10": (403, 403, 403, 403, 403, 403, 404),
    }

    def test_the_matrix(self):
        people = {name: Person(self.room, name) for name in self.WHO}
        goods = self.goods()
        sent = people["zhang.wei"].ask("POST", "/v1/messages", messages.declaration(goods), **{"Content-Type": "application/xml"})
        self.assertEqual(sent.status, 202, sent)
        record = sent.json["record"]
        self.assertEqual(sent.json["party"], "FWD-QD-01")
        harness.eventually(self.room.decided, "it is decided")
        for path, expected in self.PATHS.items():
            path = path.format(bill=goods.bill, record=record)
            self.assertEqual(tuple(people[name].get(path).status for name in self.WHO), expected, path)
        self.problem(people["chen.jie"].get("/v1/inspections"), 403, "role")
        self.problem(people["zhang.wei"].get("/v1/queue"), 403, "role")
        self.problem(people["zhang.wei"].get("/v1/report?month=2026-10"), 403, "not-the-office")
        for name in ("chen.jie", "ops@port"):
            answer = people[name].ask("POST", "/v1/messages", messages.declaration(goods), **{"Content-Type": "application/xml"})
            self.problem(answer, 403, "role")
        for path in ("/readyz", "/metrics", "/healthz", "/control/clock"):
            self.assertEqual(people["ops@port"].get(path).status, 404)

    def test_a_certificate_of_a_party_is_nobody_here(self):
        self.problem(Person(self.room).get("/v1/deliveries"), 401, "signed-out")
        self.assertEqual(self.room.party("FWD-QD-01").get("/v1/session").status, 404, "and an account is nobody there")
        stranger = self.room.party("FWD-QD-01")
        cookie = Person(self.room, "ops@port").cookie
        self.assertEqual(stranger.get("/v1/queue", Cookie=cookie).status, 404)


class Described(PeopleTest):
    """What people are answered is described, too, whoever they are."""
    settings = {"people.user_header": "X-Remote-User", "people.proxy_secret": "clearway.yaml"}      # a file of more than 32 bytes

    def test_every_path_answers_as_it_is_described(self):
        self.description = self.room.people().get("/openapi.json").json
        names = ("zhang.wei", "wang.fang", "chen.jie", "ops@port")
        people = [Person(self.room), *(Person(self.room, name) for name in names)]
        values = {"number": "1", "query": "COSU6201234567", "operator": "3702910055"}
        for path, item in self.description["paths"].items():
            for method, operation in item.items():
                if "people" not in operation["x-listeners"] or path == "/v1/events" or operation["operationId"] == "sign-out":
                    continue
                required = {row["name"]: values.get(row["name"]) or row.get("example") or "x"
                            for row in operation["parameters"] if row["required"]}
                asked = re.sub(r"{(\w+)}", lambda name: required.pop(name[1]), path)
                asked += "?" + urllib.parse.urlencode(required) if required else ""
                for person in people:
                    kind = next(iter(operation.get("requestBody", {}).get("content", {"application/xml": 0})))
                    body = b"<x/>" if method == "post" else None
                    answer = person.ask(method.upper(), asked, body, **{"Content-Type": kind} if body else {})
                    test_description.Description.check_answer(self, operation, answer)
                    if "x-roles" in operation and person is not people[0]:
                        role = ACCOUNTS[names[people.index(person) - 1]][1]
                        self.assertEqual(role in operation["x-roles"], answer.status != 403, f"{path}: {role}")
                    self.problem(person.get(asked, **{"X-Remote-User": "zhang.wei"}), 400, "user-header")


class Readings(PeopleTest):
    """What is seen of other parties by the role of an account is noted before it is shown."""

    def test_one_for_each_account_question_subject_and_hour(self):
        goods, other = self.goods(), self.goods()
        for each in (goods, other):
            self.accept("FWD-QD-01", messages.declaration(each))
        inspector, operator, owner = Person(self.room, "wang.fang"), Person(self.room, "ops@port"), Person(self.room, "zhang.wei")
        self.room.party("CUS-QD").track(goods.bill)                          # the party itself, by its certificate
        for person in (inspector, operator, owner):
            for bill in (goods.bill, goods.bill, other.bill, goods.bill):
                self.assertEqual(person.get(f"/v1/track/{bill}").status, 200)
        self.assertEqual(inspector.get("/v1/track/COSU6999999999").status, 404)          # looked for, and noted too
        self.assertEqual(inspector.get("/v1/deliveries").status, 200)                    # its own party's
        self.assertEqual(operator.get("/v1/queue").status, 200)
        tracked = sorted(("track", f"query={bill}") for bill in (goods.bill, other.bill))
        for account, expected in (("ops@port", tracked + [("queue", "")]), ("wang.fang", tracked + [("track", "query=COSU6999999999")])):
            noted = self.noted(account)
            self.assertEqual({row: noted.count(row) for row in expected}, {row: 1 for row in expected})
        self.assertNotIn("deliveries", [question for question, _ in self.noted("wang.fang")])
        self.assertEqual(self.noted("zhang.wei"), [])
        row = next(row for row in self.readings() if row["account"] == "wang.fang")
        self.assertEqual((row["party"], row["role"]), ("CUS-QD", "inspector"))
        self.assertRegex(row["hour"], r":00:00\.000\+08:00$")
        self.room.here("journal", "verify", code=0)

    def test_many_at_once_are_one(self):
        goods = self.goods()
        self.accept("FWD-QD-01", messages.declaration(goods))
        cookie, statuses = Person(self.room, "ops@port").cookie, []

        def look():
            person = Person(self.room)
            person.cookie = cookie
            statuses.append(person.get(f"/v1/track/{goods.bill}").status)
        threads = [threading.Thread(target=look) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200] * 8)
        self.assertEqual(self.noted("ops@port").count(("track", f"query={goods.bill}")), 1)

    def test_a_long_subject_is_noted_by_its_digest(self):
        operator = Person(self.room, "ops@port")
        for end in ("x", "y"):
            self.assertEqual(operator.get("/v1/messages?id=" + "a" * 3000 + end).status, 404)
        noted = [subject for question, subject in self.noted("ops@port") if question == "message-by-id"]
        self.assertEqual((len(noted), len(set(noted))), (2, 2))
        self.assertTrue(all(len(subject) < 500 for subject in noted))

    def test_streams_are_noted_when_they_begin(self):
        inspector = Person(self.room, "wang.fang")
        connection = http.client.HTTPConnection("localhost", self.room.ready["people"], timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request("GET", "/v1/events?port=CNQDG", headers={"Cookie": inspector.cookie})
        stream = connection.getresponse()
        self.assertEqual(stream.status, 200)
        self.assertIn(("events", "port=CNQDG"), self.noted("wang.fang"))
        goods = self.goods("FWD-QD-02")
        self.accept("FWD-QD-02", messages.declaration(goods))
        line = b""
        while not line.startswith(b"data: ") or goods.bill.encode() not in line:     # what was decided before may be told now
            line = stream.readline()
        event = json.loads(line[6:])
        self.assertEqual((event["type"], event["subject"].split("/")[1]), ("clearway.event.milestone.v1", goods.bill))

    def stream_of(self, name, query):
        connection = http.client.HTTPConnection("localhost", self.room.ready["people"], timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request("GET", "/v1/events" + query, headers={"Cookie": Person(self.room, name).cookie})
        stream = connection.getresponse()
        self.assertEqual(stream.status, 200)

        def event():
            line = b""
            while not line.startswith(b"data: "):
                line = stream.readline()
            return json.loads(line[6:])
        return event

    def test_who_handed_it_over_is_told_to_his_party(self):
        """And to the operator, who reads what it says, too: a reading."""
        zhang, goods = Person(self.room, "zhang.wei"), self.goods()
        body = messages.declaration(goods)
        receipt = zhang.ask("POST", "/v1/messages", body, **{"Content-Type": "application/xml", "Prefer": "wait=60"})
        record = receipt.json["record"]
        path = f"/v1/messages/{record}"
        self.assertEqual(zhang.get(path).json["account"], "zhang.wei")
        self.assertEqual(self.room.party("FWD-QD-01").get(path).json["account"], "zhang.wei", "and to its programs")
        self.assertNotIn("account", self.room.party("OFC-QD").get(path).json)
        by_program = self.accept("FWD-QD-01", messages.declaration(self.goods()))["record"]
        self.assertNotIn("account", zhang.get(f"/v1/messages/{by_program}").json)
        operator = Person(self.room, "ops@port")
        self.assertEqual(operator.get(path).json["account"], "zhang.wei")
        self.assertEqual(operator.get(path + "/content").body, body)
        self.assertEqual(operator.get(path + "/receipt").json, zhang.get(path + "/receipt").json)

        def accounts(asker):
            lines = asker.get(f"/v1/track/{goods.bill}").json["consignments"][0]["timeline"]
            return {line.get("account", "") for line in lines if line["record"] == record}
        eventually(lambda: accounts(zhang), "it is in the timeline")
        for asker, told in ((zhang, "zhang.wei"), (self.room.party("FWD-QD-01"), "zhang.wei"), (operator, "zhang.wei"),
                            (Person(self.room, "wang.fang"), ""), (self.room.party("OFC-QD"), ""), (self.room.party("CUS-QD"), "")):
            self.assertEqual(accounts(asker), {told})
        self.assertIn('"account":"zhang.wei"', self.room.here("track", goods.bill, "--json", code=0).stdout)
        self.assertNotIn("zhang.wei", self.room.here("track", goods.bill, "--json", "--as", "OFC-QD", code=0).stdout)
        self.assertIn("handed over by zhang.wei", self.room.here("route", "--message", str(record)).stdout)
        self.assertLessEqual({("message", f"number={record}"), ("content", f"number={record}"), ("receipt", f"number={record}")}, set(self.noted("ops@port")))
        inspector = Person(self.room, "wang.fang")                   # customs was sent it, and not who of its sender's people sent it
        self.assertEqual((inspector.get(path + "/content").body, inspector.get(path + "/receipt").status), (body, 404))
        self.assertNotIn("account", inspector.get(path).json)
        self.assertEqual(Person(self.room, "chen.jie").get(path + "/content").status, 403)

    def test_a_stream_tells_of_messages_as_the_role_sees_them(self):
        """Case 774: the operator heard of no message what became of it, the inspector not even of customs' own."""
        after = self.accept("FWD-QD-01", messages.declaration(self.goods()))["decision"]["record"]
        goods = self.goods("FWD-QD-02")
        declared = self.accept("FWD-QD-02", messages.declaration(goods))["record"]
        answered = self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))["record"]
        told = {}
        for name in ("ops@port", "wang.fang", "li.na"):
            event = self.stream_of(name, f"?after={after}&type=decision")
            told[name] = [(one["data"]["record"], one["data"]["party"], one["data"]["family"]) for one in [event()] + ([event()] if name == "ops@port" else [])]
        self.assertEqual(told, {"ops@port": [(declared, "FWD-QD-02", "declaration"), (answered, "CUS-QD", "customs-response")],
                                "wang.fang": [(answered, "CUS-QD", "customs-response")], "li.na": [(declared, "FWD-QD-02", "declaration")]})

    def test_case_894_accounts_hear_which_answers_are_others_now(self):
        """The inspector's list of dangerous goods stood still, and who reviews the figures had no stream at all."""
        after = self.accept("FWD-QD-01", messages.declaration(self.goods()))["decision"]["record"]
        now, goods = datetime.now(messages.CHINA), self.goods()
        self.accept("FWD-QD-01", messages.dangerous_goods(goods, False, now))
        self.accept("OFC-QD", messages.review_measure(2, "FWD-QD-01", now))
        dangerous, review = (f"CNQDG/{goods.bill}", "dangerous"), (None, "review")
        for name, told in (("wang.fang", [dangerous]), ("chen.jie", [review]), ("ops@port", [dangerous, review])):
            event = self.stream_of(name, f"?after={after}&type=change")
            heard = [event() for _ in told]
            self.assertEqual([(one.get("subject"), one["data"]["question"]) for one in heard], told, name)
            self.assertTrue(all(set(one["data"]) == {"question"} for one in heard), heard)

    def test_an_analyst_hears_of_no_consignment(self):
        after = self.accept("FWD-QD-01", messages.declaration(self.goods()))["decision"]["record"]
        self.accept("FWD-QD-02", messages.declaration(self.goods("FWD-QD-02")))
        self.accept("OFC-QD", messages.review_measure(3, "FWD-QD-01", datetime.now(messages.CHINA)))
        event = self.stream_of("chen.jie", f"?after={after}")
        first, second = event(), event()
        self.assertEqual({first["type"], second["type"]}, {"clearway.event.milestone.v1", "clearway.event.change.v1"})
        self.assertTrue(all("!" in one.get("subject", "!") for one in (first, second)), (first, second))
        self.assertIn(("events", ""), self.noted("chen.jie"))

    def test_case_869_a_measure_of_the_review_is_told_to_who_sees_figures(self):
        after = self.accept("FWD-QD-01", messages.declaration(self.goods()))["decision"]["record"]
        now = datetime.now(messages.CHINA)
        self.accept("OFC-QD", messages.review_measure(1, "FWD-QD-01", now))
        self.accept("FWD-QD-02", messages.declaration(self.goods("FWD-QD-02")))
        for name, first in (("ops@port", "MEASURE_DUE"), ("wang.fang", "DECLARED")):
            self.assertEqual(self.stream_of(name, f"?after={after}&type=milestone")()["data"]["code"], first, name)

    def test_what_cannot_be_noted_is_not_shown(self):
        operator = Person(self.room, "ops@port")
        before = len(self.readings())
        self.assertEqual(operator.get("/v1/queue?to=NOBODY").status, 200)
        self.assertEqual(len(self.readings()), before + 1)
        held = harness.HeldThread(self.room.gateway.pid, "sequencer", harness.HeldThread.IDLE)
        try:
            connection = http.client.HTTPConnection("localhost", self.room.ready["people"], timeout=2)
            self.addCleanup(connection.close)
            connection.request("GET", "/v1/queue?to=SOMEBODY", headers={"Cookie": operator.cookie})
            with self.assertRaises(TimeoutError):
                connection.getresponse()                                     # nothing is durable: nothing is said
            connection.close()
            self.assertEqual(operator.get("/v1/queue?to=NOBODY").status, 200)            # that is noted already
        finally:
            held.let_go()
        self.assertEqual(operator.get("/v1/queue?to=SOMEBODY").status, 200)
        self.assertEqual(len(self.readings()), before + 2)


class Unwritten(PeopleTest):
    def test_a_journal_that_cannot_be_written_shows_nothing(self):
        operator = Person(self.room, "ops@port")
        self.assertEqual(operator.get("/v1/queue?to=ONE").status, 200)
        before = resource.prlimit(self.room.gateway.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        try:
            answer = operator.get("/v1/queue?to=TWO")
            self.assertEqual((answer.status, answer.json["code"]), (503, "not-noted"))
        except (http.client.HTTPException, ConnectionError):
            pass                                    # it ends, for its journal has failed, and that may be sooner
        self.assertEqual(self.room.gateway.wait(PATIENCE), 74, before)
        self.room.start()
        noted = [subject for question, subject in self.noted("ops@port") if question == "queue"]
        self.assertEqual(noted, ["to=ONE"])
        self.assertEqual(Person(self.room, "ops@port").get("/v1/queue?to=TWO").status, 200)
        self.assertEqual([subject for question, subject in self.noted("ops@port") if question == "queue"], ["to=ONE", "to=TWO"])


class Proxy(PeopleTest):
    settings = {"people.user_header": "X-Remote-User", "people.proxy_secret": "proxy.secret", "people.proxy": "proxy",
                "people.certificate": "tls/gateway.pem", "people.key": "tls/gateway.key", "people.client_ca": "tls/ca.pem"}

    @classmethod
    def prepare(cls):
        cls.secret = os.urandom(32).hex()
        with open(os.open(cls.room.path("proxy.secret"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            out.write(cls.secret + "\n")
        cls.context = ssl.create_default_context(cafile=cls.room.world.ca)

    def person(self, *arguments):
        return Person(self.room, *arguments, context=self.context)

    def test_who_is_believed(self):
        named = {"X-Remote-User": "zhang.wei"}
        person = self.person()
        self.problem(person.get("/v1/session", **named), 400, "user-header")
        self.problem(person.get("/docs", **named), 400, "user-header")
        self.problem(person.get("/v1/session", **named, **{"Clearway-Proxy-Secret": "0" * 64}), 400, "user-header")
        self.problem(person.get("/v1/session", **named, **{"Clearway-Proxy-Secret": ""}), 400, "user-header")
        proved = {"Clearway-Proxy-Secret": self.secret}
        answer = person.get("/v1/session", **named, **proved)
        self.assertEqual((answer.status, answer.json["account"], "ends" in answer.json), (200, "zhang.wei", False))
        self.problem(person.get("/v1/session", **proved, **{"X-Remote-User": "no.such.one"}), 403, "no-account")
        self.problem(person.get("/v1/session", **proved), 401, "signed-out")
        answer = person.ask("POST", "/v1/messages", b"<x/>", origin=None, **named, **proved, **{"Content-Type": "application/xml"})
        self.problem(answer, 403, "origin")
        signed = self.person("li.na")
        self.problem(signed.get("/v1/session", **named), 400, "user-header")
        self.assertNotIn(self.secret, self.room.log())

    def test_twice_is_once_too_often(self):
        request = (f"GET /v1/session HTTP/1.1\r\nHost: localhost\r\nX-Remote-User: zhang.wei\r\nx-remote-user: li.na\r\n"
                   f"Clearway-Proxy-Secret: {self.secret}\r\n\r\n").encode()
        with socket.create_connection(("localhost", self.room.ready["people"]), timeout=PATIENCE) as plain:
            with self.context.wrap_socket(plain, server_hostname="localhost") as line:
                line.sendall(request)
                self.assertIn(b" 400 ", line.recv(65536).split(b"\r\n")[0])

    def test_by_certificate(self):
        context = ssl.create_default_context(cafile=self.room.world.ca)
        party = self.room.world
        context.load_cert_chain(party.certificate("FWD-QD-01"), party.key("FWD-QD-01"))        # signed by the same, and not the proxy
        other = Person(self.room, context=context)
        self.problem(other.get("/v1/session", **{"X-Remote-User": "zhang.wei"}), 400, "user-header")
        self.problem(other.get("/v1/deliveries"), 401, "signed-out")
        self.room.world.settings["people.proxy"] = self.room.world.parties[0].common_name
        self.room.world.write_config()
        self.reload()
        self.assertEqual(other.get("/v1/session", **{"X-Remote-User": "zhang.wei"}).json["account"], "zhang.wei")


class BehindAProxy(PeopleTest):
    """People sign in here, and the proxy says from where they come."""
    settings = {"people.client_header": "X-Forwarded-For", "people.proxy_secret": "proxy.secret"}

    @classmethod
    def prepare(cls):
        cls.secret = os.urandom(32).hex()
        with open(os.open(cls.room.path("proxy.secret"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            out.write(cls.secret + "\n")

    def sign_in(self, hops, password="wrong", name="zhang.wei", secret=None):
        proof = {"Clearway-Proxy-Secret": secret or self.secret} if secret != "" else {}
        return Person(self.room).sign_in(name, password, **({"X-Forwarded-For": hops} if hops else {}), **proof)

    def test_case_878_two_behind_a_proxy_do_not_block_each_other(self):
        """All who came by a proxy had its address, and thirty wrong tries of one kept everybody out."""
        for hops in ("203.0.113.1", "198.51.100.9, 203.0.113.1", "203.0.113.1:4711", "::ffff:203.0.113.1", "203.0.113.1"):
            self.problem(self.sign_in(hops), 401, "sign-in")
        self.problem(self.sign_in("203.0.113.1", PASSWORD), 429, "tries")
        self.problem(self.sign_in("203.0.113.2, 203.0.113.1", PASSWORD), 429, "tries")
        self.assertEqual(self.sign_in("203.0.113.1, 203.0.113.2", PASSWORD).status, 200)
        for i in range(25):
            self.problem(self.sign_in("203.0.113.1", name=f"nobody{i}"), 401, "sign-in")
        self.problem(self.sign_in("203.0.113.1", PASSWORD, name="li.na"), 429, "tries")
        self.assertEqual(self.sign_in("203.0.113.2", PASSWORD, name="li.na").status, 200)
        self.assertEqual(self.sign_in("", PASSWORD, name="li.na").status, 200, "it is another address than the connection's")
        signed = [json.loads(line) for line in self.room.log().splitlines() if '"signed_in"' in line]
        self.assertIn(("zhang.wei", "203.0.113.2"), [(line["account"], line["address"]) for line in signed])

    def test_nobody_chooses_his_address(self):
        for i, secret in enumerate(("", "0" * 64, "", "0" * 64, "")):
            self.problem(self.sign_in(f"203.0.113.{50 + i}", name="wang.fang", secret=secret), 401, "sign-in")
        self.problem(self.sign_in("203.0.113.60", PASSWORD, name="wang.fang", secret=""), 429, "tries")
        self.problem(self.sign_in("unknown", PASSWORD, name="wang.fang"), 429, "tries")      # of the proxy, without an address
        self.problem(self.sign_in("203.0.113.61, _hidden", PASSWORD, name="wang.fang"), 429, "tries")
        self.assertEqual(self.sign_in("203.0.113.62", PASSWORD, name="wang.fang").status, 200)
        self.assertIn('"client_header_ignored"', self.room.log())
        self.assertNotIn(self.secret, self.room.log())
        self.assertEqual(Person(self.room).get("/docs", **{"X-Forwarded-For": "203.0.113.60"}).status, 200, "that is nobody's name")


class Configuration(unittest.TestCase):
    def test_what_lint_tells(self):
        with Room() as room:
            for settings, words in (({"people.listen": "0.0.0.0:8080"}, "people.listen is no loopback address"),
                                    ({"people.certificate": "tls/gateway.pem"}, "needs people.certificate and people.key"),
                                    ({"people.origins": "gate.example"}, "is no origin"),
                                    ({"people.origins": "https://gate.example/"}, "is no origin"),
                                    ({"people.accounts": "nowhere.yaml"}, "cannot be read"),
                                    ({"people.user_header": "X-User"}, "the proxy must prove itself"),
                                    ({"people.proxy": "proxy"}, "Set people.user_header or people.client_header"),
                                    ({"people.client_header": "Forwarded"}, "the proxy must prove itself"),
                                    ({"people.client_header": "X Forwarded", "people.proxy_secret": "clearway.yaml"}, "no name of a header"),
                                    ({"people.client_header": "Clearway-Proxy-Secret", "people.proxy_secret": "clearway.yaml"}, "no name of a header"),
                                    ({"people.client_header": "x-user", "people.user_header": "X-User", "people.proxy_secret": "clearway.yaml"},
                                     "it is people.user_header as well"),
                                    ({"people.user_header": "X-User", "people.proxy_secret": "parties.yaml.none"}, "the file cannot be read")):
                before = dict(room.world.settings)
                room.world.settings.update(settings)
                room.world.write_config()
                told = room.here("config", "lint", code=78)
                self.assertIn(words, told.stdout + told.stderr, settings)
                room.world.settings.clear()
                room.world.settings.update(before)

    def test_accounts_that_are_none(self):
        good = "$scrypt$ln=15,r=8,p=3$Y9V18tgsWs+C5it9oS0M9A==$cGjoHilTY5cjR+1HCWoP55xjy18ycfiwYSRK2fh3jwU="
        with Room(settings={"people.accounts": "accounts.yaml"}) as room:
            for row, words in ((f"name: a, party: NOBODY, role: forwarder, password: '{good}'", "is no party"),
                               (f"name: a, party: FWD-QD-01, role: king, password: '{good}'", "has the role king"),
                               (f"name: a, party: FWD-QD-01, role: inspector, password: '{good}'", "for a party of the roles"),
                               ("name: a, party: FWD-QD-01, role: forwarder, password: secret", "no hash"),
                               (f"name: a, party: FWD-QD-01, role: forwarder, password: '{good.replace('ln=15', 'ln=5')}'", "no hash"),
                               (f"name: a b, party: FWD-QD-01, role: forwarder, password: '{good}'", "must be letters"),
                               ("name: a, party: FWD-QD-01, role: forwarder, pasword: x", "pasword")):
                with open(room.path("accounts.yaml"), "w") as out:
                    out.write(f"accounts:\n  - {{ {row} }}\n")
                told = room.here("config", "lint", code=78)
                self.assertIn(words, told.stdout + told.stderr, row)
                self.assertNotIn(good, told.stdout + told.stderr)
            os.chmod(room.path("accounts.yaml"), 0o644)
            with open(room.path("accounts.yaml"), "w") as out:
                out.write(f"accounts:\n  - {{ name: a, party: FWD-QD-01, role: forwarder, password: '{good}' }}\n")
            told = room.here("config", "lint", code=0)
            self.assertIn("chmod 600", told.stdout + told.stderr)


if __name__ == "__main__":
    unittest.main()
