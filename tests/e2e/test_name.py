"""A receipt names the journal it stands in, and a journal is called what it was made as."""
import json
import unittest

from harness import Room, messages


class Named(unittest.TestCase):
    def room_of(self, **settings):
        room = Room(settings=settings)
        self.addCleanup(room.close)
        return room

    def receipt(self, room, serial):
        goods = messages.Consignment(serial, room.world.party("FWD-QD-02").trader)
        return room.party("FWD-QD-02").submit(messages.declaration(goods), wait=60).receipt

    def set(self, room, name):
        room.world.settings["journal.name"] = name
        room.world.write_config()

    def test_case_274_the_name_that_is_set(self):
        room = self.room_of(**{"journal.name": "qd-gate-1"})
        room.start()
        first = self.receipt(room, 1)
        self.assertEqual(first["journal"], "qd-gate-1")
        room.stop()
        self.set(room, "qd-gate-2")
        for verb in (("config", "lint"), ("serve",)):
            told = room.here(*verb, code=78)
            self.assertIn("the journal in the data folder is called qd-gate-1, not qd-gate-2", told.stdout + told.stderr)
            self.assertIn(room.world.config + ":", told.stdout + told.stderr)
        self.set(room, "qd gate")
        self.assertIn("qd gate cannot be the name of a journal", room.here("config", "lint", code=78).stdout)
        self.set(room, "")                                        # what it is called is known
        room.start()
        self.assertEqual(self.receipt(room, 1), first, "a repeat gets the first receipt byte for byte")
        room.stop()

    def test_a_name_is_made_once(self):
        room = self.room_of()
        room.start()
        name = self.receipt(room, 1)["journal"]
        self.assertRegex(name, r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
        room.kill()
        room.start()
        self.assertEqual(self.receipt(room, 2)["journal"], name)
        room.stop()
        verified = json.loads(room.here("journal", "verify", "--json", code=0).stdout)
        self.assertEqual((verified["whole"], verified["journal"]), (True, name))
        self.set(room, name)
        room.here("config", "lint", code=0)


if __name__ == "__main__":
    unittest.main()
