"""A disk that is nearly full: nothing is taken (503), decisions and delivery results still are, and it goes on by itself."""
import os
import subprocess
import unittest

import harness
from harness import Room, eventually, messages

MIB = 1 << 20


class NearlyFull(unittest.TestCase):
    def mounted(self, room):
        """Gives the room's data folder a small disk of its own; False where that is not allowed."""
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "clearway-e2e", room.world.data], capture_output=True)
        if done.returncode:
            return False
        self.addCleanup(subprocess.run, ["umount", "-l", room.world.data], check=True)
        return True

    def test_503_and_on_again_by_itself(self):
        room = Room(settings={"journal.segment_mib": 4, "journal.reserve_mib": 16})
        self.addCleanup(room.close)
        if not self.mounted(room):
            self.skipTest("no right to mount a small disk")
        room.start()
        forwarder = room.party("FWD-QD-01")
        trader = room.world.party("FWD-QD-01").trader
        first = forwarder.submit(messages.declaration(messages.Consignment(1, trader)), wait=60)
        self.assertEqual(first.status, 200, first)

        ballast = room.path("data", "ballast")
        space = os.statvfs(room.world.data)
        free = space.f_bavail * space.f_frsize
        with open(ballast, "wb") as file:
            file.write(bytes(free - 8 * MIB))
        serial = iter(range(2, 10 ** 6))

        def submit():
            return forwarder.submit(messages.declaration(messages.Consignment(next(serial), trader)))

        turned_away = eventually(lambda: (lambda a: a if a.status == 503 else None)(submit()), "503 while the disk is nearly full")
        self.assertEqual(turned_away.headers["Content-Type"], "application/problem+json")
        self.assertTrue(turned_away.headers["Retry-After"])
        self.assertEqual(room.people().get("/readyz").status, 503)
        self.assertEqual(room.people().get("/healthz").status, 200)
        # What asks for nothing new still works, and the delivery results of what was taken are still recorded.
        self.assertEqual(forwarder.get(f"/v1/messages/{first.json['record']}").status, 200)
        os.unlink(ballast)
        eventually(lambda: submit().status == 202, "it goes on by itself")
        eventually(lambda: room.people().get("/readyz").status == 200, "it is ready again")
        room.stop()
        room.here("journal", "verify", code=0)

    def test_a_reserve_larger_than_the_disk(self):
        with Room(settings={"journal.reserve_mib": 2 ** 30}) as room:
            room.start()
            answer = room.party("FWD-QD-01").submit(messages.declaration(messages.Consignment(1, room.world.party("FWD-QD-01").trader)))
            self.assertEqual(answer.status, 503, answer)
            self.assertEqual(room.people().get("/readyz").status, 503)


if __name__ == "__main__":
    unittest.main()
