"""ZIP archives in folders, made by programs that are not ours, names that are left alone, and a gateway killed among many of them."""
import hashlib
import io
import json
import os
import random
import subprocess
import time
import unittest
import zipfile

import harness
from harness import RoomTest, eventually, messages

PARTY = "FWD-QD-01"


def archive(message, name="decl.xml", **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **options) as file:
        file.writestr(name, message)
    return out.getvalue()


class Archives(RoomTest):
    def box_of(self, name):
        return eventually(lambda: next((box for box in ("SentBox", "FailBox") if name in self.room.files(PARTY, box)), None), f"{name} is taken")

    def records(self):
        lines = self.room.here("journal", "cat", "--json", "--kind", "message", code=0).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def test_an_archive_is_the_message_in_it(self):                             # case 39
        goods = self.goods()
        message = messages.declaration(goods)
        folder = self.room.path("made")
        os.makedirs(folder)
        with open(os.path.join(folder, "20261129.xml"), "wb") as file:
            file.write(message)
        subprocess.run(["zip", "-q", "20261129.zip", "20261129.xml"], cwd=folder, check=True)
        with open(os.path.join(folder, "20261129.zip"), "rb") as file:
            made = file.read()
        self.room.drop(PARTY, "20261129.zip", made)
        self.assertEqual(self.box_of("20261129.zip"), "SentBox")
        self.assertEqual(self.room.files_of(PARTY, "SentBox", "20261129.zip"), made)
        forwarder = self.room.party(PARTY)
        number = eventually(lambda: forwarder.find(goods.client_seq_no).json.get("record"), "the engine has come to it")
        response = self.room.files_of(PARTY, "InBox", f"Successed_20261129_{number}.xml")
        self.assertIn(b"<ResponseCode>0</ResponseCode>", response)
        self.assertEqual(forwarder.get(f"/v1/messages/{number}/content").body, message)
        receipt = forwarder.get(f"/v1/messages/{number}/receipt").json
        self.assertEqual(receipt["digest"], "sha256:" + hashlib.sha256(message).hexdigest())
        self.assertEqual(receipt["outer"], "sha256:" + hashlib.sha256(made).hexdigest())
        again = forwarder.submit(message)                                       # by another way, and without the archive
        self.assertEqual((again.status, again.json["record"]), (202, number))

    def test_what_is_wrong_with_an_archive_is_told(self):
        message = messages.declaration(self.goods())
        two = io.BytesIO(archive(message))
        with zipfile.ZipFile(two, "a") as file:
            file.writestr("second.xml", message)
        pipe = subprocess.run(["zip", "-q", "-fz", "-", "-"], input=message, stdout=subprocess.PIPE, check=True).stdout
        locked = self.room.path("locked.zip")
        with open(self.room.path("plain.xml"), "wb") as file:
            file.write(message)
        subprocess.run(["zip", "-q", "-P", "secret", locked, "plain.xml"], cwd=self.room.directory, check=True)
        with open(locked, "rb") as file:
            encrypted = file.read()
        before = len(self.records())
        for name, content, code in (("two.zip", two.getvalue(), "FILES-ZIP-ENTRIES"), ("locked.zip", encrypted, "FILES-ZIP-ENCRYPTED"),
                                    ("pipe.zip", pipe, "FILES-ZIP-EXTENDED"), ("up.zip", archive(message, "../up.xml"), "FILES-ZIP-NAME"),
                                    ("nested.zip", archive(archive(message), "a.zip"), "FILES-ZIP-NESTED"),
                                    ("bomb.zip", archive(b" " * 9_000_000), "FILES-ZIP-RATIO"), ("cut.zip", archive(message)[:-9], "FILES-ZIP-DAMAGED"),
                                    ("no.zip", message, "FILES-ZIP-DAMAGED")):
            self.room.drop(PARTY, name, content)
            self.assertEqual(self.box_of(name), "FailBox", name)
            self.assertTrue(self.room.files_of(PARTY, "FailBox", name + ".reason.txt").startswith(code.encode()), name)
            self.assertIn(b"<ResponseCode>1</ResponseCode>", self.room.files_of(PARTY, "InBox", f"Failed_{name[:-4]}.xml"), name)
            self.assertTrue(self.room.clearway("explain", code, code=0).stdout)
        self.assertEqual(len(self.records()), before)

    def test_names_that_are_left_alone(self):                                   # case 615
        message = messages.declaration(self.goods())
        names = ["a.xml.part", "b.xml.filepart", "~$c.xml", "Thumbs.db", ".DS_Store", "desktop.ini", "d.xml.tmp", "E.XML.TMP", "f.crdownload"]
        for name in names:
            with open(self.room.world.folder(PARTY, "OutBox", name), "wb") as file:
                file.write(message)
        goods = self.goods()
        self.room.drop(PARTY, "last.xml", messages.declaration(goods))
        self.assertEqual(self.box_of("last.xml"), "SentBox")
        os.rename(self.room.world.folder(PARTY, "OutBox", "b.xml.filepart"), self.room.world.folder(PARTY, "OutBox", "b.xml"))
        self.assertEqual(self.box_of("b.xml"), "SentBox")                       # written whole
        left = sorted(os.listdir(self.room.world.folder(PARTY, "OutBox")))
        self.assertEqual(left, sorted(set(names) - {"b.xml.filepart"}))
        for name in left:
            os.unlink(self.room.world.folder(PARTY, "OutBox", name))


class Killed(RoomTest):
    """Case 616. The oracle is what was dropped: each is answered, recorded once, and has left for SentBox."""

    def test_lost_0_doubled_0(self):
        files = {}
        order = random.Random(616)
        for number in range(80):
            goods = self.goods()
            message = messages.declaration(goods)
            name = f"m{number:03}." + ("zip" if number % 2 else "xml")
            files[name] = (goods.client_seq_no, archive(message) if number % 2 else message)
        waiting = list(files)
        for _ in range(6):
            for name in waiting[:14]:
                self.room.drop(PARTY, name, files[name][1])
            waiting = waiting[14:]
            time.sleep(order.uniform(0, 0.25))                                  # the moment is what is tried
            self.room.kill()
            self.room.start()
        eventually(lambda: not self.room.files(PARTY, "OutBox"), "all are taken")
        sent = self.room.files(PARTY, "SentBox")
        self.assertEqual(sorted(sent), sorted(files))
        self.assertTrue(all(sent[name] == content for name, (_, content) in files.items()))
        lines = self.room.here("journal", "cat", "--json", "--kind", "message", code=0).stdout.splitlines()
        recorded = [json.loads(line)["meta"]["id"] for line in lines]
        self.assertEqual(sorted(recorded), sorted(own for own, _ in files.values()))
        responses = [name for name in self.room.files(PARTY, "InBox") if name.startswith("Successed_m")]
        self.assertEqual(sorted(name.split("_")[1] for name in responses), sorted(name[:-4] for name in files))


if __name__ == "__main__":
    unittest.main()
