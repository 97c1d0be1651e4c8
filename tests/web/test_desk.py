"""What a declarant does at the page in a real browser: books, moves and cancels an inspection, looks at slots and tokens, complains of a
charge, hands several messages over. What is sent is a message like any other, decided by the gateway and seen by whom it is for.
"""
import re
import unittest
from datetime import datetime, timedelta

import test_page
from test_page import HOSTILE, WIDTHS, PageTest, messages

SITE = "QQCT-CFS1"


class Desk(PageTest):
    def selected(self, party="FWD-QD-01"):
        """Goods that customs wants to see."""
        goods, _ = self.declare(party)
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        self.accept("CUS-QD", messages.customs_result(goods, "C", datetime.now(messages.CHINA)))
        return goods

    def choose_slot(self, tab, place=0):
        """A slot of a day that has not begun yet, by its place among those that are free; the moment it begins."""
        tab.waitForSelector(".calendar button.slot")
        slots = tab.evaluate("[...document.querySelectorAll('.calendar button.slot')].map(b => b.getAttribute('aria-label'))")
        label = sorted(slots)[place + 6]
        tab.click(f".calendar button[aria-label='{label}']")
        return label

    def queue(self, party):
        return self.room.party(party).get("/v1/inspections?site=" + SITE).json["inspections"]

    def test_booking_from_the_page_is_decided_and_seen_by_customs(self):
        goods = self.selected()
        tab = self.browse()
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.click("main a[href^='/inspections']")
        tab.shows("请先选择场地")
        tab.click(f".sites a[href*='{SITE}']")
        label = self.choose_slot(tab)
        tab.shows(goods.containers[0], ".task")
        tab.click(".task button.main")
        tab.shows("已接收", ".task")
        tab.shows("已预约", ".task .sent")
        tab.waitForSelector(f"main [role=region] >> text={goods.bill}")     # the queue moved by itself
        tab.waitForSelector(".calendar b[title]")                           # and so did the calendar
        mine = [row for row in self.queue("CUS-QD") if row["subject"].endswith(goods.bill)]
        self.assertEqual([(row["party"], row["state"], row["slot_start"][5:16].replace("T", " ")) for row in mine],
                         [("FWD-QD-01", "booked", label[:11])])
        customs = self.browse("inspector")
        customs.goto(f"{self.base}/inspections?site={SITE}")
        customs.shows(goods.bill, "[role=region]")
        self.assertEqual(customs.evaluate("document.querySelectorAll('.calendar button.slot, .task').length"), 0, "customs books nothing")

    def test_a_booking_is_moved_and_cancelled_from_the_queue(self):
        goods = self.selected()
        start = datetime.now(messages.CHINA).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=2)
        record = self.accept("FWD-QD-01", messages.booking(goods, start))["record"]
        tab = self.browse()
        tab.goto(f"{self.base}/inspections?site={SITE}")
        row = f"main tr:has-text('B-{goods.number}')"
        tab.click(f"{row} >> text=改期")
        tab.shows("请在上面的日历中选择新的时段", ".task")
        label = self.choose_slot(tab, 20)
        tab.fill(".task .fields input", "货主 <要求> & 改期")
        tab.click(".task button.main")
        tab.shows("已预约", ".task .sent")
        tab.waitForSelector(f"{row} >> text={label[:11]}")
        mine = [each for each in self.queue("CUS-QD") if each["subject"].endswith(goods.bill)]
        self.assertEqual([each["slot_start"][5:16].replace("T", " ") for each in mine], [label[:11]])
        sent = self.room.party("FWD-QD-01").get(f"/v1/messages/{mine[0]['record']}/content").body.decode()
        self.assertIn("货主 &lt;要求&gt; &amp; 改期", sent)
        self.assertIn("<Telephone>+86-532-5550101</Telephone>", sent, "what was told before is told again")
        tab.click(f"{row} >> text=取消预约")
        tab.click(".task button.main")
        tab.shows("预约已取消", ".task .sent")
        tab.waitForSelector(row, {"state": "detached"})

    def test_what_is_refused_is_told_in_words(self):
        goods, _ = self.declare()                                           # customs has not selected them
        tab = self.browse()
        tab.goto(f"{self.base}/inspections?site={SITE}&bill={goods.bill}&lang=en")
        self.choose_slot(tab)
        tab.click(".task button.main")
        tab.shows("customs has not selected container", ".task")
        tab.click(".task >> text=Show the message")
        tab.shows("<InspectionBooking", ".task pre")

    def test_by_keyboard_alone(self):
        goods = self.selected()
        tab = self.browse()
        tab.goto(f"{self.base}/inspections?site={SITE}&bill={goods.bill}")
        tab.waitForSelector(".calendar button.slot")
        self.reach(tab, "button.slot")
        tab.press("Enter")
        tab.waitForSelector(".task button.main")
        self.reach(tab, "button.main")
        tab.press("Enter")
        tab.shows("已接收", ".task")

    def reach(self, tab, what, most=200):
        for _ in range(most):
            if tab.evaluate(f"document.activeElement.matches('{what}')"):
                return
            tab.press("Tab")
        self.fail(f"no key leads to {what}")

    def test_a_token_is_a_code_that_the_gate_reads(self):
        goods, _ = self.declare()
        now = datetime.now(messages.CHINA)
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        self.accept("CUS-QD", messages.customs_result(goods, "P", now))
        self.accept("FWD-QD-01", messages.pick_up_request(goods, "鲁B12345", now))
        tab = self.browse()
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.shows("提箱凭证")
        self.assertEqual(tab.evaluate("performance.getEntriesByType('resource').filter(each => /dist-/.test(each.name)).length"), 0)
        tab.click(".pickup button")
        tab.waitForSelector("svg.code path")
        self.assertEqual(tab.axe(), [])

    def publish(self, version, rate, valid_from, more=()):
        items = [("STORAGE", "堆存费", "BOX_DAY", "12"), ("TERMINAL_HANDLING", "港口作业包干费 <b>全包</b>", "BOX20", rate), *more]
        self.accept("TML-QQCT", messages.charge_list("QQCT", "前湾码头", items, version=version, valid_from=valid_from,
                                                     message_id=f"CL-{version}").replace(b"<b>", b"&lt;b&gt;").replace(b"</b>", b"&lt;/b&gt;"))

    def test_charges_are_found_compared_and_complained_of(self):
        self.publish("2026-1", "490", "2026-01-01", [("REEFER_POWER", "冷箱用电", "BOX_DAY", "9")])
        self.publish("2026-2", "520", "2026-02-01")
        goods, _ = self.declare()
        note = messages.charge_note(goods, "QQCT", "前湾码头", [("STORAGE", "堆存费", "BOX_DAY", 2, 12)], datetime.now(messages.CHINA).date())
        self.accept("TML-QQCT", note)
        tab = self.browse()
        tab.goto(self.base + "/charges")
        tab.click("main a[href='/charges/QQCT']")
        tab.shows("2026-2", "h2")
        tab.selectOption("main select", "2026-1")
        tab.shows("上调")
        tab.shows("取消")
        self.assertIn("against=2026-1", tab.url())
        self.assertIn("全包", tab.textContent("main"))
        self.assertEqual(tab.axe(), [])
        tab.goto(self.base + "/charges")
        tab.fill("main input[type=search]", "堆存")
        tab.press("Enter")
        tab.shows("STORAGE")
        self.assertEqual(tab.evaluate("document.querySelectorAll('main tbody tr').length"), 1, "two characters are a word")
        tab.goto(self.base + "/charges")
        row = "main tr:has(button)"
        tab.shows("与清单一致", row)
        tab.click(row + " >> text=投诉")
        tab.fill(".task .fields label:nth-of-type(3) input", HOSTILE)
        self.assertEqual(tab.axe(), [])
        tab.click(".task button.main")
        tab.shows("投诉已登记", ".task .sent")
        tab.shows("待答复", "main [role=region]")
        told = self.room.party("OFC-QD").get("/v1/complaints").json["complaints"]
        self.assertEqual([(one["party"], one["line"], one["reason"]) for one in told], [("FWD-QD-01", "1", "NOT_PROVIDED")])
        self.assertNotIn("taken", tab.title())
        # case 686: the office saw the code of the rule alone, and not what its sender had been told
        dearer = messages.charge_note(goods, "QQCT", "前湾码头", [("STORAGE", "堆存费", "BOX_DAY", 2, 13)], datetime.now(messages.CHINA).date(), message_id="CN-13")
        self.assertEqual(self.room.party("TML-QQCT").submit(dearer, wait=60).json["decision"]["result"], "refused")
        office = self.browse("analyst")
        office.goto(self.base + "/charges")
        office.shows("第 1 行：单价 13 高于公示清单 2026-2 的 12", "main tr:has-text('P02')")
        office.goto(self.base + "/charges?lang=en")
        office.shows("line 1: the rate 13 is above 12, as in the published list 2026-2", "main tr:has-text('P02')")
        self.assertEqual(office.axe(), [])

    def test_several_files_each_with_its_verdict(self):
        good, bad = (self.goods("FWD-QD-01") for _ in range(2))
        paths = [self.room.path(name) for name in ("good.xml", "bad.xml")]
        for path, content in zip(paths, (messages.declaration(good), messages.declaration(bad).replace(b"<GrossWet>", b"<GrossWet>x"))):
            with open(path, "wb") as file:
                file.write(content)
        tab = self.browse()
        tab.goto(self.base + "/submit")
        tab.setInputFiles("input[type=file]", paths)
        tab.shows("bad.xml")
        tab.click("article:has-text('good.xml') button.send")
        tab.shows("已接收", "article:has-text('good.xml')")
        tab.click("article:has-text('bad.xml') button.send")
        tab.shows("未接收", "article:has-text('bad.xml')")
        place = tab.textContent("article:has-text('bad.xml') .place")
        line, caret = place.split("\n")
        self.assertIn("<GrossWet>x", line)
        self.assertEqual(line[caret.index("^")], "x", "the caret stands below what is wrong")
        self.assertEqual(tab.axe(), [])

    def test_case_756_what_is_being_written_outlives_the_session(self):
        path = self.room.path("begun.xml")
        with open(path, "wb") as file:
            file.write(messages.declaration(self.goods("FWD-QD-01")))
        tab = self.browse()
        tab.goto(self.base + "/submit")
        tab.setInputFiles("input[type=file]", path)
        tab.click("article button:has-text('查看与修改')")
        tab.fill("textarea", "<mended/>")
        tab.click("nav.menu a[href='/charges']")                                     # looks something up
        tab.shows("口岸收费", "h1")
        tab.click("nav.menu a[href='/submit']")
        tab.shows("已修改", "article")
        tab.evaluate("fetch('/v1/session', {method: 'DELETE'})")                     # its time has come
        tab.shows("会话已结束")
        self.assertNotIn("begun.xml", tab.content())
        self.sign_in(tab, "forwarder")
        tab.click("article button:has-text('查看与修改')")
        self.assertEqual(tab.inputValue("textarea"), "<mended/>")
        tab.evaluate("fetch('/v1/session', {method: 'DELETE'})")
        tab.shows("会话已结束")
        self.sign_in(tab, "other")                                                   # somebody else at the same desk
        tab.shows("把 XML 报文拖到此处")
        self.assertEqual(tab.evaluate("document.querySelectorAll('article').length"), 0)
        tab.click("nav.self button")
        self.sign_in(tab, "forwarder")
        tab.shows("把 XML 报文拖到此处")
        self.assertEqual(tab.evaluate("document.querySelectorAll('article').length"), 0, "and the first finds nothing behind him")

    def test_case_753_the_clock_is_the_gateways(self):
        goods = self.selected()
        tab = self.browse()
        tab.clock({"time": 1000 * int((datetime.now() - timedelta(days=9, hours=5)).timestamp())})  # a battery that is empty
        tab.goto(f"{self.base}/inspections?site={SITE}&bill={goods.bill}")
        tab.shows(datetime.now(messages.CHINA).strftime("%m-%d"), ".calendar thead th:nth-child(2)")
        self.choose_slot(tab)
        tab.shows(goods.containers[0], ".task")
        tab.click(".task button:has-text('查看报文')")
        sent = datetime.fromisoformat(re.search("<SentTime>(.*)</SentTime>", tab.textContent(".task pre"))[1])
        self.assertLess(abs(datetime.now(messages.CHINA) - sent), timedelta(minutes=5))
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.shows(datetime.now(messages.CHINA).strftime("%m-%d"), ".as-of")

    def test_the_messages_of_a_consignment_open_in_place(self):
        goods, record = self.declare()
        tab = self.browse()
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.click("[role=tab] >> nth=2")
        tab.click("main table button")
        tab.shows(goods.bill, "pre.excerpt")
        for level in range(3):
            tab.click(f"[role=tab] >> nth={level}")
            tab.waitForSelector("main table")
            self.assertEqual(tab.axe(), [], level)

    def test_case_875_who_received_a_message_reads_it_too(self):
        """Of whom are told neither receipt nor decision."""
        goods, record = self.declare()
        for account in ("terminal", "inspector"):
            tab = self.browse(account)
            tab.goto(f"{self.base}/messages/{record}")
            tab.shows("FWD-QD-01", ".headline")
            tab.goto(f"{self.base}/track/{goods.bill}")
            tab.click("[role=tab]:has-text('报文')")
            tab.click("main tbody button")
            tab.shows("<BillNo>" + goods.bill, "pre.excerpt")

    def test_what_is_planned_stands_beside_what_was(self):
        goods, _ = self.declare()
        now = datetime.now(messages.CHINA)
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        self.accept("CUS-QD", messages.customs_result(goods, "J", now))       # from now on the goods are known to be its
        for place, hours in enumerate((5, 3)):                               # expected, then earlier: the last word counts
            self.accept("TML-QQCT", messages.port_event(goods, "DISC", now + timedelta(hours=hours), classifier="EST",
                                                        message_id=f"EST-{goods.number}-{place}"))
        self.accept("TML-QQCT", messages.port_event(goods, "ARRI", now - timedelta(hours=2)))
        self.accept("TML-QQCT", messages.port_event(goods, "BERT", now - timedelta(hours=2), classifier="PLN", message_id=f"PLN-{goods.number}"))
        tab = self.browse()
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.waitForSelector(".track .planned", {"state": "attached"})
        tab.shows("靠泊", "main tr.to_come")                                   # case 903
        self.accept("TML-QQCT", messages.port_event(goods, "BERT", now - timedelta(hours=1)))
        tab.shows("晚 1 小时", "main tr:has-text('靠泊')")
        tab.waitForSelector(".track .lag", {"state": "attached"})
        row = "main tr.running"
        tab.shows((now + timedelta(hours=3)).strftime("%m-%d %H:%M"), row)
        tab.shows("待码头办理", ".headline")
        self.accept("TML-QQCT", messages.port_event(goods, "DISC", now, message_id=f"ACT-{goods.number}"))
        tab.shows("早 3 小时", "main tr.done")
        self.assertEqual(tab.axe(), [])

    def test_a_vessel_is_searched_by_its_number_or_its_call(self):
        tab = self.browse("operator")
        tab.goto(self.base + "/")
        tab.fill("main input[type=search]", "IMO 9074728")
        tab.shows("IMO 编号校验码应为 9", ".search")
        for words, query in (("9074729", "vessel=9074729"), ("HAIJIA/026E", "vessel=HAIJIA&voyage=026E")):
            tab.goto(self.base + "/")
            tab.fill("main input[type=search]", words)
            tab.press("Enter")
            tab.waitForSelector("main .choices")
            self.assertIn("/lists/calls?" + query, tab.url())

    def test_both_languages_at_both_widths_are_accessible(self):
        goods = self.selected()
        for width in WIDTHS:
            tab = self.browse(width=width)
            for path in (f"/inspections?site={SITE}&bill={goods.bill}", "/charges", "/submit"):
                for language in ("zh", "en"):
                    tab.goto(self.base + path + ("&" if "?" in path else "?") + "lang=" + language)
                    if "site" in path:
                        self.choose_slot(tab)
                        tab.waitForSelector(".task .fields label:nth-of-type(3) option", {"state": "attached"})
                    self.assertEqual(tab.axe(), [], path + language)
                    self.assertLessEqual(tab.evaluate("document.documentElement.scrollWidth"), width, path + language)

    def test_hostile_texts_are_texts(self):
        goods = self.selected()
        tab = self.browse()
        tab.goto(f"{self.base}/inspections?site=%3Cscript%3E{'x' * 20}&bill={'%3Cb%3E' * 20}")
        tab.shows("这几天没有查验时段")
        tab.goto(f"{self.base}/inspections?site={SITE}&bill={goods.bill}")
        self.choose_slot(tab)
        tab.waitForSelector(".task .fields input")
        tab.fill(".task .fields label:has-text('联系人') input", (HOSTILE + "万" * 150)[:150])
        tab.click(".task button.main")
        tab.shows("已预约", ".task .sent")
        self.assertNotIn("taken", tab.title())


if __name__ == "__main__":
    test_page.main()
