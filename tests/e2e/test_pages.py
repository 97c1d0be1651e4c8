"""Lists come in pages: every list that the API describes is walked row by row, while things happen; the command walks them, too."""
import json
import unittest
import urllib.parse
from datetime import datetime, timedelta

from harness import RoomTest, messages


class Pages(RoomTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls.room.party("OFC-QD")                # it sees everybody's
        cls.now = datetime.now(messages.CHINA)
        paths = cls.office.get("/openapi.json").json["paths"]
        cls.linked = [path for path, item in paths.items() if "Link" in item.get("get", {"responses": {"200": {}}})["responses"]["200"].get("headers", {})]
        cls.lists = [path for path, item in paths.items() if {"limit", "after"} <= {p["name"] for p in item.get("get", {}).get("parameters", [])}
                     and "machines" in item["get"]["x-listeners"]]

    def setUp(self):
        if Pages.serial:                            # once: what is there is walked by all
            return
        self.accept("TML-QQCT", messages.charge_list("QQCT", "青岛前湾集装箱码头", [("TERMINAL_HANDLING", "港口作业包干费", "BOX20", 490), (
            "STORAGE", "库场使用费", "BOX_DAY", 10), ("INSPECTION_LIFT", "查验吊装费", "BOX", 120), ("REEFER_POWER", "冷藏箱供电费", "HOUR", 6)]))
        for number in range(1, 6):
            self.accept("OFC-QD", messages.review_measure(number, "FWD-QD-01", self.now + timedelta(days=number % 3)))
            self.accept("FWD-QD-01", messages.dangerous_goods(self.goods(), False, self.now))
            self.accept("CAR-COSU", messages.boarding_request(self.goods(), 1, self.now + timedelta(hours=number % 2)))
            holder = self.room.world.party("FWD-QD-01").trader
            self.accept("FWD-QD-01", messages.Lot(f"LOT-{number}", holder, "RELEASE_FIRST", "2601112000", "iron ore", "1000", "QDGQ-BULK").application(self.now))

    def member(self, answer):
        return next(value for value in answer.values() if isinstance(value, list))

    def walk(self, path, between=lambda: None, **values):
        """All rows, page by page, by the links; what is told in them is held against each other."""
        rows, address = [], path + "?" + urllib.parse.urlencode(values)
        while address:
            answer = self.office.get(address)
            self.assertEqual(answer.status, 200, answer)
            page = self.member(answer.json)
            self.assertLessEqual(len(page), int(values["limit"]))
            rows += page
            self.assertEqual(answer.json["more"], "Link" in answer.headers)
            address = None
            if answer.json["more"]:
                address, relation = answer.headers["Link"].split("; ")
                self.assertEqual((address[0], address[-1], relation), ("<", ">", 'rel="next"'))
                address = address[1:-1]
                self.assertEqual(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query)),
                                 {**{name: str(value) for name, value in values.items()}, "after": answer.json["next"]})
                between()
        return rows

    def test_pages_together_are_the_list(self):
        long = 0
        self.assertGreater(len(self.lists), 10)
        self.assertEqual(set(self.linked) - {"/v1/queue"}, set(self.lists))
        for path in self.lists:
            if path == "/v1/deliveries":        # a mailbox: unit/test_view_mailbox.c
                continue
            path = path.replace("{list}", "charge_items")
            whole = self.member(self.office.get(path).json)
            long += len(whole) > 3
            for limit in (len(whole) // 5 + 1, len(whole) // 2 + 1, 1000):
                self.assertEqual(self.walk(path, limit=limit), whole, path)
        self.assertGreater(long, 3, "there was something to walk")

    def test_what_comes_meanwhile_moves_nobody(self):
        """Before, between and behind: those that stand stay where they are, each is told once."""
        before = [row["id"] for row in self.member(self.office.get("/v1/review").json)]
        fresh = iter(range(100, 200))

        def another():
            number = next(fresh)
            self.accept("OFC-QD", messages.review_measure(number, "FWD-QD-01", self.now + timedelta(days=number % 3 * 10 - 5)))
        told = [row["id"] for row in self.walk("/v1/review", another, limit=1)]
        self.assertEqual(len(told), len(set(told)))
        self.assertEqual([one for one in told if one in before], before)
        self.assertGreater(len(told), len(before), "and those that came behind are there, too")

        before = [row["record"] for row in self.member(self.office.get("/v1/dangerous").json)]
        told = [row["record"] for row in self.walk("/v1/dangerous", lambda: self.accept("FWD-QD-01", messages.dangerous_goods(self.goods(), False, self.now)), limit=2)]
        self.assertEqual(told, before, "what comes stands before the first page")

    def test_a_filter_goes_with_the_pages(self):
        rows = self.walk("/v1/dangerous", limit=1, state="declared")
        self.assertEqual(rows, self.member(self.office.get("/v1/dangerous?state=declared").json))

    def test_what_is_no_cursor(self):
        cursor = self.office.get("/v1/review?limit=1").json["next"]
        self.assertEqual(self.office.get(f"/v1/review?after={cursor}").status, 200)
        for path, values, code in (("review", {"after": "x"}, "no-cursor"), ("review", {"after": cursor + "A"}, "no-cursor"),
                                   ("lots", {"after": cursor}, "no-cursor"), ("review", {"after": cursor[:-4]}, "no-cursor"),
                                   ("review", {"limit": "0"}, "no-limit"), ("review", {"limit": "1001"}, "no-limit"),
                                   ("review", {"limit": "-1"}, "no-limit"), ("review", {"limit": "x"}, "no-limit")):
            answer = self.office.get(f"/v1/{path}?" + urllib.parse.urlencode(values))
            self.assertEqual((answer.status, answer.json["code"]), (400, code), values)

    def test_case_886_the_link_has_what_was_asked_and_no_more(self):
        for asked in ("limit=1" + "&" * 3000, "&&limit=1&&after=", "after=&limit=1", "&=&limit=1&%61fter="):     # the last: case 890
            answer = self.office.get("/v1/review?" + asked)
            self.assertEqual(answer.headers["Link"], f"</v1/review?limit=1&after={answer.json['next']}>; rel=\"next\"")

    def test_case_887_what_a_party_wrote_is_one_row_of_a_terminal(self):
        name = "X&#x9b;31m&#xA;QQCT  forged&#x9;&#x7f;"
        self.accept("TML-QQCT", messages.charge_list("QQCT", "青岛前湾集装箱码头", [("STORAGE", name, "BOX_DAY", 10)], version="2026-2", valid_from="2026-02-01"))
        for verb in (("tariffs",), ("charges", "QQCT")):
            told = self.room.clearway(*verb, party="FWD-QD-01", code=0).stdout
            self.assertIn("X\ufffd31m QQCT  forged \ufffd  ", told)
            self.assertFalse([sign for sign in told if sign != "\n" and not sign.isprintable()])

    def test_the_command_walks_them(self):
        for options in ({"party": "OFC-QD"}, {}):
            def ask(*arguments):
                return (self.room.clearway if options else self.room.here)("lots", *arguments, code=0, **options).stdout
            one = json.loads(ask("--limit", "2", "--json"))
            self.assertEqual((len(one["lots"]), one["more"]), (2, True))
            text = ask("--limit", "2")
            self.assertIn(f"... and more: --after {one['next']}\n", text)
            self.assertEqual(json.loads(ask("--limit", "1", "--after", one["next"], "--json"))["lots"][0]["record"],
                             json.loads(ask("--json"))["lots"][2]["record"])
            pages = [json.loads(line) for line in ask("--limit", "2", "--all", "--json").splitlines()]
            self.assertEqual([len(page["lots"]) for page in pages], [2, 2, 1])
            self.assertEqual([row for page in pages for row in page["lots"]], json.loads(ask("--json"))["lots"])
            text = ask("--limit", "2", "--all")
            self.assertNotIn("more", text)
            self.assertEqual([text.count(f"LOT-{number}") for number in range(1, 6)], [1] * 5)
        told = self.room.here("queue", "drop", "--to", "CUS-QD", "--limit", "3", code=2)
        self.assertIn("--limit", told.stderr)


if __name__ == "__main__":
    unittest.main()
