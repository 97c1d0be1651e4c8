"""What the operator is told: every mistake of the configuration with file, place and next step, by `config lint` and by `serve` alike, with the
exit code of the table; and what a forwarder at the command line is told when the connection fails."""
import copy
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import unittest

import harness
from harness import Room, messages


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Configuration(unittest.TestCase):
    """Each mistake in a configuration that is good but for it."""

    @classmethod
    def setUpClass(cls):
        cls.room = Room()
        cls.addClassCleanup(cls.room.close)

    def tls(self, name):
        return self.room.path("tls", name)

    def told(self, setting, value, *sentences, where=None, code=78):
        """config lint, --json and serve say it, at the line of the setting; in Chinese too."""
        good = dict(self.room.world.settings)
        self.room.world.settings[setting] = value
        self.room.world.write_config()
        try:
            with open(self.room.world.config) as file:
                line = next(i for i, text in enumerate(file, 1) if text.strip().startswith(setting.split(".")[1] + ":") and value in text)
            place = where or f"{self.room.world.config}:{line}:"
            lint = self.room.here("config", "lint", code=code)
            chinese = self.room.here("config", "lint", "--lang", "zh", code=code)
            findings = json.loads(self.room.here("config", "lint", "--json", code=code).stdout)["findings"]
            self.assertIn(place, lint.stdout)
            self.assertIn(place, chinese.stdout)
            self.assertTrue(any(not ascii for ascii in map(str.isascii, chinese.stdout)))
            self.assertTrue(findings)
            for sentence in sentences:
                self.assertIn(sentence, lint.stdout)
            if code == 78:
                serve = self.room.here("serve", code=78)
                for sentence in sentences:
                    self.assertIn(sentence, serve.stderr)
                self.assertIn(place, serve.stderr)
        finally:
            self.room.world.settings = good
            self.room.world.write_config()

    def test_addresses(self):
        """Case 35: a port above 65535 was taken modulo 65536."""
        self.told("machines.listen", "127.0.0.1:99999", "127.0.0.1:99999", "1 to 65535")
        self.told("people.listen", "::1:8080", "HOST:PORT or [IPV6]:PORT")
        self.told("monitors.listen", "0.0.0.0:8081", "monitors.listen is no loopback address")
        self.told("kafka.brokers", "one:9092,two", "\"two\"", "HOST:PORT")
        self.told("gateway.log_level", "loud", "debug, info, warn or error")
        self.told("gateway.workers", "many", "whole number")

    def test_certificates(self):
        """Case 36: what the TLS files lack is told before a handshake fails by it."""
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.tls("other.key"))
        openssl("pkey", "-in", self.tls("other.key"), "-aes128", "-passout", "pass:secret", "-out", self.tls("locked.key"))
        openssl("req", "-x509", "-key", self.tls("other.key"), "-subj", "/CN=soon", "-days", "3", "-out", self.tls("soon.pem"))
        self.told("machines.certificate", "tls/nofile.pem", "tls/nofile.pem cannot be opened: not there")
        self.told("machines.certificate", "parties.yaml", "holds no certificate in PEM form")
        self.told("machines.key", "tls/other.key", "does not belong to the certificate")
        self.told("machines.key", "tls/locked.key", "no private key in PEM form without a password")
        self.told("machines.client_ca", "tls/nofile.pem", "tls/nofile.pem cannot be opened")
        self.told("machines.client_ca", "tls/soon.pem", "soon.pem expires on", "it would start; warnings: 2", code=0)
        self.told("zmq.secret_key", "curve/nofile", "curve/nofile cannot be read")
        self.told("zmq.secret_key", "parties.yaml", "no CURVE secret key", "clearway keygen")

    def test_folders_of_its_own(self):
        """Case 246: a data folder that is a file, or cannot be made, was "an input or output operation failed" with exit code 74."""
        self.told("gateway.data", "parties.yaml", "parties.yaml cannot be used: not a folder")
        self.told("gateway.data", "parties.yaml/data", "parties.yaml/data cannot be used: not a folder")
        self.told("gateway.schemas", "no-schemas", "no-schemas cannot be used: not there")
        self.told("gateway.data", "x" * 300, "cannot be used: the name is too long")

    def test_texts(self):
        """A tab in YAML, an empty text, a key nobody knows: in their places."""
        parties, schemas = self.room.path("parties.yaml"), self.room.path("schemas")
        with open(parties) as file:
            good = file.read()
        for text, sentence, place in [
            (good.replace("    roles:", "\troles:", 1), "a tab stands here", ":5:1"),
            (good.replace("    roles:", "    rolles:", 1), "did you mean roles?", ":5:5"),
            (good.replace("certificates: [", "certificates: [[", 1), "YAML cannot be read", ":"),
            ("\n", "the file is empty", ":1:1"),
            (good.replace("tcp://127.0.0.1:", "tcp://127.0.0.1:9", 1), "1 to 65535", ":"),
        ]:
            with self.subTest(sentence=sentence):
                with open(parties, "w") as file:
                    file.write(text)
                lint = self.room.here("config", "lint", code=78)
                self.assertIn(sentence, lint.stdout)
                self.assertIn(parties + place, lint.stdout)
                self.room.here("serve", code=78)
        with open(parties, "w") as file:
            file.write(good)
        subprocess.run(["cp", "-r", self.room.world.schemas, schemas], check=True)
        open(os.path.join(schemas, "routes"), "w").close()
        self.told("gateway.schemas", schemas, "the file is empty", where=os.path.join(schemas, "routes") + ":1:1")

    def test_a_configuration_that_is_not_read(self):
        """Case 245: saved as Windows-936, a key twice: its place, and nothing about defaults that were never meant."""
        with open(self.room.world.config, "rb") as file:
            good = file.read()
        for text, sentence, line in [
            (good + "# 青岛\n".encode("gb18030"), "the file is not UTF-8", good.count(b"\n") + 1),
            (good.replace(b"gateway:\n", b"gateway:\n  data: x\n", 1), "this key stands twice: data", 3),
        ]:
            with self.subTest(sentence=sentence):
                with open(self.room.world.config, "wb") as file:
                    file.write(text)
                findings = json.loads(self.room.here("config", "lint", "--json", code=78).stdout)["findings"]
                self.assertEqual([finding["finding"]["line"] for finding in findings], [line])
                self.assertIn(sentence, findings[0]["finding"]["text"])
                self.assertIn(sentence, self.room.here("serve", code=78).stderr)
        self.room.world.write_config()

    def test_a_folder_that_is_not_there_yet(self):
        """A share may be mounted later: told by name, but it keeps nobody from starting."""
        folder = self.room.world.folder("CAR-COSU")
        os.rename(folder, folder + ".away")
        self.addCleanup(os.rename, folder + ".away", folder)
        lint = self.room.here("config", "lint", code=0)
        self.assertIn(f"the folder {folder} of CAR-COSU cannot be used now: not there", lint.stdout)

    def lint_as_one(self, named):
        """The mistake names both rows, and keeps the gateway from starting."""
        lint = self.room.here("config", "lint", code=78)
        folder = self.room.world.folder("FWD-QD-01")
        self.assertIn(f"the folder {named} of CAR-COSU is, or lies in, the folder {folder} of FWD-QD-01", lint.stdout)
        self.room.here("serve", code=78)

    def test_one_folder_under_two_names(self):
        """case 188: a link, in the name or above it, and a mount: two rows would read and fill one folder."""
        mine, theirs = self.room.world.folder("FWD-QD-01"), self.room.world.folder("CAR-COSU")
        os.rename(theirs, theirs + ".away")
        self.addCleanup(os.rename, theirs + ".away", theirs)
        for target in (mine, os.path.join(mine, "InBox")):
            os.makedirs(target, exist_ok=True)
            os.symlink(target, theirs)
            self.lint_as_one(theirs)
            os.unlink(theirs)
        os.makedirs(os.path.join(theirs, "InBox"))
        for named in (theirs, os.path.join(theirs, "InBox")):     # who may not mount has the links
            if subprocess.run(["mount", "--bind", os.path.join(mine, "InBox"), named], capture_output=True).returncode:
                break
            try:
                self.lint_as_one(named)
            finally:
                subprocess.run(["umount", "-l", named], check=True)
        shutil.rmtree(theirs)

    def test_an_address_that_somebody_has(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            address = f"127.0.0.1:{other.getsockname()[1]}"
            for setting in ("machines.listen", "people.listen", "monitors.listen"):
                self.room.world.settings[setting] = address
                self.room.world.write_config()
                serve = self.room.here("serve", code=69)
                self.assertIn(f"cannot listen at {address}: address already in use", serve.stderr)
                self.assertIn("ss -ltnp", serve.stderr)
                del self.room.world.settings[setting]
            self.room.world.write_config()
        with socket.socket() as other:
            other.bind(("127.0.0.1", self.room.world.zmq_port("TML-QQCT")))
            other.listen()
            serve = self.room.here("serve", code=69)
            self.assertIn(f"tcp://127.0.0.1:{self.room.world.zmq_port('TML-QQCT')} (TML-QQCT): address already in use", serve.stderr)


class Probing(unittest.TestCase):
    """`config lint` asks the world: ports, hosts, brokers, webhooks."""

    def lint(self, room, *arguments, code=0):
        told = json.loads(room.here("config", "lint", "--json", *arguments, code=code).stdout)
        return told, {row["what"]: (row["good"], row["text"]) for row in told["asked"]}

    @staticmethod
    def texts(told):
        return [entry["finding"]["text"] for entry in told["findings"]]

    def test_ports(self):
        """case 571: a port that somebody has was told by the start alone; a gateway that runs by this configuration is no mistake."""
        with Room() as room, socket.socket() as other:
            for listener in ("machines", "people", "monitors"):
                room.world.settings[listener + ".listen"] = f"127.0.0.1:{harness.world.free_port()}"
            room.world.write_config()
            told, asked = self.lint(room)
            self.assertEqual((self.texts(told), asked), (["kafka does not run, and the parties file has CUS-QD use it"], {}))    # case 618
            room.start()
            told, asked = self.lint(room)
            self.assertEqual(len(told["findings"]), 1)
            with open(room.path("parties.yaml")) as file:
                parties = file.read()
            port, events = room.world.zmq_port("TML-QQCT"), room.world.zmq_port("TML-QQCT", "events")
            with open(room.path("parties.yaml"), "w") as file:
                file.write(parties.replace(f"127.0.0.1:{events}", f"0.0.0.0:{port}"))
            for running in (True, False):                             # case 617
                if not running:
                    room.stop()
                told, asked = self.lint(room, code=78)
                self.assertEqual(self.texts(told)[0], f"the address tcp://0.0.0.0:{port} of TML-QQCT cannot be bound: "
                                                      f"this configuration listens at 127.0.0.1:{port} already")
            with open(room.path("parties.yaml"), "w") as file:
                file.write(parties)
            room.start()
            told, asked = self.lint(room)
            self.assertIn(f"process {room.gateway.pid}", asked[room.path("data")][1])
            for port in (room.ready["machines"], room.ready["people"], room.ready["monitors"], room.world.zmq_port("TML-QQCT"), room.world.zmq_port("TML-QQCT", "events")):
                self.assertEqual(asked[f"127.0.0.1:{port}"], (True, f"the gateway that runs (process {room.gateway.pid}) listens here"))
            self.assertIn("正常", room.here("config", "lint", "--lang", "zh", code=0).stdout)
            text = room.here("config", "lint", code=0).stdout.splitlines()    # case 532: it would start, it said, beside one that runs
            self.assertEqual(text[-1], "no mistakes; warnings: 1")
            self.assertTrue(any("clearway reload --dry-run asks it what a reload would change" in line for line in text), text)
            other.bind(("127.0.0.1", 0))
            other.listen()
            address = f"127.0.0.1:{other.getsockname()[1]}"
            room.world.settings["people.listen"] = address
            room.world.write_config()
            told, asked = self.lint(room, code=78)                    # not the gateway's
            self.assertIn(f"cannot listen at {address}: address already in use", self.texts(told))
            room.stop()
            told, asked = self.lint(room, code=78)
            self.assertEqual((len(told["findings"]), asked), (2, {}))

    def test_who_is_at_the_other_end(self):
        """case 572: a broker's address or a webhook's certificate that is wrong was found when the first delivery had waited."""
        rows = copy.deepcopy(harness.world.PARTIES)
        customs = next(row for row in rows if row.code == "CUS-QD")
        customs.deliver, customs.to, customs.webhook = "webhook", "", True
        carrier = next(row for row in rows if row.code == "CAR-COSU")
        carrier.deliver, carrier.to = "kafka", harness.world.TOPIC
        with Room(kafka=True, parties=rows) as room:
            url = room.world.hook_url("CUS-QD") + " (CUS-QD)"
            told, asked = self.lint(room, "--connect", code=69)
            self.assertEqual(asked[room.broker.address], (True, "a cluster of 1 Kafka brokers answers"))
            self.assertEqual(asked[f"{harness.world.TOPIC} (CAR-COSU)"][0], True)
            self.assertFalse(asked[url][0])
            self.assertEqual(told["valid"], True)
            hook = room.hook("CUS-QD", harness.Received())
            told, asked = self.lint(room, "--connect")
            self.assertEqual(asked[url], (True, "it can be connected to, and its certificate is verified"))
            self.assertEqual(hook.requests, 0)                        # nothing was sent
            self.assertIn("good  " + url, room.here("config", "lint", "--connect", code=0).stdout)
            room.broker.order("down")
            hook.close()
            text = room.here("config", "lint", "--connect", code=69).stdout
            self.assertIn("no Kafka broker answers within 5 s", text)
            self.assertIn("is not as it should be", text)
            room.world.kafka = "no-such-host.invalid:9092"
            room.world.make()
            told, asked = self.lint(room)
            self.assertEqual(asked["no-such-host.invalid:9092"], (False, "no address is known for this host name"))


class Client(unittest.TestCase):
    """What a forwarder reads when the connection fails: which file or address, and what is wrong with it."""

    def test_connections(self):
        with Room() as room:
            room.start()
            def tls(name):
                return room.path("tls", name)

            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=stranger",
                    "-keyout", tls("stranger.key"), "-out", tls("stranger.pem"))
            with socket.socket() as nobody:
                nobody.bind(("127.0.0.1", 0))
                closed = f"https://127.0.0.1:{nobody.getsockname()[1]}"
                for changed, code, told in [
                    ({"CLEARWAY_SERVER": closed}, 69, closed + ": no connection: the gateway is not running"),
                    ({"CLEARWAY_SERVER": "https://no-such-host.invalid:8443"}, 69, "no address is known for this host name"),
                    ({"CLEARWAY_SERVER": f"http://localhost:{room.ready['machines']}"}, 78, "written https://HOST:PORT"),
                    ({"CLEARWAY_SERVER": f"https://localhost:{room.ready['people']}"}, 77, "no TLS is spoken there"),
                    ({"CLEARWAY_CA": tls("nofile.pem")}, 78, tls("nofile.pem") + ": the file of --ca cannot be read"),
                    ({"CLEARWAY_CA": tls("stranger.pem")}, 77, "was not signed by who stands in --ca"),
                    ({"CLEARWAY_CERT": tls("nofile.pem")}, 78, tls("nofile.pem") + ": the files of --cert and --key cannot be used"),
                    ({"CLEARWAY_KEY": tls("stranger.key")}, 78, "not a pair"),
                    ({"CLEARWAY_CERT": tls("stranger.pem"), "CLEARWAY_KEY": tls("stranger.key")}, 77,
                     tls("stranger.pem") + ": the gateway does not know who signed this client certificate"),
                    ({"CLEARWAY_CERT": "", "CLEARWAY_KEY": ""}, 77, "the gateway asks for a client certificate"),
                ]:
                    with self.subTest(told=told):
                        done = room.clearway("track", "NOTHING", party="FWD-QD-01", code=code, env=changed)
                        self.assertIn(told, done.stderr)
                        self.assertEqual(done.stdout, "")
                        chinese = room.clearway("track", "NOTHING", "--lang", "zh", party="FWD-QD-01", code=code, env=changed)
                        self.assertFalse(chinese.stderr.isascii())
            room.stop()

    def test_who_answers_is_no_gateway(self):
        """Case 244: a proxy's page or an empty answer was "done" with exit code 0, and nothing had been taken."""
        page = b"<html>welcome</html>"
        answers = [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n" + page,
                   b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n" + page,
                   b"HTTP/1.1 302 Found\r\nLocation: https://example.com/\r\nContent-Length: 0\r\n\r\n",
                   b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
                   b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"record\":1}",
                   b"220 mail.example.com ESMTP\r\n"]
        with Room() as room, socket.create_server(("127.0.0.1", 0)) as server:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(room.path("tls", "gateway.pem"), room.path("tls", "gateway.key"))
            file = room.path("message.xml")
            with open(file, "wb") as out:
                out.write(messages.declaration(messages.Consignment(1, room.world.party("FWD-QD-01").trader)))

            def answer_all():
                for answer in answers:
                    with context.wrap_socket(server.accept()[0], server_side=True) as connection:
                        received = b""
                        while b"</DecMessage>" not in received:
                            received += connection.recv(65536)
                        connection.sendall(answer)

            answering = threading.Thread(target=answer_all, daemon=True)
            answering.start()
            room.ready = {"machines": server.getsockname()[1]}
            for answer in answers:
                with self.subTest(answer=answer):
                    done = room.clearway("submit", file, party="FWD-QD-01", code=69)
                    self.assertIn("what answers there is no gateway", done.stderr)
                    self.assertEqual(done.stdout, "")
            answering.join()

    def test_a_certificate_that_no_party_owns(self):
        """The gateway's CA signed it, but no row has its name: the client is told the name, the log subject and issuer."""
        with Room() as room:
            room.world.make_certificate("NOBODY", "nobody-knows-me", "clientAuth")
            room.start()
            done = room.clearway("track", "NOTHING", party="NOBODY", code=77)
            self.assertIn('no party has a certificate of the name "nobody-knows-me"', done.stderr)
            room.stop()
            line = next(json.loads(line) for line in room.log().splitlines() if "certificate_of_no_party" in line)
            self.assertEqual(line["subject"], "CN=nobody-knows-me")
            self.assertEqual(line["issuer"], "CN=Clearway throw-away CA")
            self.assertEqual(line["address"], "127.0.0.1")


if __name__ == "__main__":
    unittest.main()
