"""What one sender may do to the others, for the test and the bench of fairness: each attack runs until its block ends.

    with attacks.silent_connections(room):
        ...                                  # the others go on
"""
import contextlib
import datetime
import itertools
import socket
import threading
import time

import harness
from harness import messages

ATTACKER = "FWD-QD-01"
MIB = 1 << 20


@contextlib.contextmanager
def meanwhile(attack, threads=1):
    """Runs attack(stop) in threads until the block ends; what they raise is raised then."""
    stop, raised = threading.Event(), []

    def run():
        try:
            attack(stop)
        except Exception as error:                 # told by the thread that waits
            raised.append(error)

    running = [threading.Thread(target=run, daemon=True) for _ in range(threads)]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in running:
            thread.join()
    if raised:
        raise raised[0]


def client(room, party=ATTACKER):
    return harness.gateway_client.of_party(room.world, party, room.ready["machines"])


def goods(room, serials=itertools.count(500000), party=ATTACKER):
    return messages.Consignment(next(serials), room.world.party(party).trader)


def silent_connections(room, addresses=1):
    """Connects and says nothing, up to 500 at once, a thousand times a second."""
    def knock(stop):
        sockets = []
        for count in itertools.count():
            if stop.is_set():
                break
            source = (f"127.0.1.{1 + count % addresses}", 0)
            sockets.append(socket.create_connection(("127.0.0.1", room.ready["machines"]), source_address=source))
            if len(sockets) > 500:
                sockets.pop(0).close()
            time.sleep(0.001)
        for one in sockets:
            one.close()
    return meanwhile(knock)


def tell(one, answers):
    """Adds what this client was answered, if it was."""
    with contextlib.suppress(OSError):             # nothing came yet, or it was cut off
        response = one.connection.getresponse()
        answers.append((response.status, response.headers["Retry-After"]))


@contextlib.contextmanager
def stalled_uploads(room, count=39):
    """Uploads of 9 MB that stop before their end. Gives (status, Retry-After) of those that were answered meanwhile."""
    clients, answers = [], []
    for _ in range(count):
        one = client(room)
        clients.append(one)
        one.connect()
        one.connection.putrequest("POST", "/v1/messages")
        one.connection.putheader("Content-Type", "application/xml")
        one.connection.putheader("Content-Length", str(9 * MIB))
        one.connection.endheaders()
        with contextlib.suppress(OSError):         # it was told so meanwhile
            one.connection.send(b"x" * (8 * MIB))
        one.connection.sock.settimeout(0.05)
        tell(one, answers)
    try:
        end = time.monotonic() + harness.PATIENCE
        while not answers and time.monotonic() < end:      # a gateway with much to do is slower
            tell(clients[-1], answers)
        yield answers
    finally:
        for one in clients:
            one.close()


RUBBISH = b"<Dec>" + b"x" * (300 << 10)


def refused_bodies(room, receipts, threads=4):
    """Sends what is refused, without end; receipts: a list to which those of what was recorded are added."""
    def refuse(stop):
        one = client(room)
        while not stop.is_set():
            answer = one.submit(RUBBISH)
            assert answer.status in (422, 429), answer
            if answer.status == 422:
                receipts.append(answer.receipt)
        one.close()
    return meanwhile(refuse, threads)


def http_flood(room, threads=16):
    def flood(stop):
        one = client(room)
        while not stop.is_set():
            answer = one.submit(messages.declaration(goods(room)))
            assert answer.status in (202, 429), answer
        one.close()
    return meanwhile(flood, threads)


@contextlib.contextmanager
def zeromq_flood(room, party="TML-QQCT"):
    """Port events, one behind the other, without waiting for an answer."""
    line, now = room.line(party, harness.Received()), datetime.datetime.now(datetime.timezone.utc)
    line.deliver = lambda headers, body: None      # it only talks: what writes the flood must not wait for an answer
    assert line.connected.wait(harness.PATIENCE)

    def flood(stop):
        for count in itertools.count():
            if stop.is_set():
                break
            line.pipe.send("SUBMIT", {"ref": f"flood-{count}"}, messages.port_event(goods(room), "DISC", now))

    with meanwhile(flood):
        yield


def outbox_flood(room, party="CAR-COSU", count=600):
    """Declarations in the folder of who may not send them: each is judged, and refused."""
    for number in range(count):
        room.drop(party, f"flood-{number}.xml", messages.declaration(goods(room)))
