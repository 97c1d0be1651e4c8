"""A disk that is nearly full: nothing is taken (503), decisions and delivery results still are, and it goes on by itself."""
import os
import subprocess
import unittest

from harness import Room, eventually, messages

MIB = 1 << 20


def free_mib(path):
    space = os.statvfs(path)
    return space.f_bavail * space.f_frsize // MIB


class NearlyFull(unittest.TestCase):
    def small_disk(self, room):
        """Gives the data folder a small disk of its own, where that is allowed; else the reserve is set just below what is free.
        How many MiB may be left free so that it counts as nearly full."""
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "clearway-e2e", room.world.data], capture_output=True)
        if done.returncode == 0:
            self.addCleanup(subprocess.run, ["umount", "-l", room.world.data], check=True)
            room.world.settings["journal.reserve_mib"] = 16
            left = 8
        else:
            room.world.settings["journal.reserve_mib"] = free_mib(room.world.data) - 1024
            left = free_mib(room.world.data) - 2048
        room.world.write_config()
        return left

    def test_503_and_on_again_by_itself(self):
        room = Room()
        self.addCleanup(room.close)
        left_mib = self.small_disk(room)
        room.start()
        forwarder = room.party("FWD-QD-01")
        trader = room.world.party("FWD-QD-01").trader
        serial = iter(range(1, 10 ** 6))

        def submit(**options):
            return forwarder.submit(messages.declaration(messages.Consignment(next(serial), trader)), **options)

        first = submit(wait=60)
        self.assertEqual(first.status, 200, first)
        ballast = room.path("data", "ballast")
        with open(ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, (free_mib(room.world.data) - left_mib) * MIB)

        turned_away = eventually(lambda: (lambda a: a if a.status == 503 else None)(submit()), "503 while the disk is nearly full")
        self.assertEqual(turned_away.headers["Content-Type"], "application/problem+json")
        self.assertTrue(turned_away.headers["Retry-After"])
        self.assertEqual(room.people().get("/readyz").status, 503)
        self.assertEqual(room.people().get("/healthz").status, 200)
        # What asks for nothing new still works, what was taken is still decided, and files stay where they are.
        self.assertEqual(forwarder.get(f"/v1/messages/{first.json['record']}").status, 200)
        room.drop("FWD-QD-01", "waits.xml", messages.declaration(messages.Consignment(next(serial), trader)))
        eventually(room.decided, "everything recorded is decided")
        self.assertIn("waits.xml", room.files("FWD-QD-01", "OutBox"))
        os.unlink(ballast)
        eventually(lambda: submit().status == 202, "it goes on by itself")
        eventually(lambda: room.people().get("/readyz").status == 200, "it is ready again")
        eventually(lambda: "waits.xml" in room.files("FWD-QD-01", "SentBox"), "the file is taken now")
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
