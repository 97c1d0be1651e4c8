"""Messages within an ImportMessage or a DxpMsg, on every way in. (Through Kafka: test_kafka_submissions.)"""
import base64
import hashlib
import io
import json
import os
import sys
import unittest
import zipfile

from harness import SOURCE, RoomTest, eventually, messages, world

sys.path.insert(0, os.path.join(SOURCE, "ops", "zmq"))
import client as example  # noqa: E402

FORWARDER = "FWD-QD-01"


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def dxp(message, sender="DXPENT0000000001"):
    """As terminals of the data exchange platform write it."""
    data = base64.encodebytes(message)
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<DxpMsg xmlns="http://www.chinaport.gov.cn/dxp" ver="1.0"><TransInfo>'
            f"<CopMsgId>1</CopMsgId><SenderId>{sender}</SenderId><ReceiverIds><ReceiverId>DXPEDCCEB0000001</ReceiverId></ReceiverIds>"
            f"<CreatTime>2026-11-29T08:00:00</CreatTime><MsgType>DEC</MsgType></TransInfo><Data>{data.decode()}</Data></DxpMsg>").encode()


def imported(message):
    """As the single window's import client writes it: the element itself, without the declaration before it."""
    element = message[message.index(b"<DecMessage"):].rstrip()
    return element, (b'<ImportMessage xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
                     b'xsi:noNamespaceSchemaLocation="SWImportMessagexsd.xsd"><SWImpHead><CopMsgId>1</CopMsgId><MsgType>SWDEC001</MsgType>'
                     b"<FunctionCode>0</FunctionCode><Format>xml</Format><Compress>0</Compress><Version>1.0</Version></SWImpHead>"
                     b"<SWImpData>\n" + element + b"\n</SWImpData></ImportMessage>")


def as_text(message):
    """As programs write it that put texts together."""
    return message.strip(), b"<ImportMessage><SWImpHead/><SWImpData><![CDATA[\n" + message + b"]]></SWImpData></ImportMessage>"


class Wrappers(RoomTest):                                                       # case 542
    options = {"parties": [
        world.Party(FORWARDER, "青岛海联货运代理", "Qingdao Hailian Forwarding", "declarant",
                    [messages.Trader("3702980001", "青岛海联货运代理有限公司", 11)], files=True, zmq=True, deliver="files")]
        + [party for party in world.PARTIES if party.code != FORWARDER]}

    def pair(self, number):
        """A declaration as it has to come out, and a wrapper around it: every kind of wrapper in turn."""
        message = messages.declaration(self.goods())
        return [(message, dxp(message)), imported(message), as_text(message)][number % 3]      # case 792

    def by_folder(self, content, name="wrapped.xml"):
        """The box that it came to, and the response."""
        self.room.drop(FORWARDER, name, content)
        box = eventually(lambda: next((box for box in ("SentBox", "FailBox") if name in self.room.files(FORWARDER, box)), None),
                         f"{name} is taken")
        stem = name.rsplit(".", 1)[0]
        found = [body for file, body in self.room.files(FORWARDER, "InBox").items() if file.startswith((f"Successed_{stem}_", f"Failed_{stem}_"))]
        self.assertEqual(len(found), 1)
        return box, found[0]

    def by_zmq(self, content):
        curve, port = self.room.world.curve, self.room.world.zmq_port(FORWARDER, "port")
        party = example.Party(f"tcp://127.0.0.1:{port}", curve(world.GATEWAY, "public"), curve(FORWARDER, "public"), curve(FORWARDER, "secret"))
        verb, headers, body = party.ask("SUBMIT", {"ref": "wrapped"}, content)
        party.context.destroy(0)
        self.assertEqual(verb, "RECEIPT", headers)
        return json.loads(body)

    def assert_within(self, number, message, outer):
        forwarder = self.room.party(FORWARDER)
        eventually(lambda: forwarder.get(f"/v1/messages/{number}/content").status == 200, "the engine has it")
        self.assertEqual(forwarder.get(f"/v1/messages/{number}/content").body, message)     # case 910: while it is applied, too
        receipt = forwarder.get(f"/v1/messages/{number}/receipt").json
        self.assertEqual((receipt["verdict"], receipt["format"], receipt["party"]), ("accepted", "cn-dec", FORWARDER))
        self.assertEqual((receipt["digest"], receipt["size"], receipt["outer"]), (digest(message), len(message), outer))
        again = forwarder.submit(message)                                       # without the wrapper: the same submission
        self.assertEqual((again.status, again.json["record"]), (202, number))

    def test_by_folder(self):
        for kind in range(3):
            message, wrapped = self.pair(kind)
            box, response = self.by_folder(wrapped, f"kind-{kind}.xml")
            self.assertEqual(box, "SentBox")
            self.assertIn(b"<ResponseCode>0</ResponseCode>", response)
            self.assertEqual(self.room.files_of(FORWARDER, "SentBox", f"kind-{kind}.xml"), wrapped)
            self.assert_within(self.room.party(FORWARDER).submit(message).json["record"], message, digest(wrapped))

    def test_by_http(self):
        for kind in range(3):
            message, wrapped = self.pair(kind)
            answer = self.room.party(FORWARDER).submit(wrapped)
            self.assertEqual(answer.status, 202, answer.body)
            self.assertEqual(answer.json["digest"], digest(message))            # the answer names the message within
            self.assert_within(answer.json["record"], message, digest(wrapped))
            again = self.room.party(FORWARDER).submit(wrapped)
            self.assertEqual(again.body, answer.body)

    def test_by_zmq(self):
        for kind in range(3):
            message, wrapped = self.pair(kind)
            receipt = self.by_zmq(wrapped)
            self.assertEqual(receipt["digest"], digest(message))
            self.assert_within(receipt["record"], message, digest(wrapped))

    def test_in_an_archive(self):
        message, wrapped = self.pair(0)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("decl.xml", wrapped)
        self.assertEqual(self.by_folder(out.getvalue(), "both.zip")[0], "SentBox")
        # The record names what was handed over: the archive.
        self.assert_within(self.room.party(FORWARDER).submit(message).json["record"], message, digest(out.getvalue()))

    def test_it_is_delivered_as_it_was_within(self):
        message, wrapped = self.pair(1)
        number = self.room.party(FORWARDER).submit(wrapped).json["record"]
        shown = self.room.here("journal", "cat", "--json", "--kind", "message", code=0).stdout.splitlines()
        meta = next(row["meta"] for row in map(json.loads, shown) if row["number"] == number)
        self.assertEqual((meta["digest"], meta["outer"]), (digest(message)[7:], digest(wrapped)))

    def test_what_a_wrapper_says_of_its_sender_proves_nothing(self):
        goods = self.goods("FWD-QD-02")                                         # another's goods, in that one's name
        answer = self.room.party(FORWARDER).submit(dxp(messages.declaration(goods), sender="FWD-QD-02"))
        self.assertEqual((answer.status, answer.json["receipt"]["party"]), (422, FORWARDER))
        self.assertIn("STAND-CODE", [finding["code"] for finding in answer.json["receipt"]["findings"]])

    def test_a_wrong_wrapper_is_refused_and_kept(self):
        message = messages.declaration(self.goods())
        wrapped = dxp(message)
        for name, content, code in (("cut", wrapped.replace(b"\n</Data>", b"A\n</Data>"), "WRAPPER-ENCODING"),
                                    ("empty", dxp(b""), "WRAPPER-CONTENT"), ("twice", dxp(wrapped), "WRAPPER-NESTED"),
                                    ("two", imported(message)[1].replace(b"</SWImpData>", b"<DecMessage/></SWImpData>"), "WRAPPER-CONTENT"),
                                    ("namespace", wrapped.replace(b"/dxp", b"/other"), "FORMAT-NAMESPACE"),
                                    ("zip", dxp(b"PK\x03\x04"), "GATE-NOT-XML")):
            box, response = self.by_folder(content, f"{name}.xml")
            self.assertEqual(box, "FailBox", name)
            self.assertIn(f"[{code}]".encode(), response, name)
            answer = self.room.party(FORWARDER).submit(content)
            self.assertEqual(answer.status, 422, name)
            receipt = answer.json["receipt"]
            self.assertEqual(receipt["findings"][0]["code"], code)
            within = name == "zip"                                              # what was within is no message; the wrapper was in order
            self.assertEqual(receipt["digest"], digest(b"PK\x03\x04" if within else content), name)
            self.assertEqual(receipt.get("outer"), digest(content) if within else None, name)
            self.assertTrue(within or receipt["findings"][0]["line"] >= 1, name)
            kept = self.room.party(FORWARDER).get(f"/v1/messages/{receipt['record']}/content").body
            self.assertEqual(kept, b"PK\x03\x04" if within else content, name)

    def test_a_mistake_within_is_told_where_it_stands_in_the_message(self):
        broken = messages.declaration(self.goods()).replace(b"<CusIEFlag>", b"<CusIEFlag>X").replace(b"<IEFlag>", b"<IEFlag>X")
        bare = self.room.party(FORWARDER).submit(broken).json["receipt"]["findings"]
        self.assertEqual(self.room.party(FORWARDER).submit(dxp(broken)).json["receipt"]["findings"], bare)
        path = self.room.path("wrapped.xml")
        for content in (broken, dxp(broken)):
            with open(path, "wb") as out:
                out.write(content)
            done = self.room.here("validate", path)
            self.assertEqual(done.returncode, 1)
            self.assertIn("cn-dec", done.stdout)


if __name__ == "__main__":
    unittest.main()
