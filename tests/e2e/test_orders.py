"""What an operator orders who has signed in: of deliveries and of records that wait for somebody, recorded with the account and the
reason as `clearway queue` records them; and nobody else can. Messages are looked up first, by anything that is known of them."""
import json
import unittest
import urllib.parse

from harness import HeldThread, Received, Room, eventually, messages, world

PASSWORD = "correct horse"
ACCOUNTS = {"zhang.wei": ("FWD-QD-01", "forwarder"), "li.na": ("FWD-QD-02", "forwarder"), "zhao.min": ("CUS-QD", "inspector"),
            "sun.li": ("OFC-QD", "analyst"), "chen.jie": ("TML-QQCT", "terminal"), "wang.fang": ("OFC-QD", "operator")}


class Orders(unittest.TestCase):
    def setUp(self):
        self.room = Room()
        self.addCleanup(self.room.close)
        self.room.world.people = world.free_port()
        self.room.world.let_in(ACCOUNTS, PASSWORD)
        self.origin = f"http://localhost:{self.room.world.people}"
        self.room.start()
        self.terminal, self.serial, self.cookies = Received(), 0, {}

    def ask(self, account, method, path, body=None, **headers):
        if account and account not in self.cookies:
            form = urllib.parse.urlencode({"account": account, "password": PASSWORD})
            answer = self.room.people().ask("POST", "/v1/session", form, {"Content-Type": "application/x-www-form-urlencoded",
                                                                         "Origin": self.origin})
            self.assertEqual(answer.status, 200, answer)
            self.cookies[account] = answer.headers["Set-Cookie"].split(";")[0]
        headers = {"Origin": self.origin, **({"Cookie": self.cookies[account]} if account else {}), **headers}
        return self.room.people().ask(method, path, body, headers)

    def get(self, path, account="wang.fang"):
        answer = self.ask(account, "GET", path)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def order(self, path, body="", account="wang.fang", reason="they asked for it", **headers):
        query = "&reason=" + urllib.parse.quote(reason) if "?" in path else "?reason=" + urllib.parse.quote(reason)
        return self.ask(account, "POST", "/v1/orders/" + path + query, body, **{"Content-Type": "text/plain", **headers})

    def submit(self, change=lambda message: message, party="FWD-QD-01"):
        self.serial += 1
        message = messages.declaration(messages.Consignment(self.serial, self.room.world.party(party).trader))
        answer = self.room.party(party).submit(change(message), wait=60)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["record"]

    def parked(self):
        """Two deliveries that their receiver refused."""
        line = self.room.line("TML-QQCT", self.terminal)
        take, line.take = line.take, lambda delivery, headers, body: False
        eventually(line.connected.is_set, "the terminal is there")
        numbers = [self.submit(), self.submit()]
        eventually(lambda: len(self.get("/v1/queue?state=parked&to=TML-QQCT")["deliveries"]) == 2, "parked")
        line.take = take
        return [f"{number}/TML-QQCT" for number in numbers]

    def recorded(self):
        """What the journal has of orders and of operators' words about deliveries."""
        lines = self.room.here("journal", "cat", "--json", code=0).stdout.splitlines()
        return [line for line in lines if "they asked for it" in line]

    def test_deliveries_are_re_driven_and_dropped_with_who_said_so(self):
        first, second = self.parked()
        answer = self.order("deliveries/redrive", first + "\nnonsense\n999/NOBODY\n")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["recorded"], 1)
        self.assertEqual([row["id"] for row in answer.json["left"]], ["nonsense", "999/NOBODY"])
        eventually(lambda: first in self.terminal, "it is delivered")
        self.assertEqual(self.order("deliveries/drop", second).json, {"recorded": 1, "left": []})
        self.assertEqual([row["id"] for row in self.get("/v1/queue?state=dropped")["deliveries"]], [second])
        self.assertIn("wang.fang: they asked for it", self.get("/v1/queue?state=dropped")["deliveries"][0]["words"])
        self.assertNotIn(second, self.terminal)
        self.assertEqual(len([line for line in self.recorded() if "wang.fang: they asked for it" in line]), 2)
        self.room.stop()
        self.assertTrue(json.loads(self.room.here("replay", "--rebuild", "--json", code=0).stdout)["equal"])

    def test_case_882_what_is_left_is_json_whatever_was_named(self):
        for body in ("\x01" * 65000, "\n".join(["\x1b" * 500] * 128), b"\xff" * 65000):
            answer = self.order("deliveries/drop", body)
            self.assertEqual((answer.status, answer.json["recorded"]), (200, 0))
            self.assertTrue(all(row["code"] == "NOT_FOUND" for row in answer.json["left"]))
        self.assertEqual(len(self.order("deliveries/drop", "1/x\n" * 128).json["left"]), 128)

    def test_case_945_who_asks_next_sees_what_was_ordered(self):
        """An order about a delivery was answered before the engine had come to it: who dropped one, and re-drove all that the list still
        had as parked, sent what he had dropped. Where the engine is behind, the answer says so."""
        first, second = self.parked()
        for each in first, second:
            self.assertEqual(self.order("deliveries/redrive" if each == first else "deliveries/drop", each).status, 200)
            self.assertNotIn(each, [row["id"] for row in self.get("/v1/queue?state=parked&to=TML-QQCT")["deliveries"]])
        engine = HeldThread(self.room.gateway.pid, "engine", HeldThread.IDLE)
        self.addCleanup(engine.let_go)
        answer = self.order("deliveries/redrive", second)
        self.assertEqual((answer.status, answer.json), (202, {"recorded": 1, "left": []}))
        self.assertEqual([row["id"] for row in self.get("/v1/queue?state=dropped")["deliveries"]], [second])
        engine.let_go()
        eventually(lambda: second in self.terminal, "it is followed all the same")

    def test_case_885_a_reason_is_kept_whole_or_refused(self):
        first, _ = self.parked()
        longest = 499 - len("wang.fang: ")
        self.assertEqual(self.order("deliveries/drop", first, reason="x" * (longest + 1)).json["code"], "no-order")
        self.assertEqual(self.order("deliveries/drop", first, reason="x" * longest).json["recorded"], 1)
        self.assertEqual(self.get("/v1/queue?state=dropped")["deliveries"][0]["words"], "wang.fang: " + "x" * longest)

    def test_quarantine_is_released_and_dropped(self):
        number = self.submit(lambda message: message.replace(b">4218<", b">4299<").replace(b"<TrafMode>2<", b"<TrafMode>5<"))
        self.assertEqual([row["record"] for row in self.get("/v1/queue?state=quarantined")["quarantined"]], [number])
        refused = self.order(f"records/release?record={number}")
        self.assertEqual(refused.status, 409, refused)
        self.assertIn("no route of today", refused.json["detail"])
        dropped = self.order(f"records/drop?record={number}")
        self.assertEqual((dropped.status, dropped.json["answer"]["code"]), (200, "DROPPED"))
        self.assertEqual(self.get("/v1/queue?state=quarantined")["quarantined"], [])
        self.assertEqual(self.order(f"records/drop?record={number}").status, 409)
        self.assertIn("wang.fang: they asked for it", self.recorded()[-1])

    def test_nobody_else_orders_anything(self):
        number = self.submit(lambda message: message.replace(b">4218<", b">4299<").replace(b"<TrafMode>2<", b"<TrafMode>5<"))
        paths = ("deliveries/redrive", "deliveries/drop", f"records/release?record={number}", f"records/drop?record={number}",
                 "records/clock-accept")
        before = self.room.metric("clearway_journal_durable_number")
        for path in paths:
            for account in ACCOUNTS:
                if account != "wang.fang":
                    answer = self.order(path, account=account)
                    self.assertEqual((answer.status, answer.json["code"]), (403, "role"), f"{account} {path}")
            self.assertEqual(self.order(path, account=None).status, 401, path)
            self.assertEqual(self.order(path, Origin="https://elsewhere.example").status, 403, path)
            self.assertEqual(self.ask("wang.fang", "GET", "/v1/orders/" + path).status, 405, path)
            self.assertEqual(self.room.party("OFC-QD").ask("POST", "/v1/orders/" + path, "").status, 404, "a certificate has no account")
            for reason in ("", " "):
                self.assertEqual(self.order(path, reason=reason).json["code"], "no-order", path)
        self.assertEqual(self.order("deliveries/forget").status, 404)
        self.assertEqual(self.order("records/forget?record=1").status, 400)
        self.assertEqual(self.order("records/drop?record=x").status, 400)
        self.assertEqual(self.order(f"records/drop?record={number}", reason="x" * 490).status, 400, "its account is a part of the reason")
        self.assertEqual(self.order("deliveries/drop", "1/A\n" * 129).status, 413)
        self.assertEqual(self.order("records/clock-accept").json["code"], "not-doubted")
        self.assertEqual(self.room.metric("clearway_journal_durable_number"), before, "nothing of it was recorded")

    def test_messages_are_found_by_anything_that_is_known_of_them(self):
        goods = messages.Consignment(77, self.room.world.party("FWD-QD-01").trader)
        good = self.room.party("FWD-QD-01").submit(messages.declaration(goods), wait=60).json
        bad = self.room.party("FWD-QD-02").submit(messages.declaration(messages.Consignment(
            78, self.room.world.party("FWD-QD-02").trader)).replace(b"<GrossWet>", b"<GrossWet>x"))
        self.assertEqual(bad.status, 422, bad)
        eventually(self.room.decided, "it is applied")

        def found(query, account="wang.fang"):
            return [row["record"] for row in self.get("/v1/received?" + query, account)["messages"]]
        refused = bad.receipt["record"]
        self.assertEqual(found(""), [refused, good["record"]])
        self.assertEqual(found("id=" + goods.client_seq_no), [good["record"]])
        self.assertEqual(found("party=FWD-QD-02"), [refused])
        self.assertEqual(found("verdict=refused"), [refused])
        self.assertEqual(found("family=declaration&until=2026-01-01"), [])
        self.assertEqual(found("", "zhang.wei"), [good["record"]])
        self.assertEqual(found("party=FWD-QD-02", "zhang.wei"), [good["record"]], "a party sees its own, whatever is asked for")
        self.assertEqual(found("", "li.na"), [refused])
        self.assertEqual(self.ask("sun.li", "GET", "/v1/received").status, 403)
        self.assertEqual(self.room.party("FWD-QD-02").get("/v1/received").json["messages"][0]["record"], refused)
        findings = self.get(f"/v1/messages/{refused}", "li.na")["receipt"]["findings"]
        content = self.ask("li.na", "GET", f"/v1/messages/{refused}/content")
        self.assertEqual(content.status, 200, content)
        line = content.body.decode().split("\n")[findings[0]["line"] - 1]
        self.assertIn("<GrossWet>x", line)


if __name__ == "__main__":
    unittest.main(verbosity=2)
