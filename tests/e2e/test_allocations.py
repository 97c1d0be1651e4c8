"""The n-th allocation fails, for n from the first to far behind the script: the process ends with 71 and a word, or does its
work; what it acknowledged before is there after the next start, and its receipt is the same."""
import os
import subprocess
import unittest

import harness
from harness import CLEARWAY, SCHEMAS, SOURCE, Room, eventually, messages

OUT_OF_MEMORY = 71
SANITIZED = os.environ.get("CLEARWAY_CRASHES", "200") != "200"


def growing(first, factor):
    """1, 2, 3, ... with growing steps: every early allocation, then ever fewer."""
    n = first
    while True:
        yield n
        n = max(n + 1, int(n * factor))


class Allocations(unittest.TestCase):
    def test_validate(self):
        message = os.path.join(SOURCE, "tests", "messages", "cn-dec", "import-general.xml")
        ends = set()
        for n in growing(1, 1.5 if SANITIZED else 1.12):
            done = subprocess.run([CLEARWAY, "validate", "--schemas", SCHEMAS, message], capture_output=True, text=True,
                                  env={**os.environ, "CLEARWAY_LANG": "en", "CLEARWAY_FAIL_ALLOCATION": str(n)})
            ends.add(done.returncode)
            if done.returncode == 0:
                self.assertIn("valid", done.stdout)
                break
            self.assertEqual(done.returncode, OUT_OF_MEMORY, f"allocation {n}: {done.stderr}")
            self.assertIn("out of memory", done.stderr)
        self.assertEqual(ends, {0, OUT_OF_MEMORY})

    def submit_some(self, room, kept):
        """Submits until the gateway is gone; keeps what was acknowledged. False: it went."""
        trader = room.world.party("FWD-QD-02").trader
        for number in range(3):
            message = messages.declaration(messages.Consignment(len(kept) + 1, trader))
            try:
                answer = room.party("FWD-QD-02").submit(message)
            except OSError:
                return False
            if answer.status == 202:
                kept.append((message, answer.body))
        return True

    def test_serve(self):
        kept, ended = [], 0
        with Room(settings={"zmq.secret_key": ""}) as room:
            room.start()
            room.kill()
            survived = False
            for n in growing(50, 2.5 if SANITIZED else 1.35):
                try:
                    room.start(env={"CLEARWAY_FAIL_ALLOCATION": str(n)})
                    survived = self.submit_some(room, kept)
                except AssertionError:
                    survived = False
                if survived:
                    room.kill()
                else:
                    eventually(lambda: room.gateway.poll() is not None, "the gateway ended", 30)
                    self.assertEqual(room.gateway.returncode, OUT_OF_MEMORY, room.log()[-2000:])
                    room.processes.remove(room.gateway)
                    ended += 1
                if survived and len(kept) > 3:
                    break
            self.assertGreater(ended, 5)
            room.start()
            for message, receipt in kept:
                again = room.party("FWD-QD-02").submit(message)
                self.assertEqual(again.status, 202, again)
                self.assertEqual(again.body, receipt)
            room.stop()
            room.here("journal", "verify", code=0)


if __name__ == "__main__":
    harness.unittest.main()
