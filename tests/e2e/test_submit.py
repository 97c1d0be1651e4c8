"""A declaration over HTTPS: receipt, repeat, conflict, refusal and mending, asking back, waiting, and every way to be refused."""
import hashlib
import ssl
import unittest

import harness
from harness import RoomTest, messages


class Submit(RoomTest):
    def setUp(self):
        self.forwarder = self.room.party("FWD-QD-01")

    def test_receipt_names_record_verdict_and_digest(self):
        goods = self.goods()
        message = messages.declaration(goods)
        answer = self.forwarder.submit(message)
        self.assertEqual(answer.status, 202, answer)
        receipt = answer.json
        self.assertEqual(receipt["verdict"], "accepted")
        self.assertEqual(receipt["party"], "FWD-QD-01")
        self.assertEqual(receipt["family"], "declaration")
        self.assertEqual(receipt["format"], "cn-dec")
        self.assertEqual(receipt["id"], goods.client_seq_no)
        self.assertEqual(receipt["digest"], "sha256:" + hashlib.sha256(message).hexdigest())
        self.assertEqual(receipt["size"], len(message))
        self.assertEqual(answer.headers["Location"], f"/v1/messages/{receipt['record']}")

    def test_repeat_gets_the_first_receipt_byte_for_byte_and_nothing_happens(self):
        message = messages.declaration(self.goods())
        first = self.forwarder.submit(message, wait=30)
        self.assertEqual(first.status, 200, first)
        number = first.json["record"]
        receipt = self.forwarder.get(f"/v1/messages/{number}/receipt").body
        records = self.message_records()
        for _ in range(5):
            again = self.forwarder.submit(message)
            self.assertEqual(again.status, 202)
            self.assertEqual(again.body, receipt)
        self.assertEqual(self.message_records(), records)

    def test_conflict_is_recorded_once_and_nothing_is_forwarded(self):
        goods = self.goods()
        first = self.forwarder.submit(messages.declaration(goods), wait=30)
        self.assertEqual(first.status, 200, first)
        other = messages.declaration(goods, note="changed")
        before = self.message_records()
        answer = self.forwarder.submit(other)
        self.assertEqual(answer.status, 409, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        receipt = answer.receipt
        self.assertEqual(receipt["verdict"], "conflict")
        holder = self.forwarder.get(f"/v1/messages/{first.json['record']}").json     # case 162: which record, since when
        self.assertEqual((receipt["conflicts"], receipt["findings"][0]["code"]), (holder["record"], "ID-CONFLICT"))
        for language in ("zh", "en"):
            for told in (str(holder["record"]), holder["recorded"], goods.client_seq_no):
                self.assertIn(told, receipt["findings"][0][language])
        self.assertEqual(answer.json["detail"], receipt["findings"][0]["en"])
        again = self.forwarder.submit(other)
        self.assertEqual((again.status, again.receipt), (409, receipt))
        self.assertEqual(len(self.message_records()), len(before) + 1)
        later = self.forwarder.submit(messages.declaration(self.goods()), wait=30)
        self.assertEqual(later.status, 200)
        shown = self.forwarder.get(f"/v1/messages/{receipt['record']}").json
        self.assertEqual(shown["deliveries"], [])
        self.assertEqual(shown["status"], "conflict")

    def test_refused_then_mended_under_its_old_id(self):
        goods = self.goods()
        broken = messages.declaration(goods, gross=10, net=20)
        answer = self.forwarder.submit(broken)
        self.assertEqual(answer.status, 422, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        finding = next(f for f in answer.receipt["findings"] if f["code"] == "D01")
        self.assertEqual(broken.decode().splitlines()[finding["line"] - 1].strip()[:10], "<GrossWet>")
        self.assertEqual(self.forwarder.submit(broken).receipt["findings"], answer.receipt["findings"])
        mended = self.forwarder.submit(messages.declaration(goods), wait=30)
        self.assertEqual(mended.status, 200, mended)
        self.assertEqual(mended.receipt["verdict"], "accepted")
        self.assertEqual(mended.receipt["id"], goods.client_seq_no)

    def test_schema_errors_come_all_at_once_with_places(self):
        message = messages.declaration(self.goods()).replace(b"<IEFlag>I</IEFlag>", b"<IEFlag>X</IEFlag>")
        message = message.replace(b"<CustomMaster>4218<", b"<CustomMaster>42A8<").replace(b"<TypistNo>8600000000001</TypistNo>", b"")
        answer = self.forwarder.submit(message)
        self.assertEqual(answer.status, 422, answer)
        findings = answer.receipt["findings"]
        lines = message.decode().splitlines()
        places = {lines[f["line"] - 1].strip() for f in findings}
        self.assertIn("<IEFlag>X</IEFlag>", places)
        self.assertIn("<CustomMaster>42A8</CustomMaster>", places)
        self.assertGreaterEqual(len(findings), 3, findings)

    def test_what_is_no_message_is_refused(self):
        for body in (b"hello", b"", b"<a/>", b"<!DOCTYPE a><a/>", b"<DecMessage/>", b"\x00\x01"):
            answer = self.forwarder.submit(body)
            self.assertEqual(answer.status, 422 if body else answer.status, (body, answer))
            self.assertIn(answer.status, (400, 422), (body, answer))

    def test_asking_back_by_number_and_by_own_id(self):
        goods = self.goods()
        number = self.forwarder.submit(messages.declaration(goods), wait=30).json["record"]
        by_number = self.forwarder.get(f"/v1/messages/{number}")
        self.assertEqual(by_number.status, 200)
        shown = by_number.json
        self.assertEqual(shown["status"], "decided")
        self.assertEqual(shown["receipt"]["record"], number)
        self.assertEqual(shown["decision"]["result"], "done")
        by_id = self.forwarder.find(goods.client_seq_no)
        self.assertEqual(by_id.status, 200)
        self.assertEqual(by_id.json["record"], number)
        self.assertEqual(self.forwarder.find(goods.client_seq_no, "declaration").json["record"], number)
        self.assertEqual(self.forwarder.find(goods.client_seq_no, "charge-note").status, 404)

    def test_not_yours_and_not_there_are_one_answer(self):
        goods = self.goods()
        number = self.forwarder.submit(messages.declaration(goods), wait=30).json["record"]
        other = self.room.party("FWD-QD-02")
        answers = [other.get(path) for path in (
            f"/v1/messages/{number}", "/v1/messages/999999999", f"/v1/messages/{number}/receipt", "/v1/messages/999999999/receipt",
            f"/v1/messages?id={goods.client_seq_no}", "/v1/messages?id=NOBODY", f"/v1/track/{goods.bill}", "/v1/track/NOBODY")]
        self.assertEqual({answer.status for answer in answers}, {404})
        self.assertEqual(len({answer.body for answer in answers}), 1)

    def test_waiting_brings_the_decision(self):
        answer = self.forwarder.submit(messages.declaration(self.goods()), wait=30)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json["decision"]["result"], "done")

    def test_another_partys_code_is_refused(self):
        stranger = self.room.world.party("FWD-QD-02").trader
        answer = self.forwarder.submit(messages.declaration(self.goods(), agent=stranger))
        self.assertEqual(answer.status, 422, answer)
        self.assertEqual(answer.receipt["verdict"], "refused")

    def test_a_role_that_may_not_declare_is_refused(self):
        answer = self.room.party("TML-QQCT").submit(messages.declaration(self.goods()))
        self.assertEqual(answer.status, 422, answer)

    def test_gb18030_and_no_namespace(self):
        gb = messages.declaration(self.goods(), encoding="GB18030")
        self.assertEqual(self.forwarder.submit(gb).status, 202)
        bare = messages.declaration(self.goods()).replace(b' xmlns="http://www.chinaport.gov.cn/dec"', b"")
        self.assertEqual(self.forwarder.submit(bare).status, 202)

    def test_errors_of_the_request(self):
        ask = self.forwarder.ask
        xml = {"Content-Type": "application/xml"}
        cases = [
            (404, ask("GET", "/nothing")),
            (404, ask("GET", "/v1/messages/abc")),
            (405, ask("DELETE", "/v1/messages")),
            (400, ask("GET", "/v1/messages")),
            (415, ask("POST", "/v1/messages", b"{}", {"Content-Type": "application/json"})),
            (413, ask("POST", "/v1/messages", None, {**xml, "Content-Length": str(1 << 30)})),
            (403, ask("GET", "/v1/report?month=2026-10")),
            (422, ask("POST", "/v1/messages?format=no-such-format", b"<a/>", xml)),
            (400, self.room.party("OFC-QD").ask("GET", "/v1/report?month=tomorrow")),
        ]
        for status, answer in cases:
            with self.subTest(status=status, body=answer.body[:200]):
                self.assertEqual(answer.status, status)
                self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
                self.assertEqual(answer.json["status"], status)
                self.assertTrue(answer.json["code"])

    def test_without_a_certificate_there_is_no_conversation(self):
        world = self.room.world
        nobody = harness.gateway_client.Client(self.room.ready["machines"], world.ca)
        with self.assertRaises((ssl.SSLError, OSError)):
            nobody.get("/v1/messages/1")

    def test_a_certificate_of_nobody_is_denied(self):
        world = self.room.world
        world.make_certificate("NOBODY", "nobody", "clientAuth")
        answer = harness.gateway_client.of_party(world, "NOBODY", self.room.ready["machines"]).submit(messages.declaration(self.goods()))
        self.assertEqual((answer.status, answer.json["code"]), (403, "unknown-party"))


class LongList(RoomTest):
    options = {"settings": {"journal.segment_mib": 64}}

    def test_case_593_a_list_of_twenty_thousand_items_is_published_whole(self):
        """Names have blanks, which were counted as if each made a row: it was refused as too much."""
        items = [("STORAGE", f"storage of goods of kind {i}, by box and day", "BOX_DAY", 10) for i in range(20000)]
        operator = self.room.party("TML-QQCT")
        code = self.room.world.party("TML-QQCT").declares[0]
        answer = operator.submit(messages.charge_list(code, "QQCT", items, version="LONG", valid_from="2026-09-01"), wait=60)
        self.assertEqual(answer.json["decision"]["answer"]["code"], "PUBLISHED")
        shown = self.room.party("FWD-QD-01").get(f"/v1/charges/{code}?list=LONG").json["lists"][0]
        self.assertEqual((len(shown["tariffs"]), shown["tariffs"][-1]["name"]), (20000, items[-1][1]))
        more = operator.submit(messages.charge_list(code, "QQCT", items + items[:1], version="LONGER"))
        self.assertEqual((more.status, more.receipt["verdict"]), (422, "refused"))


if __name__ == "__main__":
    unittest.main(verbosity=1)
