"""The page in a real browser against a running gateway: what people do, in both languages, with the keyboard, on a narrow screen.

The browser is Debian's Chromium, told what to do by playwright-core (driver.mjs), which is fetched with what the page is
made of. CLEARWAY_CHROMIUM: where it is.
"""
import html
import json
import os
import re
import subprocess
import sys
import unittest
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from harness import BUILD, PATIENCE, SOURCE, Room, RoomTest, eventually, messages, world     # noqa: E402

MODULES = os.path.join(BUILD, "adapters", "web", "page", "node_modules")
HOSTILE = '<script>document.title="taken"</script>\u202egnp.'
WIDTHS = (1280, 360)
NODE_MIN = 20                           # the page itself is built by older ones


class Browser:
    def __init__(self, room):
        self.process = room.run("node", os.path.join(os.path.dirname(os.path.abspath(__file__)), "driver.mjs"), MODULES, os.environ["CLEARWAY_CHROMIUM"],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, tab, method, *arguments):
        self.process.stdin.write(json.dumps({"tab": tab, "call": method, "args": arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the browser has ended"}
        if "error" in answer:
            raise AssertionError(f"{method}{arguments}: {answer['error']}")
        return answer["value"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Tab:
    """One tab; a method of playwright's Page is called under its own name."""

    def __init__(self, browser, number=1):
        self.browser, self.number = browser, number

    def __getattr__(self, method):
        return lambda *arguments: self.browser.call(self.number, method, *arguments)

    def shows(self, words, where="main"):
        """Waits until they stand there."""
        self.waitForSelector(f"{where} >> text={words}")


class PageTest(RoomTest):
    """A gateway, its accounts, and a browser for each test."""

    @classmethod
    def setUpClass(cls):
        cls.room, cls.serial = Room(), 0
        cls.addClassCleanup(cls.room.close)
        cls.room.world.people = world.free_port()
        cls.room.world.let_in({**world.ACCOUNTS, "other": ("FWD-QD-02", "forwarder")}, world.DEMO_PASSWORD)
        cls.base = f"http://localhost:{cls.room.world.people}"
        cls.room.start()

    def setUp(self):
        self.browser = Browser(self.room)

    def tearDown(self):
        try:
            self.assertEqual(self.browser.call(0, "complaints"), [])
        finally:
            self.browser.close()

    def browse(self, account="forwarder", width=1280, without=None, old=False):
        """A browser in which that account has signed in; None: nobody has."""
        self.browser.call(0, "browse", {"viewport": {"width": width, "height": 800}, "patience": PATIENCE * 1000})
        if old:
            self.browser.call(0, "old")
        if without:
            self.browser.call(0, "without", without)
        tab = Tab(self.browser)
        tab.goto(self.base + "/")
        if account:
            self.sign_in(tab, account)
        return tab

    def sign_in(self, tab, account, password=world.DEMO_PASSWORD):
        tab.fill("[name=account]", account)
        tab.fill("[name=password]", password)
        tab.press("Enter")
        if password == world.DEMO_PASSWORD:
            tab.waitForSelector("nav button")

    def declare(self, party="FWD-QD-01"):
        goods = self.goods(party)
        return goods, self.accept(party, messages.declaration(goods))["record"]


class Page(PageTest):
    def test_from_the_search_to_the_timeline_which_moves_by_itself(self):
        goods, _ = self.declare()
        tab = self.browse()
        tab.goto(self.base + "/")
        tab.fill("main input[type=search]", goods.bill)
        tab.press("Enter")
        tab.shows(goods.bill)
        tab.shows("已提交")
        tab.waitForSelector(".line.live")
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        self.accept("CUS-QD", messages.customs_result(goods, "P", datetime.now(messages.CHINA)))
        tab.shows("已放行", ".headline")
        tab.click("text=事件 >> nth=0")
        tab.shows("放行", "[role=region]")
        self.assertIn("/track/" + goods.bill, tab.url())

    def test_a_gateway_that_comes_back_has_told_everything(self):
        for without in (None, "SharedWorker"):
            with self.subTest(without=without):
                self.come_back(self.browse(without=without))

    def come_back(self, tab):
        goods, _ = self.declare()
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.waitForSelector(".line.live")
        self.room.kill()
        tab.waitForSelector(".banner")
        self.room.start()
        self.accept("CUS-QD", messages.customs_result(goods, "P", datetime.now(messages.CHINA)))
        tab.shows("已放行", ".headline")
        tab.waitForSelector(".line.live")
        tab.waitForSelector(".banner", {"state": "detached"})

    def test_both_languages_at_both_widths_are_accessible(self):
        goods, record = self.declare()
        for width in WIDTHS:
            tab = self.browse(width=width)
            for path in ("/", f"/track/{goods.bill}", "/inspections", "/charges", f"/messages/{record}", "/submit"):
                for language, name in (("", "zh-CN"), ("?lang=en", "en")):
                    tab.goto(self.base + path + language)
                    tab.waitForSelector("h1")
                    self.assertEqual(tab.getAttribute("html", "lang"), name)
                    self.look_at(tab, width, path + language)

    def look_at(self, tab, width, what):
        """It is accessible in the light and in the dark, and no wider than the screen."""
        for scheme in ("light", "dark"):
            tab.emulateMedia({"colorScheme": scheme})
            self.assertEqual(tab.axe(), [], f"{what} {scheme}")
        self.assertLessEqual(tab.evaluate("document.documentElement.scrollWidth"), width, what)

    def test_by_keyboard_alone(self):
        goods, _ = self.declare()
        tab = self.browse()
        tab.goto(self.base + "/inspections")
        tab.waitForSelector("header input")
        tab.press("Tab")
        self.assertEqual(tab.evaluate("document.activeElement.className"), "skip")
        for _ in range(10):
            if tab.evaluate("document.activeElement.tagName") == "INPUT":
                break
            tab.press("Tab")
        for key in goods.bill:
            tab.press(key)
        tab.press("Enter")
        tab.shows(goods.bill, "h1")

    def test_a_container_is_checked_while_it_is_typed(self):
        tab = self.browse()
        tab.goto(self.base + "/")
        tab.fill("main input[type=search]", "CSQU3054384")
        tab.shows("箱号校验码应为 3", ".search")
        tab.fill("main input[type=search]", "CSQU3054383")
        tab.waitForSelector("#objection", {"state": "detached"})

    def test_case_751_a_number_is_found_however_it_is_written(self):
        goods, _ = self.declare()
        tab = self.browse()
        grouped = f"{goods.bill[:4]} {goods.bill[4:8]}-{goods.bill[8:]}"
        wide = "".join(chr(ord(each) + 0xfee0) for each in goods.bill)
        container = goods.containers[0]
        for words in (goods.bill.lower(), wide, "提单号：" + goods.bill, grouped, goods.client_seq_no,
                      f"{container[:4].lower()} {container[4:10]}-{container[10:]}"):
            tab.goto(self.base + "/")
            tab.fill("main input[type=search]", words)
            tab.press("Enter")
            tab.shows(goods.bill, "h1")
        tab.fill("header input[type=search]", "NO 1")
        tab.press("Enter")
        tab.shows("NO 1", "h1")                      # as it was asked for
        tab.shows("可按提单号、箱号")

    def test_case_755_a_title_says_what_the_view_is_about(self):
        goods, record = self.declare()
        tab = self.browse()
        titles = []
        for place, about in ((f"/track/{goods.bill}", goods.bill), (f"/messages/{record}", str(record)),
                             ("/lists/calls", "船舶航次"), ("/lists/waivers", "免单申请"), ("/inspections?site=QQCT-CFS1", "查验平台"), ("/lists", "")):
            tab.goto(self.base + place)
            tab.until(f"document.title.includes('{about}') && document.querySelector('main h1')")
            titles.append(tab.title())
        self.assertEqual(len(set(titles)), len(titles), titles)

    def test_case_754_what_is_printed_stands_on_the_paper(self):
        for _ in range(3):
            goods, _ = self.declare()
            self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        self.accept("TML-QQCT", messages.port_event(goods, "ARRI", datetime.now(messages.CHINA)))
        tab = self.browse("operator", width=703)             # between the margins of A4
        tab.emulateMedia({"media": "print"})
        for place in ("/lists/received", "/messages", "/lists/received?lang=en", f"/track/{goods.bill}"):
            tab.goto(self.base + place)
            tab.waitForSelector("main table")
            self.assertLessEqual(tab.evaluate("Math.max(...[...document.querySelectorAll('main td')].map((each) => each.getBoundingClientRect().right))"), 703,
                                 place)
            self.assertEqual(tab.evaluate("[...document.querySelectorAll('main label')].filter((each) => each.offsetParent !== null).length"), 0,
                             "a filter that says nothing is not printed")
            self.assertEqual(tab.evaluate("[...document.querySelectorAll('main tbody td a')].filter((each) => each.offsetWidth < 3 * each.textContent.length).length"),
                             0, "letter below letter is no number")
            self.assertRegex(tab.textContent(".paper-only"), r"\d{4}-\d\d-\d\d \d\d:\d\d")
        tab.waitForSelector(".key", {"state": "attached"})
        self.assertEqual(tab.evaluate("getComputedStyle(document.querySelector('.key'), '::before').webkitPrintColorAdjust"), "exact",
                         "a key whose colour is left out explains nothing")

    def test_what_another_may_not_see_is_not_in_the_page(self):
        goods, record = self.declare()
        tab = self.browse("other")
        for path in (f"/track/{goods.bill}", f"/messages/{record}"):
            tab.goto(self.base + path)
            tab.shows("没有找到，或与您无关")
        self.assertNotIn("FWD-QD-01", tab.content())

    def test_signing_in_and_out(self):
        goods, _ = self.declare()
        tab = self.browse(None)
        tab.goto(f"{self.base}/track/{goods.bill}")
        self.sign_in(tab, "forwarder", "another")
        tab.waitForSelector(".note.bad")
        self.assertNotIn(goods.bill, tab.textContent("main"))
        self.sign_in(tab, "forwarder")
        tab.shows(goods.bill, "h1")
        tab.goto(f"{self.base}/track/{goods.bill}")          # the session stands in the cookie
        tab.shows(goods.bill, "h1")
        tab.click("nav button")
        tab.waitForSelector("[name=password]")
        self.assertNotIn(goods.bill, tab.textContent("body"))

    def test_case_864_a_session_that_ends_elsewhere_ends_here_too(self):
        goods, _ = self.declare()
        tab = self.browse()
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.shows(goods.bill, "h1")
        tab.waitForSelector(".line.live")
        tab.evaluate("fetch('/v1/session', { method: 'DELETE' }).then((answer) => answer.status)")
        tab.waitForSelector("[name=password]")
        self.assertNotIn(goods.bill, tab.textContent("main"))
        self.assertFalse(tab.isVisible("nav.menu"))

    def test_a_menu_has_what_is_for_the_role(self):
        menus = {"forwarder": "查验 预警 口岸收费 全部清单 报文 提交", "inspector": "查验 预警 口岸收费 全部清单 报文 提交",
                 "analyst": "口岸收费 通关时效 全部清单", "operator": "查验 预警 口岸收费 通关时效 全部清单 报文 投递 诊断"}
        for account, menu in menus.items():
            tab = self.browse(account)
            self.assertEqual(tab.evaluate("[...document.querySelectorAll('nav a:not([lang])')].map(a => a.textContent).join(' ')"), menu, account)

    def test_every_list_is_drawn_from_its_description(self):
        self.declare()
        tab = self.browse("operator")
        tab.goto(self.base + "/lists")
        tab.waitForSelector(".index a")
        places = tab.evaluate("[...document.querySelectorAll('.index a')].map(a => a.pathname)")
        self.assertGreater(len(places), 12)
        for place in places:
            tab.goto(self.base + place)
            tab.waitForSelector("main table, main .note:not([role=status])")
            self.assertEqual(tab.evaluate("document.querySelectorAll('.bad').length"), 0, place)
            self.assertEqual(tab.axe(), [], place)
        tab.goto(self.base + "/lists/waivers")
        tab.selectOption("main select", "denied")
        tab.waitForSelector(".note")
        self.assertIn("state=denied", tab.url())
        analyst = self.browse("analyst")
        analyst.goto(self.base + "/lists")
        analyst.waitForSelector(".index a")
        seen = analyst.evaluate("[...document.querySelectorAll('.index a')].map(a => a.pathname)")
        self.assertIn("/lists/ratings", seen)
        self.assertNotIn("/lists/lots", seen)

    def test_a_long_list_is_fetched_page_by_page(self):
        now = datetime.now(messages.CHINA)
        for number in range(1, 103):
            self.room.party("OFC-QD").submit(messages.review_measure(number, "FWD-QD-01", now))
        self.accept("OFC-QD", messages.review_measure(103, "FWD-QD-01", now))
        tab = self.browse("operator")
        tab.goto(self.base + "/lists/review")
        tab.waitForSelector("main tbody tr")
        rows = "document.querySelectorAll('main tbody tr').length"
        self.assertEqual(tab.evaluate(rows), 100)
        tab.click("main button:has-text('更多')")
        tab.waitForSelector("main tbody tr:nth-child(103)")
        self.assertEqual(tab.evaluate("[...document.querySelectorAll('main button')].filter(b => b.textContent === '更多').length"), 0)
        self.accept("OFC-QD", messages.review_measure(1042, "FWD-QD-01", now + timedelta(days=40)))
        tab.waitForSelector("main tbody tr:nth-child(104)")       # what was asked for is asked for again as things happen

    def test_every_view_is_served_at_its_place(self):
        with open(os.path.join(SOURCE, "adapters", "web", "source", "main.tsx"), encoding="utf-8") as file:
            views = re.findall(r'^  (?:"")?(\w*): \{ name: "', file.read(), re.MULTILINE)
        self.assertGreater(len(views), 8)
        for view in views:
            self.assertEqual(self.room.people().get("/" + view + ("/x" if view == "track" else "")).status, 200, view)

    def test_what_waits_and_why(self):
        goods, record = self.declare()          # its terminal has no line
        tab = self.browse("operator")
        tab.goto(self.base + "/deliveries")
        tab.shows(goods.bill, "[role=region]")
        tab.shows("TML-QQCT", "[role=region]")
        self.assertNotIn("1970", tab.textContent("main"))       # case 662: the oldest record's number was shown as a moment
        self.assertEqual(tab.axe(), [])
        tab.click(f"main a[href='/messages/{record}']")
        tab.shows(goods.bill, ".headline")

    def unrouted(self, change=lambda message: message):
        """A message that no route sends anywhere: it waits in quarantine."""
        message = messages.declaration(self.goods("FWD-QD-01")).replace(b">4218<", b">4299<").replace(b"<TrafMode>2<", b"<TrafMode>5<")
        return self.accept("FWD-QD-01", change(message))["record"]

    def states(self, state):
        listed = json.loads(self.room.here("queue", "--json", "--state", state, code=0).stdout)
        return [row["id"] for row in listed["deliveries"]] if "deliveries" in listed else [row["record"] for row in listed[state]]

    def test_deliveries_are_chosen_counted_and_ordered_with_a_reason(self):
        records = [self.declare()[1] for _ in range(2)]          # its terminal has no line
        mine = [f"{record}/TML-QQCT" for record in records]
        tab = self.browse("operator")
        tab.goto(self.base + "/deliveries?to=TML-QQCT&state=waiting")
        for delivery in mine:
            tab.check(f"main input[aria-label='选择 {delivery}']")
        bar = "form.orders"
        tab.shows("已选 2 项", bar)
        self.assertTrue(tab.isDisabled(f"{bar} button:has-text('丢弃')"), "a reason is wanted first")
        tab.fill(f"{bar} input[name=reason]", "INC-1 他们换了系统")
        tab.click(f"{bar} button:has-text('丢弃')")
        tab.shows("确认丢弃 2 件", bar)
        self.assertEqual([delivery for delivery in mine if delivery in self.states("dropped")], [], "nothing is done before it is confirmed")
        tab.click(f"{bar} button:has-text('取消')")
        tab.click(f"{bar} button:has-text('丢弃')")
        self.assertEqual(tab.axe(), [])
        tab.waitForSelector(f"{bar} .sure:focus")               # by keyboard, too
        tab.press("Enter")
        for delivery in mine:
            tab.waitForSelector(f"main input[aria-label='选择 {delivery}']", {"state": "detached"})
        self.assertEqual(sorted(set(mine) - set(self.states("dropped"))), [])
        tab.goto(self.base + "/deliveries?to=TML-QQCT&state=dropped&lang=en")
        tab.shows("operator: INC-1 他们换了系统", "[role=region]")
        tab.check(f"main input[aria-label='choose {mine[0]}']")
        tab.fill(f"{bar} input[name=reason]", "INC-2")
        tab.click(f"{bar} button:has-text('Deliver after all')")
        tab.click(f"{bar} .sure")
        tab.shows("1 recorded", bar)
        self.assertNotIn(mine[0], self.states("dropped"))

    def test_what_is_in_quarantine_is_released_or_dropped(self):
        record = self.unrouted()
        tab = self.browse("operator", width=360)
        tab.goto(self.base + "/deliveries?state=quarantined")
        tab.check(f"main input[aria-label='选择 {record}']")
        bar = "form.orders"
        tab.fill(f"{bar} input[name=reason]", "INC-3")
        tab.click(f"{bar} button:has-text('解除')")
        tab.click(f"{bar} .sure")
        tab.shows(f"{record} 未执行：", bar)                      # no route of today takes it, either
        self.assertEqual(tab.axe(), [])
        self.assertLessEqual(tab.evaluate("document.documentElement.scrollWidth"), 360)
        tab.check(f"main input[aria-label='选择 {record}']")
        tab.fill(f"{bar} input[name=reason]", "INC-3")
        tab.click(f"{bar} button:has-text('丢弃')")
        tab.click(f"{bar} .sure")
        tab.waitForSelector(f"main input[aria-label='选择 {record}']", {"state": "detached"})
        self.assertNotIn(record, self.states("quarantined"))

    def test_orders_and_diagnosis_are_the_operators_alone(self):
        record = self.unrouted()
        order = ("fetch('/v1/orders/records/drop?record=%d&reason=x', {method: 'POST'})"
                 ".then(async (answer) => answer.status + ' ' + (await answer.json()).code)" % record)
        for account in ("forwarder", "terminal", "carrier", "inspector", "analyst"):
            tab = self.browse(account)
            for path in ("/deliveries", "/diagnostics"):
                tab.goto(self.base + path)
                tab.waitForSelector("main .note.bad, main h1")
                self.assertEqual(tab.evaluate("document.querySelectorAll('form.orders, .sign').length"), 0, account + path)
                self.assertNotIn("TML-QQCT", tab.textContent("main"), account + path)
            self.assertEqual(tab.evaluate(order), "403 role", account)
        self.assertIn(record, self.states("quarantined"))

    def test_diagnostics_say_what_doctor_says_and_refresh_themselves(self):
        for width, language in ((1280, ""), (360, "?lang=en")):
            tab = self.browse("operator", width=width)
            tab.goto(self.base + "/diagnostics" + language)
            tab.waitForSelector("tr.ok")
            self.assertEqual(tab.axe(), [])
            self.assertLessEqual(tab.evaluate("document.documentElement.scrollWidth"), width)
        folder = self.room.world.folder("CAR-COSU")
        os.rename(folder, folder + ".away")
        with open(folder, "w") as out:
            out.write("no folder")
        try:
            tab.waitForSelector("tr.failed:has-text('CAR-COSU')")          # nobody has touched the page
            self.assertIn("failed", tab.textContent("tr.failed:has-text('CAR-COSU')"), "a word, not a colour")
            told = json.loads(self.room.here("doctor", "--json", code=1).stdout)["checks"]
            row = next(row for row in told if (row["check"], row["subject"]) == ("folder", "CAR-COSU"))
            self.assertIn(row["en"], tab.textContent("tr.failed:has-text('CAR-COSU')"))
            tab.check("main p input[type=checkbox]")
            tab.waitForSelector("tr.ok", {"state": "detached"})
        finally:
            os.unlink(folder)
            os.rename(folder + ".away", folder)

    def test_messages_are_looked_up_and_what_is_wrong_is_marked_in_them(self):
        goods, record = self.declare()
        bad = messages.declaration(self.goods("FWD-QD-01")).replace(b"<GrossWet>", b"<GrossWet>x")
        answer = self.room.party("FWD-QD-01").submit(bad)
        self.assertEqual(answer.status, 422, answer)
        refused = answer.receipt["record"]
        eventually(self.room.decided, "the engine has come to it")          # no event tells of it
        tab = self.browse("operator")
        tab.goto(self.base + "/messages")
        tab.shows(str(record), "[role=region]")
        self.assertEqual(tab.axe(), [])
        tab.selectOption("select[name=verdict]", "refused")
        tab.waitForSelector(f"main a[href='/messages/{refused}']")
        self.assertEqual(tab.evaluate(f"document.querySelectorAll(\"main a[href='/messages/{record}']\").length"), 0)
        self.assertIn("verdict=refused", tab.url())
        tab.goto(self.base + "/messages")                        # case 865: whose id it is, who sees all need not know
        tab.fill("main form.search input", goods.client_seq_no)
        tab.press("Enter")
        tab.waitForSelector(f"main a[href='/messages/{record}']")
        self.assertEqual(tab.evaluate("document.querySelectorAll('main tbody tr').length"), 1)
        tab.goto(self.base + "/messages?id=" + goods.client_seq_no + "&party=FWD-QD-01&lang=en")
        tab.click(f"main a[href='/messages/{record}?lang=en']")
        tab.shows(goods.bill, ".headline")
        tab = self.browse("forwarder", width=360)          # its own: bytes and place
        tab.goto(f"{self.base}/messages/{refused}")
        tab.waitForSelector("pre.place b")
        self.assertRegex(tab.textContent("pre.place"), r"^ *\d+ \| .*GrossWet")
        self.assertEqual(tab.axe(), [])
        self.assertLessEqual(tab.evaluate("document.documentElement.scrollWidth"), 360)

    def test_hostile_texts_are_texts(self):
        tab = self.browse()
        hostile = HOSTILE + "万" * 90
        tab.goto(self.base + "/track/" + hostile.replace("<", "%3C").replace("/", "%2F"))
        tab.shows("没有找到，或与您无关")
        tab.goto(self.base + "/messages")
        tab.fill("main input", hostile[:120])
        tab.press("Enter")
        tab.waitForSelector(".note")
        self.assertNotIn("taken", tab.title())
        turned = messages.declaration(self.goods("FWD-QD-01")).replace(b"<GrossWet>", "<GrossWet>1\u202efdp".encode())
        refused = self.room.party("FWD-QD-01").submit(turned).receipt["record"]
        eventually(self.room.decided, "the engine has come to it")          # no event tells of it
        tab.goto(f"{self.base}/messages/{refused}")
        tab.waitForSelector("pre.place b")
        self.assertIn("1<202E>fdp", tab.textContent("pre.place"))
        self.assertNotIn("\u202e", tab.textContent("main"))        # case 868

    def test_a_message_is_handed_over_refused_mended_and_accepted(self):
        goods = self.goods("FWD-QD-01")
        good = messages.declaration(goods).decode()
        tab = self.browse()
        tab.goto(self.base + "/submit")
        path = self.room.path("broken.xml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(good.replace("<GrossWet>", "<GrossWet>x"))
        tab.setInputFiles("input[type=file]", path)
        tab.click("button.send")
        tab.shows("未接收")
        self.assertGreater(tab.evaluate("document.querySelectorAll('.findings .error').length"), 0)
        tab.fill("textarea", good)
        tab.click("button.send")
        tab.shows("已接收")

    def play_months(self, note="船边直提"):
        """Imports with that note and without, in the last full month and in the one before. Returns that month, "2026-10"."""
        now = datetime.now(messages.CHINA)
        last = (now.replace(day=1) - timedelta(days=1)).replace(day=15, hour=12, minute=0, second=0, microsecond=0)
        before = (last.replace(day=1) - timedelta(days=1)).replace(day=15, hour=12, minute=0, second=0, microsecond=0)
        for released, hours, said in ((last, 30, ""), (last, 50, note), (last, 41, ""), (before, 60, ""), (before, 26, note)):
            goods = self.goods("FWD-QD-01")
            self.accept("FWD-QD-01", messages.declaration(goods, note=said))
            self.accept("TML-QQCT", messages.port_event(goods, "ARRI", released - timedelta(hours=hours)))
            self.accept("TML-QQCT", messages.port_event(goods, "DISC", released - timedelta(hours=hours - 6)))
            self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
            self.accept("CUS-QD", messages.customs_result(goods, "J", released - timedelta(hours=2)))
            self.accept("CUS-QD", messages.customs_result(goods, "P", released))
            self.accept("TML-QQCT", messages.port_event(goods, "GTOT", released + timedelta(hours=1)))
        return last.strftime("%Y-%m")

    def told(self, *arguments):
        return json.loads(self.room.clearway("report", "--json", *arguments, party="OFC-QD", code=0).stdout)

    def tables(self, tab):
        """Of the first direction: each table by its label, a line a row."""
        return dict(tab.evaluate("""[...document.querySelectorAll('.review:first-of-type .scroll')].map(part => [part.getAttribute('aria-label'),
            [...part.querySelectorAll('tbody tr, tfoot tr')].map(row => [...row.children].map(cell => cell.textContent).join('|')).join('\\n')])"""))

    @staticmethod
    def fixed(value, digits):
        """As the page rounds: a half goes up."""
        return str(Decimal(value).quantize(Decimal(10) ** -digits, ROUND_HALF_UP)).replace("-", "−")

    def hours(self, seconds):
        return "–" if seconds is None else self.fixed(seconds / 3600, 1)

    def percent(self, share):
        return "–" if share is None else self.fixed(share * 100, 1) + "\u00a0%"

    def more(self, seconds):
        said = self.fixed(abs(seconds / 3600), 2)
        return ("±" if said == "0.00" else "−" if seconds < 0 else "+") + said

    @staticmethod
    def owner(owner):
        return f"{owner['role_zh']} · {owner['party_zh'] or owner['party'] or '不详'}" if owner else ""

    def tables_told(self, told):
        """The same tables from the report, in Chinese."""
        of, why = told["import"], told["import"]["why"]
        names = {each["name"]: each["zh"] for each in of["segments"]}
        sides = {"terminal": "码头", "declarant": "申报单位", "customs": "海关", "consignee": "收货人"}
        changes = {step["name"]: step["share"] for step in why["segments"]}
        dimensions = {"office": "申报地海关", "port": "口岸", "terminal": "码头", "step": "申报步骤", "inspected": "是否查验", "advance": "提前或普通",
                      "mode": "申报模式", "transport": "运输方式", "aeo": "是否高级认证", "commodity": "商品类别"}
        chain = [each["name"] for each in of["segments"] if "share" in each["clamped"]]

        def group(name, one):
            means = [next(each for each in one["segments"] if each["name"] == segment)["clamped"]["mean"] for segment in chain]
            change = one["overall"]["previous"].get("change")
            worded = "–" if change is None else ("压缩 " if change < 0 else "延长 ") + self.percent(abs(change))
            overall = one["overall"]
            return [name, one["population"], *(self.hours(overall[each]) for each in ("mean", "median", "p90")), worded, *map(self.hours, means), self.hours(sum(means))]

        tables = {
            "各环节用时": [[each["zh"], each["available"]["n"], *(self.hours(each["available"].get(measure)) for measure in ("mean", "median", "p10", "p90")),
                       self.percent(each["clamped"].get("share")), self.percent(changes.get(each["name"]))] for each in of["segments"]],
            "分组": [group(each["zh"] or "未填", each) for each in of["groups"]] + [group("合计", of)],
            "变化": [[names[step["name"]], self.hours(step["mean_then"]), self.hours(step["mean_now"]), self.more(step["change"]), self.percent(step["share"])]
                   for step in why["segments"]]
            + [["合计", self.hours(why["mean_then"]), self.hours(why["mean_now"]), self.more(why["mean_now"] - why["mean_then"]), self.percent(1)]],
            "组内快慢与构成变化": [[dimensions.get(each["by"], each["zh"]), self.more(each["within"]), self.more(each["mix"]), self.more(each["within"] + each["mix"])]
                          for each in why["dimensions"]],
            "最慢的 5%": [[names[each["segment"]], sides[each["side"]], each["n"]] for each in of["slowest"]["held_by"]] + [["合计", "", of["slowest"]["n"]]],
            "数据质量": [["未计入", each["zh"], "", each["n"], ""] for each in of["excluded"]]
            + [["时间存疑", each["zh"], "", each["n"], of["declarations"]] for each in of["doubted"]]
            + [["缺节点", each["zh"], self.owner(owner), owner["missing"] if owner else 0, owner["of"] if owner else each["declarations"]]
               for each in of["coverage"] for owner in each["whose"] or [None]],
        }
        return {label: "\n".join("|".join(map(str, row)) for row in rows) for label, rows in tables.items()}

    def test_the_review_has_the_figures_of_the_report(self):
        month = self.play_months()
        told = self.told("--month", month, "--by", "mode", "--compare", "previous")
        of = told["import"]
        self.assertGreaterEqual(len(of["groups"]), 2)
        tab = self.browse("analyst")
        tab.goto(f"{self.base}/times?by=mode")                  # the last full month, against the one before
        tab.until("document.querySelectorAll('.review:first-of-type .chart svg').length === 5")
        self.assertEqual(self.tables(tab), self.tables_told(told))
        self.print(tab)
        headline = tab.textContent(".review .headline")
        for said in (self.hours(of["overall"]["mean"]), self.hours(of["overall"]["median"]), f"票数 {of['overall']['n']}",
                     f"压缩 {self.percent(-of['overall']['base']['change'])}", f"{of['overall']['base']['hours']:g} 小时"):
            self.assertIn(said, headline)
        drawn = tab.evaluate("[...document.querySelectorAll('.review:first-of-type .chart')].map(chart => [...chart.querySelectorAll('text')].map(each => each.textContent))")
        for words, figures in zip(drawn, (
                [self.hours(each["available"]["mean"]) for each in of["segments"] if each["available"]["n"]],
                [f"{each['zh']} " for each in of["groups"]],
                [self.more(step["change"]) for step in of["why"]["segments"]],
                [], [str(each["n"]) for each in of["slowest"]["held_by"]])):
            for figure in figures:
                self.assertTrue(any(word.startswith(figure) for word in words), (figure, words))
        for note in tab.evaluate("[...document.querySelectorAll('.pair figcaption')].map(each => each.textContent)"):
            self.assertIn("数据截至", note)
        for width in WIDTHS:
            tab.setViewportSize({"width": width, "height": 800})
            self.look_at(tab, width, "the review")
        tab.goto(f"{self.base}/times?as-of={datetime.now(messages.CHINA) + timedelta(days=2):%Y-%m-%d}")     # case 683
        tab.shows("as-of 不能晚于今天", "main [role=alert]")

    def test_the_review_as_one_file_needs_nobody(self):
        month, words = self.play_months(html.escape(HOSTILE)), ("--by", "field:note", "--compare", "previous")
        told = self.told("--month", month, *words)
        self.assertIn(HOSTILE, [each["value"] for each in told["import"]["groups"]])
        path = self.room.path("report.html")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.room.clearway("--lang", "zh", "report", "--month", month, *words, "--format", "html", party="OFC-QD", code=0).stdout)
        self.browser.call(0, "browse", {"viewport": {"width": 1280, "height": 800}, "patience": PATIENCE * 1000, "offline": True})
        tab = Tab(self.browser)
        tab.goto("file://" + path)
        tab.until("document.querySelectorAll('.review:first-of-type .chart svg').length === 5")
        self.assertEqual(self.tables(tab), self.tables_told(self.seen(told)))
        self.assertEqual(tab.title(), "通关时效 " + month)
        self.assertIn(HOSTILE.replace("\u202e", "\ufffd"), tab.textContent("main"))
        self.assertEqual(tab.evaluate("performance.getEntriesByType('resource').length"), 0)
        self.look_at(tab, 1280, "the file")
        self.print(tab)
        tab.click("main a[lang=en]")
        tab.waitForSelector("h1 >> text=Clearance times")
        saved = self.browse("analyst")
        saved.goto(f"{self.base}/times?month={month}&by=field:note")
        saved.waitForSelector(".review")
        saved.save("text=存为文件", self.room.path("saved.html"))
        files = []
        for each in (path, self.room.path("saved.html")):
            with open(each, encoding="utf-8") as file:
                before, answer, after = re.fullmatch(r'(.*id="answer">)(.*?)(</script>.*)', file.read(), re.DOTALL).groups()
                files.append((before, self.seen(json.loads(answer)["answer"]), after))
        self.assertEqual(files[0], files[1])            # as the command writes it

    @staticmethod
    def seen(told):
        """What turns text around is shown itself, as a sign of its own."""
        return json.loads(json.dumps(told, ensure_ascii=False).replace("\u202e", "\ufffd"))

    def print(self, tab):
        """On A4: nothing to click, every figure whole, in ink on white, whatever the screen has."""
        tab.setViewportSize({"width": 700, "height": 1000})         # as wide as what may be printed on
        tab.emulateMedia({"media": "print", "colorScheme": "dark"})
        self.assertEqual(tab.evaluate("[...document.querySelectorAll('nav, header, button, .choices, .banner')].filter(each => each.offsetParent).length"), 0)
        self.assertEqual(tab.evaluate("getComputedStyle(document.documentElement).backgroundColor"), "rgb(255, 255, 255)")
        self.assertEqual(tab.evaluate("[...document.querySelectorAll('.chart text')].filter(each => getComputedStyle(each).fill !== 'rgb(0, 0, 0)').length"), 0)
        cut = """[...document.querySelectorAll('.chart svg, table, figcaption')].filter(each => {
            const place = each.getBoundingClientRect();
            return place.width < 100 || place.height < 10 || place.right > innerWidth || getComputedStyle(each.closest('.pair')).breakInside !== 'avoid';
        }).length"""
        self.assertEqual(tab.evaluate(cut), 0)
        path = self.room.path("report.pdf")
        tab.pdf({"path": path, "format": "A4"})
        with open(path, "rb") as file:
            self.assertEqual(file.read(5), b"%PDF-")
        tab.emulateMedia({"media": "screen"})

    def test_what_is_chosen_of_the_review_stands_in_its_address(self):
        month = self.play_months()
        tab = self.browse("analyst")
        tab.goto(f"{self.base}/times")
        tab.waitForSelector(".review")
        for field, value in (("分组", "mode"), ("比较", "none"), ("方向", "import"), ("计量", "container")):
            tab.selectOption(f"label:has-text('{field}') select", value)
        tab.fill("[name=month]", month)
        tab.until("document.querySelectorAll('.review').length === 1 && document.querySelector('main').textContent.includes('箱数')")
        chosen = tab.evaluate("Object.entries(Object.fromEntries(new URL(location).searchParams)).map(each => each.join('=')).sort()")
        self.assertEqual(chosen, sorted(["by=mode", "compare=none", "direction=import", "unit=container", f"month={month}"]))
        self.assertNotIn("占变化", tab.textContent("main"))
        tab.reload()
        tab.waitForSelector(".review")
        self.assertEqual(tab.inputValue("label:has-text('分组') select"), "mode")
        tab.selectOption("label:has-text('时段') select", "days")
        tab.until("location.search.includes('from=')")
        tab.waitForSelector(".review")
        tab.goto(f"{self.base}/times?month=2001-01")
        tab.shows("该时段没有放行的报关单")

    # Case 860: what could not be asked was told in the browser's own words, in whatever language that has.
    def test_what_is_not_answered_is_said_so_and_asked_again(self):
        tab = self.browse("analyst")
        tab.cut("**/v1/report?*")
        tab.goto(f"{self.base}/times?month=2001-01")
        tab.shows("未能取得：网关没有应答", ".note.bad")
        tab.mend("**/v1/report?*")
        tab.shows("该时段没有放行的报关单")
        self.assertEqual(tab.evaluate("document.querySelectorAll('.note.bad').length"), 0)

    # Case 859: to who was told of no events it was said that the live updates had stopped. He is told of figures now (case 894).
    def test_who_sees_figures_alone_is_told_so_from_the_beginning(self):
        tab = self.browse("analyst")
        tab.goto(self.base + "/")
        tab.waitForSelector("main h1 >> text=通关时效")
        tab.until("performance.getEntriesByType('resource').some(each => each.name.includes('/v1/report'))")
        self.assertEqual(tab.evaluate("document.querySelectorAll('.banner, .search, a[href^=\"/track\"]').length"), 0)
        tab.waitForSelector(".line.live")

    def test_case_894_the_review_of_a_month_moves_when_its_figures_do(self):
        now = datetime.now(messages.CHINA)
        tab = self.browse("analyst")
        tab.goto(f"{self.base}/times?month={now:%Y-%m}")
        tab.waitForSelector(".line.live")
        asked = "performance.getEntriesByType('resource').filter(each => each.name.includes('/v1/report')).length"
        tab.until(asked + " >= 1")
        before = tab.evaluate(asked)
        goods, _ = self.declare()
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        self.accept("CUS-QD", messages.customs_result(goods, "P", now))
        tab.until(f"{asked} > {before}")
        tab.shows("放行")

    def test_seven_tabs_share_one_stream(self):
        goods, _ = self.declare()
        self.browse()
        tabs = [Tab(self.browser, number) for number in range(1, 8)]
        for tab in tabs:
            tab.goto(f"{self.base}/track/{goods.bill}")
        for tab in tabs:
            tab.waitForSelector(".line.live")
            tab.shows(goods.bill, "h1")


def main():
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version[1:].split(".")[0]) < NODE_MIN:
        print(f"not tried: playwright-core needs Node {NODE_MIN}, here is {version}")
        sys.exit(77)                    # ctest tells it as skipped
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
