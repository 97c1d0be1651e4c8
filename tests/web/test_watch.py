"""What people look at and wait for, in a real browser: the picture of a consignment and whose turn it is, alerts and who knows of them,
answers of customs that somebody has to link; and the page when something is not as it should be: an old browser, a session that is over,
a gateway that does not answer.
"""
import os
import time
import unittest
from datetime import datetime, timedelta

import test_page
from test_page import BUILD, PATIENCE, WIDTHS, PageTest, Tab, messages

SITE = "QQCT-CFS1"
TRACKING_MAX = 40 * 1024                # bytes, compressed
VIEWS = {"forwarder": ["/", "/inspections", "/alerts", "/charges", "/lists", "/messages", "/submit"],
         "operator": ["/deliveries", "/diagnostics", "/times", "/lists/alerts"]}


class Watch(PageTest):
    def now(self):
        return datetime.now(messages.CHINA)

    def arrived(self, ago=timedelta(hours=30), accepted=timedelta(0)):
        """Goods of which the ship came so long ago, and that customs has accepted."""
        goods, record = self.declare()
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        self.accept("CUS-QD", messages.customs_result(goods, "J", self.now() - accepted))
        self.accept("TML-QQCT", messages.port_event(goods, "ARRI", self.now() - ago))
        return goods, record

    # --- the picture ---------------------------------------------------------------------------------------

    def test_an_inspection_has_its_steps_its_plan_and_whose_turn_it_is(self):       # case 776
        goods, _ = self.arrived()
        self.accept("TML-QQCT", messages.port_event(goods, "DISC", self.now() - timedelta(hours=20)))
        self.accept("CUS-QD", messages.customs_result(goods, "C", self.now()))
        tab = self.browse()
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.shows("待您办理（申报单位）", ".acts")
        tab.shows("布控至预约", "tr.running")
        start = self.now().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=2)
        self.accept("FWD-QD-01", messages.booking(goods, start))
        tab.shows("待码头办理", ".acts")                                             # it moved by itself
        tab.shows(start.strftime("%m-%d %H:%M"), "tr.running")
        tab.waitForSelector(".track.running .planned", {"state": "attached"})
        other = self.browse("terminal")
        other.goto(f"{self.base}/track/{goods.bill}")
        self.assertEqual(other.axe(), [])

    def test_the_picture_is_to_scale(self):
        goods, _ = self.arrived(timedelta(hours=20), timedelta(hours=9))
        self.accept("TML-QQCT", messages.port_event(goods, "DISC", self.now() - timedelta(hours=10)))
        self.accept("CUS-QD", messages.customs_result(goods, "P", self.now() - timedelta(hours=5)))
        tab = self.browse()
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.waitForSelector(".track.running .actual")
        widths = tab.evaluate("[...document.querySelectorAll('.track rect.actual')].map(each => each.getBoundingClientRect().width)")
        discharge, removal = widths[0], widths[-1]                                  # ten hours, and five until now
        self.assertAlmostEqual(discharge / removal, 2, delta=.1)
        self.accept("TML-QQCT", messages.port_event(goods, "GTOT", self.now() - timedelta(hours=5) + timedelta(seconds=1)))
        tab.shows("全部完成", ".headline")
        tab.until("[...document.querySelectorAll('.track rect.actual')].every(each => each.getBoundingClientRect().width > 1)")     # a second, too
        ways = tab.evaluate("[...document.querySelectorAll('.ticks span')].map(each => each.textContent)")
        self.assertGreater(len(ways), 1)
        for width in WIDTHS:
            tab.setViewportSize({"width": width, "height": 800})
            self.assertLessEqual(tab.evaluate("document.documentElement.scrollWidth"), width)

    def test_time_goes_by_though_nothing_happens(self):                              # case 778
        goods, _ = self.arrived(timedelta(minutes=30))
        tab = self.browse()
        tab.clock()
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.shows("已等待 30 分", ".headline")
        tab.silence()                       # an answer would say what the time is: the gateway's clock stands still beside it
        tab.forward("02:00:00")
        tab.shows("已等待 2 小时 30 分", ".headline")

    def test_the_levels_go_by_arrow_keys_and_stand_in_the_address(self):
        goods, _ = self.declare()
        tab = self.browse()
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.focus("[role=tab][aria-selected=true]")
        tab.press("ArrowRight")
        tab.until("location.search === '?level=events' && document.activeElement.textContent === '事件'")
        tab.press("ArrowRight")
        tab.press("ArrowRight")
        tab.until("location.search === '' && document.activeElement.textContent === '环节'")
        tab.goto(f"{self.base}/track/{goods.bill}?level=raw&lang=en")
        tab.shows("declaration", "[role=tabpanel] table")                           # by its name, not its code
        self.assertEqual(tab.evaluate("document.querySelectorAll('[role=tab][tabindex=\"0\"]').length"), 1)
        self.assertTrue(tab.title().startswith(goods.bill))

    def test_the_tracking_page_is_light(self):
        goods, _ = self.declare()
        tab = self.browse()
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.shows(goods.bill, "h1")
        names = tab.evaluate("performance.getEntriesByType('resource').map(each => each.name.split('/').pop()).filter(each => /\\.(js|css)$/.test(each))")
        with open(os.path.join(BUILD, "adapters", "web", "page.sizes"), encoding="utf-8") as file:
            sizes = {name: int(size) for name, size in map(str.split, file)}
        self.assertTrue(any(name.startswith("main-") for name in names), names)
        self.assertLessEqual(sum(sizes[name] for name in set(names)), TRACKING_MAX, names)

    # --- alerts --------------------------------------------------------------------------------------------

    def test_an_alert_is_seen_by_who_it_is_for_and_known_once_an_operator_says_so(self):
        goods, _ = self.arrived(timedelta(days=8))
        tab = self.browse()
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.shows("进口货物到港后未放行", ".note")
        tab.goto(self.base + "/")
        tab.shows(goods.bill, "main ul")                                            # without a search
        tab.goto(self.base + "/alerts")
        tab.shows(goods.bill, "main table")
        self.assertEqual(tab.evaluate("document.querySelectorAll('form.orders, main td input').length"), 0, "who does not run the gateway orders nothing")
        for width in WIDTHS:
            tab = self.browse("operator", width=width)
            tab.goto(self.base + "/alerts")
            tab.waitForSelector(f"tr:has-text('{goods.bill}') input")
            self.assertEqual(tab.axe(), [])
            self.assertLessEqual(tab.evaluate("document.documentElement.scrollWidth"), width)
        tab.check(f"tr:has-text('{goods.bill}') input")
        tab.fill("form.orders input[name=reason]", "货主 <在办>")
        tab.press("Tab")
        tab.press("Enter")
        tab.waitForSelector("form.orders .sure:focus")
        tab.press("Enter")
        tab.shows("货主 <在办>", f"tr:has-text('{goods.bill}')")
        tab.shows("已确认", f"tr:has-text('{goods.bill}')")
        told = self.room.party("FWD-QD-01").get("/v1/alerts?state=acknowledged").json["alerts"]
        self.assertIn("operator: 货主 <在办>", [alert["note"] for alert in told if alert["subject"].endswith(goods.bill)])

    # --- answers of customs --------------------------------------------------------------------------------

    def test_an_answer_of_customs_is_linked_to_its_declaration(self):
        goods, record = self.declare()
        stray = self.goods("FWD-QD-01")
        answer = self.accept("CUS-QD", messages.customs_result(stray, "J", self.now()))["record"]
        tab = self.browse("operator")
        tab.goto(self.base + "/deliveries")
        tab.click(f"tr:has-text('{answer}') button:has-text('关联')")
        tab.fill(".task input[name=declaration]", "nobody's")
        tab.press("Enter")
        tab.shows("没有找到", ".task")
        tab.fill(".task input[name=declaration]", goods.client_seq_no)
        tab.press("Enter")
        tab.shows(goods.bill, ".task")
        self.assertTrue(tab.isDisabled(".task .sure"), "a reason is wanted first")
        tab.fill(".task input[name=reason]", "海关电话确认")
        self.assertEqual(tab.axe(), [])
        tab.press("Enter")
        tab.waitForSelector(".task", {"state": "detached"})
        told = self.room.party("FWD-QD-01").get("/v1/track/" + goods.bill).json["consignments"][0]["declarations"]
        self.assertEqual([each["state"] for each in told], ["accepted"])

    # --- what is not as it should be -----------------------------------------------------------------------

    def test_an_old_core_has_all_it_needs(self):                                     # case 775
        goods, _ = self.arrived()
        for account, places in VIEWS.items():
            tab = self.browse(account, old=True)
            for place in [*places, f"/track/{goods.bill}"]:
                tab.goto(self.base + place + "?lang=en")
                tab.waitForSelector("main h1")
                tab.waitForSelector("main .note[role=status]", {"state": "detached"})
            tab.click("nav.menu a >> nth=0")
            tab.until("location.search === '?lang=en' && document.documentElement.lang === 'en'")
        tab.goto(self.base + "/messages?lang=en")
        tab.selectOption("select[name=verdict]", "refused")
        tab.until("location.search.includes('verdict=refused') && location.search.includes('lang=en')")
        tab.until("performance.getEntriesByType('resource').some(each => each.name.includes('/v1/received?verdict=refused'))")

    def test_a_session_that_is_over_says_so_and_leads_back(self):                    # case 779
        goods, _ = self.declare()
        tab = self.browse()
        tab.goto(f"{self.base}/track/{goods.bill}")
        tab.waitForSelector(".line.live")
        tab.evaluate("fetch('/v1/session', {method: 'DELETE'})")                     # as in another tab, or when its time has come
        tab.shows("会话已结束")
        self.assertNotIn(goods.bill, tab.textContent("main"))
        self.assertEqual(tab.evaluate("document.querySelectorAll('.banner').length"), 0)
        self.sign_in(tab, "forwarder")
        tab.shows(goods.bill, "h1")
        tab.click("nav.self button")
        tab.waitForSelector("[name=password]")
        self.assertNotIn("会话已结束", tab.textContent("main"))

    def test_who_signs_in_or_out_does_so_in_each_tab(self):                          # case 901
        for without in (None, "BroadcastChannel"):
            tab, other = self.browse(None, without=without), Tab(self.browser, 2)
            other.goto(self.base + "/alerts")
            other.waitForSelector("[name=password]")
            tab.bringToFront()
            self.sign_in(tab, "forwarder")
            if without:
                other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")      # as one that is looked at again
            other.shows("预警", "h1")
            tab.click("nav.self button")
            other.waitForSelector("[name=password]")

    def test_a_page_that_nobody_looks_at_keeps_no_session(self):                     # case 900
        tab = self.browse("operator")
        tab.clock()
        tab.goto(self.base + "/diagnostics")
        tab.waitForSelector("main table")
        tab.forward("00:02:00")
        tab.until("document.querySelector('main .headline')")
        self.browser.call(0, "asked")
        tab.forward("00:00:30")
        asked = self.asked("/v1/diagnostics")
        self.assertEqual(asked, ["/v1/diagnostics unattended"])
        tab.hover("h1")                                                              # somebody is back
        self.assertIn("/v1/session", self.asked("/v1/session"))
        tab.forward("00:00:30")
        self.assertEqual(self.asked("/v1/diagnostics"), ["/v1/diagnostics"])
        tab.ending()
        tab.forward("00:58:30")
        tab.shows("无人操作", ".banner")                                              # before it ends
        tab.hover("nav.self button")
        tab.waitForSelector(".banner", {"state": "detached"})

    def asked(self, path):
        """Waits until it is asked for."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = [each for each in self.browser.call(0, "asked") if each.split()[0] == path]
            if found:
                return found[:1]
            time.sleep(.05)
        self.fail(f"{path} is not asked for")

    def test_a_gateway_that_does_not_answer_is_no_signing_out(self):                 # case 780
        tab = self.browse()
        tab.cut("**/v1/session")
        tab.goto(self.base + "/")
        tab.shows("网关没有应答", ".note.bad")
        self.assertEqual(tab.evaluate("document.querySelectorAll('[name=password]').length"), 0)
        tab.mend("**/v1/session")
        tab.waitForSelector("main input[type=search]")
        tab.cut("**/v1/session")
        tab.click("nav.self button")
        tab.shows("未能退出", "header")
        tab.mend("**/v1/session")

    def test_what_may_have_been_taken_is_sent_again_word_for_word(self):             # case 781
        goods, _ = self.arrived()
        self.accept("CUS-QD", messages.customs_result(goods, "C", self.now()))
        tab = self.browse()
        tab.goto(f"{self.base}/inspections?site={SITE}&bill={goods.bill}")
        tab.waitForSelector(".calendar button.slot")
        slots = tab.evaluate("[...document.querySelectorAll('.calendar button.slot')].map(each => each.getAttribute('aria-label'))")
        tab.click(f".calendar button[aria-label='{sorted(slots)[9]}']")
        tab.shows(goods.containers[0], ".task")
        tab.cut("**/v1/messages")
        tab.click(".task button.main")
        tab.shows("不知是否收到", ".task")
        tab.mend("**/v1/messages")
        tab.click(".task button:has-text('再次提交同一报文')")
        tab.shows("已预约", ".task .sent")
        mine = [row for row in self.room.party("CUS-QD").get("/v1/inspections?site=" + SITE).json["inspections"] if row["subject"].endswith(goods.bill)]
        self.assertEqual(len(mine), 1)
        self.assertEqual(tab.axe(), [])

    def test_each_view_is_drawn_when_it_cannot_be_answered(self):
        for account, places in VIEWS.items():
            for width in WIDTHS:
                tab = self.browse(account, width=width)
                tab.silence()
                for place in (each for each in places if each not in ("/", "/submit", "/lists")):      # those ask nothing at once
                    tab.goto(self.base + place)
                    tab.shows("未能取得", ".note.bad")
                    self.assertEqual(tab.axe(), [], place)
                    self.assertLessEqual(tab.evaluate("document.documentElement.scrollWidth"), width, place)

    def test_filters_have_names_and_say_what_is_shown_without_them(self):             # case 902
        tab = self.browse("operator")
        tab.goto(self.base + "/lists/waivers")
        option = "document.querySelector('form.choices option')?.textContent"
        tab.until(option + " === '未了结的'")
        tab.goto(self.base + "/lists/received")
        tab.shows("自（含）", "form.choices")
        tab.fill("form.choices input[type=date] >> nth=0", "2026-01-31")
        tab.press("Tab")
        tab.until("location.search === '?since=2026-01-31'")
        self.assertEqual(tab.axe(), [])
        tab.goto(self.base + "/lists/parcels?lang=en")
        tab.until(option + " === 'all'")

    def test_the_home_says_where_ones_goods_stand_and_whose_turn_it_is(self):
        goods, _ = self.arrived()
        tab = self.browse()
        tab.goto(self.base + "/")
        tab.shows(goods.bill, ".lines")
        tab.shows("待码头办理", f".lines li:has-text('{goods.bill}')")
        self.accept("TML-QQCT", messages.port_event(goods, "DISC", self.now()))
        self.accept("CUS-QD", messages.customs_result(goods, "P", self.now()))
        tab.shows("待您办理", f".lines li:has-text('{goods.bill}')")                  # it moves by itself
        tab = self.browse("operator")
        tab.goto(self.base + "/")
        tab.shows("诊断", ".note")

    # --- narrow screens, and keys -------------------------------------------------------------------------

    def test_on_a_narrow_screen_each_value_stands_behind_its_name(self):             # case 782
        items = [("STORAGE", "堆存费", "BOX_DAY", "12"), ("TERMINAL_HANDLING", "港口作业包干费", "BOX20", "490")]
        self.accept("TML-QQCT", messages.charge_list("QQCT", "前湾码头", items, message_id="CL-NARROW"))
        goods, _ = self.declare()
        self.accept("TML-QQCT", messages.charge_note(goods, "QQCT", "前湾码头", [("STORAGE", "堆存费", "BOX_DAY", 2, 12)], self.now().date()))
        tab = self.browse(width=360)
        for place in ("/charges", "/charges/QQCT", "/charges?words=堆存"):
            tab.goto(self.base + place)
            tab.waitForSelector("main tbody td")
            wide = "[...document.querySelectorAll('.stack')].filter(each => each.scrollWidth > each.clientWidth).length"
            self.assertEqual(tab.evaluate(wide), 0, place)
            said = tab.evaluate("[...document.querySelectorAll('main tbody tr:first-child > *')].map(each => getComputedStyle(each, '::before').content)")
            self.assertTrue(any("清单" in each or "经营人" in each for each in said), (place, said))
        tab.goto(self.base + "/charges/QQCT")
        tab.shows("元/箱·天", "main table")                                          # a unit by its name

    def test_who_goes_by_keyboard_goes_on_in_the_new_view(self):                     # case 783
        tab = self.browse()
        tab.focus("nav.menu a >> nth=2")
        tab.press("Enter")
        tab.until("location.pathname === '/charges' && document.activeElement.id === 'content'")

    def test_the_search_stands_in_one_line_whoever_is_in(self):                      # case 784
        tab = self.browse("terminal")
        tab.goto(self.base + "/alerts?lang=en")
        tab.waitForSelector(".line.live")
        tops = tab.evaluate("[...document.querySelectorAll('header .search > *')].map(each => Math.round(each.getBoundingClientRect().top))")
        self.assertEqual(len(set(tops)), 1, tops)


if __name__ == "__main__":
    test_page.main()
