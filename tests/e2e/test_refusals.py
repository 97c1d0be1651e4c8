"""What the engine refuses after the receipt: each sender hears of it once, the way its message came, and says so to a script."""
import json
import os
import re
import unittest
from datetime import datetime

from harness import Received, Room, RoomTest, eventually, messages, world

OPERATOR, OPERATOR_NAME = "QQCT", "青岛前湾集装箱码头"


def without_summary(goods, **options):
    """A complete declaration whose summary was never declared: rule T01."""
    return messages.declaration(goods, step="6", entry_number=goods.entry_number, **options)


class Refusals(RoomTest):
    # FWD-QD-03 drops files, and nothing is sent to it otherwise.
    options = {"parties": world.PARTIES + [
        world.Party("FWD-QD-03", "青岛北海报关行", "Qingdao Beihai Brokers", "declarant",
                    [messages.Trader("3702980003", "青岛北海报关有限公司", 13)], files=True)]}

    def inbox(self, party, start):
        return {name: body for name, body in self.room.files(party, "InBox").items() if name.startswith(start)}

    def drop_refused(self, party, name):
        """Drops a declaration that the engine refuses as NAME.xml; what stands about it in InBox when both responses are there."""
        goods = self.goods(party)
        self.room.drop(party, f"{name}.xml", without_summary(goods))
        eventually(lambda: self.inbox(party, f"Failed_{name}_"), "the refusal is in the InBox")
        eventually(lambda: f"{name}.xml" in self.room.files(party, "SentBox"), "it was taken")
        return goods, self.inbox(party, f"Successed_{name}_"), self.inbox(party, f"Failed_{name}_")

    # Case 01.
    def test_a_file_is_answered_a_second_time_in_the_form_its_program_reads(self):
        for party in ("FWD-QD-01", "FWD-QD-03"):
            goods, first, second = self.drop_refused(party, "complete")
            (receipt,), ((name, refusal),) = first.values(), second.items()
            number = self.room.party(party).find(goods.client_seq_no).json["record"]
            self.assertIn(b"<ResponseCode>0</ResponseCode>", receipt)
            self.assertIn(b"<DecImportResponse ", refusal)
            self.assertIn(b"<ResponseCode>1</ResponseCode>", refusal)
            self.assertIn(b"[T01]", refusal)
            self.assertIn(f"记录号 {number}，".encode(), refusal)
            self.assertIn(f"<ClientSeqNo>{goods.client_seq_no}</ClientSeqNo>".encode(), refusal)
            shown = self.room.party(party).get(f"/v1/messages/{number}").json
            self.assertEqual(shown["decision"]["result"], "refused")
            self.assertEqual(shown["deliveries"], [], "nobody else hears of it")
            self.assertIn(str(shown["decision"]["record"]), name)

    # Case 164.
    def test_the_refused_file_again(self):
        goods, _, _ = self.drop_refused("FWD-QD-01", "again")
        with open(self.room.world.folder("FWD-QD-01", "SentBox", "again.xml"), "rb") as file:
            message = file.read()
        for name in self.inbox("FWD-QD-01", "Failed_again_"):
            os.unlink(self.room.world.folder("FWD-QD-01", "InBox", name))          # its program has read it
        self.room.drop("FWD-QD-01", "again.xml", message)
        eventually(lambda: "again.xml" in self.room.files("FWD-QD-01", "FailBox"), "it is taken, and refused")
        (refusal,) = self.inbox("FWD-QD-01", "Failed_again_").values()
        self.assertIn(b"[T01]", refusal)
        self.assertEqual(len(self.inbox("FWD-QD-01", "Successed_again_")), 1)

    # Case 01: the next start finds it delivered; a file read again gets its receipt again, and no second refusal.
    def test_it_comes_once_whatever_is_killed(self):
        with Room() as room:
            room.start()
            goods = messages.Consignment(1, room.world.party("FWD-QD-01").trader)
            message = without_summary(goods)
            room.drop("FWD-QD-01", "complete.xml", message)
            eventually(lambda: len(room.files("FWD-QD-01", "InBox")) == 2, "receipt and refusal are in the InBox")
            before = room.files("FWD-QD-01", "InBox")
            room.kill()
            room.drop("FWD-QD-01", "complete.xml", message)
            room.start()
            eventually(lambda: not room.files("FWD-QD-01", "OutBox"), "the file is read again")
            self.assertEqual(room.party("FWD-QD-01").submit(messages.declaration(
                messages.Consignment(2, room.world.party("FWD-QD-01").trader)), wait=60).status, 200)
            eventually(room.decided, "everything is decided")
            self.assertEqual(room.files("FWD-QD-01", "InBox"), before)
            self.assertEqual(json.loads(room.here("replay", "--recheck", "--json", code=0).stdout)["differences"], [])
            room.stop()
            room.here("replay", "--rebuild", code=0)

    def test_over_https_it_is_kept_for_who_has_no_transport(self):
        forwarder = self.room.party("FWD-QD-02")
        mark = forwarder.get("/v1/deliveries").json["next"]
        answer = self.accept("FWD-QD-02", without_summary(self.goods("FWD-QD-02")))
        told = forwarder.get(f"/v1/deliveries?after={mark}").json["deliveries"]
        self.assertEqual([(row["record"], row["family"]) for row in told], [(answer["decision"]["record"], "decision")])
        content = forwarder.get(f"/v1/messages/{told[0]['record']}/content").body
        self.assertIn(f'<Decision xmlns="urn:clearway:decision:1" cause="{answer["record"]}" result="refused">'.encode(), content)
        self.assertEqual(self.room.party("FWD-QD-01").get(f"/v1/messages/{told[0]['record']}/content").status, 404)

    def test_over_https_it_goes_by_the_partys_transport(self):
        answer = self.accept("FWD-QD-01", without_summary(self.goods()))
        name = f"{answer['decision']['record']}_decision.xml"
        content = eventually(lambda: self.room.files_of("FWD-QD-01", "InBox", name), "it is in the InBox")
        self.assertIn(b'result="refused"', content)

    # The route of charge notes says `to sender decision`, too.
    def test_over_zeromq_it_comes_once(self):
        received = Received()
        line = self.room.line("TML-QQCT", received)
        eventually(line.connected.is_set, "the terminal's line stands")
        goods = self.goods()
        note = messages.charge_note(goods, OPERATOR, OPERATOR_NAME, [("WEIGHING", "称重服务费", "BOX", 1, 50)], "2026-11-20",
                                    message_id=f"Z-{goods.number}")
        verb, _, receipt = line.submit(note)
        self.assertEqual((verb, json.loads(receipt)["verdict"]), ("RECEIPT", "accepted"))
        record = json.loads(receipt)["record"]
        shown = eventually(lambda: self.room.party("TML-QQCT").get(f"/v1/messages/{record}").json.get("decision"), "it is decided")
        self.assertEqual(shown["result"], "refused")
        delivery = f"{shown['record']}/TML-QQCT"
        eventually(lambda: delivery in received, "it came")
        eventually(self.room.decided, "its acknowledgement is recorded")
        self.assertEqual([re.search(rb'result="(\w+)"', body).group(1) for body in received.bytes_of(delivery)], [b"refused"])

    # Case 38.
    def test_the_command_tells_a_script(self):
        path = self.room.path("message.xml")

        def submit(message, *arguments, code, party="FWD-QD-02"):
            with open(path, "wb") as file:
                file.write(message)
            return self.room.clearway("submit", *arguments, path, code=code, party=party).stdout
        refused = without_summary(self.goods("FWD-QD-02"))
        self.assertIn("accepted", submit(refused, code=0))
        self.assertIn("decision: refused T01", submit(refused, "--wait", "30", code=1))
        self.assertEqual(json.loads(submit(refused, "--wait", "30", "--json", code=1))["decision"]["result"], "refused")
        self.assertIn("decision: done", submit(messages.declaration(self.goods("FWD-QD-02")), "--wait", "30", code=0))
        goods = self.goods("FWD-QD-02")
        early = messages.customs_result(goods, "R", datetime.now(messages.CHINA))
        self.assertIn("decision: waiting", submit(early, "--wait", "30", code=0, party="CUS-QD"))


if __name__ == "__main__":
    unittest.main()
