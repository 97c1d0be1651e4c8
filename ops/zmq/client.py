#!/usr/bin/env python3
"""An example of a party's end of CLEARWAY/1 (adapters/zmq/PROTOCOL.md) with pyzmq; client.c and Client.java do the same.

    client.py ADDRESS GATEWAY.public PARTY.public PARTY.secret COMMAND ...

    submit FILE...               hands in each file; prints RECEIPT or PROBLEM with its headers
    receive FOLDER COUNT         takes so many deliveries and decisions, keeps each in FOLDER, prints its verb and headers
    follow STREAM PLACE COUNT    prints so many events, one a line; PLACE is the file that remembers how far it has come
"""
import json
import os
import sys
import time

import zmq

PATIENCE_MS = 5000      # then what was asked is asked again: asking twice does no harm


def key(path):
    with open(path, "rb") as file:
        return file.read().strip()


class Party:
    def __init__(self, address, gateway, public, secret):
        self.address, self.keys = address, (key(gateway), key(public), key(secret))
        self.context = zmq.Context()
        self.line = self.socket(zmq.DEALER, address)

    def socket(self, kind, address):
        socket = self.context.socket(kind)
        socket.curve_serverkey, socket.curve_publickey, socket.curve_secretkey = self.keys
        socket.linger = 1000
        socket.heartbeat_ivl, socket.heartbeat_timeout = 5000, 15000     # a dead connection is made anew
        if kind == zmq.SUB:
            socket.subscribe(b"")
        socket.connect(address)
        return socket

    def say(self, verb, headers, body=b""):
        self.line.send_multipart([verb.encode(), json.dumps(headers).encode(), body])

    def hear(self, socket=None, patience_ms=PATIENCE_MS):
        """(verb, headers, body), or None when nothing came."""
        socket = socket or self.line
        if not socket.poll(patience_ms):
            return None
        verb, headers, body = socket.recv_multipart()
        return verb.decode(), json.loads(headers), body

    def ask(self, verb, headers, body=b""):
        """The answer with the same ref; asked again until one comes."""
        while True:
            self.say(verb, headers, body)
            end = time.monotonic() + PATIENCE_MS / 1000
            while (left := end - time.monotonic()) > 0:
                message = self.hear(patience_ms=int(left * 1000) + 1)
                if message and message[1].get("ref") == headers["ref"]:
                    if message[0] != "PROBLEM" or not message[1]["retry"]:
                        return message
                    time.sleep(1)
                    break


def submit(party, files):
    for name in files:
        with open(name, "rb") as file:
            body = file.read()
        verb, headers, _ = party.ask("SUBMIT", {"ref": os.path.basename(name)}, body)
        print(verb, json.dumps(headers, ensure_ascii=False), flush=True)


def keep(folder, headers, body):
    """Safe on disk before it is acknowledged. What comes twice is under the same name."""
    path = os.path.join(folder, headers["delivery"].replace("/", "-"))
    with open(path + ".part", "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".part", path)


def receive(party, folder, count):
    """One more credit comes back with each ACK. A gateway that was started anew has forgotten us: silence is answered by HELLO."""
    done = set()
    party.say("HELLO", {"credit": 16})
    while len(done) < count:
        message = party.hear()
        if message is None:
            party.say("HELLO", {"credit": 16})
        elif message[0] in ("DELIVER", "DECISION"):
            verb, headers, body = message
            keep(folder, headers, body)
            party.say("ACK", {"delivery": headers["delivery"]})
            if headers["delivery"] not in done:
                print(verb, json.dumps(headers, ensure_ascii=False), flush=True)
            done.add(headers["delivery"])
    time.sleep(0.1)             # the last ACK leaves
    party.line.close(linger=PATIENCE_MS)


class Follower:
    """Events without loss or repeat: the stream tells them as they come, the line tells again what was missed."""

    def __init__(self, party, stream, place):
        self.party, self.place, self.count = party, place, 0
        self.stream = party.socket(zmq.SUB, stream)
        self.position = None
        if os.path.exists(place):
            with open(place) as file:
                self.position = int(file.read())

    def handle(self, event):
        print(json.dumps(event, ensure_ascii=False), flush=True)

    def take(self, headers, body):
        """All behind `after` and up to `position`. The events are handled, then the place is remembered."""
        for event in json.loads(body):
            if self.position is not None and int(event["sequence"]) <= self.position:
                continue
            self.handle(event)
            self.count += 1
        self.position = headers["position"]
        with open(self.place + ".part", "w") as file:
            file.write(str(self.position))
            file.flush()
            os.fsync(file.fileno())
        os.rename(self.place + ".part", self.place)

    def catch_up(self):
        more = True
        while more:
            asked = {"ref": "follow"} if self.position is None else {"ref": "follow", "after": self.position}
            verb, headers, body = self.party.ask("FOLLOW", asked)
            if verb == "PROBLEM":
                sys.exit(f"PROBLEM {headers}")
            self.take(headers, body)
            more = headers["more"]

    def step(self):
        message = self.party.hear(self.stream)
        if message is None or message[1]["after"] > self.position:      # silence, or a gap
            self.catch_up()
        elif message[1]["position"] > self.position:                    # else it is known already
            self.take(message[1], message[2])

    def run(self, count):
        self.catch_up()
        while self.count < count:
            self.step()


def main():
    if len(sys.argv) < 7:
        sys.exit(__doc__)
    party, command, rest = Party(*sys.argv[1:5]), sys.argv[5], sys.argv[6:]
    if command == "submit":
        submit(party, rest)
    elif command == "receive":
        receive(party, rest[0], int(rest[1]))
    elif command == "follow":
        Follower(party, rest[0], rest[1]).run(int(rest[2]))


if __name__ == "__main__":
    main()
