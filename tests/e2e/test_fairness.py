"""Case 195: while one sender attacks, every message of another party is answered, and none by 503: each attack with its own limit."""
import json
import unittest

import attacks
from harness import RoomTest, eventually, messages

OTHER = "FWD-QD-02"
ASKED = 40                 # messages of the other party during each attack


class Fairness(RoomTest):
    options = {"settings": {"limits.day_refused_mib": 1, "limits.strangers": 128, "limits.address_strangers": 32}}

    def others_are_served(self):
        """Every fifth message over a connection of its own, as newcomers come. One may be cut off before it is known whose it is, where
        strangers come more quickly than hands are shaken: then it comes again."""
        statuses, client = [], attacks.client(self.room, OTHER)

        def submit(message):
            try:
                return client.submit(message)
            except OSError:
                return None
        for count in range(ASKED):
            if count % 5 == 0:
                client.close()
            message = messages.declaration(self.goods(OTHER))
            statuses.append(eventually(lambda: submit(message), "it is answered").status)
        client.close()
        self.assertEqual(statuses, [202] * ASKED)

    def throttled(self, limit):
        return self.room.metric(f'clearway_throttled_total{{limit="{limit}"}}')

    def test_silent_connections_of_one_address(self):
        before = self.throttled("address")
        with attacks.silent_connections(self.room):
            eventually(lambda: self.throttled("address") > before, "an address has more than its part")
            self.others_are_served()

    def test_silent_connections_of_many_addresses(self):
        before = self.throttled("strangers")
        with attacks.silent_connections(self.room, addresses=200):
            eventually(lambda: self.throttled("strangers") > before, "there are too many strangers")
            self.others_are_served()

    def test_stalled_uploads(self):
        """The attacker's next upload is told 429 and when to come back."""
        with attacks.stalled_uploads(self.room) as answers:
            self.others_are_served()
            self.assertTrue(answers, "nobody was told anything")
            self.assertEqual({status for status, _ in answers}, {429})
            self.assertTrue(all(int(seconds) > 0 for _, seconds in answers))
            self.assertGreater(self.throttled("bodies"), 0)

    def test_refused_bodies_without_end(self):
        """Beyond the day's refused bytes: digest and verdict alone, and whoever asks for the content is told so."""
        receipts = []
        with attacks.refused_bodies(self.room, receipts):
            eventually(lambda: self.room.metric("clearway_digest_only_total") > 20, "the day's refused bytes are used up")
            before, taken = self.room.metric("clearway_journal_bytes_total"), len(receipts)
            self.others_are_served()
            eventually(lambda: len(receipts) >= taken + 20, "more is refused")
            more = len(receipts) - taken           # at least; those under way are not counted
            grown = self.room.metric("clearway_journal_bytes_total") - before
        self.assertLess(grown, more * len(attacks.RUBBISH))
        bare = next(receipt for receipt in receipts if receipt.get("digest_only"))
        whole = next(receipt for receipt in receipts if not receipt.get("digest_only"))
        self.assertEqual((bare["digest"], bare["size"]), (whole["digest"], whole["size"]))

        eventually(self.room.decided, "views answer")
        client = self.room.party(attacks.ATTACKER)
        self.assertEqual(client.get(f"/v1/messages/{whole['record']}/content").body, attacks.RUBBISH)
        gone = client.get(f"/v1/messages/{bare['record']}/content")
        self.assertEqual((gone.status, gone.json["code"]), (410, "not-kept"))
        self.assertEqual(client.get(f"/v1/messages/{bare['record']}").json["receipt"], bare)
        cat = self.room.here("journal", "cat", "--data-of", str(bare["record"]), code=3)
        self.assertIn("only its digest and verdict", cat.stderr)
        recheck = json.loads(self.room.here("replay", "--recheck", "--json").stdout)
        self.assertGreater(recheck["digest_only"], 0)

    def test_a_flood_over_many_connections(self):
        with attacks.http_flood(self.room):
            self.others_are_served()

    def test_a_pipelined_flood_over_zeromq(self):
        with attacks.zeromq_flood(self.room):
            self.others_are_served()

    def test_a_flood_into_an_outbox(self):
        attacks.outbox_flood(self.room)
        self.others_are_served()
        self.room.drop(attacks.ATTACKER, "own.xml", messages.declaration(self.goods(attacks.ATTACKER)))
        eventually(lambda: self.room.files_of(attacks.ATTACKER, "SentBox", "own.xml") is not None, "another folder is served meanwhile")
        eventually(lambda: not self.room.files("CAR-COSU", "OutBox"), "each file of the flood is answered in the end")


if __name__ == "__main__":
    unittest.main()
