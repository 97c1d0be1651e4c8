"""An accepted declaration reaches everyone who must have it, byte for byte, once by delivery id, over the real protocols."""
import hashlib
import unittest

from harness import Received, RoomTest, eventually, messages


class Delivery(RoomTest):
    options = {"kafka": True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customs, cls.terminal = Received(), Received()
        cls.room.customs(cls.customs)
        cls.line = cls.room.line("TML-QQCT", cls.terminal)

    def carrier_copies(self, number):
        return [body for name, body in self.room.files("CAR-COSU", "InBox").items() if name.startswith(f"{number}_")
                or name.startswith(f"{number}-") or name.startswith(f"{number}.")]

    def test_byte_for_byte_to_customs_terminal_and_carrier(self):
        sent = [messages.declaration(self.goods(), encoding=encoding) for encoding in ("UTF-8", "GB18030")]
        sent.append(b"\xef\xbb\xbf" + messages.declaration(self.goods()))
        for message in sent:
            number = self.accept("FWD-QD-01", message)["record"]
            at_customs = eventually(lambda: self.customs.bytes_of(f"{number}/CUS-QD"), "customs has it")
            at_terminal = eventually(lambda: self.terminal.bytes_of(f"{number}/TML-QQCT"), "the terminal has it")
            at_carrier = eventually(lambda: self.carrier_copies(number), "the carrier has it")
            self.assertEqual(at_customs, [message])
            self.assertEqual(at_terminal, [message])
            self.assertEqual(at_carrier, [message])
            shown = self.settled(number)
            self.assertEqual({d["state"] for d in shown["deliveries"]}, {"delivered"})
            self.assertEqual(len(shown["deliveries"]), 3)

    def settled(self, number):
        """The message as its sender sees it once all its deliveries have an outcome."""
        def look():
            shown = self.room.party("FWD-QD-01").get(f"/v1/messages/{number}").json
            return shown if all(d["state"] != "waiting" for d in shown["deliveries"]) else None
        return eventually(look, "deliveries have their outcome")

    def test_what_customs_is_told_beside_the_bytes(self):
        goods = self.goods()
        message = messages.declaration(goods)
        number = self.accept("FWD-QD-01", message)["record"]
        eventually(lambda: f"{number}/CUS-QD" in self.customs, "customs has it")
        headers = self.customs.headers_of(f"{number}/CUS-QD")
        self.assertEqual(headers["ce_id"], f"{number}/CUS-QD")
        self.assertEqual(headers["ce_specversion"], "1.0")
        self.assertEqual(headers["clearway-record"], str(number))
        self.assertEqual(headers["clearway-digest"], "sha256:" + hashlib.sha256(message).hexdigest())
        self.assertEqual(headers["key"], f"CNQDG/{goods.bill}")
        self.assertEqual(headers["content-type"], "application/xml")

    def test_a_repeat_and_a_conflict_forward_nothing(self):
        goods = self.goods()
        message = messages.declaration(goods)
        number = self.accept("FWD-QD-01", message)["record"]
        forwarder = self.room.party("FWD-QD-01")
        self.assertEqual(forwarder.submit(message).status, 202)
        conflict = forwarder.submit(messages.declaration(goods, note="other")).receipt["record"]
        self.settled(number)
        later = self.accept("FWD-QD-01", messages.declaration(self.goods()))["record"]
        eventually(lambda: f"{later}/CUS-QD" in self.customs, "customs has what came later")
        self.assertEqual(len(self.customs.bytes_of(f"{number}/CUS-QD")), 1)
        self.assertFalse([delivery for delivery in self.customs.deliveries if delivery.startswith(f"{conflict}/")])

    def test_a_bill_of_another_carrier_does_not_reach_this_one(self):
        goods = self.goods(carrier="OOLU")
        number = self.accept("FWD-QD-01", messages.declaration(goods))["record"]
        self.settled(number)
        eventually(lambda: f"{number}/CUS-QD" in self.customs, "customs has it")
        self.assertEqual(self.carrier_copies(number), [])

    def test_another_partys_valid_key_is_refused_at_the_socket(self):
        world = self.room.world
        world.make_curve("CAR-COSU")
        stranger = self.room.line("TML-QQCT", Received(), keys_of="CAR-COSU")
        self.assertTrue(stranger.denied.wait(60))
        self.assertFalse(stranger.connected.is_set())
        number = self.accept("FWD-QD-01", messages.declaration(self.goods()))["record"]
        eventually(lambda: f"{number}/TML-QQCT" in self.terminal, "the terminal itself is still served")

    def test_the_terminal_submits_over_its_line(self):
        eventually(self.line.connected.is_set, "the line stands")
        goods = self.goods()
        from datetime import datetime
        event = messages.port_event(goods, "DISC", datetime.now(messages.CHINA))
        verb, headers, receipt = self.line.submit(event)
        self.assertEqual(verb, "RECEIPT", (headers, receipt))
        again = self.line.submit(event)
        self.assertEqual(again[2], receipt)
        self.assertTrue(again[1]["repeated"])
        refused = self.line.submit(messages.declaration(goods))
        self.assertEqual(refused[1]["verdict"], "refused", refused)


if __name__ == "__main__":
    unittest.main()
