"""ZeroMQ as parties use it: the example clients in Python, C and Java against a gateway with CURVE, and what goes wrong on the way.

The oracle is the journal itself (`clearway journal cat`): what it says was recorded and decided is what clients must have heard, once.
"""
import hashlib
import json
import os
import signal
import subprocess
import sys

import zmq

from harness import BUILD, PATIENCE, SOURCE, Received, RoomTest, eventually, main, messages, missing, world

sys.path.insert(0, os.path.join(SOURCE, "ops", "zmq"))
import client as example  # noqa: E402

OPS = os.path.join(SOURCE, "ops", "zmq")
FORWARDER, TERMINAL = "FWD-QD-01", "TML-QQCT"


def java(directory):
    """The command of the Java client, compiled; None: Maven Central cannot be reached."""
    done = subprocess.run([os.path.join(OPS, "fetch")], capture_output=True, text=True)
    if done.returncode == 69:
        return None
    classes, jars = os.path.join(directory, "classes"), os.path.join(done.stdout.strip(), "*")
    subprocess.run(["javac", "-d", classes, "-cp", jars, os.path.join(OPS, "Client.java")], check=True)
    return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp", f"{classes}:{jars}", "Client"]


class Zmq(RoomTest):
    # A forwarder that submits over ZeroMQ, while what is for it otherwise goes to its folder; another without a transport.
    options = {"parties": [
        world.Party(FORWARDER, "青岛海联货运代理", "Qingdao Hailian Forwarding", "declarant",
                    [messages.Trader("3702980001", "青岛海联货运代理有限公司", 11)], files=True, zmq=True, deliver="files"),
        world.Party("FWD-QD-04", "青岛黄海报关行", "Qingdao Huanghai Brokers", "declarant",
                    [messages.Trader("3702980004", "青岛黄海报关有限公司", 14)], zmq=True)]
        + [party for party in world.PARTIES if party.code != FORWARDER]}

    def setUp(self):
        """What earlier tests left for somebody is taken."""
        for code in (FORWARDER, TERMINAL, "FWD-QD-04"):
            line = self.room.line(code, Received())
            eventually(lambda: not self.waiting(code), f"nothing waits for {code}")
            line.close()

    def waiting(self, *parties):
        eventually(self.room.decided, "everything is decided")
        rows = json.loads(self.room.here("queue", "--json", code=0).stdout)["deliveries"]
        return {row["record"] for row in rows if row["state"] == "waiting" and row["party"] in parties}

    def client(self, command, code, *words):
        """Runs an example client as that party; its lines."""
        curve = self.room.world.curve
        done = subprocess.run([*command, self.address(code), curve(world.GATEWAY, "public"), curve(code, "public"), curve(code, "secret"),
                               *words], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, f"{command} {words}: {done.stdout}{done.stderr}")
        return done.stdout.splitlines()

    def address(self, code, which="port"):
        return f"tcp://127.0.0.1:{self.room.world.zmq_port(code, which)}"

    def party(self, code):
        """This process as that party, by the example in Python."""
        curve = self.room.world.curve
        party = example.Party(self.address(code), curve(world.GATEWAY, "public"), curve(code, "public"), curve(code, "secret"))
        self.addCleanup(party.context.destroy, 0)
        return party

    def write(self, name, content):
        with open(self.room.path(name), "wb") as out:
            out.write(content)
        return self.room.path(name)

    def records(self, kind):
        lines = self.room.here("journal", "cat", "--json", "--kind", kind, code=0).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def declare(self, forwarder=FORWARDER, **options):
        goods = self.goods(forwarder)
        return messages.declaration(goods, **({"step": "6", "entry_number": goods.entry_number} if options.get("refused") else {}))

    # --- the example clients ---------------------------------------------------------------------------------------------

    def try_client(self, name, command):
        place, folder = self.room.path(f"{name}.place"), self.room.path(f"{name}.received")
        os.makedirs(folder)
        stream = self.address(FORWARDER, "events")
        self.assertEqual(self.client(command, FORWARDER, "follow", stream, place, "0"), [], "it begins where the journal ends")
        good, bad = self.declare(), self.declare(refused=True)
        files = self.write(f"{name}-good.xml", good), self.write(f"{name}-bad.xml", bad)

        # Receipts, and a repeat.
        first, again, refused = (line.split(" ", 1) for line in self.client(command, FORWARDER, "submit", files[0], files[0], files[1]))
        self.assertEqual([line[0] for line in (first, again, refused)], ["RECEIPT"] * 3)
        first, again, refused = (json.loads(line[1]) for line in (first, again, refused))
        self.assertEqual((first["verdict"], first["repeated"]), ("accepted", False))
        self.assertEqual((again["record"], again["repeated"]), (first["record"], True))

        # What the engine refuses comes back over ZeroMQ, though this forwarder is served by folder.
        (line,) = self.client(command, FORWARDER, "receive", folder, "1")
        verb, headers = line.split(" ", 1)
        headers = json.loads(headers)
        self.assertEqual((verb, headers["about"], headers["result"]), ("DECISION", refused["record"], "refused"))
        with open(os.path.join(folder, headers["delivery"].replace("/", "-")), "rb") as file:
            decision = file.read()
        self.assertIn(b'result="refused">', decision)
        self.assertIn(b'<Answer code="T01">', decision)
        self.assertEqual(headers["digest"], "sha256:" + hashlib.sha256(decision).hexdigest())

        # What is for the terminal comes to it, untouched, and is done at its ACK.
        (line,) = self.client(command, TERMINAL, "receive", folder, "1")
        verb, headers = line.split(" ", 1)
        headers = json.loads(headers)
        self.assertEqual((verb, headers["record"], headers["sender"]), ("DELIVER", first["record"], FORWARDER))
        with open(os.path.join(folder, headers["delivery"].replace("/", "-")), "rb") as file:
            self.assertEqual(file.read(), good)
        eventually(lambda: not self.waiting(FORWARDER, TERMINAL), "nothing waits for an ACK")

        # What happened while nobody followed is a gap, and filled; the next comes as it happens.
        events = [json.loads(line) for line in self.client(command, FORWARDER, "follow", stream, place, "3")]
        self.assertEqual([(event["data"]["record"], event["type"].split(".")[2], event["data"]["code"]) for event in events],
                         [(first["record"], "decision", "FORWARDED"), (first["record"], "milestone", "DECLARED"),
                          (refused["record"], "decision", "T01")])

    def test_the_client_in_python(self):
        self.try_client("python", [sys.executable, os.path.join(OPS, "client.py")])

    def test_the_client_in_c(self):
        self.try_client("c", [os.path.join(BUILD, "ops", "zmq", "zmq_client")])

    def test_the_client_in_java(self):
        command = java(self.room.directory)
        if command is None:
            missing("the client in Java: Maven Central cannot be reached")
            return
        self.try_client("java", command)

    # --- what the engine refuses -------------------------------------------------------------------------------------------

    # Case 450.
    def test_a_sender_without_a_transport_hears_of_its_refusal(self):
        party = self.party("FWD-QD-04")
        _, receipt, _ = party.ask("SUBMIT", {"ref": "1"}, self.declare("FWD-QD-04", refused=True))
        party.say("HELLO", {"credit": 1})
        verb, headers, _ = self.next(party, "DECISION")
        self.assertEqual(headers["about"], receipt["record"])
        party.say("ACK", {"delivery": headers["delivery"]})
        eventually(lambda: not self.waiting("FWD-QD-04"), "it is done")

    def next(self, party, *verbs, socket=None):
        return eventually(lambda: (message := party.hear(socket)) and message[0] in verbs and message, f"{verbs} comes")

    # --- faults -------------------------------------------------------------------------------------------------------------

    # Case 453.
    def test_a_receiver_that_is_killed_between_delivery_and_ack(self):
        """What it did not acknowledge comes again, to the next receiver, under the same id and byte for byte."""
        sent = {}
        for _ in range(5):
            message = self.declare()
            sent[self.accept(FORWARDER, message)["record"]] = message
        first = self.party(TERMINAL)
        first.say("HELLO", {"credit": 3})
        taken = [self.next(first, "DELIVER") for _ in range(3)]
        first.say("ACK", {"delivery": taken[0][1]["delivery"]})
        eventually(lambda: len(self.waiting(TERMINAL)) == 4, "one is done")
        first.context.destroy(0)
        received = Received()
        line = self.room.line(TERMINAL, received)
        eventually(lambda: not self.waiting(TERMINAL), "all are done")
        line.close()
        got = {taken[0][1]["record"]: taken[0][2]}
        got |= {int(delivery.split("/")[0]): received.bytes_of(delivery)[0] for delivery in received.deliveries}
        self.assertEqual(got, sent)
        for _, headers, body in taken[1:]:
            self.assertEqual(received.bytes_of(headers["delivery"]), [body])

    # Cases 454 and 797.
    def test_peers_that_die_in_the_middle_of_a_message(self):
        """Half a SUBMIT is none, half a DELIVER is not done; the gateway goes on, or is killed with -9 beside. Lost 0, doubled 0 by
        delivery id, misdelivered 0."""
        sent, before = {}, len(self.message_records())
        for gateway_dies in (False, True):
            with self.subTest(gateway_dies=gateway_dies):
                first = self.declare()
                sent[self.accept(FORWARDER, first)["record"]] = first
                half_delivery = self.peer(TERMINAL, "party.say('HELLO', {'credit': 3})\nheard = None\n"
                                          "while not heard or heard[0] != 'DELIVER': heard = party.hear()\n"
                                          "party.say('ACK', {'delivery': heard[1]['delivery']})\n")
                eventually(lambda: not self.waiting(TERMINAL), "it takes what comes")
                half_delivery.send_signal(signal.SIGSTOP)     # from here on only what its system has room for
                large = self.declare() + b" " * (3 << 20)
                record = self.accept(FORWARDER, large)["record"]
                sent[record] = large
                eventually(lambda: self.came_to(TERMINAL) > 1 << 16, "half of it is there")
                half_submit = self.peer(FORWARDER, "party.say('SUBMIT', {'ref': 'x'}, b'<a>' + b'x' * (9 << 20))\n")
                if gateway_dies:
                    self.room.kill()
                for process in (half_submit, half_delivery):
                    process.kill()
                    process.wait()
                if gateway_dies:
                    self.room.start()
                verb, headers, _ = self.party(FORWARDER).ask("SUBMIT", {"ref": "whole"}, (small := self.declare()))
                self.assertEqual((verb, headers["verdict"]), ("RECEIPT", "accepted"))
                sent[headers["record"]] = small
                self.assertEqual(self.waiting(TERMINAL), {record, headers["record"]})
                received = Received()
                line = self.room.line(TERMINAL, received)
                eventually(lambda: not self.waiting(TERMINAL), "it comes to the next")
                line.close()
                self.assertEqual({delivery: received.bytes_of(delivery) for delivery in received.deliveries},
                                 {f"{number}/{TERMINAL}": [sent[number]] for number in (record, headers["record"])})
        recorded = self.records("message")
        self.assertEqual(len(recorded) - before, len(sent), "half a message is not recorded")
        self.assertEqual({row["number"] for row in recorded[before:]}, set(sent))

    def came_to(self, code):
        """Bytes that the system keeps for the other end of the party's line, unread."""
        with open("/proc/net/tcp") as file:
            rows = [line.split() for line in file.readlines()[1:]]
        port = f"{self.room.world.zmq_port(code):04X}"
        return sum(int(row[4].split(":")[1], 16) for row in rows if row[2].endswith(":" + port))

    def peer(self, code, says):
        """A process that is this party, says that, and waits."""
        curve = self.room.world.curve
        script = ("import sys; sys.path.insert(0, sys.argv[1]); import client\n"
                  "party = client.Party(*sys.argv[2:])\n" + says + "print('said', flush=True); sys.stdin.read()")
        process = self.room.run(sys.executable, "-c", script, OPS, self.address(code), curve(world.GATEWAY, "public"),
                                curve(code, "public"), curve(code, "secret"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdout.readline()
        return process

    # Case 455.
    def test_kill_9_while_events_are_followed(self):
        """Over restarts of the gateway every decision about a message of the party is told once, and none of another's."""
        party = self.party(FORWARDER)
        follower = example.Follower(party, self.address(FORWARDER, "events"), self.room.path("killed.place"))
        events = []
        follower.handle = events.append
        follower.catch_up()
        begun = follower.position
        for round in range(4):
            for _ in range(5):
                self.assertEqual(party.ask("SUBMIT", {"ref": "s"}, self.declare())[0], "RECEIPT")
                self.accept("FWD-QD-02", messages.declaration(self.goods("FWD-QD-02")))
            if round < 3:
                self.room.kill()
                self.room.start()
            if round % 2:
                follower.step()         # now and then it listens meanwhile
        eventually(self.room.decided, "everything is decided")
        end = self.records("decision")[-1]["number"]
        eventually(lambda: follower.step() or follower.position >= end, "it has heard everything")
        ours = {record["number"] for record in self.records("message") if record["meta"]["party"] == FORWARDER}
        decided = [record["meta"]["cause"] for record in self.records("decision")
                   if record["number"] > begun and record["meta"]["cause"] in ours]
        self.assertEqual([event["data"]["record"] for event in events if "decision" in event["type"]], decided)
        self.assertEqual(len(decided), 20)
        self.assertEqual(len({event["id"] for event in events}), len(events))
        self.assertLessEqual({event["data"]["record"] for event in events}, ours)

    def test_events_come_as_they_happen(self):
        party = self.party(FORWARDER)
        stream = party.socket(zmq.SUB, self.address(FORWARDER, "events"))
        _, mark, body = self.next(party, "EVENTS", socket=stream)
        self.assertEqual(body, b"[]")
        _, receipt, _ = party.ask("SUBMIT", {"ref": "1"}, self.declare())
        heard = eventually(lambda: (message := party.hear(stream)) and message[2] != b"[]" and message, "its event is told")
        self.assertLessEqual(heard[1]["after"], mark["position"], "nothing is missing between")
        self.assertEqual({event["data"]["record"] for event in json.loads(heard[2])}, {receipt["record"]})
        self.assertEqual({event["sequence"] for event in json.loads(heard[2])}, {str(heard[1]["position"])})

    # Case 451.
    def test_another_partys_keys_hear_nothing(self):
        stranger = self.party("FWD-QD-04")
        denied = self.room.metric("clearway_zmq_denied_total")
        stream = stranger.socket(zmq.SUB, self.address(FORWARDER, "events"))
        self.accept(FORWARDER, self.declare())
        eventually(lambda: self.room.metric("clearway_zmq_denied_total") > denied, "it is refused")
        self.assertIsNone(stranger.hear(stream, 100))
        _, headers, body = stranger.ask("FOLLOW", {"ref": "1", "after": 0})
        ours = {record["number"] for record in self.records("message") if record["meta"]["party"] == "FWD-QD-04"}
        self.assertLessEqual({event["data"]["record"] for event in json.loads(body)}, ours)


if __name__ == "__main__":
    main()
