"""Customs behind a real Apache Kafka broker: what it gets, while the broker goes and comes back, and what it refuses.

The broker comes from ops/kafka. Where its jars cannot be fetched the same tests run against librdkafka's mock cluster.
"""
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import test_kafka_submissions as submissions  # noqa: E402
from harness import BUILD, CLEARWAY, SCHEMAS, SOURCE, Received, Room, eventually, messages, program, wires, world  # noqa: E402

KAFKA = os.path.join(SOURCE, "ops", "kafka")
OTHER = "clearway.customs.none.v1"     # a topic that nobody makes
PASSWORD = "kept-to-ourselves"         # of user clearway at the broker's guarded listener

# What the broker is told beside ops/kafka/start: a listener more, with TLS, client certificates and SASL.
GUARDED = """
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},SASL_SSL://127.0.0.1:{guarded}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},SASL_SSL://localhost:{guarded}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
listener.name.sasl_ssl.ssl.keystore.type=PEM
listener.name.sasl_ssl.ssl.keystore.location={keystore}
listener.name.sasl_ssl.ssl.truststore.type=PEM
listener.name.sasl_ssl.ssl.truststore.location={ca}
listener.name.sasl_ssl.ssl.client.auth=required
listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
    user_clearway="{password}" user_mallory="{password}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:clearway
"""


kcat_all = submissions.kcat_all


def two_free_ports():
    """The first of two neighbours, as ops/kafka/start wants them."""
    while True:
        port = world.free_port()                     # below what the kernel gives to others
        with socket.socket() as second:
            try:
                second.bind(("127.0.0.1", port + 1))
                return port
            except (OSError, OverflowError):
                continue


class RealBroker:
    real = True

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="clearway-kafka-")
        self.port = two_free_ports()
        self.address = f"127.0.0.1:{self.port}"
        self.guard()

    def guard(self):
        """The guarded listener: its certificate, and the one it lets in, are of a CA of the broker's own."""
        self.world = world.World(os.path.join(self.directory, "world"), CLEARWAY, SCHEMAS).make()
        self.guarded = world.free_port(0)
        keystore, self.properties = os.path.join(self.directory, "keystore.pem"), os.path.join(self.directory, "guarded.properties")
        with open(keystore, "w") as out:
            for name in (self.world.key(world.GATEWAY), self.world.certificate(world.GATEWAY)):
                with open(name) as file:
                    out.write(file.read())
        with open(self.properties, "w") as out:
            out.write(GUARDED.format(port=self.port, controller=self.port + 1, guarded=self.guarded, keystore=keystore,
                                     ca=self.world.ca, password=PASSWORD))

    def start(self):
        command = [os.path.join(KAFKA, "start"), self.directory, str(self.port), self.properties]
        return subprocess.run(command, stdout=subprocess.DEVNULL).returncode

    def make_topics(self, *topics):
        subprocess.run([os.path.join(BUILD, "ops", "kafka", "kafka-topics"), self.address, *topics], check=True)

    def down(self):
        subprocess.run([os.path.join(KAFKA, "stop"), self.directory], check=True)

    def up(self):
        assert self.start() == 0

    def close(self):
        self.down()
        shutil.rmtree(self.directory, ignore_errors=True)


class MockBroker:
    real = False

    def __init__(self):
        self.broker = wires.Broker(program("mock_broker"), world.TOPIC)
        self.address = self.broker.address

    def down(self):
        self.broker.order("down")

    def up(self):
        self.broker.order("up")

    def close(self):
        self.broker.close()


def make_broker():
    broker = RealBroker()
    code = broker.start()
    if code == 69:
        broker.close()
        print("Maven Central cannot be reached: these tests run against librdkafka's mock cluster, not a Kafka broker", flush=True)
        return MockBroker()
    assert code == 0, "the broker does not start"
    broker.make_topics(world.TOPIC)
    print("on a Kafka broker at", broker.address, flush=True)
    return broker


def setUpModule():
    Kafka.broker = make_broker()
    unittest.addModuleCleanup(Kafka.broker.close)


class Kafka(unittest.TestCase):
    broker = None

    @classmethod
    def setUpClass(cls):
        cls.serial = 7000

    def make(self, **settings):
        """A gateway whose customs is behind the broker; the topic keeps what earlier tests sent, ids of records repeat."""
        room = Room(settings={"delivery.attempts": 1000, "delivery.timeout_ms": 10000, **settings})
        self.addCleanup(room.close)
        room.world.kafka = self.broker.address
        room.world.make()
        return room

    def submit(self, room):
        Kafka.serial += 1
        message = messages.declaration(messages.Consignment(self.serial, room.world.party("FWD-QD-01").trader))
        answer = room.party("FWD-QD-01").submit(message, wait=60)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["record"], message

    def listen(self, room):
        """What arrives, by the digest of its bytes: other rooms have sent under the same record numbers."""
        received = Received()
        take = lambda delivery, headers, body: received.take((delivery, headers["clearway-digest"]), headers, body)  # noqa: E731
        room.wire(wires.Topic(program("port_kafka"), self.broker.address, world.TOPIC, f"group-{self.serial}", take))
        return received

    def copies(self, room, received, record, message):
        return received.bytes_of((f"{record}/CUS-QD", "sha256:" + hashlib.sha256(message).hexdigest()))

    def waiting(self, room, state="waiting"):
        rows = json.loads(room.here("queue", "--json", code=0).stdout)["deliveries"]
        return [row for row in rows if row["party"] == "CUS-QD" and row["state"] == state]

    def test_everything_arrives_once_and_untouched(self):
        room = self.make()
        room.start()
        received = self.listen(room)
        for record, message in [self.submit(room) for _ in range(50)]:
            copies = eventually(lambda: self.copies(room, received, record, message), "customs has it")
            self.assertEqual(copies, [message])
        room.stop()

    def test_a_broker_that_goes_and_comes_back(self):
        room = self.make()
        room.start()
        received = self.listen(room)
        sent = [self.submit(room) for _ in range(5)]
        self.broker.down()
        sent += [self.submit(room) for _ in range(20)]
        eventually(lambda: [row for row in self.waiting(room) if row["reason"]], "the queue tells why they wait")
        self.broker.up()
        eventually(lambda: not self.waiting(room), "nothing waits")
        received = self.listen(room)
        for record, message in sent:
            copies = eventually(lambda: self.copies(room, received, record, message), "customs has it")
            self.assertEqual(set(copies), {message})
        room.stop()

    def test_a_killed_gateway_sends_on(self):
        room = self.make()
        room.start()
        sent = []
        for _ in range(5):
            sent += [self.submit(room) for _ in range(10)]
            room.kill()
            room.start()
        received = self.listen(room)
        for record, message in sent:
            copies = eventually(lambda: self.copies(room, received, record, message), "customs has it")
            self.assertEqual(set(copies), {message})
        room.stop()

    def test_an_unknown_topic_is_waited_for(self):
        """Case 475: it was parked at once; now it is told why it waits, and goes when the topic is made."""
        if not self.broker.real:
            self.skipTest("the mock cluster makes every topic that is asked for")
        room = self.make()
        room.world.party("CUS-QD").to = OTHER
        self.addCleanup(setattr, room.world.party("CUS-QD"), "to", world.TOPIC)
        room.world.make()
        room.start()
        record, message = self.submit(room)
        eventually(lambda: [row for row in self.waiting(room) if "nknown topic" in row["words"]], "it waits, and it is told why")
        self.broker.make_topics(OTHER)
        eventually(lambda: not self.waiting(room), "it has gone")
        self.assertEqual(self.waiting(room, "parked"), [])
        room.stop()

    def test_what_is_parked_goes_to_the_dlq_with_its_reason(self):
        """Case 476: the brokers do not let the gateway write to the party's topic."""
        if not self.broker.real:
            self.skipTest("the mock cluster lets everybody write")
        denied = "clearway.customs.denied.v1"
        self.broker.make_topics(denied, f"{denied}.dlq@User:mallory")
        room = self.make(**{"kafka.brokers": f"localhost:{self.broker.guarded}", "kafka.properties": "kafka.properties"})
        room.world.party("CUS-QD").to = denied
        self.addCleanup(setattr, room.world.party("CUS-QD"), "to", world.TOPIC)
        room.world.make()
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
        room.stop()

    def guarded_properties(self):
        certificates = self.broker.world
        return {"security.protocol": "SASL_SSL", "ssl.ca.location": certificates.ca,
                "ssl.certificate.location": certificates.certificate("FWD-QD-01"), "ssl.key.location": certificates.key("FWD-QD-01"),
                "sasl.mechanism": "PLAIN", "sasl.username": "clearway", "sasl.password": PASSWORD}

    def test_tls_with_client_certificate_and_password(self):
        """Without the right properties nothing arrives, and with them what has waited does; no password is told anywhere."""
        if not self.broker.real:
            self.skipTest("the mock cluster speaks neither TLS nor SASL")
        room = self.make(**{"kafka.brokers": f"localhost:{self.broker.guarded}", "kafka.properties": "kafka.properties",
                            "delivery.timeout_ms": 6000})
        certificates = self.broker.world
        good = {"security.protocol": "SASL_SSL", "ssl.ca.location": certificates.ca,
                "ssl.certificate.location": certificates.certificate("FWD-QD-01"), "ssl.key.location": certificates.key("FWD-QD-01"),
                "sasl.mechanism": "PLAIN", "sasl.username": "clearway", "sasl.password": PASSWORD}
        received, sent = self.listen(room), []
        for properties in (
            {**good, "sasl.password": PASSWORD + "-not"},
            {name: value for name, value in good.items() if name not in ("ssl.certificate.location", "ssl.key.location")},
            {**good, "ssl.ca.location": room.world.ca},                     # another CA: the broker's certificate is not trusted
        ):
            self.write_properties(room, properties)
            room.start()
            sent.append(self.submit(room))
            eventually(lambda: len([row for row in self.waiting(room) if row["reason"]]) == len(sent), "it waits with a reason")
            room.stop()
        self.assertIn("_AUTHENTICATION", room.log())
        self.assertEqual([copy for record, message in sent for copy in self.copies(room, received, record, message)], [])
        self.write_properties(room, good)
        room.start()
        for record, message in sent:
            copies = eventually(lambda: self.copies(room, received, record, message), "customs has it")
            self.assertEqual(copies, [message])
        room.stop()
        self.assertNotIn(PASSWORD, room.log())

    def write_properties(self, room, properties):
        with open(room.path("kafka.properties"), "w") as out:
            out.writelines(f"{name} = {value}\n" for name, value in properties.items())

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
    """Submissions (tests/e2e/test_kafka_submissions.py) on a real broker: the gateway comes with TLS, a client
    certificate and a password."""

    def make_broker(self):
        broker = Kafka.broker
        if not broker.real:
            self.skipTest("test_kafka_submissions has run against the mock cluster")
        self.renew()
        self.room.world.settings.update({"kafka.properties": "kafka.properties"})
        Kafka.write_properties(self, self.room, Kafka.guarded_properties(Kafka("guarded_properties")))
        self.room.world.kafka = f"localhost:{broker.guarded}"
        return broker

    def renew(self, writer="@User:fwd-qd-02"):
        """Its topics, made anew: what earlier tests left is gone."""
        tool = os.path.join(BUILD, "ops", "kafka", "kafka-topics")
        subprocess.run([tool, Kafka.broker.address, f"-{self.topic}", f"-{self.receipts}"], stderr=subprocess.DEVNULL)
        eventually(lambda: subprocess.run([tool, Kafka.broker.address, self.topic + writer, self.receipts],
                                          stderr=subprocess.DEVNULL).returncode == 0, "the topics are made", pause=0.3)

    def test_a_broker_that_goes_and_comes_back(self):
        self.room.start()
        submitted = [self.declaration() for _ in range(40)]
        self.produce(*submitted[:20])
        self.wait_answers(1)
        self.broker.down()
        self.broker.up()
        self.produce(*submitted[20:])
        self.expect_each_once(submitted)
        self.room.stop()

    def told(self, reason, party=submissions.FORWARDER):
        told = eventually(lambda: self.room.people().get("/readyz").json["kafka"]["topics_not_read"], "it is told")
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


def load_tests(loader, tests, pattern):
    """Kafka first: it makes the broker, and keeps it until all is done."""
    return unittest.TestSuite(unittest.TestSuite(loader.loadTestsFromTestCase(case)) for case in (Kafka, OnTheBroker))


if __name__ == "__main__":
    unittest.main(verbosity=2)
