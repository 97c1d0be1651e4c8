"""Fewer descriptors than strangers want: who is there is served, the journal goes on to its next segments, nothing ends."""
import os
import resource
import socket
import threading
import unittest

from harness import Room, eventually, messages

LIMIT = 256            # descriptors the gateway may have; it starts with less and raises that itself
STRANGERS = 400
SEGMENTS = 4
PADDING = (b"<!--" + b" padding" * 1000 + b"-->") * 25     # 200 kB, so that a segment of 1 MiB is soon full


def fill(room, client):
    """Submits until the journal has gone on to its SEGMENTS-th segment; each message is answered."""
    trader = room.world.party("FWD-QD-01").trader
    for number in range(1, 1000):
        message = messages.declaration(messages.Consignment(number, trader))
        head, rest = message.split(b"?>", 1)
        answer = client.submit(head + b"?>" + PADDING + rest)
        assert answer.status == 202, answer
        if os.path.exists(room.path("data", "journal", f"{SEGMENTS + 1:010d}.seg")):
            return number
    raise AssertionError("the journal did not go on")


class Strangers:
    """Connections that say nothing, as many as they are let; one that is closed comes again."""

    def __init__(self, port):
        self.port, self.stopping, self.open, self.tries = port, threading.Event(), [], 0
        self.thread = threading.Thread(target=self.press)
        self.thread.start()

    def one(self):
        self.tries += 1
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", self.port))
        return one

    def is_open(self, one):
        try:
            return one.recv(100) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def press(self):
        while not self.stopping.wait(0.05):
            for one in [one for one in self.open if not self.is_open(one)]:
                one.close()
                self.open.remove(one)
            self.open += [self.one() for _ in range(STRANGERS - len(self.open))]

    def close(self):
        self.stopping.set()
        self.thread.join()
        for one in self.open:
            one.close()


class FewDescriptors(unittest.TestCase):
    def start(self):
        room = Room(settings={"journal.segment_mib": 1, "journal.reserve_mib": 1})
        self.addCleanup(room.close)
        room.start(limits={resource.RLIMIT_NOFILE: (64, LIMIT)})
        forwarder = room.party("FWD-QD-01")
        self.assertEqual(forwarder.get("/v1/deliveries").status, 200)      # it is there before the others come
        return room, forwarder

    def descriptors(self, room):
        return len(os.listdir(f"/proc/{room.gateway.pid}/fd"))

    def finish(self, room, strangers, sent):
        self.assertIsNone(room.gateway.poll(), room.log()[-3000:])
        strangers.close()
        eventually(room.decided, "everything recorded is decided")
        self.assertEqual(len(self.records(room)), sent)
        room.stop()
        room.here("journal", "verify", code=0)

    def records(self, room):
        return room.here("journal", "cat", "--json", "--kind", "message", code=0).stdout.splitlines()

    def test_more_connections_than_there_are_descriptors(self):
        """case 181: HTTP takes its part of the limit and no more."""
        room, forwarder = self.start()
        strangers = Strangers(room.ready["people"])
        self.addCleanup(strangers.close)
        eventually(lambda: strangers.tries > 2 * STRANGERS, "strangers make room for strangers")
        self.assertLess(self.descriptors(room), LIMIT - 50)
        sent = fill(room, forwarder)
        self.assertEqual(room.here("queue", code=0).returncode, 0)
        self.finish(room, strangers, sent)

    def test_no_descriptor_is_left(self):
        """case 181: libzmq accepts whoever comes, so that none is left: the journal opens its segments with what was put by."""
        room, forwarder = self.start()
        strangers = Strangers(room.world.zmq_port("TML-QQCT"))
        self.addCleanup(strangers.close)
        eventually(lambda: self.descriptors(room) == LIMIT, "every descriptor is taken")
        sent = fill(room, forwarder)
        self.assertIn("reserve_used", room.log())
        self.finish(room, strangers, sent)


if __name__ == "__main__":
    unittest.main()
