"""Bodies that come with a content coding and with digests, from programs that are not ours: gzip, zstd, curl, openssl."""
import base64
import gzip
import hashlib
import subprocess
import unittest

import harness
from harness import RoomTest, messages


def zstd(content, *options):
    return subprocess.run(["zstd", "-q", "-c", *options], input=content, stdout=subprocess.PIPE, check=True).stdout


def digest(content, algorithm="sha-256"):
    made = hashlib.new(algorithm.replace("-", ""), content).digest()
    return f"{algorithm}=:{base64.b64encode(made).decode()}:"


CODINGS = {"gzip": lambda content: gzip.compress(content, mtime=0), "zstd": zstd}          # the same bytes each time


class Content(RoomTest):
    def setUp(self):
        self.forwarder = self.room.party("FWD-QD-01")

    def coded(self, message, coding, **fields):
        return self.forwarder.submit(CODINGS[coding](message), **{"Content-Encoding": coding, **fields})

    def test_with_and_without_a_coding_it_is_one_submission(self):
        for order in (["gzip", "zstd", None], [None, "zstd", "gzip"]):
            message = messages.declaration(self.goods())
            answers = [self.coded(message, coding) if coding else self.forwarder.submit(message) for coding in order]
            self.assertEqual([answer.status for answer in answers], [202, 202, 202], answers)
            self.assertEqual(len({answer.body for answer in answers}), 1)       # one receipt, byte for byte
            receipt = answers[0].json
            self.assertEqual(receipt["digest"], "sha256:" + hashlib.sha256(message).hexdigest())
            self.assertEqual(receipt["size"], len(message))
            self.assertEqual(self.forwarder.get(f"/v1/messages/{receipt['record']}/content").body, message)

    def test_other_codings_are_refused_and_leave_no_record(self):              # case 33
        message = messages.declaration(self.goods())
        before = self.message_records()
        for coding in ("br", "deflate", "gzip, gzip", "compress", "aes128gcm"):
            answer = self.forwarder.submit(message, **{"Content-Encoding": coding})
            self.assertEqual((answer.status, answer.json["code"]), (415, "content-coding"), answer)
            self.assertEqual(answer.headers["Accept-Encoding"], "gzip, zstd")
            self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        for bytes_of, status, code in ((message, 400, "content-malformed"), (gzip.compress(message)[:-1], 400, "content-malformed"),
                                       (gzip.compress(b" " * 9_000_000), 413, "content-ratio")):
            answer = self.forwarder.submit(bytes_of, **{"Content-Encoding": "gzip"})
            self.assertEqual((answer.status, answer.json["code"]), (status, code), answer)
        frame = b"\x28\xb5\x2f\xfd\0\x88" + (len(message) << 3 | 1).to_bytes(3, "little") + message    # RFC 8878: a window of 128 MiB
        answer = self.forwarder.submit(frame, **{"Content-Encoding": "zstd"})                         # case 534: it was said to be damaged
        self.assertEqual((answer.status, answer.json["code"]), (400, "content-malformed"), answer)
        self.assertIn("a window of at most 8 MiB", answer.json["detail"])
        self.assertEqual(self.message_records(), before)
        self.assertEqual(self.coded(message, "gzip").status, 202)

    def test_digests_are_of_what_is_sent(self):
        for coding in CODINGS:
            message = messages.declaration(self.goods())
            sent = CODINGS[coding](message)
            before = self.message_records()
            wrong = self.coded(message, coding, **{"Content-Digest": digest(message)})
            self.assertEqual((wrong.status, wrong.json["code"]), (400, "digest-mismatch"), wrong)
            self.assertEqual(self.message_records(), before)
            right = self.coded(message, coding, **{"Content-Digest": digest(sent, "sha-512"), "Repr-Digest": digest(sent)})
            self.assertEqual(right.status, 202, right)

    def test_a_byte_that_changed_on_its_way_is_not_recorded(self):
        message = messages.declaration(self.goods())
        before = self.message_records()
        fields = {"Content-Digest": digest(message)}
        answer = self.forwarder.submit(message.replace(b"<GrossWet>1", b"<GrossWet>2", 1) + b" ", **fields)
        self.assertEqual((answer.status, answer.json["code"]), (400, "digest-mismatch"), answer)
        self.assertEqual(self.message_records(), before)
        self.assertEqual(self.forwarder.submit(message, **fields).status, 202)
        self.assertGreaterEqual(self.room.metric('clearway_http_digests_total{result="differs"}'), 1)

    def test_curl_as_a_stranger_would_use_it(self):
        message = messages.declaration(self.goods())
        path = self.room.path("curl.zst")
        with open(path, "wb") as file:
            file.write(zstd(message, "-19", "--long=23"))
        made = subprocess.run(["openssl", "dgst", "-sha256", "-binary", path], capture_output=True, check=True).stdout
        world = self.room.world
        done = subprocess.run(["curl", "-sS", "--cacert", world.ca, "--cert", world.certificate("FWD-QD-01"), "--key", world.key("FWD-QD-01"),
                               "-H", "Content-Type: application/xml", "-H", "Content-Encoding: zstd", "-H", "Transfer-Encoding: chunked",
                               "-H", f"Content-Digest: sha-256=:{base64.b64encode(made).decode()}:", "--data-binary", f"@{path}",
                               "-o", "/dev/null", "-w", "%{http_code}", f"https://localhost:{self.room.ready['machines']}/v1/messages"],
                              capture_output=True, text=True, timeout=harness.PATIENCE)
        self.assertEqual((done.stdout, done.stderr), ("202", ""))


if __name__ == "__main__":
    unittest.main()
