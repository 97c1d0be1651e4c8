"""The API says of itself what may be asked and what may come back, and keeps to it: every path of /openapi.json is asked, rightly and wrongly."""
import io
import json
import os
import re
import struct
import unittest
import urllib.parse
import zipfile
from datetime import datetime, timedelta

from harness import Received, Room, RoomTest, eventually, messages, world

PARTIES = ("FWD-QD-01", "OFC-QD", "CUS-QD")
ODD = ("", " ", "0", "-1", "99999999999999999999", "2026-13", "2026-02-30", "x" * 9000, "提单", "%00", "'\"<script>")


TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}


def is_of(value, kind):
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


class Shapes:
    """The schemas of a description, to hold answers against; and which of their members came in any answer."""

    def __init__(self, description):
        self.named = description["components"]["schemas"]
        self.seen = set()

    def resolve(self, schema, where):
        """What a reference names is one thing, wherever it stands."""
        name = schema.get("$ref", "").rpartition("/")[2]
        return (self.named[name], name) if name else (schema, where)

    def breaches(self, schema, value, where):
        """What of the value is not as the schema has it: types, what is required, and members that are not described."""
        schema, where = self.resolve(schema, where)
        if "allOf" in schema:                   # a problem: test_each_code...
            return []
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(is_of(value, kind) for kind in kinds):
            return [f"{where} is {type(value).__name__}, not {schema['type']}"]
        if isinstance(value, list):
            return [breach for item in value for breach in self.breaches(schema["items"], item, where + "[]")]
        if not isinstance(value, dict):
            return []
        members, others = schema.get("properties", {}), schema.get("additionalProperties")
        found = [f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, member in value.items():
            if name in members:
                self.seen.add(f"{where}.{name}")
                found += self.breaches(members[name], member, f"{where}.{name}")
            elif others:
                found += self.breaches(others, member, f"{where}.*")
            else:
                found.append(f"{where}.{name} is not described")
        return found

    def members(self, schema, where):
        """All that are described, as they are noted when they come."""
        schema, where = self.resolve(schema, where)
        for name, member in schema.get("properties", {}).items():
            yield f"{where}.{name}"
            yield from self.members(member, f"{where}.{name}")
        if "items" in schema:
            yield from self.members(schema["items"], where + "[]")


def is_list(schema):
    """Of columns: each of its members comes with each row."""
    return set(schema.get("required", ())) >= {"more"} and len(schema["properties"]) == 3 and "items" in next(iter(schema["properties"].values()))


class Description(RoomTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.description = cls.room.people().get("/openapi.json").json

    def operations(self):
        for path, item in self.description["paths"].items():
            for method, operation in item.items():
                yield path, method.upper(), operation

    @staticmethod
    def is_for_machines(operation):
        return "machines" in operation["x-listeners"]

    def check_answer(self, operation, answer):
        """An answer as it is described: its code, its type, and the code of a problem."""
        described = operation["responses"].get(str(answer.status))
        self.assertLess(answer.status, 500, answer)
        if answer.status == 304:
            return
        kind = answer.headers["Content-Type"].split(";")[0]
        if not described:
            self.assertEqual(kind, "application/problem+json", f"{operation['operationId']}: {answer}")
            self.assertIn(answer.json["code"], self.description["components"]["schemas"]["HttpCode"]["enum"], f"{operation['operationId']}: {answer}")
            return
        types = {name.split(";")[0]: content for name, content in described["content"].items()}
        self.assertIn(kind, types, f"{operation['operationId']}: {answer}")
        if kind == "application/json" and operation["operationId"] != "description":
            self.assertEqual(Shapes(self.description).breaches(types[kind]["schema"], answer.json, operation["operationId"]), [])
        if kind == "application/problem+json" and "allOf" in types[kind]["schema"]:
            codes = types[kind]["schema"]["allOf"][1]["properties"]["code"]["anyOf"][0]["enum"]
            self.assertIn(answer.json["code"], codes + ["parameter", "target", "not-found"], f"{operation['operationId']}: {answer}")

    def ask(self, party, path, method, operation, values, body=None):
        query = {}
        for parameter in operation["parameters"]:
            value = values.get(parameter["name"])
            if parameter["in"] == "path":
                path = path.replace("{%s}" % parameter["name"], urllib.parse.quote(value or "x", safe=""))
            elif value is not None:
                query[parameter["name"]] = value
        if query:
            path += "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
        headers = {"Content-Type": "application/xml"} if method == "POST" else {}
        return self.room.party(party).ask(method, path, body=body, headers=headers)

    def test_every_path_answers_as_it_is_described(self):
        record = self.accept("FWD-QD-01", messages.declaration(self.goods()))["record"]
        now = datetime.now(messages.CHINA)                          # so that some lists are not empty
        self.accept("OFC-QD", messages.review_measure(1, "FWD-QD-01", now))
        self.accept("FWD-QD-01", messages.dangerous_goods(self.goods(), False, now))
        known = {"number": str(record), "query": "COSU6201234567", "operator": "3702910055"}
        for path, method, operation in self.operations():
            if path == "/v1/events":          # it has no end: test_events.py
                continue
            examples = {p["name"]: known.get(p["name"]) or p.get("example") for p in operation["parameters"]
                        if p["required"]}
            body = b"<x/>" if method == "POST" else None
            if not self.is_for_machines(operation):     # test_people.py asks those
                self.assertIn(self.ask("FWD-QD-01", path, method, operation, examples).status, (404, 405), path)
                continue
            for party in PARTIES:
                self.check_answer(operation, self.ask(party, path, method, operation, examples, body))
            for parameter in operation["parameters"]:
                for odd in ODD + tuple(parameter["schema"].get("enum", ())):
                    values = {**examples, parameter["name"]: odd}
                    self.check_answer(operation, self.ask("FWD-QD-01", path, method, operation, values, body))
            for other in ("DELETE", "PUT"):
                self.assertEqual(self.room.party("FWD-QD-01").ask(other, path.replace("{", "").replace("}", "")).status, 405)

    def test_case_877_a_query_parameter_that_is_misspelt_is_refused_by_name(self):
        """`?stat=open` was passed over, and the whole list was taken for what was asked for."""
        for path, method, operation in self.operations():
            self.assertIn("unknown-parameter", json.dumps(operation["responses"]["400"]), path)
            names = [parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"]
            asked = f"{re.sub('{.*?}', 'x', path)}?{(names or ['name'])[0]}x=1"
            for listener in operation["x-listeners"]:
                if listener == "people" and method != "GET":
                    continue                    # of those nothing else is said to who has no Origin: test_people.py
                client = self.room.people() if listener == "people" else self.room.party("FWD-QD-01")
                answer = client.ask(method, asked)
                client.close()
                self.assertEqual((answer.status, answer.json["code"]), (400, "unknown-parameter"), f"{method} {asked}: {answer}")
                for name in names:
                    self.assertIn(name, answer.json["detail"])
        party = self.room.party("OFC-QD")
        for language, words in (("zh", "没有查询参数 \"stat\"：是否为 state？"), ("en", 'no query parameter "stat": did you mean state?')):
            self.assertIn(words, party.get("/v1/alerts?stat=open", **{"Accept-Language": language}).json["detail"])
        hostile = party.get("/v1/alerts?" + urllib.parse.quote("<b>\u202e" + "报" * 200) + "=1", **{"Accept-Language": "en"})
        self.assertEqual(hostile.json["code"], "unknown-parameter")
        self.assertLess(len(hostile.json["detail"]), 400)
        self.assertEqual(party.get("/v1/alerts?state=open&limit=1").status, 200)
        self.assertEqual(party.get("/v1/alerts?&&").status, 200)

    def test_questions_of_a_machine_are_described_and_nothing_else(self):
        paths = set(self.description["paths"])
        self.assertLessEqual({"/v1/messages", "/v1/messages/{number}", "/v1/track/{query}", "/v1/deliveries", "/v1/report",
                              "/openapi.json", "/problems/{code}"}, paths)
        for path in ("/v1/export", "/v1/queue"):
            self.assertEqual(self.description["paths"][path]["get"]["security"], [{"session": []}], "that is the operator's")
            self.assertEqual(self.room.party("OFC-QD").get(path).status, 404)
        for path in ("/healthz", "/readyz", "/metrics", "/version"):
            for client in (self.room.party("FWD-QD-01"), self.room.people()):
                self.assertEqual(client.get(path).status, 404, "that is told to monitors alone (case 773)")
            self.assertNotIn(path, paths)
        self.assertEqual(self.room.monitors().get("/openapi.json").status, 404)
        self.assertEqual(set(self.description["paths"]["/v1/messages"]), {"get", "post"})
        names = [operation["operationId"] for _, _, operation in self.operations()]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(self.room.party("FWD-QD-01").get("/openapi.json").json, self.description, "the same to a machine")

    def test_each_code_opens_a_page_that_explains_it(self):
        codes = set()
        for _, _, operation in self.operations():
            for response in operation["responses"].values():
                schema = response.get("content", {}).get("application/problem+json", {}).get("schema", {})
                codes.update(schema["allOf"][1]["properties"]["code"]["anyOf"][0]["enum"] if "allOf" in schema else ())
        self.assertLessEqual({"not-found", "no-month", "unknown-party", "behind", "not-the-office", "not-kept"}, codes)
        for code in codes | {"refused", "conflict", "ambiguous-head"}:
            page = self.room.people().get(f"/problems/{code}")
            self.assertEqual((page.status, page.headers["Content-Type"]), (200, "text/html; charset=utf-8"), code)
            self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        self.assertEqual(self.room.people().get("/problems/%3Cscript%3E").status, 404)
        problem = self.room.party("FWD-QD-01").get("/v1/messages/999999").json
        page = self.room.party("FWD-QD-01").get(problem["type"], **{"Accept-Language": "en"})
        self.assertIn("the same again will be answered the same", page.body.decode())

    def test_case_861_a_code_of_a_finding_or_a_rule_opens_a_page_too(self):
        """The page leads there from each of them."""
        own = [row["code"] for row in json.loads(self.room.clearway("explain", "--json", code=0).stdout)]
        rules = [row["code"] for row in json.loads(self.room.here("rules", "--json", code=0).stdout)]
        self.assertLessEqual({"XSD-PATTERN", "GATE-DTD", "STAND-ID"}, set(own))
        self.assertLessEqual({"D01"}, set(rules))
        for code in sorted(set(own + rules)):
            self.assertEqual(self.room.people().get(f"/problems/{code}").status, 200, code)
        for lang, words in (("zh", ("怎么办", "毛重")), ("en", ("what to do", "gross weight"))):
            page = self.room.people().get("/problems/D01?lang=" + lang).body.decode()
            for word in (*words, "gross_weight &gt;= net_weight"):
                self.assertIn(word, page)
        refused = self.room.party("FWD-QD-01").submit(messages.declaration(self.goods()).replace(b"<GrossWet>", b"<GrossWet>x")).json
        for error in refused["errors"]:
            self.assertIn(f"<h1>{error['code']}</h1>", self.room.people().get("/problems/" + error["code"]).body.decode())
        self.assertEqual(self.room.people().get("/problems/D99").status, 404)

    def test_case_902_what_a_list_is_narrowed_by_has_a_name_for_people(self):
        for language, is_said in (("zh", lambda name: re.search(r"[\u4e00-\u9fff]", name)), ("en", lambda name: re.fullmatch(r"[ -~]+", name))):
            paths = self.room.people().get("/openapi.json", **{"Accept-Language": language}).json["paths"]
            for path, item in paths.items():
                parameters = item.get("get", {}).get("parameters", [])
                if not any(each["name"] == "after" for each in parameters) or path in ("/v1/queue", "/v1/events") or "{" in path:
                    continue                                                     # no list, or has a view of its own
                for each in parameters:
                    if each["name"] in ("limit", "after"):
                        continue
                    names = [each["x-head"], *each.get("x-names", [])] + ([each["x-else"]] if "x-else" in each else [])
                    self.assertTrue(all(map(is_said, names)), (language, path, names))
                    self.assertEqual(len(each.get("x-names", [])), len(each["schema"].get("enum", [])), (path, each["name"]))

    def test_pages_in_both_languages(self):
        for language, word, summary in (("zh", "<h1>接口说明</h1>", "查询票货状态"), ("en", "<h1>The API</h1>", "where a consignment stands")):
            page = self.room.people().get("/docs", **{"Accept-Language": language}).body.decode()
            self.assertIn(word, page)
            self.assertIn(summary, page)
            for path in self.description["paths"]:
                self.assertIn(f" {path}</code>", page)
            told = self.room.people().get("/openapi.json", **{"Accept-Language": language}).json
            self.assertEqual(told["paths"]["/v1/track/{query}"]["get"]["summary"], summary)

    def test_case_757_the_page_begins_with_what_there_is(self):
        for lang, begin in (("zh", "从这里开始"), ("en", "To begin with")):
            page = self.room.people().get("/docs?lang=" + lang).body.decode()
            contents = page[page.index('<ul class="contents">'):page.index("</ul>")]
            led = re.findall(r'<li><a href="#([^"]+)"><code>([A-Z]+) ([^<]+)</code></a> [^<]+</li>', contents)
            asked = {(method.upper(), path) for path, methods in self.description["paths"].items() for method in methods if method != "parameters"}
            self.assertEqual({(method, path) for _, method, path in led}, asked)
            self.assertLess(page.index(begin), page.index(contents))
            self.assertIn(f'<a href="/openapi.json?lang={lang}">', page)
            self.assertEqual(page.count("<details>"), page.count("</details>"))

    def test_case_758_a_moment_that_is_none_is_told_what_one_is(self):
        for words in ("2026-12-01T00:00", "20261201", "2026-02-30"):
            answer = self.room.party("FWD-QD-01").get("/v1/received?since=" + words, **{"Accept-Language": "en"})
            self.assertEqual((answer.status, answer.json["code"]), (400, "no-moment"))
            self.assertIn("[±HH:MM]", answer.json["detail"])
            self.assertIn("a day that there is", answer.json["detail"])

    def test_the_address_of_a_page_may_say_its_language(self):
        people = self.room.people()
        words = {"zh": ("接口说明", "怎么办", "查询票货状态"), "en": ("The API", "what to do", "where a consignment stands")}
        for lang, other in (("zh", "en"), ("en", "zh")):
            browser = {"Accept-Language": other}
            page = people.get("/docs?lang=" + lang, **browser).body.decode()
            self.assertIn(f'<html lang="{lang}">', page)
            self.assertIn(f"<h1>{words[lang][0]}</h1>", page)
            self.assertIn(f'href="?lang={other}"', page, "the switch to the other")
            linked = set(re.findall(r'href="(/problems/[^"]*)"', page))
            self.assertIn(f"/problems/not-found?lang={lang}", linked, "who goes on stays in it")
            self.assertEqual({address.partition("?")[2] for address in linked}, {"lang=" + lang})
            self.assertIn(words[lang][1], people.get(f"/problems/not-found?lang={lang}", **browser).body.decode())
            told = people.get("/openapi.json?lang=" + lang, **browser).json
            self.assertEqual(told["paths"]["/v1/track/{query}"]["get"]["summary"], words[lang][2])
            for odd in ("", "fr", "%22%3E%3Cscript%3E"):
                page = people.get("/docs?lang=" + odd, **browser).body.decode()
                self.assertIn(f"<h1>{words[other][0]}</h1>", page, "the browser's own")
                self.assertNotIn("<script>", page)
                self.assertIn('href="/problems/not-found"', page)

    def test_the_page_explains_what_answers_are_made_of(self):
        page = self.room.people().get("/docs?lang=en").body.decode()
        for member, meaning in (("consignments[].bookings[].slot_start", "when its slot begins"), ("consignments[].state_zh", "where it stands"),
                                ("deliveries[].behind", "the delivery of the same goods that is parked before it")):
            self.assertRegex(page, f"<code>{re.escape(member)}</code></td><td>string</td><td>{re.escape(meaning)}</td>")
        for member, kind in (("alerts[].since", "string"), ("alerts[].state_zh", "string"), ("lots[].record", "integer"), ("more", "boolean")):
            self.assertRegex(page, f"<code>{re.escape(member)}</code></td><td>{kind}</td>")
        for name in set(re.findall(r'href="#([^"]*)"', page)):
            self.assertEqual(page.count(f'<h2 id="{name}">'), 1, name)
        self.assertLessEqual({"Message", "Receipt", "Report"}, set(re.findall(r'href="#([^"]*)"', page)))

    def test_a_refusal_says_each_error_in_the_language_asked_for(self):
        broken = messages.declaration(self.goods()).replace(b"<GrossWet>", b"<GrossWet>x")
        for language, other in (("zh", "en"), ("en", "zh")):
            answer = self.room.party("FWD-QD-01").submit(broken, **{"Accept-Language": language})
            self.assertEqual((answer.status, answer.json["type"], answer.json["code"]), (422, "/problems/refused", "refused"))
            receipt = [finding for finding in answer.json["receipt"]["findings"] if finding["severity"] == "error"]
            self.assertGreater(len(receipt), 0)
            self.assertEqual([(error["code"], error["line"], error["column"], error["path"], error["text"]) for error in answer.json["errors"]],
                             [(finding["code"], finding["line"], finding["column"], finding["path"], finding[language]) for finding in receipt])

    def test_what_has_not_changed_is_not_sent_again(self):
        party = self.room.party("FWD-QD-01")
        record = self.accept("FWD-QD-01", messages.declaration(self.goods()))["record"]
        for path in (f"/v1/messages/{record}/receipt", f"/v1/messages/{record}/content", "/v1/certificates",      # these stand still
                     "/openapi.json", "/docs", "/docs/style.css", "/problems/not-found"):                         # case 862
            first = party.get(path)
            tag = first.headers["ETag"]
            for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
                again = party.get(path, **{"If-None-Match": sent})
                self.assertEqual((again.status, again.body, again.headers["ETag"]), (304, b"", tag), sent)
            for sent in ('"other"', "", tag[:-2] + '"'):
                self.assertEqual(party.get(path, **{"If-None-Match": sent}).body, first.body)
        goods = self.goods()
        self.accept("FWD-QD-01", messages.declaration(goods))
        texts = [party.track(goods.bill, Accept="text/plain", **{"Accept-Language": language}) for language in ("zh", "en")]
        self.assertNotEqual(texts[0].headers["ETag"], texts[1].headers["ETag"])
        before = party.track(goods.bill)
        self.accept("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no))
        after = party.track(goods.bill, **{"If-None-Match": before.headers["ETag"]})
        self.assertEqual(after.status, 200, "something has changed")


PASSWORD = "correct horse"
ACCOUNTS = {"zhang.wei": ("FWD-QD-01", "forwarder"), "wang.fang": ("OFC-QD", "operator")}
QUAY, QUAY_NAME = "QQCT", "青岛前湾集装箱码头"
RELEASED = 12       # so that a step has a usual length

# What is described, and does not come here: why.
RARE = {
    "ReportDirection.unread": "the journal is not beside the state",
    **{f"ReportDirection.why.crowded[].{name}": "more than 200 values of a dimension" for name in ("by", "zh", "en")},
    "Receipt.digest_only": "a sender has used up what is kept of refused messages",
    **{f"Report.snapshots[].{name}": "a month is closed at the end of a day" for name in ("number", "revision", "at", "record", "definition")},
}


class Answered(unittest.TestCase):
    """Every answer that is no list, over a port where something of everything has happened: what is answered is described, and what is
    described is answered."""
    maxDiff = None

    def setUp(self):
        self.room = Room()
        self.addCleanup(self.room.close)
        self.room.world.people = world.free_port()
        self.room.world.let_in(ACCOUNTS, PASSWORD)
        self.origin = f"http://localhost:{self.room.world.people}"
        self.room.start()
        self.now, self.serial, self.cookies = datetime.now(messages.CHINA).replace(microsecond=0), 0, {}
        self.terminal, self.asked = Received(), set()
        self.description = self.room.people().get("/openapi.json").json
        self.shapes = Shapes(self.description)
        self.operations = {operation["operationId"]: operation for item in self.description["paths"].values() for operation in item.values()}

    # --- asking ------------------------------------------------------------------------------------------------------

    def person(self, account, method, path, body=None, **headers):
        headers = {"Origin": self.origin, **headers}
        if account in self.cookies:
            headers["Cookie"] = self.cookies[account]
        return self.room.people().ask(method, path, body, headers)

    def hold(self, name, answer):
        """Answers are held against what is said of that operation."""
        self.asked.add(name)
        content = self.operations[name]["responses"][str(answer.status)].get("content", {})
        self.assertIn("application/json", content, f"{name}: {answer} {answer.body}")
        schema = content["application/json"]["schema"]
        self.assertEqual(self.shapes.breaches(schema, answer.json, name), [])
        return answer.json

    def ask(self, name, path, *askers):
        """By people, who have an account, and by machines, which are parties."""
        for asker in askers:
            answer = self.person(asker, "GET", path) if asker in ACCOUNTS else self.room.party(asker).get(path)
            self.assertEqual(answer.status, 200, f"{asker}: {path}: {answer}")
            told = self.hold(name, answer)
        return told

    def submit(self, party, message, wait=60):
        """Waits for the decision, unless wait is None."""
        return self.hold("submit", self.room.party(party).submit(message, wait=wait))

    def goods(self, **options):
        self.serial += 1
        return messages.Consignment(self.serial, self.room.world.party("FWD-QD-01").trader, **options)

    # --- what happens ------------------------------------------------------------------------------------------------

    def customs(self, goods, *told):
        self.submit("CUS-QD", messages.import_response(goods.client_seq_no, goods.seq_no), None)
        for channel, at in told:
            self.submit("CUS-QD", messages.customs_result(goods, channel, at), None)

    def clear(self, arrived, released=26):
        """An import that was inspected, and whose way out is told twice."""
        goods = self.goods()
        for code, hours in (("ARRI", 0), ("DISC", 8)):
            self.submit("TML-QQCT", messages.port_event(goods, code, arrived + timedelta(hours=hours)), None)
        self.submit("FWD-QD-01", messages.declaration(goods), None)
        self.customs(goods, ("J", arrived + timedelta(hours=20)), ("P", arrived + timedelta(hours=released)))
        self.submit("TML-QQCT", messages.port_event(goods, "IDON", arrived + timedelta(hours=released - 1)), None)
        out = messages.port_event(goods, "GTOT", arrived + timedelta(hours=released + 14))
        self.submit("TML-QQCT", out, None)
        self.submit("TML-QQCT", out.replace(b"<MessageID>", b"<MessageID>AGAIN-"), None)      # corrected: the same event
        return goods

    def stays(self, arrived):
        """An import that is released; nobody tells that it was discharged, or left."""
        goods = self.goods()
        self.submit("TML-QQCT", messages.port_event(goods, "ARRI", arrived), None)
        self.submit("FWD-QD-01", messages.declaration(goods), None)
        self.customs(goods, ("J", arrived + timedelta(hours=20)), ("P", arrived + timedelta(hours=26)))

    def inspected(self):
        """Goods that are planned, selected, and booked twice, the second behind the first."""
        start = (self.now + timedelta(days=3)).replace(hour=10, minute=0, second=0)
        while start.weekday() > 4:
            start += timedelta(days=1)
        for _ in range(2):
            goods = self.goods()
            self.submit("TML-QQCT", messages.port_event(goods, "ARRI", self.now - timedelta(hours=9)), None)
            self.submit("TML-QQCT", messages.port_event(goods, "GTOT", start, classifier="EST"), None)
            self.submit("FWD-QD-01", messages.declaration(goods, liftoff=True))
            self.customs(goods, ("C", self.now))
            self.submit("FWD-QD-01", messages.booking(goods, start))
        return goods

    def charge(self, goods):
        """Two versions of a list, a note by it, and one that is dearer."""
        for version, rate, day in (("2026-1", 10, "2026-01-01"), ("2026-2", 11, "2026-02-01")):
            self.submit("TML-QQCT", messages.charge_list(QUAY, QUAY_NAME, [("STORAGE", "库场使用费", "BOX_DAY", rate)], version=version,
                                                         valid_from=day, message_id=f"L-{version}"))
        for rate in (11, 12):
            note = messages.charge_note(goods, QUAY, QUAY_NAME, [("STORAGE", "库场使用费", "BOX_DAY", 3, rate)], f"{self.now:%Y-%m-%d}",
                                        message_id=f"N-{rate}")
            self.submit("TML-QQCT", note)

    def close_folder(self):
        """What is delivered into it is tried again and again."""
        goods, box = self.goods(), self.room.world.folder("FWD-QD-01", "InBox")
        self.submit("FWD-QD-01", messages.declaration(goods))
        os.rename(box, box + ".away")
        open(box, "w", encoding="utf-8").close()
        self.customs(goods)
        eventually(lambda: any("next" in row for row in self.ask("queue", "/v1/queue?state=waiting", "wang.fang")["deliveries"]), "it is tried again")
        os.remove(box)
        os.rename(box + ".away", box)

    def unrouted(self):
        message = messages.declaration(self.goods()).replace(b">4218<", b">4299<").replace(b"<TrafMode>2<", b"<TrafMode>5<")
        return self.submit("FWD-QD-01", message)["record"]

    def hold_one(self):
        """A message on which the engine is said to have crashed twice. A delivery that is tried again may take the record that is meant."""
        for _ in range(50):
            eventually(self.room.decided, "all is decided")
            self.room.stop()
            meant = json.loads(self.room.here("journal", "cat", "--json", code=0).stdout.splitlines()[-1])["number"] + 1
            with open(self.room.path("data", "attempts"), "wb") as mark:
                mark.write(struct.pack("=QQQ", meant, 2, 2))
            self.room.start()
            if self.submit("FWD-QD-01", messages.declaration(self.goods()), None)["record"] == meant:
                eventually(lambda: self.person("wang.fang", "GET", "/v1/queue?state=held").json["held"], "it is held")
                return meant
        self.fail("each time something else was recorded first")

    # --- the test ----------------------------------------------------------------------------------------------------

    def test_what_is_answered_is_described_and_the_other_way_round(self):
        for account in ACCOUNTS:
            form = urllib.parse.urlencode({"account": account, "password": PASSWORD})
            answer = self.person(account, "POST", "/v1/session", form, **{"Content-Type": "application/x-www-form-urlencoded"})
            self.cookies[account] = answer.headers["Set-Cookie"].split(";")[0]
            self.hold("sign-in", answer)
            self.ask("session", "/v1/session", account)
        for number in range(RELEASED):
            self.clear(self.now - timedelta(days=4, hours=number))
        self.stays(self.now - timedelta(days=4))
        cleared = self.clear(self.now - timedelta(days=13), released=30)
        self.clear(self.now - timedelta(days=369))
        inspected = self.inspected()
        self.charge(cleared)
        eventually(self.room.decided, "all is decided")
        self.ask("track", f"/v1/track/{cleared.bill}", "FWD-QD-01", "wang.fang")
        self.ask("track", f"/v1/track/{inspected.bill}", "FWD-QD-01", "wang.fang")
        self.ask("inspections", "/v1/inspections", "FWD-QD-01", "FWD-QD-02", "OFC-QD")
        self.ask("inspections", "/v1/inspections?limit=1", "FWD-QD-01")
        self.ask("usual", "/v1/usual", "FWD-QD-01")
        self.ask("charges", f"/v1/charges/{QUAY}?against=2026-1", "FWD-QD-01")
        self.ask("patrol", f"/v1/patrol?from={self.now:%Y-%m-%d}&to={self.now:%Y-%m-%d}", "OFC-QD")
        self.reports()
        self.messages_of_all(cleared)
        self.backlog()
        described = set()
        for name, operation in self.operations.items():
            for response in operation["responses"].values():
                schema = response.get("content", {}).get("application/json", {}).get("schema")
                if schema and name in self.asked:
                    described |= set(self.shapes.members(schema, name))
                elif schema and name != "description":
                    self.assertTrue(is_list(schema), f"{name} is no list, and was not asked")
        self.assertEqual(sorted(described - self.shapes.seen), sorted(RARE))

    def reports(self):
        days = f"from={self.now - timedelta(days=9):%Y-%m-%d}&to={self.now:%Y-%m-%d}"
        for query in ("", "&by=port&compare=previous", "&unit=teu", f"&as-of={self.now:%Y-%m-%d}"):
            self.ask("report", f"/v1/report?{days}{query}", "OFC-QD")
        month = f"{self.now - timedelta(days=3):%Y-%m}"
        self.ask("report", f"/v1/report?month={month}&compare=snapshot", "OFC-QD")

    def messages_of_all(self, goods):
        """What its sender, its receiver and those who see all are told of a message, of a refused one, and of one that a person sent."""
        whose = ("FWD-QD-01", "TML-QQCT", "OFC-QD", "wang.fang")
        known = self.ask("message-by-id", f"/v1/messages?id={goods.client_seq_no}", "FWD-QD-01")["record"]
        self.ask("message", f"/v1/messages/{known}", *whose)
        self.ask("receipt", f"/v1/messages/{known}/receipt", "FWD-QD-01")
        packed, archive = self.goods(), io.BytesIO()
        with zipfile.ZipFile(archive, "w") as out:
            out.writestr("declaration.xml", messages.declaration(packed))
        self.room.drop("FWD-QD-01", "packed.zip", archive.getvalue())
        found = f"/v1/messages?id={packed.client_seq_no}"
        eventually(lambda: self.room.party("FWD-QD-01").get(found).status == 200, "what came in an archive is there")
        self.ask("message-by-id", found, "FWD-QD-01")
        again = messages.declaration(goods, note="another")
        conflict = self.room.party("FWD-QD-01").submit(again)
        self.assertEqual(conflict.status, 409, conflict)
        self.ask("receipt", f"/v1/messages/{conflict.receipt['record']}/receipt", "FWD-QD-01")
        self.ask("deliveries", "/v1/deliveries?limit=1", "OFC-QD", "FWD-QD-02", "YRD-QD-01", "CAR-COSU")
        by_hand = self.goods()
        sent = self.person("zhang.wei", "POST", "/v1/messages", messages.declaration(by_hand), Prefer="wait=60", **{"Content-Type": "application/xml"})
        eventually(lambda: self.room.party("FWD-QD-01").get(f"/v1/track/{by_hand.bill}").status == 200, "it is decided")
        self.ask("track", f"/v1/track/{by_hand.bill}", "FWD-QD-01", "OFC-QD")
        self.hold("submit", sent)

    def backlog(self):
        """A delivery that is parked, one behind it, one that is tried again, what is held, in quarantine, and an answer to nothing."""
        line = self.room.line("TML-QQCT", self.terminal)
        line.take = lambda delivery, headers, body: False
        eventually(line.connected.is_set, "the terminal is there")
        unrouted = self.unrouted()
        self.close_folder()
        self.submit("CUS-QD", messages.import_response("I-OF-NOBODY", "S-OF-NOBODY"))
        held = self.hold_one()
        self.ask("diagnostics", "/v1/diagnostics", "wang.fang")
        self.ask("queue", "/v1/queue?limit=1", "wang.fang")
        for state in ("waiting", "parked", "delivered", "held", "quarantined"):
            self.ask("queue", "/v1/queue?state=" + state, "wang.fang")
        whole = self.ask("queue", "/v1/queue", "wang.fang")
        parked = [row["id"] for row in whole["deliveries"]][:1]
        kind = {"Content-Type": "text/plain"}
        self.hold("order-deliveries", self.person("wang.fang", "POST", "/v1/orders/deliveries/redrive?reason=why", "\n".join([*parked, "nonsense"]), **kind))
        self.hold("order-record", self.person("wang.fang", "POST", f"/v1/orders/records/drop?record={unrouted}&reason=why", "", **kind))
        self.hold("order-record", self.person("wang.fang", "POST", f"/v1/orders/records/release?record={held}&reason=why", "", **kind))


if __name__ == "__main__":
    unittest.main()
