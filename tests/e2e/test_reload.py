"""An edition comes into force while the gateway runs: rules, routes, parties and certificates, under load and through kills.

The oracle is the journal read from outside: each message is judged, and each cause decided, by the edition whose record is the last
one before it; and each delivery was decided.
"""
import base64
import copy
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import ssl
import threading
import time
import unittest

import harness
from harness import Room, eventually, messages

TOO_HEAVY = "\nrule T01 error declaration\n  require gross_weight < 1\n  at gross_weight\n  zh 毛重过大\n  en too heavy for this test\n"
WATCHED = "\nrule T02 observe declaration\n  require gross_weight < {limit}\n  at gross_weight\n  zh 试验\n  en a rule on trial\n"
BROKEN = (OSError, http.client.HTTPException)


def reload_room():
    """With schemas of its own, which a test may change."""
    room = Room(parties=copy.deepcopy(harness.world.PARTIES))
    room.world.schemas = room.path("schemas")
    shutil.copytree(harness.SCHEMAS, room.world.schemas)
    room.world.make()
    return room


def read(path):
    with open(path) as file:
        return file.read()


def write(path, text):
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


def journal(room):
    return [json.loads(line) for line in room.here("journal", "cat", "--json", code=0).stdout.splitlines()]


def set_rule(room, more):
    write(room.path("schemas", "rules"), read(os.path.join(harness.SCHEMAS, "rules")) + more)


def set_parties(room, change=lambda text: text):
    room.world.write_parties()
    path = room.path("parties.yaml")
    write(path, change(read(path)))


def blocked(code):
    return lambda text: text.replace(f"  - code: {code}\n", f"  - code: {code}\n    blocked: true\n")


def is_cut_off(client):
    """Whether the connection that it had does not stand any more."""
    try:
        client.connection.request("GET", "/v1/messages?id=X")
        client.connection.getresponse().read()
    except BROKEN:
        client.close()
        return True
    return False


class Oracle:
    """What the journal says, held against what senders and receivers saw."""

    def __init__(self, test, room):
        self.test, self.records = test, journal(room)
        self.editions = [(record["number"], record["meta"]["edition"]) for record in self.records
                       if record["kind"] == "setup" and not record["meta"].get("more")]

    def in_force(self, number):
        return [edition for at, edition in self.editions if at < number][-1]

    def holds(self, acknowledged):
        """acknowledged: {id: record number of its receipt}."""
        messages_of, decisions = {}, {}
        for record in self.records:
            meta = record["meta"]
            if record["kind"] == "message":
                self.test.assertEqual(meta["edition"], self.in_force(record["number"]), record["number"])
                messages_of.setdefault(meta["id"], []).append(record["number"])
            elif record["kind"] == "decision":
                self.test.assertNotIn(meta["cause"], decisions)
                decisions[meta["cause"]] = record
                # A record of an edition is decided by itself; one that a crash left undecided by that of the next start.
                before = [edition for at, edition in self.editions if at <= meta["cause"]][-1]
                later = [edition for at, edition in self.editions if meta["cause"] < at < record["number"]]
                self.test.assertIn(meta["edition"], [before] + later, record)
        for own_id, number in acknowledged.items():
            self.test.assertEqual(messages_of.get(own_id), [number], own_id)
            self.test.assertIn(number, decisions)
        return decisions


class Reload(unittest.TestCase):
    def setUp(self):
        self.room = reload_room()
        self.addCleanup(self.room.close)
        self.room.start()
        self.serial = 0

    def tearDown(self):
        if self.room.gateway.poll() is None:
            self.room.stop()

    def declaration(self, forwarder="FWD-QD-01"):
        self.serial += 1
        return messages.declaration(messages.Consignment(self.serial, self.room.world.party(forwarder).trader))

    def reload(self, code=0):
        return self.room.here("reload", code=code)

    def parked(self, party):
        queue = json.loads(self.room.here("queue", "--state", "parked", "--json", code=0).stdout)
        return sum(delivery["party"] == party for delivery in queue["deliveries"])

    def test_a_rule_changes_between_two_messages(self):
        client = self.room.party("FWD-QD-01")
        first = client.submit(self.declaration(), wait=60)
        self.assertEqual(first.status, 200, first)
        connection = client.connection
        # case 793: what a reload would come to, without it
        self.assertIn("would change no text, party or setting", self.room.here("reload", "--dry-run", code=0).stdout)
        set_rule(self.room, TOO_HEAVY)
        set_parties(self.room, blocked("CAR-COSU"))
        self.set_config(limits__day_mib=777)
        told = self.room.here("reload", "--dry-run", code=0).stdout
        for line in ("text rules: changed", "text parties: changed", "party CAR-COSU: blocked", "setting limits.day_mib: changed"):
            self.assertIn(line, told)
        self.assertNotIn("FWD-QD-01", told)
        self.set_config(limits__day_mib=777, http__connections_max=17)
        self.assertIn("http.connections_max", self.room.here("reload", "--dry-run", code=78).stderr)
        self.room.world.settings.pop("http.connections_max")
        self.set_config(limits__day_mib=16384)
        set_parties(self.room)
        self.assertEqual(client.submit(self.declaration(), wait=60).status, 200)
        for metric in ("clearway_reload_failed", 'clearway_reloads_total{result="in_force"}', 'clearway_reloads_total{result="unchanged"}'):
            self.assertEqual(self.room.metric(metric), 0)
        said = self.reload().stdout
        self.assertIn("text rules: changed", said)
        self.assertIn("in force from record", said)
        second = client.submit(self.declaration(), wait=60)
        self.assertEqual(second.status, 422, second)
        self.assertIn("too heavy for this test", second.json["detail"])
        self.assertIs(client.connection, connection)
        self.assertIn("the edition is the same", self.reload().stdout)
        self.assertEqual(self.room.metric('clearway_reloads_total{result="in_force"}'), 1)
        self.assertEqual(self.room.metric('clearway_reloads_total{result="unchanged"}'), 1)
        self.room.stop()
        Oracle(self, self.room).holds({})

    def test_a_hangup_reloads(self):
        set_rule(self.room, TOO_HEAVY)
        self.room.gateway.send_signal(signal.SIGHUP)
        eventually(lambda: "reloaded" in self.room.log(), "the log says so")
        self.assertEqual(self.room.party("FWD-QD-01").submit(self.declaration(), wait=60).status, 422)

    def test_mistakes_leave_the_old_one_in_force(self):
        set_rule(self.room, "\nrule T03 error declaration\n  require gross_weigh < 1\n")
        done = self.reload(code=78)
        self.assertIn("did you mean gross_weight?", done.stderr)
        self.assertRegex(done.stderr, r"schemas/rules:\d+:\d+")
        self.assertIn("the one before it still is", done.stderr)
        self.assertEqual(self.room.metric("clearway_reload_failed"), 1)
        self.assertIn("reload_refused", self.room.log())
        self.assertEqual(self.room.party("FWD-QD-01").submit(self.declaration(), wait=60).status, 200)
        set_rule(self.room, "")
        self.reload()
        self.assertEqual(self.room.metric("clearway_reload_failed"), 0)

    def test_a_file_that_has_gone_is_a_mistake(self):
        """Case 381: without the file of rules everything would pass, and nobody would be told."""
        os.unlink(self.room.path("schemas", "rules"))
        self.assertIn("the file rules has gone", self.reload(code=78).stderr)

    def test_the_engine_is_behind(self):
        """Case 620: who had waited long enough was told that there is no answer, and not that the reload goes on."""
        engine = harness.HeldThread(self.room.gateway.pid, "engine", harness.HeldThread.IDLE)
        self.room.party("FWD-QD-01").submit(self.declaration())       # to be decided before the next edition
        set_rule(self.room, WATCHED.format(limit=7))
        behind = r"still waiting: the engine has come to record \d+, the new edition begins at \d+\n"                   # case 531
        for seconds in ("5", "30", "120"):                            # first the edition has to be read
            told = self.room.here("reload", "--wait", seconds, code=124).stderr
            self.assertIn("the reload goes on", told)
            if re.search(behind, told):
                break
        self.assertRegex(told, behind)
        engine.let_go()
        eventually(lambda: self.room.metric('clearway_reloads_total{result="in_force"}') == 1, "it is in force all the same")
        self.assertIn("the edition is the same", self.reload().stdout)
        self.assertNotIn("waiting", self.reload().stderr)
        self.room.here("reload", "--wait", "never", code=2)

    def test_a_pipe_where_a_file_should_stand(self):
        """Case 619: who read it waited for ever, and with it each reload behind it, and the stop."""
        pipe, away, secret = self.room.path("pipe"), self.room.path("away"), self.room.world.curve("gateway", "secret")
        os.mkfifo(pipe)
        for path, said in ((self.room.path("schemas", "lists", "ports"), "is missing"), (self.room.world.certificate("gateway"), "no plain file"),
                           (self.room.world.key("gateway"), "no plain file"), (self.room.world.ca, "no plain file"), (secret, "cannot be read"),
                           (self.room.path("parties.yaml"), "cannot be read")):
            os.rename(path, away)
            os.symlink(pipe, path)
            self.assertIn(said, self.reload(code=78).stderr, path)
            os.unlink(path)
            os.symlink("/dev/zero", path)
            self.assertIn(said, self.reload(code=78).stderr, path)
            os.rename(away, path)
        self.reload()
        self.assertEqual(self.room.party("FWD-QD-01").submit(self.declaration(), wait=60).status, 200)

    def test_an_empty_file_is_told_of_once(self):
        """Case 596: it was said to be empty, and to have gone."""
        write(self.room.path("schemas", "routes"), "")
        told = json.loads(self.room.here("reload", "--json", code=78).stdout)
        self.assertEqual([entry["finding"]["code"] for entry in told["findings"]], ["LINT-EDITION"])
        write(self.room.path("schemas", "rules"), read(os.path.join(harness.SCHEMAS, "rules")) + "\nrule T03 error declaration\n  require gross_weigth < 1\n")
        refused = self.room.here("reload", code=78).stderr
        self.assertIn("^" * len("gross_weigth"), refused)            # as `config lint` marks it

    def test_what_needs_a_restart_says_so(self):
        config = read(self.room.world.config)
        write(self.room.world.config, config + 'http:\n  connections_max: "17"\nlimits:\n  party_connections: "0"\n')
        set_rule(self.room, TOO_HEAVY)
        done = self.reload(code=78)
        self.assertIn('http.connections_max was "0" and is now "17": that needs a restart', done.stderr)
        self.assertNotIn("party_connections", done.stderr)
        self.assertEqual(self.room.party("FWD-QD-01").submit(self.declaration(), wait=60).status, 200)   # nothing by halves
        shown = self.room.here("config", "show", code=0).stdout
        self.assertRegex(shown, r"connections open at once.*\[restart\]")
        self.assertRegex(shown, r"threads that check messages \[restart\]")
        self.assertRegex(shown, r"tries that fail by its own fault.*\[reload\]")

    def set_config(self, **changed):
        self.room.world.settings.update({key.replace("__", "."): value for key, value in changed.items()})
        self.room.world.write_config()

    def test_settings_that_change_while_it_runs(self):
        """case 566: a limit, a timeout or the path of a certificate needed a restart, which everybody noticed."""
        client = self.room.party("FWD-QD-01")
        self.assertEqual(client.submit(self.declaration(), wait=60).status, 200)
        self.set_config(limits__day_mib=1, limits__party_messages=3, gateway__log_level="debug", delivery__attempts=2)
        self.assertIn("settings that have changed, and are in force: 4", self.reload().stdout)
        self.assertIn("certificates and keys are read anew", self.reload().stdout)            # nothing changed since
        told = json.loads(self.room.here("reload", "--json", code=0).stdout)
        self.assertEqual((told["outcome"], told["settings"]), ("unchanged", 0))
        large = messages.declaration(messages.Consignment(900, self.room.world.party("FWD-QD-01").trader)) + b" " * 300000
        answers = [client.submit(large.replace(b"<ClientSeqNo>", b"<ClientSeqNo>%d" % i)) for i in range(6)]
        self.assertIn(429, [answer.status for answer in answers])     # the day's MiB is spent
        self.set_config(limits__day_mib=16384, limits__party_messages=256, gateway__log_level="info")
        self.reload()
        self.assertEqual(client.submit(self.declaration(), wait=60).status, 200)
        self.set_config(delivery__attempts="many")
        self.assertIn('delivery.attempts is "many"', self.reload(code=78).stderr)
        self.assertEqual(client.submit(self.declaration(), wait=60).status, 200)
        self.set_config(delivery__attempts=2)
        # another certificate of the server's own, at another path; connections that stand go on
        connection = client.connection
        self.room.world.make_certificate("renewed", "localhost", "serverAuth", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        before = self.server_certificate()
        self.set_config(machines__certificate="tls/renewed.pem", machines__key="tls/renewed.key")
        self.assertIn("settings that have changed, and are in force: 2", self.reload().stdout)
        self.assertNotEqual(self.server_certificate(), before)
        self.assertIs(client.connection, connection)
        self.assertEqual(client.submit(self.declaration(), wait=60).status, 200)
        self.set_config(machines__key="tls/gateway.key")              # not a pair: the old ones stay
        self.assertIn("does not belong to the certificate", self.reload(code=78).stderr)
        self.set_config(machines__certificate="tls/nofile.pem")
        self.assertIn("tls/nofile.pem cannot be opened", self.reload(code=78).stderr)
        renewed = self.server_certificate()
        self.room.stop()                                              # what is in the file is what a restart takes
        self.set_config(machines__certificate="tls/renewed.pem", machines__key="tls/renewed.key")
        self.room.start()
        self.assertEqual(self.server_certificate(), renewed)

    def server_certificate(self):
        context = ssl.create_default_context(cafile=self.room.world.ca)
        context.check_hostname = False
        context.load_cert_chain(self.room.world.certificate("FWD-QD-01"), self.room.world.key("FWD-QD-01"))
        with socket.create_connection(("127.0.0.1", self.room.ready["machines"])) as plain, context.wrap_socket(plain) as secure:
            return secure.getpeercert(binary_form=True)

    def test_a_blocked_party_is_gone_at_once_and_nobody_else(self):
        other, party = self.room.party("FWD-QD-02"), self.room.party("FWD-QD-01")
        for client in (party, other):
            self.assertEqual(client.get("/v1/messages?id=X").status, 404)
        kept = other.connection
        set_parties(self.room, blocked("FWD-QD-01"))
        self.reload()
        self.assertTrue(is_cut_off(party))
        self.assertEqual(party.submit(self.declaration()).json["code"], "party-blocked")
        self.room.drop("FWD-QD-01", "left.xml", self.declaration())
        self.assertEqual(other.submit(self.declaration("FWD-QD-02"), wait=60).status, 200)
        self.assertIs(other.connection, kept)
        self.assertIn("left.xml", self.room.files("FWD-QD-01", "OutBox"))
        set_parties(self.room)
        self.reload()
        eventually(lambda: "left.xml" in self.room.files("FWD-QD-01", "SentBox"), "its folder is looked at again")
        self.assertEqual(party.submit(self.declaration(), wait=60).status, 200)

    def test_what_a_blocked_party_was_to_get_waits_for_it(self):
        """What is decided for it is parked, and goes in its order when it is served again; by the edition that says so."""
        goods = messages.Consignment(1, self.room.world.party("FWD-QD-01").trader)
        self.assertEqual(self.room.party("FWD-QD-01").submit(messages.declaration(goods), wait=60).status, 200)
        set_parties(self.room, blocked("FWD-QD-01"))
        self.reload()
        records = []
        for code in ("0", "1", "2"):
            answer = self.room.party("CUS-QD").submit(messages.import_response(goods.client_seq_no, goods.seq_no, code), wait=60)
            self.assertEqual(answer.status, 200, answer)
            records.append(answer.json["record"])
        eventually(lambda: self.parked("FWD-QD-01") == 3, "they are parked")
        self.assertEqual(self.room.files("FWD-QD-01", "InBox"), {})
        set_parties(self.room)
        self.reload()
        box = lambda: sorted(filter(None, map(harness.record_in_name, self.room.files("FWD-QD-01", "InBox"))))  # noqa: E731
        eventually(lambda: box() == records, "they are there")
        eventually(self.room.decided, "their outcomes are applied")
        self.room.stop()
        oracle = Oracle(self, self.room)
        told = [record["meta"] for record in oracle.records if record["kind"] == "delivery"]
        said = [(one["outcome"], one["record"], meta["edition"])
                for meta in told for one in meta["deliveries"] if one["party"] == "FWD-QD-01"]
        editions = [edition for _, edition in oracle.editions]
        self.assertEqual(said,
                         [("parked", record, editions[1]) for record in records]
                         + [("delivered", record, editions[2]) for record in records])

    def test_zeromq(self):
        """A party that is blocked, and a key that is gone from its row, are cut off. (libzmq does not come again by itself
        once its key was refused: its program connects anew.)"""
        received = harness.Received()
        self.room.line("TML-QQCT", received)

        def declare():
            answer = self.room.party("FWD-QD-01").submit(self.declaration(), wait=60)
            self.assertEqual(answer.status, 200, answer)
            return f"{answer.json['record']}/TML-QQCT"
        first = declare()
        eventually(lambda: first in received, "the terminal has the first")
        set_parties(self.room, blocked("TML-QQCT"))
        self.reload()
        second = declare()
        eventually(lambda: self.parked("TML-QQCT") == 1, "the second is parked")
        key = self.room.world.public_key("TML-QQCT")
        other = self.room.world.public_key("gateway")
        set_parties(self.room, lambda text: text.replace(f'keys: ["{key}"]', f'keys: ["{other}"]'))
        self.reload()
        third = declare()
        eventually(lambda: "no-receiver" in self.room.log()[self.room.log().rindex('"reloaded"'):], "nobody is there for it")
        self.assertNotIn(second, received)
        self.assertNotIn(third, received)
        set_parties(self.room, lambda text: re.sub(r' events: "[^"]*",', "", text))
        self.reload()
        self.room.line("TML-QQCT", received)
        eventually(lambda: second in received and third in received, "the terminal has both")
        set_parties(self.room)                                        # an event stream is one address more
        self.reload()
        # case 790: the gateway's own key; who was connected is cut off, and comes in by the new one
        for half in ("secret", "public"):
            os.unlink(self.room.world.curve("gateway", half))
        self.room.world.make_curve("gateway")
        bound = self.room.log().count('"event":"bound"')
        self.assertIn(self.room.world.public_key("gateway"), self.room.here("reload", "--dry-run", code=0).stderr)
        self.assertEqual(self.room.log().count('"event":"bound"'), bound)             # case 598: it was said to be bound already
        told = self.reload()
        self.assertIn("comes in again by its public key " + self.room.world.public_key("gateway"), told.stderr)
        fourth = declare()
        self.assertNotIn(fourth, received)
        self.room.line("TML-QQCT", received)
        eventually(lambda: fourth in received, "the terminal has it over its new connection")
        self.assertTrue(all(len(copies) == 1 for copies in received.deliveries.values()), "each came once")

    def test_addresses_of_zeromq_come_and_go(self):
        """case 557: a party that came, moved or went over ZeroMQ needed a restart, which everybody noticed."""
        room, received = self.room, harness.Received()
        old, new = room.world.zmq_port("TML-QQCT"), harness.world.free_port()

        def moved(port, more=lambda text: text):
            set_parties(room, lambda text: more(text.replace(f"127.0.0.1:{old}\"", f"127.0.0.1:{port}\"")))

        def line(port):
            curve = room.world.curve
            return room.wire(harness.wires.Line(harness.program("port_zmq"), f"tcp://127.0.0.1:{port}", curve("gateway", "public"),
                                                curve("TML-QQCT", "public"), curve("TML-QQCT", "secret"), received.take))

        def declare():
            self.assertEqual(other.get("/v1/messages?id=X").status, 404)      # or its connection would rest for too long
            answer = room.party("FWD-QD-01").submit(self.declaration(), wait=60)
            self.assertEqual(answer.status, 200, answer)
            return f"{answer.json['record']}/TML-QQCT"

        def is_heard(port):
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        other = room.party("FWD-QD-02")
        self.assertEqual(other.get("/v1/messages?id=X").status, 404)
        connection = other.connection
        line(old)
        first = declare()
        eventually(lambda: first in received, "the terminal has the first")
        moved(new)
        self.reload()
        second = declare()
        eventually(lambda: not is_heard(old), "nobody is heard at the old address any more")
        line(new)
        eventually(lambda: second in received, "the terminal has the second, at its new address")
        moved(new, lambda text: re.sub(r"    zmq: .*\n    deliver: { transport: zmq }\n", "", text))
        self.reload()
        eventually(lambda: not is_heard(new), "a party that went is heard nowhere")
        moved(new)
        self.reload()
        line(new)
        third = declare()
        eventually(lambda: third in received, "it came again")
        with socket.socket() as somebody:
            somebody.bind(("127.0.0.1", 0))
            somebody.listen()
            moved(somebody.getsockname()[1])
            self.assertIn("a ZeroMQ address cannot be bound", self.reload(code=78).stderr)
            fourth = declare()
            eventually(lambda: fourth in received, "what stays in force goes on")
        self.assertTrue(all(len(copies) == 1 for copies in received.deliveries.values()), "each came once")
        self.assertEqual(other.get("/v1/messages?id=X").status, 404)
        self.assertIs(other.connection, connection)                   # nobody else noticed

    def test_certificates_that_messages_are_signed_by(self):
        """Case 608: those in a party's row expired, and nobody was told before its messages were refused. (Case 609: none fitted there.)"""
        def signed_by(*days):
            listed = []
            for count in days:
                key, certificate = self.room.path("signs.key"), self.room.path("signs.der")
                harness.world.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(count), "-subj", "/CN=signs",
                                      "-keyout", key, "-outform", "DER", "-out", certificate)
                with open(certificate, "rb") as file:
                    listed.append('"' + base64.b64encode(file.read()).decode() + '"')
            return lambda text: text.replace("    certificates: [fwd-qd-01]", f"    signs: [{', '.join(listed)}]\n    certificates: [fwd-qd-01]")
        name = 'clearway_certificate_expires_timestamp_seconds{use="signs",party="FWD-QD-01"}'
        self.assertRaises(StopIteration, self.room.metric, name)
        set_parties(self.room, signed_by(400, 20))
        self.reload()
        self.assertAlmostEqual(self.room.metric(name), time.time() + 20 * 86400, delta=600)
        self.assertIn("signs (FWD-QD-01): a certificate in it is over in", self.room.here("config", "lint").stdout)
        self.room.stop()
        self.room.start()
        self.assertAlmostEqual(self.room.metric(name), time.time() + 20 * 86400, delta=600)
        set_parties(self.room)
        self.reload()
        self.assertRaises(StopIteration, self.room.metric, name)

    def test_certificates(self):
        """A server's new certificate for newcomers; a party's that was taken out of its row; an authority that is no more."""
        client, other = self.room.party("FWD-QD-02"), self.room.party("FWD-QD-01")
        for one in (client, other):
            self.assertEqual(one.get("/v1/messages?id=X").status, 404)
        connection = other.connection
        for ending in (".pem", ".key"):
            os.unlink(self.room.path("tls", "gateway" + ending))
        self.room.world.make_certificate("gateway", "localhost", "serverAuth", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        set_parties(self.room, lambda text: text.replace("certificates: [fwd-qd-02]", "certificates: [fwd-qd-02-new]"))
        self.reload()
        self.assertTrue(is_cut_off(client))
        self.assertEqual(client.get("/v1/messages?id=X").json["code"], "unknown-party")
        self.assertEqual(other.get("/v1/messages?id=X").status, 404)
        self.assertIs(other.connection, connection)
        shown = ssl.PEM_cert_to_DER_cert(read(self.room.world.certificate("gateway")))
        self.assertEqual(client.connection.sock.getpeercert(binary_form=True), shown)
        # Another authority signs clients: none of the old connections stands.
        write(self.room.path("tls", "gateway.key"), "no key")
        self.assertIn("gateway.key", self.reload(code=78).stderr)
        self.assertIs(other.connection, connection)
        self.assertEqual(other.get("/v1/messages?id=X").status, 404)
        # Case 630: when each certificate is over, the parties' too, as they showed them.
        for labels in ('use="machines"', 'use="client_ca"', 'use="party",party="FWD-QD-01"'):
            self.assertGreater(self.room.metric(f'clearway_certificate_expires_timestamp_seconds{{{labels}}}'), time.time())


class UnderLoad(unittest.TestCase):
    SENDERS = ("FWD-QD-01", "FWD-QD-02")

    def send(self, room, party, thread, acknowledged, stop):
        client = harness.gateway_client.of_party(room.world, party, room.ready["machines"], harness.PATIENCE)
        serial = (thread + 1) * 1000000 + room.starts * 10000
        while not stop.is_set():
            serial += 1
            goods = messages.Consignment(serial, room.world.party(party).trader)
            try:
                answer = client.submit(messages.declaration(goods))
            except BROKEN:
                if room.gateway.poll() is not None:
                    return
                continue
            if answer.status == 202:
                acknowledged[answer.json["id"]] = answer.json["record"]
            elif answer.status not in (422, 429, 503):
                acknowledged[f"{party} {serial}"] = answer    # told by the oracle
        client.close()

    def load(self, room, acknowledged):
        stop = threading.Event()
        threads = [threading.Thread(target=self.send, args=(room, party, number, acknowledged, stop))
                   for number, party in enumerate(self.SENDERS)]
        for thread in threads:
            thread.start()

        def end():
            stop.set()
            for thread in threads:
                thread.join(harness.PATIENCE)
        return end

    def change(self, room, turn):
        """Another rule each time; and the carrier, who gets declarations of nobody, is blocked every second time."""
        set_rule(room, WATCHED.format(limit=turn + 2))
        set_parties(room, blocked("CAR-COSU") if turn % 2 else lambda text: text)

    def test_nothing_is_lost_doubled_or_judged_by_another(self):
        with reload_room() as room:
            room.start()
            acknowledged = {}
            end = self.load(room, acknowledged)
            for turn in range(4):
                self.change(room, turn)
                before = len(acknowledged)
                room.here("reload", code=0)
                eventually(lambda: len(acknowledged) > before + 5, "messages come meanwhile")
            end()
            eventually(room.decided, "all is decided")
            self.assertEqual(room.metric('clearway_reloads_total{result="in_force"}'), 4)
            room.stop()
            oracle = Oracle(self, room)
            oracle.holds(acknowledged)
            self.assertEqual(len(oracle.editions), 5)
            deliveries = [record["meta"] for record in oracle.records if record["kind"] == "delivery"]
            for delivery in deliveries:
                self.assertIn(delivery["edition"], [edition for _, edition in oracle.editions])
            self.assertTrue(json.loads(room.here("replay", "--rebuild", "--json", code=0).stdout)["equal"])

    def test_a_kill_in_the_middle(self):
        dice = random.Random(10)
        with reload_room() as room:
            acknowledged = {}
            for turn in range(3):
                room.start()
                end = self.load(room, acknowledged)
                self.change(room, turn)
                room.gateway.send_signal(signal.SIGHUP)
                eventually(lambda: room.log().count("reloading") > turn, "it reads")
                time.sleep(dice.random() * 0.5)
                room.kill()
                end()
            room.start()
            eventually(room.decided, "all is decided")
            room.stop()
            Oracle(self, room).holds(acknowledged)
            self.assertTrue(json.loads(room.here("replay", "--rebuild", "--json", code=0).stdout)["equal"])


if __name__ == "__main__":
    unittest.main()
