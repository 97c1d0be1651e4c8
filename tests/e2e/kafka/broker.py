"""Customs and a forwarder behind a real Apache Kafka broker: what they get, while broker and gateway are killed, whom it lets in, and
clients in Java and Python beside kcat.

The broker comes from ops/kafka. Where its jars cannot be fetched, what librdkafka's mock cluster can do runs against that.
"""
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import test_kafka_submissions as submissions  # noqa: E402
from harness import BUILD, CLEARWAY, PATIENCE, SCHEMAS, SOURCE, Room, eventually, main, messages, missing, program, wires, world  # noqa: E402

KAFKA = os.path.join(SOURCE, "ops", "kafka")
TOOL = os.path.join(BUILD, "ops", "kafka", "kafka-topics")
PASSWORD = "kept-to-ourselves"         # of user clearway at the broker's guarded listeners
CERTIFIED = "FWD-QD-01"                # whose certificate the gateway shows there: User:CN=fwd-qd-01
ZSTD = 4                               # of a batch's attributes

# What the broker is told beside ops/kafka/start: two listeners more, where a client certificate is enough, or user and password as well.
GUARDED = """
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},SASL_SSL://127.0.0.1:{guarded},SSL://127.0.0.1:{certified}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},SASL_SSL://localhost:{guarded},SSL://localhost:{certified}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={ca}
ssl.client.auth=required
listener.name.sasl_ssl.ssl.client.auth=required
listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
    user_clearway="{password}" user_mallory="{password}";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:clearway;User:CN=fwd-qd-01
"""


kcat_all = submissions.kcat_all


def two_free_ports():
    """The first of two neighbours, as ops/kafka/start wants them."""
    while True:
        port = world.free_port()
        if world.free_port(port + 1) == port + 1:
            return port


class RealBroker:
    real = True

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="clearway-kafka-")
        self.port = two_free_ports()
        self.address = f"127.0.0.1:{self.port}"
        self.guard()

    def guard(self):
        """The guarded listeners: their certificate, and the ones they let in, are of a CA of the broker's own."""
        self.world = world.World(os.path.join(self.directory, "world"), CLEARWAY, SCHEMAS).make()
        self.guarded, self.certified = world.free_port(0), world.free_port(0)
        keystore, self.properties = os.path.join(self.directory, "keystore.pem"), os.path.join(self.directory, "guarded.properties")
        with open(keystore, "w") as out:
            for name in (self.world.key(world.GATEWAY), self.world.certificate(world.GATEWAY)):
                with open(name) as file:
                    out.write(file.read())
        with open(self.properties, "w") as out:
            out.write(GUARDED.format(port=self.port, controller=self.port + 1, guarded=self.guarded, certified=self.certified,
                                     keystore=keystore, ca=self.world.ca, password=PASSWORD))

    def start(self):
        command = [os.path.join(KAFKA, "start"), self.directory, str(self.port), self.properties, f"clearway={PASSWORD}"]
        return subprocess.run(command, stdout=subprocess.DEVNULL).returncode

    def make_topics(self, *topics):
        subprocess.run([TOOL, self.address, *topics], check=True)

    def drop_topics(self, *topics):
        subprocess.run([TOOL, self.address, *(f"-{topic}" for topic in topics)], stderr=subprocess.DEVNULL)

    def kill(self):
        """kill -9."""
        with open(os.path.join(self.directory, "pid")) as file:
            pid = int(file.read())
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not os.path.exists(f"/proc/{pid}"), "the broker is gone")
        os.unlink(os.path.join(self.directory, "pid"))

    def up(self):
        assert self.start() == 0

    def close(self):
        if os.path.exists(os.path.join(self.directory, "pid")):
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    # --- from outside ------------------------------------------------------------------------------------------------

    def batches(self, topic):
        """What the broker keeps of a topic, as it stands on its disk: {partition: [(attributes, producer, records)]}."""
        found = {}
        for partition in range(4):
            name = os.path.join(self.directory, "log", f"{topic}-{partition}", "0" * 20 + ".log")
            with open(name, "rb") as file:
                log, at = file.read(), 0
            while at + 61 <= len(log):
                length, = struct.unpack_from(">i", log, at + 8)
                magic, _, attributes = struct.unpack_from(">bIh", log, at + 16)
                producer, _, _, records = struct.unpack_from(">qhii", log, at + 43)
                if length <= 0:
                    break
                assert magic == 2
                found.setdefault(partition, []).append((attributes, producer, records))
                at += 12 + length
        return found


class MockBroker:
    real = False

    def __init__(self):
        self.broker = wires.Broker(program("mock_broker"), world.TOPIC)
        self.address = self.broker.address

    def close(self):
        self.broker.close()


def make_broker():
    broker = RealBroker()
    code = broker.start()
    if code == 69:
        broker.close()
        missing("a Kafka broker, since Maven Central cannot be reached: librdkafka's mock cluster stands in for it")
        return MockBroker()
    assert code == 0, "the broker does not start"
    broker.make_topics(world.TOPIC)
    print("on a Kafka broker at", broker.address, flush=True)
    return broker


def fetched(script):
    """What a script of ops/kafka has fetched; None: it cannot be reached."""
    done = subprocess.run([os.path.join(KAFKA, script)], capture_output=True, text=True)
    assert done.returncode in (0, 69), done.stderr
    return done.stdout.strip() if done.returncode == 0 else None


def setUpModule():
    Kafka.broker = make_broker()
    unittest.addModuleCleanup(Kafka.broker.close)


def murmur2(key):
    """Kafka's partitioner, as Java does it: the hash of a key, without its sign."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = (0x9747B28C ^ len(key)) & mask
    whole = len(key) & ~3
    for k in struct.unpack(f"<{whole // 4}I", key[:whole]):
        k = k * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    if len(key) & 3:
        h = (h ^ int.from_bytes(key[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return (h ^ h >> 15) & 0x7FFFFFFF


class Kafka(unittest.TestCase):
    """What is delivered."""
    broker = None
    serial = 7000

    def make(self, topic=world.TOPIC, **settings):
        """A gateway whose customs is behind the broker."""
        room = Room(settings={"delivery.attempts": 1000, "delivery.timeout_ms": 10000, **settings})
        self.addCleanup(room.close)
        room.world.kafka = self.broker.address
        room.world.party("CUS-QD").to = topic
        self.addCleanup(setattr, room.world.party("CUS-QD"), "to", world.TOPIC)
        room.world.make()
        return room

    def submit(self, room):
        Kafka.serial += 1
        message = messages.declaration(messages.Consignment(self.serial, room.world.party("FWD-QD-01").trader))
        answer = room.party("FWD-QD-01").submit(message, wait=60)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["record"], message

    def waiting(self, room, state="waiting"):
        rows = json.loads(room.here("queue", "--json", code=0).stdout)["deliveries"]
        return [row for row in rows if row["party"] == "CUS-QD" and row["state"] == state]

    def not_judged(self, room):
        return [row["topic"] for row in room.monitors().get("/readyz").json["kafka"]["topics_not_judged"]]

    def expect(self, topic, sent):
        """Each of these is there once, untouched, under its id and key, and nothing else is."""
        rows = eventually(lambda: (lambda rows: rows if len(rows) >= len(sent) else None)(kcat_all(self.broker.address, topic)),
                          "customs has all of it", pause=0.2)
        self.assertEqual(sorted((row["headers"]["ce_id"], row["payload"].encode()) for row in rows),
                         sorted((f"{record}/CUS-QD", message) for record, message in sent))
        for row in rows:
            self.assertEqual(row["key"], row["headers"]["ce_subject"])
            self.assertEqual(row["headers"]["clearway-digest"], "sha256:" + hashlib.sha256(row["payload"].encode()).hexdigest())
        return rows

    def test_everything_arrives_once_and_untouched(self):
        """Case 586: what the broker keeps is idempotent and compressed by zstd, and each consignment stands where Java would put it."""
        topic = world.TOPIC
        if self.broker.real:
            topic = "clearway.customs.once.v1"
            self.broker.make_topics(topic)
        room = self.make(topic)
        room.start()
        rows = self.expect(topic, [self.submit(room) for _ in range(30)])
        self.assertEqual([murmur2(key) for key in (b"21", b"foobar", b"a-little-bit-longer-string", b"abc")],
                         [number & 0x7FFFFFFF for number in (-973932308, -790332482, -1486304829, 479470107)])   # Java's own
        self.assertEqual([row["partition"] for row in rows], [murmur2(row["key"].encode()) % 4 for row in rows])
        if self.broker.real:
            batches = [batch for partition in self.broker.batches(topic).values() for batch in partition]
            self.assertEqual(sum(records for _, _, records in batches), 30)
            for attributes, producer, _ in batches:
                self.assertEqual(attributes & 7, ZSTD)
                self.assertGreaterEqual(producer, 0, "an idempotent producer has a number")
        room.stop()

    def test_an_unknown_topic_is_waited_for(self):
        """Case 475: it was parked at once; now it is told why it waits, and goes when the topic is made."""
        if not self.broker.real:
            self.skipTest("the mock cluster makes every topic that is asked for")
        topic = "clearway.customs.none.v1"     # that nobody has made
        room = self.make(topic)
        room.start()
        sent = [self.submit(room)]
        eventually(lambda: [row for row in self.waiting(room) if "nknown topic" in row["words"]], "it waits, and it is told why")
        self.broker.make_topics(topic)
        self.expect(topic, sent)
        eventually(lambda: not self.waiting(room), "it has gone")
        self.assertEqual(self.waiting(room, "parked"), [])
        room.stop()

    def test_what_is_parked_goes_to_the_dlq_with_its_reason(self):
        """Case 476: the brokers do not let the gateway write to the party's topic."""
        if not self.broker.real:
            self.skipTest("the mock cluster lets everybody write")
        denied = "clearway.customs.denied.v1"
        self.broker.make_topics(denied, f"{denied}.dlq@User:mallory")
        room = self.make(denied, **{"kafka.brokers": f"localhost:{self.broker.guarded}", "kafka.properties": "kafka.properties"})
        self.write_properties(room, {**self.guarded_properties(), "sasl.username": "mallory"})
        room.start()
        record, message = self.submit(room)
        eventually(lambda: self.waiting(room, "parked"), "it is parked")
        letters = eventually(lambda: kcat_all(self.broker.address, f"{denied}.dlq"), "its copy", pause=0.3)
        headers = letters[0]["headers"]
        self.assertEqual((headers["ce_id"], headers["clearway-dlq-topic"], headers["clearway-dlq-party"], headers["clearway-dlq-reason"]),
                         (f"{record}/CUS-QD", denied, "CUS-QD", "not-allowed"))
        self.assertEqual(letters[0]["payload"].encode(), message)
        self.assertEqual(len(letters), 1)
        # Case 795: dead letters were sent whoever might read them. From here on the gateway may ask.
        self.broker.make_topics("?User:mallory", f"{denied}.dlq%User:cus-qd", f"{denied}.dlq%User:mallory")
        room.here("reload", code=0)
        eventually(lambda: room.metric("clearway_kafka_topics_overheard") == 1, "its dead letters are overheard")
        self.submit(room)
        eventually(lambda: len(self.waiting(room, "parked")) == 2, "it is parked, too")
        eventually(lambda: "no_dead_letter" in room.log(), "it is told that its copy goes nowhere")
        self.assertEqual(len(kcat_all(self.broker.address, f"{denied}.dlq")), 1)
        room.stop()

    # --- who is let in -------------------------------------------------------------------------------------------------

    def certified_properties(self):
        certificates = self.broker.world
        return {"security.protocol": "SSL", "ssl.ca.location": certificates.ca,
                "ssl.certificate.location": certificates.certificate(CERTIFIED), "ssl.key.location": certificates.key(CERTIFIED)}

    def guarded_properties(self, mechanism="PLAIN"):
        return {**self.certified_properties(), "security.protocol": "SASL_SSL", "sasl.mechanism": mechanism,
                "sasl.username": "clearway", "sasl.password": PASSWORD}

    def write_properties(self, room, properties):
        with open(room.path("kafka.properties"), "w") as out:
            out.writelines(f"{name} = {value}\n" for name, value in properties.items())

    def test_who_is_let_in(self):
        """Without the right properties nothing arrives, and with them what has waited does; no password is told anywhere. Case 587: by
        client certificate alone, and by SCRAM, which needs a librdkafka that speaks it as RFC 5802 has it (from 2.6.1 on)."""
        if not self.broker.real:
            self.skipTest("the mock cluster speaks neither TLS nor SASL")
        python = fetched("fetch-python")
        topic, guarded, certified = "clearway.customs.guarded.v1", f"localhost:{self.broker.guarded}", f"localhost:{self.broker.certified}"
        self.broker.make_topics(topic)
        room = self.make(topic, **{"kafka.properties": "kafka.properties", "delivery.timeout_ms": 2000})
        good, by_certificate, by_scram = self.guarded_properties(), self.certified_properties(), self.guarded_properties("SCRAM-SHA-512")
        bare = {name: value for name, value in good.items() if name not in ("ssl.certificate.location", "ssl.key.location")}
        sent = []
        for brokers, properties in ((guarded, {**good, "sasl.password": PASSWORD + "-not"}),
                                    (guarded, {**by_scram, "sasl.password": PASSWORD + "-not"}),
                                    (guarded, bare),
                                    (guarded, {**good, "ssl.ca.location": room.world.ca}),       # another CA: the broker is not trusted
                                    (certified, {**by_certificate, "ssl.certificate.location": room.world.certificate(CERTIFIED),
                                                 "ssl.key.location": room.world.key(CERTIFIED)})):    # one that the broker does not know
            room.world.kafka = brokers
            room.world.make()
            self.write_properties(room, properties)
            room.start()
            sent.append(self.submit(room))
            eventually(lambda: topic in self.not_judged(room), "nobody tells who may read its topic")
            eventually(lambda: [row for row in self.waiting(room) if row["reason"]], "it waits with a reason")
            room.kill()
        self.assertIn("_AUTHENTICATION", room.log())
        self.assertEqual(kcat_all(self.broker.address, topic), [])
        ways = [(guarded, good, None), (certified, by_certificate, None)]
        if python:      # the gateway as it is, with a newer librdkafka than Debian's
            libraries = room.path("libraries")
            os.makedirs(libraries)
            (library,) = os.listdir(os.path.join(python, "confluent_kafka.libs"))
            os.symlink(os.path.join(python, "confluent_kafka.libs", library), os.path.join(libraries, "librdkafka.so.1"))
            ways.append((guarded, by_scram, {"LD_LIBRARY_PATH": libraries}))
        else:
            missing("SCRAM: PyPI cannot be reached")
        for brokers, properties, env in ways:
            room.world.kafka = brokers
            room.world.make()
            self.write_properties(room, properties)
            room.start(env=env)
            sent.append(self.submit(room))
            self.expect(topic, sent)
            expires = room.metric('clearway_certificate_expires_timestamp_seconds{use="kafka"}')
            self.assertTrue(363 < (expires - time.time()) / 86400 < 366, expires)
            room.stop()
        self.assertNotIn(PASSWORD, room.log())

    def test_certificates_renewed_by_a_reload(self):
        """Case 569: the gateway's certificate was over, and a new one under its name needed a restart."""
        if not self.broker.real:
            self.skipTest("the mock cluster speaks no TLS")
        topic = "clearway.customs.renewed.v1"
        self.broker.make_topics(topic)
        room = self.make(topic, **{"kafka.properties": "kafka.properties", "delivery.timeout_ms": 2000})
        good = self.certified_properties()
        mine = {name: room.path("tls", name) for name in ("ssl.certificate.location", "ssl.key.location")}

        def put(certificate, key):
            shutil.copy(certificate, mine["ssl.certificate.location"])
            shutil.copy(key, mine["ssl.key.location"])

        put(room.world.certificate(CERTIFIED), room.world.key(CERTIFIED))     # one that the broker does not know
        room.world.kafka = f"localhost:{self.broker.certified}"
        room.world.make()
        self.write_properties(room, {**good, **mine})
        room.start()
        sent = [self.submit(room)]
        eventually(lambda: [row for row in self.waiting(room) if row["reason"]], "it waits with a reason")
        room.here("reload", code=0)
        self.assertEqual(room.metric("clearway_kafka_renewed_total"), 0)
        put(good["ssl.certificate.location"], good["ssl.key.location"])
        room.here("reload", code=0)
        self.expect(topic, sent)
        for _ in range(3):
            sent.append(self.submit(room))
        self.expect(topic, sent)
        put(good["ssl.certificate.location"], room.world.key(CERTIFIED))      # no pair: the one before goes on
        self.assertIn("ssl.key.location", room.here("reload", code=78).stderr)
        sent.append(self.submit(room))
        self.expect(topic, sent)
        room.stop()

    def test_the_transport_itself(self):
        """The unit tests of adapters/kafka/client.c that need no pushed errors, on the broker."""
        if not self.broker.real:
            self.skipTest("test_adapters_kafka has run against the mock cluster")
        topic = "clearway.test.messages.v1"
        self.broker.make_topics(topic)
        done = subprocess.run([os.path.join(BUILD, "tests", "test_adapters_kafka")], capture_output=True, text=True,
                              env={**os.environ, "CLEARWAY_KAFKA_BROKERS": self.broker.address, "CLEARWAY_KAFKA_TOPIC": topic})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class OnTheBroker(submissions.Submissions):
    """A forwarder that submits by its topic and is told of events by another, customs at a third: the gateway comes with TLS, a client
    certificate and a password. Some of tests/e2e/test_kafka_submissions.py, and what only a real broker can show."""
    inherited = ("test_each_message_gets_its_receipt", "test_without_what_it_remembers")

    def make_broker(self):
        broker = Kafka.broker
        if not broker.real:
            self.skipTest("test_kafka_submissions and test_kafka_events have run against the mock cluster")
        customs = self.room.world.party("CUS-QD")
        self.addCleanup(setattr, customs, "to", customs.to)
        customs.to = self.customs = "clearway.customs.here.v1"
        self.renew()
        self.room.world.settings.update({"kafka.properties": "kafka.properties"})
        Kafka.write_properties(self, self.room, Kafka("guarded_properties").guarded_properties())
        self.room.world.kafka = f"localhost:{broker.guarded}"
        return broker

    def renew(self, writer="@User:fwd-qd-02"):
        """Its topics, made anew: what earlier tests left is gone."""
        Kafka.broker.drop_topics(*self.topics())
        make = [TOOL, Kafka.broker.address, self.topic + writer, *self.topics()[1:]]
        eventually(lambda: subprocess.run(make, stderr=subprocess.DEVNULL).returncode == 0, "the topics are made", pause=0.1)

    # --- whatever is killed --------------------------------------------------------------------------------------------

    def test_broker_and_gateway_are_killed_in_turn(self):
        """Case 588: messages come in, go out and are told of while first the one and then the other is killed with -9."""
        submitted = [self.declaration() if i % 4 else b"<refused n='%d'/>" % i for i in range(120)]
        for i in range(4):
            self.produce(*submitted[20 * i:20 * (i + 1)], partition=i)
        self.room.start()
        eventually(lambda: self.room.metric("clearway_journal_durable_number") > 40, "some are recorded", pause=0.002)
        self.broker.kill()
        self.room.kill()
        self.room.start()
        self.broker.up()
        self.produce(*submitted[80:])
        eventually(lambda: self.room.metric("clearway_journal_durable_number") > 150, "more are recorded", pause=0.002)
        self.room.kill()
        self.room.start()
        self.expect_each_once(submitted)
        self.expect_delivered(submitted)
        self.room.stop()

    # --- peers ---------------------------------------------------------------------------------------------------------

    def try_client(self, name, command, env=None):
        """Submits two files, takes what customs gets of them, follows what is told; the oracle is the journal."""
        def run(*words):
            done = subprocess.run([*command, self.broker.address, *words], capture_output=True, text=True, timeout=PATIENCE, env=env)
            self.assertEqual(done.returncode, 0, f"{name} {words}: {done.stdout}{done.stderr}")
            return done.stdout.splitlines()
        self.renew()
        files, folder = [self.room.path(f"{name}-{i}.xml") for i in range(2)], self.room.path(f"{name}.received")
        os.makedirs(folder)
        written = [self.declaration(), b"<refused/>"]
        for path, message in zip(files, written):
            with open(path, "wb") as out:
                out.write(message)
        self.room.start()
        receipts = [json.loads(line) for line in run("submit", self.topic, self.receipts, *files)]
        by_digest = {receipt["digest"]: receipt for receipt in receipts}
        accepted, refused = (by_digest["sha256:" + hashlib.sha256(message).hexdigest()] for message in written)
        self.assertEqual((accepted["verdict"], refused["verdict"]), ("accepted", "refused"))
        (line,) = run("receive", self.customs, folder, "1")
        self.assertIn(f"{accepted['record']}/CUS-QD", line)
        with open(os.path.join(folder, f"{accepted['record']}-CUS-QD"), "rb") as file:
            self.assertEqual(file.read(), written[0])
        events = [json.loads(line) for line in run("follow", self.events, "2")]
        self.assertEqual([(event["data"]["record"], event["data"]["code"]) for event in events],
                         [(accepted["record"], "FORWARDED"), (accepted["record"], "DECLARED")])
        self.room.stop()
        shutil.rmtree(self.room.path("data"))
        os.makedirs(self.room.path("data"), mode=0o700)

    def test_clients_in_java_and_python(self):
        """Case 589: kcat, which all other tests here read and write with, stands on librdkafka too; these do not."""
        classes, jars = self.room.path("classes"), os.path.join(fetched("fetch"), "*")
        subprocess.run(["javac", "-d", classes, "-cp", jars, os.path.join(KAFKA, "Client.java")], check=True)
        self.try_client("java", ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp", f"{classes}:{jars}", "Client"])
        python = fetched("fetch-python")
        if python is None:
            missing("the client in Python: PyPI cannot be reached")
            return
        self.try_client("python", [sys.executable, os.path.join(KAFKA, "client.py")], {**os.environ, "PYTHONPATH": python})

    # --- what an operator has to look at ---------------------------------------------------------------------------------

    def told(self, reason, party=submissions.FORWARDER):
        told = eventually(lambda: self.room.monitors().get("/readyz").json["kafka"]["topics_not_read"], "it is told")
        self.assertEqual([(row["party"], row["reason"]) for row in told], [(party, reason)])

    def test_a_topic_made_anew(self):
        """Case 477: shorter than what was read, and as long with other messages."""
        self.room.start()
        self.produce(*[self.declaration() for _ in range(3)], partition=0)
        self.wait_answers(3)
        self.room.stop()
        for filled in (0, 5):
            self.renew()
            self.produce(*[self.declaration() for _ in range(filled)], partition=0) if filled else None
            self.room.start()
            self.told("topic-anew")
            self.room.stop()
        self.assertEqual(len(self.recorded()), 3)

    def test_others_may_write(self):
        """Case 478: the cluster tells so, and nothing is read. On a topic of its own, which keeps the rule."""
        party = world.Party("FWD-QD-09", "青岛南海报关行", "Qingdao Nanhai Brokers", "declarant",
                            [messages.Trader("3702980009", "青岛南海报关有限公司", 19)], kafka=True)
        self.room.world.parties.append(party)
        self.room.world.make()
        self.broker.make_topics(party.submissions + "@" + party.principal, party.receipts)
        self.broker.make_topics(party.submissions + "@User:mallory")
        self.room.start()
        self.told("other-writers", party.code)
        self.assertIn("User:mallory", self.room.log())
        self.produce(self.declaration())             # the others are served
        self.wait_answers(1)
        self.room.stop()


    def test_others_may_read(self):
        """Case 570: what a party is told was written to a topic that others could read, and nobody looked. Its only reader is enough
        where its row names none; one more, and nothing is told there until the rule is taken back."""
        topic = f"clearway.told-{int(time.time())}.events.v1"
        office = self.room.world.party("OFC-QD")
        self.addCleanup(setattr, office, "tells", office.tells)
        office.tells = True
        parties = self.room.path("parties.yaml")

        def name(principal):
            self.room.world.make()
            with open(parties) as file:
                text = file.read()
            with open(parties, "w") as file:
                file.write(text.replace(f'events: "{office.events}"', f'events: "{topic}", principal: "{principal}"' if principal else
                                        f'events: "{topic}"'))

        def not_told():
            return [(row["party"], row["words"]) for row in self.room.monitors().get("/readyz").json["kafka"]["topics_not_told"]]

        name("")
        self.broker.make_topics(topic + "%User:ofc-qd")
        self.room.start()
        self.produce(self.declaration())
        eventually(lambda: self.read(topic), "its only reader is told", pause=0.2)
        self.assertEqual(self.room.metric("clearway_kafka_event_topics_overheard"), 0)
        told = len(self.read(topic))
        for principal, make in (("User:somebody-else", []), ("", [topic + "%User:mallory"]), ("User:ofc-qd", [])):
            if make:
                self.broker.make_topics(*make)
            name(principal)
            self.room.here("reload", code=0)
            words = "others may read: " + ("User:ofc-qd" if "else" in principal else "User:mallory")
            if principal != "":
                eventually(lambda: ("OFC-QD", words) in not_told(), "it is told who may")
            else:
                eventually(lambda: [row for row in not_told() if row[0] == "OFC-QD" and "others may read" in row[1]], "it is told")
            self.assertEqual(self.room.metric("clearway_kafka_event_topics_overheard"), 1)
            self.produce(self.declaration())
            self.wait_answers(1)
        eventually(self.room.decided, "everything is decided")
        self.assertEqual(len(self.read(topic)), told)                 # nothing more
        self.assertIn("events_overheard", self.room.log())
        # Case 794: nor did anybody look who may read what is delivered to a party.
        handed = f"clearway.handed-{int(time.time())}.v1"
        self.broker.make_topics(handed + "%User:cus-qd", handed + "%User:mallory", handed + ".alone%User:cus-qd")

        def deliver_to(name):
            with open(parties) as file:
                text = re.sub(r'(transport: kafka, to: )"?[-.\w]+"?', rf'\1"{name}"', file.read())
            with open(parties, "w") as file:
                file.write(text)
            self.room.here("reload", code=0)

        def overheard():
            return [row["topic"] for row in self.room.monitors().get("/readyz").json["kafka"]["topics_overheard"]]

        deliver_to(handed)
        eventually(lambda: self.room.metric("clearway_kafka_topics_overheard") == 1, "it is overheard")
        self.assertEqual(overheard(), [handed])
        self.produce(self.declaration())
        self.wait_answers(1)
        eventually(lambda: "overheard" in self.room.here("queue", "--json", code=0).stdout, "it waits, and why is told")
        # Case 796: what waited at a start, or for a topic that is new, went out before the brokers had said who may read it.
        self.room.stop()
        self.broker.make_topics(handed + ".too%User:cus-qd", handed + ".too%User:mallory")
        self.room.start()
        eventually(lambda: self.room.metric("clearway_kafka_topics_overheard") == 1, "it is overheard after a start, too")
        deliver_to(handed + ".too")
        self.produce(self.declaration())
        eventually(lambda: overheard() == [handed + ".too"], "so is the other topic")
        self.assertEqual(self.read(handed) + self.read(handed + ".too"), [])
        deliver_to(handed + ".alone")
        eventually(lambda: self.read(handed + ".alone"), "the party has it where nobody else reads", pause=0.2)
        self.assertEqual(self.room.metric("clearway_kafka_topics_overheard"), 0)
        self.room.stop()


def load_tests(loader, tests, pattern):
    """Kafka first: it makes the broker, and keeps it until all is done."""
    own = [name for name in loader.getTestCaseNames(OnTheBroker) if name in vars(OnTheBroker) or name in OnTheBroker.inherited]
    return unittest.TestSuite([loader.loadTestsFromTestCase(Kafka), unittest.TestSuite(map(OnTheBroker, own))])


if __name__ == "__main__":
    main()
