"""Messages that are signed: the certificate stands in the party's row, openssl signs, and the gateway judges by it.

The canonical form is what the test says it is: its messages are written canonically, so that nothing of it has to be made.
"""
import base64
import copy
import datetime
import hashlib
import subprocess
import unittest

import harness
from harness import Room, messages

DS = "http://www.w3.org/2000/09/xmldsig#"
CEB = "http://www.chinaport.gov.cn/ceb"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
PARTY = "FWD-QD-01"


class Signed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.room = Room(parties=copy.deepcopy(harness.world.PARTIES))
        cls.addClassCleanup(cls.room.close)
        cls.key, cls.stranger = cls.signer("signs"), cls.signer("stranger")
        with open(cls.room.path("parties.yaml")) as file:
            text = file.read()
        row = f'    signs: ["{cls.certificate(cls.key)}"]\n    certificates: [{PARTY.lower()}]'
        with open(cls.room.path("parties.yaml"), "w") as file:
            file.write(text.replace(f"    certificates: [{PARTY.lower()}]", row))
        cls.room.start()

    @classmethod
    def signer(cls, name):
        path = cls.room.path(name)
        harness.world.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}", "-keyout", path + ".key",
                              "-outform", "DER", "-out", path + ".der")
        return path

    @staticmethod
    def certificate(path):
        with open(path + ".der", "rb") as file:
            return base64.b64encode(file.read()).decode()

    def order(self, number):
        """CEB303, without its declaration, as it is in canonical form: attributes and namespaces in order, no blanks behind the root."""
        parcel = messages.Parcel(number, self.room.world.party(PARTY).trader, "COSU", "YRD1")
        text = parcel.ordered(datetime.datetime.now()).decode().split("?>\n", 1)[1].strip()
        tag, rest = text.split(">", 1)
        guid = tag.split('guid="')[1].split('"')[0]
        return f'<ceb:CEB303Message xmlns:ceb="{CEB}" guid="{guid}" version="1.0">{rest}'

    def sign(self, order, key):
        digest = base64.b64encode(hashlib.sha256(order.encode()).digest()).decode()
        info = (f'<ds:CanonicalizationMethod Algorithm="{C14N}"></ds:CanonicalizationMethod>'
                '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>'
                f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{DS}enveloped-signature"></ds:Transform></ds:Transforms>'
                '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
                f'<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>')
        canonical = f'<ds:SignedInfo xmlns:ceb="{CEB}" xmlns:ds="{DS}">{info}'
        value = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key + ".key"], input=canonical.encode(), capture_output=True, check=True).stdout
        signature = (f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>{info}<ds:SignatureValue>{base64.b64encode(value).decode()}</ds:SignatureValue>'
                     '</ds:Signature>')
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + order.replace("</ceb:CEB303Message>", signature + "</ceb:CEB303Message>")

    def judged(self, message):
        answer = self.room.party(PARTY).submit(message.encode(), wait=60)
        findings = answer.json.get("errors") or answer.json.get("receipt", answer.json).get("findings", [])
        return answer.status, [finding["code"] for finding in findings if finding["code"].startswith("SIGN")]

    def test_a_message_is_its_senders(self):
        """Case 609."""
        self.assertEqual(self.judged(self.sign(self.order(1), self.key)), (200, []))
        self.assertEqual(self.judged(self.sign(self.order(2), self.key).replace("<ceb:qty>10<", "<ceb:qty>11<")), (422, ["SIGN-DIGEST"]))
        self.assertEqual(self.judged(self.sign(self.order(3), self.stranger)), (422, ["SIGN-VALUE"]))
        self.assertEqual(self.judged('<?xml version="1.0" encoding="UTF-8"?>\n' + self.order(4)), (422, ["SIGN-MISSING"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
