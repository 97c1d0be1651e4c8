"""Folders: OutBox to InBox, SentBox and FailBox."""
import os
import re
import unittest

import harness
from harness import RoomTest, eventually, messages


class Folders(RoomTest):
    party = "FWD-QD-01"

    def after(self, name):
        """Waits until the file left the OutBox; the box it stands in now."""
        def look():
            for box in ("SentBox", "FailBox"):
                if name in self.room.files(self.party, box):
                    return box
        box = eventually(look, f"{name} is taken")
        self.assertFalse(os.path.exists(self.room.world.folder(self.party, "OutBox", name)))
        return box

    def responses(self, goods_id):
        """The responses in the InBox about that own id, by name."""
        return {name: body for name, body in self.room.files(self.party, "InBox").items() if goods_id.encode() in body}

    def test_taken(self):
        goods = self.goods()
        message = messages.declaration(goods)
        self.room.drop(self.party, "ok.xml", message)
        self.assertEqual(self.after("ok.xml"), "SentBox")
        self.assertEqual(self.room.files(self.party, "SentBox")["ok.xml"], message)
        (name, response), = self.responses(goods.client_seq_no).items()
        find = self.room.party(self.party).find
        number = eventually(lambda: find(goods.client_seq_no).json.get("record"), "the engine has come to it")
        self.assertIn(str(number), name)
        self.assertIn(b"<ResponseCode>0</ResponseCode>", response)
        self.assertIn(b"DecImportResponse", response)

    def test_the_same_file_again_gets_the_same_response(self):
        goods = self.goods()
        message = messages.declaration(goods)
        self.room.drop(self.party, "one.xml", message)
        self.assertEqual(self.after("one.xml"), "SentBox")
        before = self.responses(goods.client_seq_no)
        self.room.drop(self.party, "two.xml", message)
        self.assertEqual(self.after("two.xml"), "SentBox")
        self.assertEqual(set(self.responses(goods.client_seq_no).values()), set(before.values()))

    def test_over_http_and_folder_it_is_one_message(self):
        goods = self.goods()
        message = messages.declaration(goods)
        number = self.accept(self.party, message)["record"]
        self.room.drop(self.party, "again.xml", message)
        self.assertEqual(self.after("again.xml"), "SentBox")
        self.assertEqual(self.room.party(self.party).find(goods.client_seq_no).json["record"], number)

    def test_refused_and_mended(self):
        goods = self.goods()
        self.room.drop(self.party, "bad.xml", messages.declaration(goods, gross=1, net=2))
        self.assertEqual(self.after("bad.xml"), "FailBox")
        (name, response), = self.responses(goods.client_seq_no).items()
        self.assertNotIn(b"<ResponseCode>0</ResponseCode>", response)
        self.assertIn(b"D01", response)
        self.room.drop(self.party, "good.xml", messages.declaration(goods))
        self.assertEqual(self.after("good.xml"), "SentBox")

    # Case 30: what the gate refuses has no format; the forwarder's program reads DecImportResponse.
    def test_what_the_gate_refuses_is_told_in_the_form_of_the_folder(self):
        message = messages.declaration(self.goods())
        for name, content in {"blank-line": b"\n" + message, "control": message.replace(b"N/M", b"N\x01M"),
                              "utf-16": message.decode().encode("utf-16"), "text": b"hello"}.items():
            self.room.drop(self.party, f"{name}.xml", content)
            self.assertEqual(self.after(f"{name}.xml"), "FailBox")
            (response,) = [body for file, body in self.room.files(self.party, "InBox").items() if file.startswith(f"Failed_{name}_")]
            self.assertIn(b"<DecImportResponse ", response, name)
            self.assertIn(b"<ResponseCode>1</ResponseCode>", response, name)

    def test_conflict(self):
        goods = self.goods()
        self.room.drop(self.party, "first.xml", messages.declaration(goods))
        self.assertEqual(self.after("first.xml"), "SentBox")
        self.room.drop(self.party, "other.xml", messages.declaration(goods, note="other"))
        self.assertEqual(self.after("other.xml"), "FailBox")
        find = self.room.party(self.party).find
        eventually(lambda: find(goods.client_seq_no).status == 200, "the engine has come to the first")
        holder = find(goods.client_seq_no).json
        (response,) = [body for name, body in self.responses(goods.client_seq_no).items() if name.startswith("Failed_other_")]
        self.assertIn(f"自 {holder['recorded']} 起由记录 {holder['record']} 占用".encode(), response)      # case 162

    def test_what_is_no_message(self):
        for number, content in enumerate((b"", b"hello", b"<a/>", os.urandom(5000))):
            self.room.drop(self.party, f"junk-{number}.xml", content)
            self.assertEqual(self.after(f"junk-{number}.xml"), "FailBox")

    def test_a_name_in_chinese(self):
        self.room.drop(self.party, "报关单 第1号.xml", messages.declaration(self.goods()))
        self.assertEqual(self.after("报关单 第1号.xml"), "SentBox")

    def test_what_is_still_being_written_is_left_alone(self):
        path = self.room.world.folder(self.party, "OutBox", "slow.xml.tmp")
        message = messages.declaration(self.goods())
        with open(path, "wb") as file:
            file.write(message[:100])
            file.flush()
            self.room.drop(self.party, "beside.xml", messages.declaration(self.goods()))
            self.assertEqual(self.after("beside.xml"), "SentBox")
            self.assertTrue(os.path.exists(path))
            file.write(message[100:])
        os.rename(path, path[:-4])
        self.assertEqual(self.after("slow.xml"), "SentBox")

    def test_links_are_not_followed(self):
        secret = self.room.path("secret.xml")
        with open(secret, "wb") as file:
            file.write(messages.declaration(self.goods()))
        link = self.room.world.folder(self.party, "OutBox", "link.xml")
        os.symlink(secret, link)
        eventually(lambda: not os.path.lexists(link), "the link is put away")
        self.assertTrue(os.path.exists(secret))
        self.assertNotIn("link.xml", self.room.files(self.party, "SentBox"))

    def test_nothing_half_written_is_seen(self):
        for box in ("InBox", "SentBox", "FailBox"):
            for name in os.listdir(self.room.world.folder(self.party, box)):
                self.assertFalse(re.search(r"\.tmp", name), name)

    def test_files_dropped_while_the_gateway_is_away(self):
        room = harness.Room()
        self.addCleanup(room.close)
        trader = room.world.party(self.party).trader
        for serial in range(1, 6):
            room.drop(self.party, f"{serial}.xml", messages.declaration(messages.Consignment(serial, trader)))
        room.start()
        eventually(lambda: len(room.files(self.party, "SentBox")) == 5, "all are taken")


if __name__ == "__main__":
    unittest.main()
