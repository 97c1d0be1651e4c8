"""The API says of itself what may be asked and what may come back, and keeps to it: every path of /openapi.json is asked, rightly and wrongly."""
import unittest
import urllib.parse
from datetime import datetime

from harness import RoomTest, messages

PARTIES = ("FWD-QD-01", "OFC-QD", "CUS-QD")
ODD = ("", " ", "0", "-1", "99999999999999999999", "2026-13", "2026-02-30", "x" * 9000, "提单", "%00", "'\"<script>")


TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}


def breaches(schema, value, where="answer"):
    """What of the value is not as the schema has it: types, what is required, and members that are not described."""
    if not isinstance(value, TYPES[schema["type"]]):
        return [f"{where} is {type(value).__name__}, not {schema['type']}"]
    if isinstance(value, list):
        return [breach for item in value for breach in breaches(schema["items"], item, where + "[]")]
    members = schema.get("properties")
    if members is None:
        return []
    found = [f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value]
    found += [f"{where}.{name} is not described" for name in value if name not in members]
    return found + [breach for name in value if name in members for breach in breaches(members[name], value[name], f"{where}.{name}")]


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
        if kind == "application/json" and "type" in types[kind].get("schema", ()):
            self.assertEqual(breaches(types[kind]["schema"], answer.json), [], operation["operationId"])
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

    def test_pages_in_both_languages(self):
        for language, word, summary in (("zh", "<h1>接口说明</h1>", "查询票货状态"), ("en", "<h1>The API</h1>", "where a consignment stands")):
            page = self.room.people().get("/docs", **{"Accept-Language": language}).body.decode()
            self.assertIn(word, page)
            self.assertIn(summary, page)
            for path in self.description["paths"]:
                self.assertIn(f" {path}</code>", page)
            told = self.room.people().get("/openapi.json", **{"Accept-Language": language}).json
            self.assertEqual(told["paths"]["/v1/track/{query}"]["get"]["summary"], summary)

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
        for path in (f"/v1/messages/{record}/receipt", f"/v1/messages/{record}/content", "/v1/certificates"):     # these stand still
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


if __name__ == "__main__":
    unittest.main()
