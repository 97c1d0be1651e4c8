"""Webhooks: what is decided for a party reaches its HTTPS address signed, in order, once by webhook-id; whatever answers there.

The receiver (wires.Hook) verifies signatures by itself. Customs is served by a webhook, the carrier by its folder: nothing that
happens at the one may delay the other."""
import copy
import datetime
import hashlib
import io
import json
import os
import random
import re
import socket
import threading
import time
import unittest

import harness
from harness import Received, Room, RoomTest, eventually, messages

CUSTOMS, CARRIER, FORWARDER = "CUS-QD", "CAR-COSU", "FWD-QD-01"
SETTINGS = {"delivery.timeout_ms": 6000, "delivery.retry_max_ms": 400}


def parties():
    """Customs has a webhook, and the terminal takes nothing."""
    rows = copy.deepcopy(harness.world.PARTIES)
    for row in rows:
        if row.code == CUSTOMS:
            row.deliver, row.to, row.webhook = "webhook", "", True
        elif row.code == "TML-QQCT":
            row.deliver = ""
    return rows


class Base:
    def submit(self, goods=None, **options):
        goods = goods or self.goods()
        message = messages.declaration(goods, **options)
        answer = self.room.party(FORWARDER).submit(message, wait=60)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["record"], message

    def row(self, number, state):
        """Of the queue, once the delivery to customs is in this state and its reason is known."""
        def look():
            listed = json.loads(self.room.here("queue", "--json", "--state", state, "--to", CUSTOMS, code=0).stdout)
            return next((row for row in listed["deliveries"] if row["id"] == f"{number}/{CUSTOMS}" and row["reason"]), None)
        return eventually(look, f"{number} is {state}, with a reason")

    def at_the_carrier(self, number):
        names = self.room.files(CARRIER, "InBox")
        return [body for name, body in names.items() if harness.record_in_name(name) == number]

    def reload(self, code=0):
        return self.room.here("reload", code=code)


class Webhooks(Base, RoomTest):
    options = {"settings": SETTINGS}

    @classmethod
    def setUpClass(cls):
        cls.options = {"settings": SETTINGS, "parties": parties()}
        super().setUpClass()
        cls.customs = Received()
        cls.hook = cls.room.hook(CUSTOMS, cls.customs)

    def setUp(self):
        self.addCleanup(setattr, self.hook, "answer", None)

    def arrived(self, number, message):
        eventually(lambda: f"{number}/{CUSTOMS}" in self.customs, f"customs has {number}")
        self.assertEqual(set(self.customs.bytes_of(f"{number}/{CUSTOMS}")), {message})

    def test_signed_and_told_what_it_is(self):
        goods = self.goods()
        number, message = self.submit(goods, encoding="GB18030")
        self.arrived(number, message)
        headers = self.customs.headers_of(f"{number}/{CUSTOMS}")
        self.assertEqual(headers["webhook-id"], f"{number}/{CUSTOMS}")
        self.assertEqual(headers["ce-id"], f"{number}/{CUSTOMS}")
        self.assertEqual(headers["ce-specversion"], "1.0")
        self.assertEqual(headers["ce-type"], "clearway.declaration.v1")
        self.assertEqual(headers["ce-subject"], f"CNQDG/{goods.bill}")
        self.assertEqual(headers["content-type"], "application/xml")
        self.assertEqual(headers["clearway-digest"], "sha256:" + hashlib.sha256(message).hexdigest())
        self.assertEqual(headers["clearway-sender"], FORWARDER)
        self.assertNotIn("expect", headers)
        self.assertEqual(self.hook.refused, [])

    def test_a_long_message_comes_whole(self):
        number, message = self.submit(self.goods(containers=2000))
        self.arrived(number, message)

    def refused_with(self, answer, state, reason, words):
        """A message that the hook answers so: its row of the queue; another party gets it at once."""
        self.hook.answer = answer
        number, message = self.submit()
        eventually(lambda: self.at_the_carrier(number) == [message], "the carrier does not wait")
        row = self.row(number, state)
        self.assertEqual(row["reason"], reason)
        self.assertIn(words, row["words"])
        self.assertNotIn(f"{number}/{CUSTOMS}", self.customs)
        self.hook.answer = None
        return number, message

    def says(self, status, headers=(), body=b""):
        def answer(handler, number):
            self.hook.say(handler, status, headers, body)
            return True
        return answer

    def test_case_636_a_failing_receiver_gets_it_later(self):
        number, message = self.refused_with(self.says(500, body=b"out of \x1b[31mdisk\r\n" + "磁盘".encode()), "waiting", "receiver-failed",
                                            "HTTP 500: out of [31mdisk 磁盘")
        self.arrived(number, message)

    def test_case_637_a_refusal_parks_it_and_what_comes_behind_goes_on(self):
        number, message = self.refused_with(self.says(422, body=b"no such port"), "parked", "receiver-refused", "HTTP 422: no such port")
        behind, other = self.submit()
        self.arrived(behind, other)
        self.assertNotIn(f"{number}/{CUSTOMS}", self.customs)
        self.room.here("queue", "redrive", f"{number}/{CUSTOMS}", "--reason", "it knows the port now", code=0)
        self.arrived(number, message)

    def test_case_639_a_redirect_is_not_followed(self):
        with socket.create_server(("127.0.0.1", 0)) as elsewhere:
            elsewhere.settimeout(0.3)
            to = f"https://localhost:{elsewhere.getsockname()[1]}/"
            number, message = self.refused_with(self.says(307, [("location", to)]), "waiting", "redirected", "HTTP 307")
            with self.assertRaises(TimeoutError):
                elsewhere.accept()
        self.arrived(number, message)

    def test_case_637_retry_after_is_kept_to(self):
        """429: nothing at all is sent there before the moment that it named; then everything."""
        eventually(lambda: json.loads(self.room.here("queue", "--json", "--state", "waiting", "--to", CUSTOMS, code=0).stdout)["totals"] == [],
                   "nothing of earlier tests is under way")
        asked = []
        def answer(handler, number):
            asked.append(time.monotonic())
            if len(asked) == 1:
                self.hook.say(handler, 429, [("retry-after", "2")])
            return len(asked) == 1
        self.hook.answer = answer
        number, message = self.submit()
        self.assertEqual(self.row(number, "waiting")["reason"], "receiver-busy")
        behind, other = self.submit()
        eventually(lambda: self.at_the_carrier(behind) == [other], "the carrier does not wait")
        self.arrived(number, message)
        self.arrived(behind, other)
        self.assertGreater(asked[1] - asked[0], 1.5)

    def test_case_640_answers_without_an_end(self):
        """A head that is too long is no answer; after a head of 200 what comes is thrown away, and it counts as taken."""
        def long_head(handler, number):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: %s\r\n" % (i, b"y" * 1000) for i in range(100)) + b"\r\n")
            handler.close_connection = True
            return True
        number, message = self.refused_with(long_head, "waiting", "bad-answer", "")
        self.arrived(number, message)
        taken = Received()
        def long_body(handler, number):
            taken.take(handler.headers["webhook-id"], {})
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
            handler.close_connection = True
            try:
                while True:
                    handler.wfile.write(b"z" * 65536)
            except OSError:
                return True
        self.hook.answer = long_body
        number, message = self.submit()
        eventually(lambda: f"{number}/{CUSTOMS}" in taken, "it came")
        self.delivered(number)
        self.assertEqual(len(taken.bytes_of(f"{number}/{CUSTOMS}")), 1)

    def delivered(self, number):
        def look():
            listed = json.loads(self.room.here("queue", "--json", "--state", "delivered", "--to", CUSTOMS, code=0).stdout)
            return f"{number}/{CUSTOMS}" in {row["id"] for row in listed["deliveries"]}
        eventually(look, f"{number} is delivered")

    def test_case_640_what_answers_does_not_speak_http(self):
        def nonsense(handler, number):
            handler.wfile.write(b"220 mail.example ESMTP\r\n")
            handler.close_connection = True
            return True
        number, message = self.refused_with(nonsense, "waiting", "bad-answer", "")
        self.arrived(number, message)

    def test_case_636_a_receiver_that_hangs_delays_nobody(self):
        """It takes the request and never answers; given up in time, sent again, taken."""
        hangs = threading.Event()
        def hang(handler, number):
            hangs.wait(60)
            handler.close_connection = True
            return True
        number, message = self.refused_with(hang, "waiting", "unacknowledged", "")
        hangs.set()
        self.arrived(number, message)

    def test_case_568_a_large_message_over_a_poor_line(self):
        """Three megabytes to a receiver that takes 400 kB a second: given up after two thirds of delivery.timeout_ms, and so for ever."""
        usual, took, stalls = self.hook.serve, [], threading.Event()
        self.addCleanup(setattr, self.hook, "serve", usual)
        self.hook.server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        for connection in list(self.hook.connections):                # they have large buffers
            connection.shutdown(socket.SHUT_RDWR)

        def slow(handler):
            began, length, body = time.monotonic(), int(handler.headers["content-length"]), b""
            while len(body) < length:
                body += handler.rfile.read(min(60000, length - len(body)))
                if length > 1000000:
                    stalls.wait(60) if not stalls.is_set() and len(body) > 500000 else time.sleep(0.1)
            took.append(time.monotonic() - began)
            handler.rfile = io.BytesIO(body)
            usual(handler)

        self.hook.serve = slow
        message = messages.declaration(self.goods()) + b" " * 3000000
        number = self.room.party(FORWARDER).submit(message, wait=60).json["record"]
        row = self.row(number, "waiting")                             # it stands still: that is borne no longer than before
        self.assertEqual(row["reason"], "unacknowledged")
        self.assertRegex(row["words"], r"stands still at [0-9]+ of %d bytes" % len(message))
        stalls.set()
        self.arrived(number, message)
        self.assertGreater(max(took), 4.5)                            # longer than it may stand still
        copies = len(self.customs.bytes_of(f"{number}/{CUSTOMS}"))
        self.assertLessEqual(copies, 2)                               # the one that stood still may have come whole after all

    def test_in_order_for_a_consignment_over_kept_connections(self):
        """The declaration is not taken for a while: the event of its consignment comes behind it, and others' before."""
        came, seen, refuses = [], set(), threading.Event()
        refuses.set()
        def answer(handler, number):
            seen.add(handler.client_address)
            if handler.headers["webhook-id"].startswith(f"{first}/") and refuses.is_set():
                self.hook.say(handler, 500)
                return True
            came.append(int(handler.headers["webhook-id"].split("/")[0]))
            return False
        self.hook.answer = self.says(500)
        goods = self.goods()
        first, _ = self.submit(goods)
        self.hook.answer = answer
        event = messages.port_event(goods, "DISC", datetime.datetime.now(messages.CHINA))
        second = self.accept(CARRIER, event)["record"]
        others = [self.submit()[0] for _ in range(20)]
        for number in others:
            eventually(lambda: f"{number}/{CUSTOMS}" in self.customs, "all others have come")
        self.assertFalse({first, second} & set(came))
        refuses.clear()
        eventually(lambda: second in came, "the event has come")
        self.assertLess(came.index(first), came.index(second))
        self.assertLessEqual(len(seen), 8)


class Changes(Base, unittest.TestCase):
    """What a reload changes, and what keeps a connection from being made."""

    def setUp(self):
        self.serial = 0
        self.room = Room(settings=SETTINGS, parties=parties())
        self.addCleanup(self.room.close)
        self.customs = Received()

    def goods(self):
        self.serial += 1
        return messages.Consignment(self.serial, self.room.world.party(FORWARDER).trader)

    def arrived(self, number, message):
        eventually(lambda: f"{number}/{CUSTOMS}" in self.customs, f"customs has {number}")
        self.assertEqual(set(self.customs.bytes_of(f"{number}/{CUSTOMS}")), {message})

    def set_row(self, **changes):
        """Writes the parties file with something else in customs' webhook."""
        self.room.world.write_parties()
        with open(self.room.path("parties.yaml")) as file:
            text = file.read()
        for key, value in changes.items():
            text, count = re.subn(rf"(webhook: {{.*?\b{key}: )(\[[^]]*\]|\"[^\"]*\")", lambda found: found.group(1) + value, text)
            self.assertEqual(count, 1)
        with open(self.room.path("parties.yaml"), "w") as file:
            file.write(text)

    def test_case_644_a_secret_is_changed_without_a_gap(self):
        room = self.room.start()
        old, new = room.world.hook_secret(CUSTOMS), room.world.make_hook_secret(CUSTOMS, "new")
        hook = room.hook(CUSTOMS, self.customs)
        self.arrived(*self.submit())
        self.set_row(secrets=f'["{new}", "{old}"]')            # both sign: either side may change first
        self.reload()
        self.arrived(*self.submit())
        hook.secrets = [harness.wires.read_secret(new)]
        self.arrived(*self.submit())
        self.set_row(secrets=f'["{new}"]')
        self.reload()
        number, message = self.submit()
        self.arrived(number, message)
        self.assertEqual(len(self.customs.headers_of(f"{number}/{CUSTOMS}")["webhook-signature"].split()), 1)
        self.assertEqual(hook.refused, [])
        # A file with another secret in it, under the same name: the row has not changed, the file has.
        os.unlink(new)
        room.world.make_hook_secret(CUSTOMS, "new")
        self.reload()
        number, message = self.submit()
        self.assertEqual(self.row(number, "waiting")["reason"], "not-allowed")
        hook.secrets = [harness.wires.read_secret(new)]
        self.arrived(number, message)
        # One that cannot be used leaves the last in force.
        for text in ("", "whsec_c2hvcnQ=\n"):
            with open(new, "w") as file:
                file.write(text)
            self.assertIn("must hold whsec_ and 24 to 64 bytes in Base64", self.reload(code=78).stderr)
        self.arrived(*self.submit())
        with open(old) as file:
            secret = file.read().strip()
        held = room.here("journal", "cat", "--json", code=0).stdout + room.log()
        self.assertNotIn(secret, held)
        self.assertNotIn(secret.removeprefix("whsec_"), held)

    def test_case_644_a_secret_that_cannot_be_read_costs_the_others_nothing(self):
        secret = self.room.world.hook_secret(CUSTOMS)
        os.rename(secret, secret + ".away")
        self.assertIn(f"the webhook of {CUSTOMS}: {secret} cannot be read", self.room.here("config", "lint").stdout)
        room = self.room.start()
        number, message = self.submit()
        eventually(lambda: self.at_the_carrier(number) == [message], "the carrier has it")
        self.assertEqual(self.row(number, "waiting")["reason"], "no-secret")
        self.assertEqual(room.monitors().get("/readyz").json["webhook"], {"unusable": [CUSTOMS]})
        os.rename(secret + ".away", secret)
        room.hook(CUSTOMS, self.customs)
        self.reload()
        self.arrived(number, message)

    def test_case_638_gone_parks_all_until_a_reload(self):
        room = self.room.start()
        hook = room.hook(CUSTOMS, self.customs)
        def gone(handler, number):
            hook.say(handler, 410)
            return True
        hook.answer = gone
        first, message = self.submit()
        self.assertEqual(self.row(first, "parked")["reason"], "endpoint-gone")
        second, other = self.submit()
        self.assertEqual(self.row(second, "parked")["reason"], "endpoint-gone")
        eventually(lambda: self.at_the_carrier(second) == [other], "the carrier has it")
        self.assertEqual(hook.requests, 1)                      # it was asked once
        self.assertEqual(room.metric("clearway_webhooks_gone"), 1)
        self.assertEqual(room.monitors().get("/readyz").json["webhook"]["gone"], [CUSTOMS])
        hook.answer = None
        self.reload()
        self.assertEqual(room.metric("clearway_webhooks_gone"), 0)
        for number in (first, second):
            room.here("queue", "redrive", f"{number}/{CUSTOMS}", "--reason", "it is there again", code=0)
        self.arrived(first, message)
        self.arrived(second, other)

    def test_case_641_a_certificate_that_is_not_its(self):
        """Signed by nobody we know, made for another name, of a client, or the system's authorities alone: nothing is sent."""
        world = self.room.world
        world.make_certificate("another", "another.example", "serverAuth", "subjectAltName=DNS:another.example")
        world.make_certificate("client", "localhost", "clientAuth", "subjectAltName=DNS:localhost")
        own = self.room.path("tls", "own")
        harness.world.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                              "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", own + ".key", "-out", own + ".pem")
        room = self.room.start()
        hook = room.hook(CUSTOMS, self.customs, certificate="another")
        number, message = self.submit()
        self.assertEqual(self.row(number, "waiting")["reason"], "not-verified")
        for name in ("client", "own"):
            hook.shut()
            hook.certificate, hook.key = world.certificate(name), world.key(name)
            hook.open()
            before = room.metric('clearway_webhook_requests_total{result="unreachable"}')
            eventually(lambda: room.metric('clearway_webhook_requests_total{result="unreachable"}') > before + 1, "it was tried again")
        self.assertEqual(hook.requests, 0)
        self.assertEqual(self.row(number, "waiting")["reason"], "not-verified")
        hook.shut()
        hook.certificate, hook.key = world.certificate(harness.world.HOOKS), world.key(harness.world.HOOKS)
        hook.open()
        self.arrived(number, message)
        expires = room.metric(f'clearway_certificate_expires_timestamp_seconds{{use="webhook_ca",party="{CUSTOMS}"}}')
        self.assertGreater(expires, time.time())

    def test_case_594_a_row_that_is_wrong_is_told_and_ends_nothing(self):
        room = self.room.start()
        room.hook(CUSTOMS, self.customs)
        secret = room.world.hook_secret(CUSTOMS)
        for row, said in (({"url": '"https://user:password@hooks.example/x"'}, "without a user"), ({"url": '"ftp://hooks.example/"'}, "https://HOST"),
                          ({"url": '"https://hooks.example/x#y"'}, "https://HOST"), ({"secrets": f"[{', '.join([secret] * 9)}]"}, "more than 8 secrets")):
            self.set_row(**row)
            self.assertIn(said, room.here("reload", "--dry-run", code=78).stderr)
            self.assertIn(said, self.reload(code=78).stderr)
            self.assertIn(said, room.here("config", "lint", code=78).stdout)
        self.arrived(*self.submit())                           # by the one before, which is still in force
        self.assertIsNone(room.gateway.poll())

    def test_case_642_an_address_that_nothing_is_sent_to(self):
        """The name is a good one; where it leads to is not allowed. Nobody there hears a byte."""
        world = self.room.world
        self.set_row(url=f'"https://{socket.gethostname()}:{world.hook_port(CUSTOMS)}/"', allow="[10.99.0.0/16]")
        with open(self.room.path("parties.yaml")) as file:
            self.assertIn(socket.gethostname(), file.read())
        with socket.create_server(("", world.hook_port(CUSTOMS))) as listener:
            listener.settimeout(0.3)
            room = self.room.start()
            number, message = self.submit()
            self.assertIn(self.row(number, "waiting")["reason"], ("address-refused", "no-host"))
            eventually(lambda: self.at_the_carrier(number) == [message], "the carrier has it")
            with self.assertRaises(TimeoutError):
                listener.accept()
            self.set_row(allow="[10.99.0.0/16]")
            refused = self.reload(code=78).stderr
            self.assertIn("nothing is sent to localhost (loopback), which `allow` does not open", refused)
        room.hook(CUSTOMS, self.customs)
        self.room.world.write_parties()
        self.reload()
        self.arrived(number, message)

    def test_case_642_no_proxy_and_no_netrc_of_the_environment(self):
        with socket.create_server(("127.0.0.1", 0)) as proxy:
            proxy.settimeout(0.3)
            address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
            home = self.room.path("home")
            os.mkdir(home)
            with open(os.path.join(home, ".netrc"), "w") as file:
                file.write("machine localhost login user password word\n")
            names = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy")
            room = self.room.start(env={"HOME": home, **{name: address for name in names}})
            room.hook(CUSTOMS, self.customs)
            number, message = self.submit()
            self.arrived(number, message)
            self.assertNotIn("authorization", self.customs.headers_of(f"{number}/{CUSTOMS}"))
            with self.assertRaises(TimeoutError):
                proxy.accept()

    def test_case_635_down_for_long_and_back(self):
        """Nobody listens; all others are served; in the end each has come once, in the order decided, after a restart too."""
        room = self.room.start()
        sent = dict(self.submit() for _ in range(25))
        for number, message in sent.items():
            eventually(lambda: self.at_the_carrier(number) == [message], "the carrier does not wait")
        self.assertEqual(self.row(min(sent), "waiting")["reason"], "unreachable")
        room.stop()
        room.start()
        later = dict(self.submit() for _ in range(5))
        hook = room.hook(CUSTOMS, self.customs)
        for number, message in {**sent, **later}.items():
            self.arrived(number, message)
        self.assertEqual(set(self.customs.deliveries), {f"{number}/{CUSTOMS}" for number in {**sent, **later}})
        self.assertEqual(hook.refused, [])

    def test_case_560_down_for_too_long_is_parked_all_of_it(self):
        """Three days are four seconds here, over a restart. None of many waits for longer; nothing is lost by it, and what comes later
        goes on."""
        self.room = room = Room(settings={**SETTINGS, "delivery.give_up_s": 4}, parties=parties())
        self.addCleanup(room.close)
        room.start()
        sent = dict(self.submit() for _ in range(12))
        room.stop()
        room.start()
        for number in sent:
            self.assertEqual(self.row(number, "parked")["reason"], "unreachable")
        room.world.settings["delivery.give_up_s"] = 259200            # what is sent from now on may take its time
        room.world.write_config()
        self.reload()
        hook = room.hook(CUSTOMS, self.customs)
        later, message = self.submit()
        self.arrived(later, message)
        self.assertEqual(set(self.customs.deliveries), {f"{later}/{CUSTOMS}"})
        room.here("queue", "redrive", "--to", CUSTOMS, "--reason", "it is back", "--yes", code=0)
        for number, message in sent.items():
            self.arrived(number, message)
        self.assertEqual(hook.refused, [])

    def test_case_634_a_party_that_is_blocked_or_has_moved_gets_nothing_there(self):
        """Also not what was under way when it was: its request ends."""
        room = self.room.start()
        hook = room.hook(CUSTOMS, self.customs)
        began, goes_on = threading.Event(), threading.Event()
        self.addCleanup(goes_on.set)
        def slow(handler, number):
            began.set()
            goes_on.wait(60)
            handler.close_connection = True
            return True
        hook.answer = slow
        number, message = self.submit()
        self.assertTrue(began.wait(60))
        self.room.world.write_parties()
        with open(self.room.path("parties.yaml")) as file:
            text = file.read()
        with open(self.room.path("parties.yaml"), "w") as file:
            file.write(text.replace("deliver: { transport: webhook }", "deliver: { transport: webhook }\n    blocked: true"))
        self.reload()
        self.assertEqual(self.row(number, "parked")["reason"], "party-blocked")
        self.assertNotIn(f"{number}/{CUSTOMS}", self.customs)
        began.clear()
        self.room.world.write_parties()
        self.reload()
        self.assertTrue(began.wait(60))                          # it is sent again, and again not answered
        world = self.room.world
        other = self.room.wire(harness.wires.Hook(harness.world.free_port(), world.certificate(harness.world.HOOKS),
                                                  world.key(harness.world.HOOKS), [world.hook_secret(CUSTOMS)], self.customs.take))
        self.set_row(url=f'"https://localhost:{other.port}/"')
        self.reload()
        self.arrived(number, message)                            # at the new address, before the old one let go
        self.assertFalse(goes_on.is_set())


class Killed(Base, unittest.TestCase):
    KILLS = 6

    def test_case_643_killed_in_the_midst(self):
        """kill -9 of the gateway again and again while it delivers; a receiver that is slow, fails and breaks off. Oracle: what the
        receiver took. Lost 0, doubled 0 by webhook-id, each with the bytes that were sent."""
        room = Room(settings=SETTINGS, parties=parties())
        self.addCleanup(room.close)
        self.room = room
        chance, customs = random.Random(7), Received()
        room.start()
        hook = room.hook(CUSTOMS, customs)
        def moody(handler, number):
            mood = chance.random()
            time.sleep(chance.random() * 0.02)
            if mood < 0.15:
                hook.say(handler, 503)
            elif mood < 0.25:
                handler.close_connection = True                      # breaks off without a word, or after it took it
                if mood < 0.2:
                    return True
                body = handler.rfile.peek() and b""
                return False
            return mood < 0.15
        hook.answer = moody
        sent, serial = {}, 0
        for _ in range(self.KILLS):
            until = time.monotonic() + 0.3 + chance.random() * 0.7
            while time.monotonic() < until:
                serial += 1
                message = messages.declaration(messages.Consignment(serial, room.world.party(FORWARDER).trader))
                answer = room.party(FORWARDER).submit(message)
                self.assertEqual(answer.status, 202, answer)
                sent[answer.json["record"]] = message
            room.kill()
            room.start()
        hook.answer = None
        for number, message in sent.items():
            eventually(lambda: f"{number}/{CUSTOMS}" in customs, f"customs has {number}")
            self.assertEqual(set(customs.bytes_of(f"{number}/{CUSTOMS}")), {message})
        self.assertEqual(set(customs.deliveries), {f"{number}/{CUSTOMS}" for number in sent})
        self.assertEqual(hook.refused, [])
        room.stop()


if __name__ == "__main__":
    unittest.main()
