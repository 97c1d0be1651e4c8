"""A log that nobody reads stops nothing: its lines are dropped, counted, and told when somebody reads again."""
import fcntl
import json
import os
import ssl
import socket
import time
import unittest

from harness import Room, eventually, messages


class NobodyReads(unittest.TestCase):
    def test_a_pipe_that_is_full(self):
        """case 182: the pipe is full before the gateway starts, as one of a collector that hangs."""
        ours, its = os.pipe()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, its)
        fcntl.fcntl(its, fcntl.F_SETPIPE_SZ, 4096)
        os.write(its, b"x" * 4095 + b"\n")
        with Room() as room:
            room.start(log=its)
            party = room.party("FWD-QD-01")
            trader = room.world.party("FWD-QD-01").trader
            for number in range(1, 20):
                answer = party.submit(messages.declaration(messages.Consignment(number, trader)), wait=60)
                self.assertEqual(answer.status, 200, answer)
            lost = room.metric("clearway_log_lines_lost_total")
            self.assertGreater(lost, 0)
            os.read(ours, 4096)
            log = open(ours, "rb", buffering=0, closefd=False)
            line = json.loads(log.read(65536).splitlines()[0])     # waits: told within seconds, also when nothing happens
            self.assertEqual((line["event"], line["component"]), ("lines_lost", "log"))
            self.assertGreaterEqual(line["lines"], lost)
            room.stop()

    def test_strangers_fill_no_log(self):
        """case 183: handshakes that fail are a few lines, and one that says how many there were."""
        with Room() as room:
            room.start()
            context = ssl.create_default_context()             # knows nothing of our certificates
            begun = time.monotonic()
            for _ in range(100):
                with self.assertRaises(ssl.SSLError), socket.create_connection(("localhost", room.ready["machines"])) as one:
                    context.wrap_socket(one, server_hostname="localhost")

            def told():
                lines = [json.loads(line) for line in room.log().splitlines()]
                written = sum(line["event"] == "handshake_failed" for line in lines)
                return written, sum(line["lines"] for line in lines if line["event"] == "lines_left_out" and line["of"] == "handshake_failed")

            eventually(lambda: sum(told()) == 100, "each is written, or told as left out")
            tens = (time.monotonic() - begun) // 10
            self.assertLessEqual(told()[0], 20 * (tens + 2))       # in each ten seconds, which may begin earlier and end later
            room.stop()


if __name__ == "__main__":
    unittest.main()
