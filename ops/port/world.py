#!/usr/bin/env python3
"""Makes the folder of one throw-away gateway: certificates, keys, parties, configuration, folders.

    world.py DIR --clearway build/clearway --schemas schemas [--kafka HOST:PORT] [--machines PORT] [--people PORT] [--monitors PORT]

What is there already is kept, so that the demo can be started again on its data; parties and configuration are written anew.
"""
import argparse
import base64
import os
import random
import socket
import subprocess
import sys

import messages

GATEWAY, HOOKS = "gateway", "hooks"    # names of server certificates
TOPIC = "clearway.customs.declarations.v1"


class Party:
    """One row of the parties file. declares: codes it may act for, as Trader or text."""

    def __init__(self, code, zh, en, role, declares=(), reports=(), serves=(), files=False, zmq=False, deliver="", to="", kafka=False,
                 tells=False, webhook=False):
        self.code, self.zh, self.en, self.role = code, zh, en, role
        self.traders = [trader for trader in declares if isinstance(trader, messages.Trader)]
        self.declares = [trader.code if isinstance(trader, messages.Trader) else trader for trader in declares]
        self.reports, self.serves, self.files, self.zmq, self.deliver, self.to = reports, serves, files, zmq, deliver, to
        self.kafka, self.tells = kafka, tells        # it submits by a topic; it is told of events by one
        self.webhook = webhook                       # True, or the address where it listens, when that is not this machine's own

    @property
    def trader(self):
        return self.traders[0]

    @property
    def common_name(self):
        return self.code.lower()

    @property
    def submissions(self):
        """Its Kafka topic of submissions."""
        return f"clearway.{self.common_name}.submissions.v1"

    @property
    def receipts(self):
        return f"clearway.{self.common_name}.receipts.v1"

    @property
    def events(self):
        """Its Kafka topic of events."""
        return f"clearway.{self.common_name}.events.v1"

    @property
    def principal(self):
        return f"User:{self.common_name}"

    def row(self, world):
        def listed(items):
            return "[" + ", ".join(f'"{item}"' for item in items) + "]"
        lines = [f"  - code: {self.code}", f"    name: {{ zh: {self.zh}, en: {self.en} }}", f"    roles: [{self.role}]"]
        lines += [f"    {key}: {listed(items)}" for key, items in
                  (("declares", self.declares), ("reports", self.reports), ("serves", self.serves),
                   ("ids", [trader.ids for trader in self.traders])) if items]
        lines.append(f"    certificates: [{self.common_name}]")
        if self.zmq:
            lines.append(f'    zmq: {{ bind: "tcp://127.0.0.1:{world.zmq_port(self.code)}", events: '
                         f'"tcp://127.0.0.1:{world.zmq_port(self.code, "events")}", keys: ["{world.public_key(self.code)}"] }}')
        if self.files:
            lines.append(f'    files: {{ folder: "{world.folder(self.code)}" }}')
        topics = [("from", self.submissions), ("receipts", self.receipts), ("principal", self.principal)] if self.kafka else []
        topics += [("events", self.events)] if self.tells else []
        if topics:
            lines.append("    kafka: { " + ", ".join(f'{key}: "{name}"' for key, name in topics) + " }")
        if self.webhook:
            lines.append(f'    webhook: {{ url: "{world.hook_url(self.code)}", secrets: ["{world.hook_secret(self.code)}"], '
                         f'authorities: "{world.ca}", allow: [{"127.0.0.0/8" if self.webhook is True else self.webhook}] }}')
        if self.deliver:
            lines.append(f"    deliver: {{ transport: {self.deliver}{f', to: {self.to}' if self.to else ''} }}")
        return "\n".join(lines)


# The simulated port: two forwarders (one that also uses folders), customs, a terminal, a carrier, a yard, the port office.
PARTIES = [
    Party("FWD-QD-01", "青岛海联货运代理", "Qingdao Hailian Forwarding", "declarant",
          [messages.Trader("3702980001", "青岛海联货运代理有限公司", 11)], files=True, deliver="files"),
    Party("FWD-QD-02", "青岛中远报关行", "Qingdao Zhongyuan Customs Brokers", "declarant",
          [messages.Trader("3702980002", "青岛中远报关有限公司", 12)]),
    Party("CUS-QD", "青岛海关", "Qingdao Customs", "customs", serves=["4200", "4218", "4227", "CNQDG"], deliver="kafka", to=TOPIC),
    Party("TML-QQCT", "青岛前湾集装箱码头", "Qingdao Qianwan Container Terminal", "terminal", ["QQCT"], ["CNQDG"],
          ["370201", "QQCT-CFS1"], zmq=True, deliver="zmq"),
    Party("CAR-COSU", "中远海运集运", "COSCO Shipping Lines", "carrier", ["COSU"], ["CNQDG"], ["COSU"], files=True, deliver="files"),
    Party("YRD-QD-01", "青岛港外堆场", "Qingdao Outer Yard", "yard", ["YRD1"], ["CNQDG"], ["YRD1"]),
    Party("OFC-QD", "青岛口岸办", "Qingdao Port Office", "office"),
]

# An exporter that declares by a forwarder, and whose tax office, credit insurer and bank are parties of the demo.
EXPORTER = messages.Trader("3702930077", "青岛琅琊食品有限公司", 31)

# ... and of the demo: a laboratory whose reports customs accepts, who is paid for orders of e-commerce, and who looks at dangerous goods.
DEMO_PARTIES = [
    *PARTIES,
    Party("MSA-QD", "青岛海事局", "Qingdao Maritime Safety Administration", "maritime", serves=["CNQDG"]),
    Party("TAX-QD", "青岛税务", "Qingdao Tax Office", "tax", serves=[EXPORTER.code]),
    Party("INS-QD", "出口信保青岛", "Export Credit Insurer Qingdao", "insurer", serves=[EXPORTER.code]),
    Party("LAB-QD", "青岛示例检验", "Qingdao Laboratory", "laboratory", [messages.LAB]),
    Party("BNK-QD", "青岛支付", "Qingdao Payments", "bank", [messages.INSTITUTION], serves=[EXPORTER.code]),
]


ACCOUNTS = {"forwarder": ("FWD-QD-01", "forwarder"), "terminal": ("TML-QQCT", "terminal"), "carrier": ("CAR-COSU", "carrier"),
            "inspector": ("CUS-QD", "inspector"), "analyst": ("OFC-QD", "analyst"), "operator": ("OFC-QD", "operator")}
DEMO_PASSWORD = "clearway-demo"     # of a port that is thrown away


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"openssl {arguments[0]}: {done.stderr}")


reserved = []   # as long as this process lives


def free_port(wanted=0):
    """The wanted port when it is free, else one below the range the kernel takes for outgoing connections, so that it stays free
    while nobody listens. It is this process's until it ends: a socket of that name, which no file holds, tells the others."""
    while True:
        port = wanted or random.SystemRandom().randrange(20000, 32000)
        name, probe = socket.socket(socket.AF_UNIX), socket.socket()
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with probe:
            try:
                name.bind(f"\0clearway-port-{port}")
                probe.bind(("127.0.0.1", port))
                reserved.append(name)
                return port
            except OSError:
                name.close()
                wanted = 0


class World:
    """Paths and addresses of one such folder. settings: {"section.key": value} on top of what a demo needs."""

    def __init__(self, directory, clearway, schemas, kafka="", machines=0, people=0, monitors=0, parties=PARTIES, settings=None):
        self.directory, self.clearway, self.schemas = os.path.abspath(directory), os.path.abspath(clearway), os.path.abspath(schemas)
        self.kafka, self.machines, self.people, self.monitors, self.parties = kafka, machines, people, monitors, list(parties)
        self.settings = dict(settings or {})
        self.ports = {}

    def path(self, *names):
        return os.path.join(self.directory, *names)

    @property
    def config(self):
        return self.path("clearway.yaml")

    @property
    def data(self):
        return self.path("data")

    @property
    def ca(self):
        return self.path("tls", "ca.pem")

    def certificate(self, code):
        return self.path("tls", f"{code}.pem")

    def key(self, code):
        return self.path("tls", f"{code}.key")

    def curve(self, code, half):
        return self.path("curve", f"{code}.{half}")

    def public_key(self, code):
        with open(self.curve(code, "public")) as file:
            return file.read().strip()

    def folder(self, code, *names):
        return self.path("folders", code, *names)

    def party(self, code):
        return next(party for party in self.parties if party.code == code)

    def zmq_port(self, code, which="port"):
        """Of the party's line, or of its "events"."""
        return self.kept_port(code, which)

    def hook_port(self, code):
        """Of the party's webhook."""
        return self.kept_port(code, "webhook")

    def kept_port(self, code, which):
        """Chosen once and kept, so that each finds the other again after it was started anew."""
        name = f"{code}.{which}"
        if name not in self.ports:
            file = self.path("curve", name)
            if not os.path.exists(file):
                with open(file, "w") as out:
                    out.write(str(free_port()))
            with open(file) as kept:
                self.ports[name] = int(kept.read())
        return self.ports[name]

    def hook_url(self, code):
        host = self.party(code).webhook
        return f"https://{'localhost' if host is True else host}:{self.hook_port(code)}/{code.lower()}"

    def hook_secret(self, code, which="secret"):
        return self.path("hooks", f"{code}.{which}")

    # --- making it -------------------------------------------------------------------------------------------------

    def make(self):
        for name in ("tls", "curve", "folders", "data", "hooks"):
            os.makedirs(self.path(name), mode=0o700, exist_ok=True)
        if not os.path.exists(self.ca):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "365",
                    "-subj", "/CN=Clearway throw-away CA", "-keyout", self.path("tls", "ca.key"), "-out", self.ca,
                    "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.make_certificate(GATEWAY, "localhost", "serverAuth", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.make_curve(GATEWAY)
        if not os.path.exists(self.path("tls", "pick-up.key")):
            openssl("genpkey", "-algorithm", "ed25519", "-out", self.path("tls", "pick-up.key"))
        for party in self.parties:
            self.make_certificate(party.code, party.common_name, "clientAuth")
            if party.zmq:
                self.make_curve(party.code)
            if party.webhook:
                hosts = {"127.0.0.1", *(other.webhook for other in self.parties if isinstance(other.webhook, str))}
                names = ",".join(["DNS:localhost", *(f"IP:{host}" for host in sorted(hosts))])
                self.make_certificate(HOOKS, "localhost", "serverAuth", f"subjectAltName={names}")
                self.make_hook_secret(party.code)
            if party.files:
                for name in ("OutBox", "SentBox", "FailBox", "InBox"):
                    os.makedirs(self.folder(party.code, name), exist_ok=True)
        self.write_parties()
        self.write_config()
        return self

    def make_certificate(self, code, common_name, usage, *extensions):
        if os.path.exists(self.certificate(code)):
            return
        added = [word for extension in (f"extendedKeyUsage={usage}", "basicConstraints=critical,CA:FALSE", *extensions)
                 for word in ("-addext", extension)]
        openssl("req", "-x509", "-CA", self.ca, "-CAkey", self.path("tls", "ca.key"), "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "365", "-subj", f"/CN={common_name}",
                "-keyout", self.key(code), "-out", self.certificate(code), *added)

    def make_curve(self, code):
        if not os.path.exists(self.curve(code, "secret")):
            done = subprocess.run([self.clearway, "keygen", "--out", self.path("curve", code)], capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"clearway keygen: {done.stderr}")

    def make_hook_secret(self, code, which="secret"):
        path = self.hook_secret(code, which)
        if not os.path.exists(path):
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
                out.write("whsec_" + base64.b64encode(os.urandom(32)).decode() + "\n")
        return path

    def let_in(self, accounts, password):
        """People may sign in at the address for people, which must be known: {name: (party, role)}, all with that password."""
        hashed = subprocess.run([self.clearway, "passwd"], input=password + "\n", capture_output=True, text=True, check=True).stdout.strip()
        with open(os.open(self.path("accounts.yaml"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write("accounts:\n")
            for name, (party, role) in accounts.items():
                out.write(f'  - name: {name}\n    party: {party}\n    role: {role}\n    password: "{hashed}"\n')
        self.settings["people.accounts"] = "accounts.yaml"
        self.settings["people.origins"] = f"http://127.0.0.1:{self.people} http://localhost:{self.people}"
        self.write_config()

    def write_parties(self):
        with open(self.path("parties.yaml"), "w") as out:
            out.write("# Who takes part. A party is added by adding a row, and `clearway reload`.\nparties:\n")
            out.write("\n".join(party.row(self) for party in self.parties) + "\n")

    def write_config(self):
        values = {
            "gateway.data": "data", "gateway.schemas": self.schemas, "gateway.parties": "parties.yaml",
            "machines.listen": f"127.0.0.1:{self.machines}", "machines.certificate": f"tls/{GATEWAY}.pem",
            "machines.key": f"tls/{GATEWAY}.key", "machines.client_ca": "tls/ca.pem",
            "people.listen": f"127.0.0.1:{self.people}", "monitors.listen": f"127.0.0.1:{self.monitors}", "zmq.secret_key": f"curve/{GATEWAY}.secret", "kafka.brokers": self.kafka,
            "pick_up.key": "tls/pick-up.key",
        }
        values.update(self.settings)
        sections = {}
        for name, value in values.items():
            section, key = name.split(".")
            sections.setdefault(section, []).append(f'  {key}: "{value}"')
        with open(self.config, "w") as out:
            for section, lines in sections.items():
                out.write(f"{section}:\n" + "\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory")
    parser.add_argument("--clearway", required=True)
    parser.add_argument("--schemas", required=True)
    parser.add_argument("--kafka", default="")
    parser.add_argument("--machines", type=int, default=0, help="port wanted; another one when it is taken")
    parser.add_argument("--people", type=int, default=0, help="port wanted; another one when it is taken")
    parser.add_argument("--monitors", type=int, default=0, help="port wanted; another one when it is taken")
    options = parser.parse_args()
    world = World(options.directory, options.clearway, options.schemas, options.kafka, free_port(options.machines), free_port(options.people),
                  free_port(options.monitors), DEMO_PARTIES, settings={"journal.name": "demo"}).make()
    world.let_in(ACCOUNTS, DEMO_PASSWORD)


if __name__ == "__main__":
    main()
